"""A network of its own for each task: the baseline that shares nothing."""

import numpy as np

from amtl.networks.architectures._layers import Shapes, initial, relu, transposed
from amtl.networks.architectures.shared import trunk_shapes


class SingleNetworks:
    """T networks, each as large as a `SharedTrunk` with one head; parameters as there."""

    needs_shared_rows = False
    n_trunk = 0

    def __init__(self, n_features, n_tasks, n_outputs, width, layers):
        self.layers = layers
        shapes = trunk_shapes(n_features, width, layers, (n_tasks,))
        self._all = Shapes({**shapes, "V": (n_tasks, width, n_outputs), "c": (n_tasks, 1, n_outputs)})
        self.n_weights = self._all.size

    def initial(self, random):
        """Return the weights before the first step."""
        return initial(random, self._all)

    def forward(self, weights, X):
        """Return (outputs (T, n, width), activations of each layer, the rows first)."""
        views, H = self._all.views(weights), [X]
        for k in range(self.layers):
            H.append(relu(H[-1] @ views[f"W{k}"] + views[f"b{k}"]))
        return H[-1] @ views["V"] + views["c"], H

    def gradient(self, weights, H, slopes):
        """Return the gradient (n_weights,) of the sum of the losses."""
        gradient = np.empty(self.n_weights)
        views, into = self._all.views(weights), self._all.views(gradient)
        np.matmul(transposed(H[-1]), slopes, out=into["V"])
        np.sum(slopes, axis=1, keepdims=True, out=into["c"])
        D = slopes @ transposed(views["V"])
        for k in reversed(range(self.layers)):
            D *= H[k + 1] > 0.0
            np.matmul(transposed(H[k]), D, out=into[f"W{k}"])
            np.sum(D, axis=1, keepdims=True, out=into[f"b{k}"])
            if k > 0:
                D = D @ transposed(views[f"W{k}"])
        return gradient
