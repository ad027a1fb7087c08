"""Net GradNorm on a small network: weights that make the tasks learn at the same rate."""

from amtl.methods._spec import MethodSpec
from amtl.networks.balancing.gradnorm import RULE
from amtl.networks.methods._common import balanced

SPEC = MethodSpec(
    name="net-gradnorm",
    title="Net GradNorm",
    order=560,
    **balanced(RULE),
)
