"""Single networks: every task has a network of its own, the baseline of all methods on small networks."""

from amtl.methods._spec import MethodSpec
from amtl.networks.methods._common import architecture

SPEC = MethodSpec(
    name="net-single",
    title="Net single",
    order=500,
    **architecture(
        "single",
        "min sum_t L_t(network_t)",
        "R. Caruana. Multitask learning. Machine Learning 28, 1997.",
    ),
)
