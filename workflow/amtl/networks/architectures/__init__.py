"""Networks for several tasks: weights in one vector, outputs and gradients by hand.

Rows are X (1, n, d) if the tasks share them and (T, n, d) otherwise; outputs are (T, n, width). Every network
has ``n_weights``, ``n_trunk`` (its first weights, which rules balance; 0 without a trunk),
``initial(random)``, ``forward(weights, X)``, which returns the outputs and what the gradients need,
``gradient(weights, cache, slopes)`` of the sum of all losses, and, with a trunk,
``task_gradients(weights, cache, slopes)``.
"""

from amtl.networks.architectures.cross_stitch import CrossStitch
from amtl.networks.architectures.mmoe import MMoE
from amtl.networks.architectures.shared import SharedTrunk
from amtl.networks.architectures.single import SingleNetworks

ARCHITECTURES = {
    "shared": SharedTrunk,
    "single": SingleNetworks,
    "cross-stitch": CrossStitch,
    "mmoe": MMoE,
}
