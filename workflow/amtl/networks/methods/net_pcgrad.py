"""Net PCGrad on a small network: gradients projected off those that they conflict with."""

from amtl.methods._spec import MethodSpec
from amtl.networks.balancing.pcgrad import RULE
from amtl.networks.methods._common import balanced

SPEC = MethodSpec(
    name="net-pcgrad",
    title="Net PCGrad",
    order=580,
    **balanced(RULE),
)
