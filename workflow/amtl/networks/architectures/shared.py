"""A trunk that all tasks share, and a linear head for each task (Caruana, 1997).

With ``linear`` the trunk has no activation. With one layer, the squared loss and equal weights it is then
reduced-rank regression: the tasks' weights have the rank of the layer's width.
"""

import numpy as np

from amtl.networks.architectures._layers import Shapes, initial, relu, transposed


class SharedTrunk:
    """Layers of rectified linear units, and T heads.

    Parameters
    ----------
    n_features, n_tasks, n_outputs : int
        Columns of the rows, tasks, and outputs of each task.
    width, layers : int
        Units of each hidden layer, and number of layers.
    linear : bool
        Whether the layers have no activation.
    """

    needs_shared_rows = False

    def __init__(self, n_features, n_tasks, n_outputs, width, layers, linear=False):
        self.n_tasks, self.layers, self.linear = n_tasks, layers, linear
        self._trunk = Shapes(trunk_shapes(n_features, width, layers))
        self._heads = Shapes({"V": (n_tasks, width, n_outputs), "c": (n_tasks, 1, n_outputs)})
        self.n_trunk = self._trunk.size
        self.n_weights = self.n_trunk + self._heads.size

    def initial(self, random):
        """Return the weights before the first step."""
        return np.concatenate([initial(random, self._trunk), initial(random, self._heads)])

    def _views(self, vector):
        return self._trunk.views(vector[: self.n_trunk]), self._heads.views(vector[self.n_trunk :])

    def forward(self, weights, X):
        """Return (outputs (T, n, width), activations of each layer, the rows first)."""
        trunk, heads = self._views(weights)
        H = [X]
        for k in range(self.layers):
            Z = H[-1] @ trunk[f"W{k}"] + trunk[f"b{k}"]
            H.append(Z if self.linear else relu(Z))
        return H[-1] @ heads["V"] + heads["c"], H

    def _heads_gradient(self, weights, H, slopes, into):
        """Fill in the gradient of the heads; return the slopes (T, n, width) in the last layer."""
        _, heads = self._views(weights)
        _, gradient = self._views(into)
        np.matmul(transposed(H[-1]), slopes, out=gradient["V"])
        np.sum(slopes, axis=1, keepdims=True, out=gradient["c"])
        return slopes @ transposed(heads["V"])

    def _through(self, slopes, H):
        """Return the slopes before the activation of a layer with the activations H."""
        return slopes if self.linear else np.multiply(slopes, H > 0.0, out=slopes)

    def task_gradients(self, weights, H, slopes):
        """Return (J (T, n_trunk), gradient (n_weights,) whose heads alone are filled in)."""
        gradient = np.empty(self.n_weights)
        J = np.empty((self.n_tasks, self.n_trunk))
        trunk, _ = self._views(weights)
        views = self._trunk.views(J, (self.n_tasks,))
        D = self._heads_gradient(weights, H, slopes, gradient)
        for k in reversed(range(self.layers)):
            D = self._through(D, H[k + 1])
            views[f"W{k}"][...] = transposed(H[k]) @ D
            views[f"b{k}"][...] = D.sum(axis=1, keepdims=True)
            if k > 0:
                D = D @ trunk[f"W{k}"].T
        return J, gradient

    def gradient(self, weights, H, slopes):
        """Return the gradient (n_weights,) of the sum of the losses."""
        gradient = np.empty(self.n_weights)
        trunk, _ = self._views(weights)
        views, _ = self._views(gradient)
        D = self._heads_gradient(weights, H, slopes, gradient)
        # Tasks that share rows also share activations: their slopes add up.
        D = D.sum(axis=0) if len(H[0]) == 1 else D.reshape(-1, D.shape[2])
        for k in reversed(range(self.layers)):
            D = self._through(D, H[k + 1].reshape(D.shape))
            np.matmul(H[k].reshape(len(D), -1).T, D, out=views[f"W{k}"])
            np.sum(D, axis=0, keepdims=True, out=views[f"b{k}"])
            if k > 0:
                D = D @ trunk[f"W{k}"].T
        return gradient

    def weigh_heads(self, gradient, alpha):
        """Multiply the gradient of each task's head by its weight, alpha (T,), in place."""
        for block in self._heads.views(gradient[self.n_trunk :]).values():
            block *= alpha[:, None, None]


def trunk_shapes(n_features, width, layers, leading=()):
    """Return {name: shape} of hidden layers; leading : axes before those of a layer."""
    shapes = {}
    for k in range(layers):
        shapes[f"W{k}"] = (*leading, width if k else n_features, width)
        shapes[f"b{k}"] = (*leading, 1, width)
    return shapes
