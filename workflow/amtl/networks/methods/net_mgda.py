"""Net MGDA on a small network: the shortest convex combination of the gradients."""

from amtl.methods._spec import MethodSpec
from amtl.networks.balancing.mgda import RULE
from amtl.networks.methods._common import balanced

SPEC = MethodSpec(
    name="net-mgda",
    title="Net MGDA",
    order=570,
    **balanced(RULE),
)
