"""Net Aligned on a small network: orthogonal gradients of equal length."""

from amtl.methods._spec import MethodSpec
from amtl.networks.balancing.aligned import RULE
from amtl.networks.methods._common import balanced

SPEC = MethodSpec(
    name="net-aligned",
    title="Net Aligned",
    order=620,
    **balanced(RULE),
)
