"""MMoE (Ma et al., 2018; survey, eq. 2.102 and 2.103): shared experts, mixed by a gate of each task.

The gate of task t is softmax(x' G_t) over the experts.

Oracle: with one expert this is a shared trunk with equal weights.
"""

import numpy as np

from amtl.networks.architectures._layers import Shapes, initial, relu, transposed
from amtl.networks.architectures.shared import trunk_shapes


class MMoE:
    """E experts, each as large as a `SharedTrunk`; parameters as there, and `experts`, their number."""

    needs_shared_rows = False
    n_trunk = 0

    def __init__(self, n_features, n_tasks, n_outputs, width, layers, experts=3):
        self.n_tasks, self.layers, self.experts = n_tasks, layers, experts
        shapes = trunk_shapes(n_features, width, layers, (experts,))
        shapes |= {"V": (n_tasks, width, n_outputs), "c": (n_tasks, 1, n_outputs)}
        self._all = Shapes(shapes | {"G": (n_tasks, n_features, experts)})
        self.n_weights = self._all.size

    def initial(self, random):
        """Return the weights before the first step; all gates are even."""
        return initial(random, self._all)

    def forward(self, weights, X):
        """Return (outputs (T, n, width), what the gradient needs)."""
        views = self._all.views(weights)
        H = [X[:, None]]
        for k in range(self.layers):
            H.append(relu(H[-1] @ views[f"W{k}"] + views[f"b{k}"]))
        scores = X @ views["G"]
        gates = np.exp(scores - scores.max(axis=2, keepdims=True))
        gates /= gates.sum(axis=2, keepdims=True)
        # (T, n, E) -> (T, E, n, 1)
        mixed = (transposed(gates)[..., None] * H[-1]).sum(axis=1)
        return mixed @ views["V"] + views["c"], (H, gates, mixed)

    def gradient(self, weights, cache, slopes):
        """Return the gradient (n_weights,) of the sum of the losses."""
        H, gates, mixed = cache
        gradient = np.empty(self.n_weights)
        views, into = self._all.views(weights), self._all.views(gradient)
        np.matmul(transposed(mixed), slopes, out=into["V"])
        np.sum(slopes, axis=1, keepdims=True, out=into["c"])
        D = slopes @ transposed(views["V"])
        gate_slopes = transposed((D[:, None] * H[-1]).sum(axis=3))
        gate_slopes = gates * (gate_slopes - (gates * gate_slopes).sum(axis=2, keepdims=True))
        X = H[0][:, 0]
        np.matmul(transposed(X), gate_slopes, out=into["G"])
        D = transposed(gates)[..., None] * D[:, None]
        if len(X) == 1:
            D = D.sum(axis=0, keepdims=True)
        for k in reversed(range(self.layers)):
            D *= H[k + 1] > 0.0
            into[f"W{k}"][...] = (transposed(H[k]) @ D).sum(axis=0)
            into[f"b{k}"][...] = D.sum(axis=(0, 2))[:, None, :]
            if k > 0:
                D = D @ transposed(views[f"W{k}"])
        return gradient
