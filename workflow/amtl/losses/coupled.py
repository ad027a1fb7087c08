"""Losses with a quadratic coupling of the tasks added, sum_t F_t(w_t) + tr(W_p Q W_p').

The coupling counts as rows of a squared loss with targets zero, so that the duality gap has it too.
"""

import numpy as np


class Coupled:
    """The losses of `amtl.losses` with the coupling shared among them.

    Q : (T, T), positive semidefinite, or (p, T, T), one for each coupled row. weight : (T,), factors on the
    losses of the tasks, but not on the coupling. n_penalized : number of the first rows of W that are
    coupled. The coupling makes the Hessians of the tasks differ also on shared rows.
    """

    shared = False

    def __init__(self, losses, Q, weight, n_penalized):
        self._losses, self._Q, self._weight, self._p = losses, Q, weight, n_penalized

    @property
    def rest(self):
        """The part (T,) of squared losses that no weights explain; the coupling has none."""
        return self._losses.rest

    def _coupled(self, V):
        """Return V_p Q / weight, and zero in the other rows."""
        found = np.zeros_like(V)
        coupled = V[: self._p]
        if self._Q.ndim == 3:
            coupled = np.matmul(coupled[:, None, :], self._Q)[:, 0, :]
        else:
            coupled = coupled @ self._Q
        found[: self._p] = coupled / self._weight
        return found

    def value(self, W):
        return self._losses.value(W) + np.sum(W * self._coupled(W), axis=0)

    def value_and_gradient(self, W):
        value, gradient = self._losses.value_and_gradient(W)
        WQ = self._coupled(W)
        return value + np.sum(W * WQ, axis=0), gradient + 2.0 * WQ

    def conjugate(self, W, scale):
        return self._losses.conjugate(W, scale) + scale**2 * np.sum(W * self._coupled(W), axis=0)

    def hessian_product(self, W):
        product = self._losses.hessian_product(W)
        return lambda V: product(V) + 2.0 * self._coupled(V)

    def hessian_diagonal(self, W):
        diagonal = np.array(self._losses.hessian_diagonal(W))
        diagonal[: self._p] += 2.0 * np.diagonal(self._Q, axis1=-2, axis2=-1) / self._weight
        return diagonal

    def features(self, rows):
        some, kept = self._losses.features(rows), rows[rows < self._p]
        return Coupled(some, self._Q if self._Q.ndim == 2 else self._Q[kept], self._weight, len(kept))
