"""Norms of groups of features within each task."""

import numpy as np


class GroupedColumns:
    """strength * sum_t sum_g sqrt(size of g) ||w_t,g||_2 + ridge * ||W||_F^2.

    groups : (p,), the number of the group of each row, from 0. ridge : positive.
    """

    by_rows, has_gap = False, True
    steps = "columns"

    def __init__(self, strength, groups, ridge):
        self.strength, self.ridge = strength, ridge
        self._member = (np.asarray(groups) == np.arange(max(groups, default=0) + 1)[:, None]).astype(float)
        self._roots = np.sqrt(self._member.sum(axis=1))[:, None]

    def _sizes(self, W):
        """Return ||w_t,g|| (groups, T)."""
        return np.sqrt(self._member @ W**2)

    def value(self, W):
        """Return the penalty at W."""
        return self.strength * float(np.sum(self._roots * self._sizes(W))) + self.ridge * float(np.vdot(W, W))

    def prox(self, W, step):
        """Return the proximal point of W and the penalty there."""
        level, sizes = self.strength * step * self._roots, self._sizes(W)
        kept = np.maximum(1.0 - level / np.maximum(sizes, 1e-300), 0.0)
        V = W * (self._member.T @ kept) / (1.0 + 2.0 * self.ridge * step)
        return V, self.value(V)

    def conjugate(self, G):
        """Return (1, the conjugate): it is finite everywhere."""
        excess = np.maximum(self._sizes(G) - self.strength * self._roots, 0.0)
        return 1.0, float(np.sum(excess**2)) / (4.0 * self.ridge)

    def largest(self, G):
        """Return the smallest strength at which W = 0 is optimal, for the gradient G of the losses there."""
        return float((self._sizes(G) / self._roots).max(initial=0.0))
