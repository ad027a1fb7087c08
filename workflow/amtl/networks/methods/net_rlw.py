"""Net RLW on a small network: random weights in every step."""

from amtl.methods._spec import MethodSpec
from amtl.networks.balancing.rlw import RULE
from amtl.networks.methods._common import balanced

SPEC = MethodSpec(
    name="net-rlw",
    title="Net RLW",
    order=550,
    **balanced(RULE),
)
