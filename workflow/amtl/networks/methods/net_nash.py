"""Net Nash on a small network: the bargaining solution of the tasks."""

from amtl.methods._spec import MethodSpec
from amtl.networks.balancing.nash import RULE
from amtl.networks.methods._common import balanced

SPEC = MethodSpec(
    name="net-nash",
    title="Net Nash",
    order=610,
    **balanced(RULE),
)
