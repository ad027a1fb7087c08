"""Couplings of the tasks: the matrix Q (T, T) in tr(W_p Q W_p'), positive semidefinite.

A `Coupling` is a matrix. The others know its form and need no array with T^2 entries.
"""

from functools import cached_property

import numpy as np
from scipy.sparse import csr_array, issparse

# Up to this many tasks dense products with a graph are faster than sparse ones.
MAX_DENSE_TASKS = 64


class Coupling:
    """A matrix Q (T, T)."""

    # (T, k) directions in task space that a coupling of many tasks hardly penalizes, where they are known.
    weak_directions = None

    def __init__(self, matrix):
        self.matrix = matrix

    @property
    def diagonal(self):
        return np.diag(self.matrix)

    @cached_property
    def is_diagonal(self):
        return np.count_nonzero(self.matrix) == np.count_nonzero(self.diagonal)

    def apply(self, V):
        """Return Q V for V (T, d)."""
        return self.matrix @ V


class RidgeCoupling(Coupling):
    """Q = rho I: every task alone."""

    is_diagonal = True

    def __init__(self, n_tasks, rho=1.0):
        self._n_tasks, self._rho = n_tasks, rho

    @property
    def matrix(self):
        return self._rho * np.eye(self._n_tasks)

    @property
    def diagonal(self):
        return np.full(self._n_tasks, self._rho)

    def apply(self, V):
        return self._rho * V


class MeanCoupling(Coupling):
    """Q = rho1 (I - 11'/T) + rho2 I: every task is drawn to the mean of all."""

    is_diagonal = False

    def __init__(self, n_tasks, rho1, rho2):
        self._n_tasks, self._rho1, self._rho2 = n_tasks, rho1, rho2

    @property
    def matrix(self):
        identity = np.eye(self._n_tasks)
        return self._rho1 * (identity - 1.0 / self._n_tasks) + self._rho2 * identity

    @property
    def diagonal(self):
        return np.full(self._n_tasks, self._rho1 * (1.0 - 1.0 / self._n_tasks) + self._rho2)

    @property
    def weak_directions(self):
        return np.full((self._n_tasks, 1), self._n_tasks**-0.5)

    def apply(self, V):
        apart = V - V.mean(axis=0)
        # What rounding left of the mean is multiplied by a large rho1.
        apart -= apart.mean(axis=0)
        return self._rho1 * apart + self._rho2 * V


class GraphCoupling(Coupling):
    """Q = (1 - ridge) (I - B)(I - B)' + ridge I, stored as the graph B (T, T), an array or sparse."""

    def __init__(self, B, ridge):
        self.B, self._ridge = B, ridge
        self._sparse = issparse(B) or len(B) > MAX_DENSE_TASKS
        self.graph = csr_array(B) if self._sparse else B
        self.n_edges = np.count_nonzero(self.graph.data if self._sparse else B)

    @property
    def is_diagonal(self):
        return self.n_edges == 0

    @cached_property
    def transposed(self):
        """B' with its rows in order."""
        return self.graph.T.tocsr() if self._sparse else self.B.T

    @cached_property
    def matrix(self):
        M = np.eye(self.B.shape[0]) - self.B
        return (1.0 - self._ridge) * (M @ M.T) + self._ridge * np.eye(len(M))

    @cached_property
    def diagonal(self):
        if issparse(self.B):
            squares = self.B.multiply(self.B).sum(axis=1)
        else:
            squares = np.einsum("st,st->s", self.B, self.B)
        return 1.0 + (1.0 - self._ridge) * squares

    def apply(self, V):
        rest = V - self.transposed @ V
        return (1.0 - self._ridge) * (rest - self.graph @ rest) + self._ridge * V
