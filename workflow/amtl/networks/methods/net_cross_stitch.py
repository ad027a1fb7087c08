"""Cross-stitch network: a network per task, whose activations mix. Tasks must share their rows."""

from amtl.methods._spec import MethodSpec
from amtl.networks.methods._common import architecture

SPEC = MethodSpec(
    name="net-cross-stitch",
    title="Net cross-stitch",
    order=640,
    **architecture(
        "cross-stitch",
        "min sum_t L_t, task t goes on with sum_s A_ts h_s after each layer",
        "I. Misra et al. Cross-stitch networks for multi-task learning. CVPR, 2016.",
    ),
)
