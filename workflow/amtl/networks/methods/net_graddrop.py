"""Net GradDrop on a small network: gradients of one sign in each coordinate."""

from amtl.methods._spec import MethodSpec
from amtl.networks.balancing.graddrop import RULE
from amtl.networks.methods._common import balanced

SPEC = MethodSpec(
    name="net-graddrop",
    title="Net GradDrop",
    order=630,
    **balanced(RULE),
)
