"""Cross-stitch networks (Misra et al., 2016; survey, eq. 2.41): a network per task, whose activations mix.

After each hidden layer, task t goes on with sum_s A_ts h_s. A (T, T), one for each layer, is learned.

Oracle: with A = I these are single networks.
"""

import numpy as np

from amtl.networks.architectures._layers import Shapes, initial, relu, transposed
from amtl.networks.architectures.shared import trunk_shapes

# Share of its own activations that a task starts with; the others have the rest in equal parts.
OWN_SHARE = 0.9


class CrossStitch:
    """T networks with mixed activations; parameters as those of `SharedTrunk`. The tasks share their rows."""

    needs_shared_rows = True
    n_trunk = 0

    def __init__(self, n_features, n_tasks, n_outputs, width, layers):
        self.n_tasks, self.layers = n_tasks, layers
        shapes = trunk_shapes(n_features, width, layers, (n_tasks,))
        shapes |= {"V": (n_tasks, width, n_outputs), "c": (n_tasks, 1, n_outputs)}
        self._all = Shapes(shapes | {f"A{k}": (n_tasks, n_tasks) for k in range(layers)})
        self.n_weights = self._all.size

    def initial(self, random):
        """Return the weights before the first step."""
        weights = initial(random, self._all)
        others = (1.0 - OWN_SHARE) / max(self.n_tasks - 1, 1)
        for k in range(self.layers):
            A = self._all.views(weights)[f"A{k}"]
            A[...] = others
            np.fill_diagonal(A, OWN_SHARE if self.n_tasks > 1 else 1.0)
        return weights

    def forward(self, weights, X):
        """Return (outputs (T, n, width), (inputs of each layer, activations of each layer))."""
        views, inputs, activations = self._all.views(weights), [X], []
        for k in range(self.layers):
            activations.append(relu(inputs[-1] @ views[f"W{k}"] + views[f"b{k}"]))
            inputs.append(np.tensordot(views[f"A{k}"], activations[-1], axes=1))
        return inputs[-1] @ views["V"] + views["c"], (inputs, activations)

    def gradient(self, weights, cache, slopes):
        """Return the gradient (n_weights,) of the sum of the losses."""
        inputs, activations = cache
        gradient = np.empty(self.n_weights)
        views, into = self._all.views(weights), self._all.views(gradient)
        np.matmul(transposed(inputs[-1]), slopes, out=into["V"])
        np.sum(slopes, axis=1, keepdims=True, out=into["c"])
        D = slopes @ transposed(views["V"])
        for k in reversed(range(self.layers)):
            H = activations[k]
            into[f"A{k}"][...] = D.reshape(self.n_tasks, -1) @ H.reshape(self.n_tasks, -1).T
            D = np.tensordot(views[f"A{k}"].T, D, axes=1)
            D *= H > 0.0
            np.matmul(transposed(inputs[k]), D, out=into[f"W{k}"])
            np.sum(D, axis=1, keepdims=True, out=into[f"b{k}"])
            if k > 0:
                D = D @ transposed(views[f"W{k}"])
        return gradient
