"""Net DWA on a small network: larger weights for losses that fall slowly."""

from amtl.methods._spec import MethodSpec
from amtl.networks.balancing.dwa import RULE
from amtl.networks.methods._common import balanced

SPEC = MethodSpec(
    name="net-dwa",
    title="Net DWA",
    order=540,
    **balanced(RULE),
)
