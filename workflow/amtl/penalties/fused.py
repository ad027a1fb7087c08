"""Differences of neighbouring tasks, for tasks that have an order."""

import numpy as np

from amtl.penalties._norm import Norm, shrunk_rows, soft
from amtl.penalties.rows import SparseGroup

# Halvings that find the dual norm of a row.
HALVINGS = 60


class FusedSparseGroup(Norm):
    """strength * (entries ||W||_11 + differences sum_jt |W_j,t+1 - W_jt| + groups ||W||_21).

    entries, differences, groups : factors >= 0; those of entries and groups are not both zero.
    """

    by_rows = True
    steps = "rows"

    def __init__(self, strength, entries, differences, groups):
        super().__init__(strength)
        self.entries, self.differences, self.groups = entries, differences, groups
        self._within = SparseGroup(1.0, entries / (entries + groups))

    def norm(self, W):
        rows = self._within.norm(W) * (self.entries + self.groups)
        return rows + self.differences * float(np.abs(np.diff(W, axis=1)).sum())

    def shrunk(self, W, level):
        # The proximal steps of the three norms follow one another in this order (Zhou et al. 2012).
        level = np.broadcast_to(np.reshape(level, (-1, 1)), (len(W), 1))
        V = smoothed_rows(W, level * self.differences)
        return shrunk_rows(soft(V, level * self.entries), level * self.groups)

    def _bounds(self, G, level):
        """Return upper bounds (p,) on the dual norms of rows, exact for those that are `level`, (p, 1)."""
        # What smoothing takes away is within the dual ball of the differences, at this level and above.
        rest = smoothed_rows(G, level * self.differences)
        return self._within.row_duals(rest) / (self.entries + self.groups)

    def row_duals(self, G):
        """Return the dual norm of each row (p,), by bisection from above."""
        low, high = np.zeros(len(G)), self._bounds(G, np.zeros((len(G), 1)))
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            enough = self._bounds(G, middle[:, None]) <= middle
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        return high

    def dual(self, G):
        """Return the dual norm, the largest over the rows."""
        return float(self.row_duals(G).max(initial=0.0))

    def conjugate(self, G):
        """Return (s, 0), with a bound in place of the dual norm that is exact at its limit, the strength."""
        bound = float(self._bounds(G, np.full((len(G), 1), self.strength)).max(initial=0.0))
        return min(1.0, self.strength / max(bound, 1e-300)), 0.0

    def row_levels(self, W, G):
        """Return at most one for the rows whose dual norm is at most the strength."""
        return self._bounds(G, np.full((len(G), 1), self.strength)) / self.strength


def smoothed_rows(W, level):
    """Return argmin_V ||V - W||_F^2 / 2 + sum_j level_j sum_t |V_j,t+1 - V_jt|.

    W is (p, T), level (p, 1).
    """
    # Imported at the first call: the other penalties need not wait for the compiler.
    from amtl.penalties._smoothing import smooth_rows

    V = np.empty(W.shape)
    smooth_rows(W, level[:, 0], V)
    return V
