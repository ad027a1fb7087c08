"""Net uncertainty on a small network: weights from learned noise variances."""

from amtl.methods._spec import MethodSpec
from amtl.networks.balancing.uncertainty import RULE
from amtl.networks.methods._common import balanced

SPEC = MethodSpec(
    name="net-uncertainty",
    title="Net uncertainty",
    order=530,
    **balanced(RULE),
)
