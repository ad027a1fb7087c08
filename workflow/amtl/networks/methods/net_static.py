"""Net static on a small network: a shared trunk and fixed weights, chosen on validation rows."""

from amtl.methods._spec import MethodSpec
from amtl.networks.balancing.static import RULE
from amtl.networks.methods._common import balanced

SPEC = MethodSpec(
    name="net-static",
    title="Net static",
    order=520,
    **balanced(RULE, tuned=True),
)
