"""Net CAGrad on a small network: the best worst-case progress near the mean gradient."""

from amtl.methods._spec import MethodSpec
from amtl.networks.balancing.cagrad import RULE
from amtl.networks.methods._common import balanced

SPEC = MethodSpec(
    name="net-cagrad",
    title="Net CAGrad",
    order=590,
    **balanced(RULE),
)
