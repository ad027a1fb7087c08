"""Net IMTL-G on a small network: equal projections on all gradients."""

from amtl.methods._spec import MethodSpec
from amtl.networks.balancing.imtl_g import RULE
from amtl.networks.methods._common import balanced

SPEC = MethodSpec(
    name="net-imtl-g",
    title="Net IMTL-G",
    order=600,
    **balanced(RULE),
)
