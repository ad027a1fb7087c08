"""Norms of the rows: features that all tasks share are chosen together."""

import numpy as np

from amtl.penalties._norm import Norm, RowNorm, row_sizes, shrunk_rows, soft


class L21(RowNorm):
    """strength * sum_j weights_j ||w^j||_2; weights: (p,), or None for ones."""

    def row_norms(self, W):
        return self._weighted(row_sizes(W))

    def row_duals(self, G):
        return self._relative(row_sizes(G))

    def shrunk(self, W, level):
        return shrunk_rows(W, self._levels(level))


class LInf1(RowNorm):
    """strength * sum_j weights_j max_t |W_jt|; weights: (p,), or None for ones."""

    def row_norms(self, W):
        return self._weighted(np.abs(W).max(axis=1, initial=0.0))

    def row_duals(self, G):
        return self._relative(np.abs(G).sum(axis=1))

    def shrunk(self, W, level):
        return below_caps(W, np.broadcast_to(self._levels(level), W.shape))


def below_caps(W, level):
    """Return argmin_V sum_jt (V_jt - W_jt)^2 / (2 level_jt) + sum_j max_t |V_jt|.

    The absolute values of row j are cut at the cap at which sum_t max(|W_jt| - cap, 0) / level_jt = 1.
    """
    sizes, inverse = np.abs(W), 1.0 / np.maximum(level, 1e-300)
    order = np.argsort(-sizes, axis=1)
    sorted_sizes, inverse = (np.take_along_axis(each, order, axis=1) for each in (sizes, inverse))
    caps = (np.cumsum(sorted_sizes * inverse, axis=1) - 1.0) / np.cumsum(inverse, axis=1)
    # The largest entries are cut, as many as exceed the cap that they have together.
    count = np.maximum((sorted_sizes > caps).sum(axis=1), 1)
    cap = np.maximum(np.take_along_axis(caps, count[:, None] - 1, axis=1), 0.0)
    return np.sign(W) * np.minimum(sizes, cap)


class SparseGroup(Norm):
    """strength * sum_j ((1 - mix) groups_j ||w^j||_2 + mix entries_j ||w^j||_1).

    mix : in [0, 1]; 0 is the (2,1)-norm, 1 the sum of absolute values.
    groups, entries : weights (p,) of the two terms, or None for ones.
    """

    by_rows = True
    steps = "either"

    def __init__(self, strength, mix, groups=None, entries=None):
        super().__init__(strength)
        self.mix, self.groups, self.entries = mix, groups, entries
        one = np.ones(1)
        self._group = (1.0 - mix) * (one if groups is None else np.asarray(groups, float))
        self._entry = mix * (one if entries is None else np.asarray(entries, float))

    def norm(self, W):
        return float(np.sum(self._group * row_sizes(W) + self._entry * np.abs(W).sum(axis=1)))

    def shrunk(self, W, level):
        # Shrinking the entries first, and then the row, gives the prox of the sum.
        inner = soft(W, level * self._entry[:, None])
        return shrunk_rows(inner, level * self._group[:, None])

    def dual(self, G):
        """Return the dual norm, the largest over the rows."""
        return float(self.row_duals(G).max(initial=0.0))

    def row_duals(self, G):
        """Return the smallest s (p,) with ||soft(g^j, s entry_j)||_2 <= s group_j."""
        p, n_tasks = G.shape
        a, b = (np.broadcast_to(each, p)[:, None] for each in (self._group, self._entry))
        sizes = -np.sort(-np.abs(G), axis=1)
        first, second = np.cumsum(sizes, axis=1), np.cumsum(sizes**2, axis=1)
        count = np.arange(1, n_tasks + 1)
        # At s = sizes_k / b_j the k largest entries exceed s b_j, or equal it. Such an s is too large or
        # large enough for the first values of k alone; after the last of them lies the solution.
        rest = np.maximum(second - 2.0 * sizes * first + count * sizes**2, 0.0)
        enough = b**2 * rest <= (a * sizes) ** 2
        k = np.maximum(np.cumprod(enough, axis=1).sum(axis=1), 1)[:, None] - 1
        first, second, count = (
            np.take_along_axis(np.broadcast_to(each, G.shape), k, axis=1) for each in (first, second, count)
        )
        # sum_{i<=k} (sizes_i - s b)^2 = s^2 a^2: the smaller root, without cancellation.
        linear = b * first
        root = np.sqrt(np.maximum(linear**2 - (count * b**2 - a**2) * second, 0.0))
        total = linear + root
        return np.divide(second, total, out=np.zeros_like(total), where=total > 0.0)[:, 0]

    def on_rows(self, rows):
        """Return the penalty of some of the rows."""
        groups, entries = (None if each is None else each[rows] for each in (self.groups, self.entries))
        return SparseGroup(self.strength, self.mix, groups, entries)


class ElasticNet(RowNorm):
    """strength * sum_j weights_j ||w^j||_2 + ridge * ||W||_F^2; weights: (p,), or None for ones.

    It is no norm: ``dual`` and ``largest`` are those of its first term, which alone decides about W = 0.
    """

    def __init__(self, strength, ridge, weights=None):
        super().__init__(strength, weights)
        self.ridge = ridge

    def row_norms(self, W):
        return self._weighted(row_sizes(W))

    def row_duals(self, G):
        return self._relative(row_sizes(G))

    def value(self, W):
        """Return the penalty at W."""
        return self.strength * self.norm(W) + self.ridge * float(np.vdot(W, W))

    def prox(self, W, step):
        """Return the proximal point of W and the penalty there."""
        shrinkage = 1.0 + 2.0 * self.ridge * step
        V = shrunk_rows(W / shrinkage, self._levels(self.strength * step) / shrinkage)
        return V, self.value(V)

    def conjugate(self, G):
        """Return (1, the conjugate): it is finite everywhere."""
        bound = self.strength * (1.0 if self.weights is None else self.weights)
        excess = np.maximum(row_sizes(G) - bound, 0.0)
        return 1.0, float(np.sum(excess**2)) / (4.0 * self.ridge)

    def on_rows(self, rows):
        """Return the penalty of some of the rows."""
        weights = None if self.weights is None else self.weights[rows]
        return ElasticNet(self.strength, self.ridge, weights)
