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
    """Return argmin_V ||V - W||_F^2 / 2 + sum_j level_j sum_t |V_j,t+1 - V_jt|, for W (p, T), level (p, 1).

    Johnson's dynamic program (2013), for all rows together. For task t let f_t(b) be the derivative, at b, of
    the best cost of the tasks up to t with V_t = b. It is piecewise linear and increases; between the points
    low_t and high_t, where it is -level and level, V_t follows V_t+1, and beyond them it stays there.
    """
    p, n_tasks = W.shape
    level, lines = level[:, 0], _Lines(p, n_tasks)
    lows, highs = np.empty((n_tasks, p)), np.empty((n_tasks, p))
    for t in range(n_tasks - 1):
        ends = level if t else np.zeros(p)
        lows[t] = lines.cut_left(-ends - W[:, t], -level)
        highs[t] = lines.cut_right(ends - W[:, t], level)
    V = np.empty((n_tasks, p))
    ends = level if n_tasks > 1 else np.zeros(p)
    V[-1] = lines.cut_left(-ends - W[:, -1], np.zeros(p))
    for t in range(n_tasks - 2, -1, -1):
        V[t] = np.clip(V[t + 1], lows[t], highs[t])
    return V.T


class _Lines:
    """Increasing piecewise linear functions of b, one per row, by how slope and offset change at their bends.

    Adding one line to a function leaves the changes as they are. The bends of a row are those from `first` to
    `last`, in ascending order.
    """

    def __init__(self, p, n_tasks):
        self._bends, self._slopes, self._offsets = np.empty((3, p, 2 * n_tasks + 2))
        self._rows = np.arange(p)
        self._first, self._last = np.full(p, n_tasks), np.full(p, n_tasks - 1)

    def cut_left(self, offset, target):
        """Return where the functions are `target`, and make them that constant to its left.

        The leftmost line of a function is b + offset.
        """
        at, slope, offset = self._walk(self._first, 1, offset, target)
        self._first -= 1
        self._store(self._first, at, slope, offset - target)
        return at

    def cut_right(self, offset, target):
        """Return where the functions are `target`, and make them that constant to its right.

        The rightmost line of a function is b + offset.
        """
        at, slope, offset = self._walk(self._last, -1, offset, target)
        self._last += 1
        self._store(self._last, at, -slope, target - offset)
        return at

    def _walk(self, place, direction, offset, target):
        """Move `place` past the bends before the one where the functions reach the target."""
        slope = np.ones_like(offset)
        moving = self._rows
        while True:
            moving = moving[self._first[moving] <= self._last[moving]]
            at = place[moving]
            value = slope[moving] * self._bends[moving, at] + offset[moving]
            # Slopes are whole numbers. By rounding alone a constant end could be reached.
            beyond = slope[moving] + direction * self._slopes[moving, at] > 0.5
            moving = moving[beyond & (direction * (target[moving] - value) > 0.0)]
            if not len(moving):
                return (target - offset) / slope, slope, offset
            at = place[moving]
            slope[moving] += direction * self._slopes[moving, at]
            offset[moving] += direction * self._offsets[moving, at]
            place[moving] += direction

    def _store(self, place, bend, slope, offset):
        self._bends[self._rows, place] = bend
        self._slopes[self._rows, place] = slope
        self._offsets[self._rows, place] = offset
