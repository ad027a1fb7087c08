"""Net equal on a small network: a shared trunk and the sum of the losses."""

from amtl.methods._spec import MethodSpec
from amtl.networks.balancing.equal import RULE
from amtl.networks.methods._common import balanced

SPEC = MethodSpec(
    name="net-equal",
    title="Net equal",
    order=510,
    **balanced(RULE),
)
