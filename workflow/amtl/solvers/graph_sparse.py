"""The graph B-step for many tasks: the columns of `graph_b`, each over a few candidate sources.

The first edge s -> t needs w_s'w_t > cost_s / (2 lam), and any other one w_s'r_t > cost_s / (2 lam), with
r_t = w_t - W_p b_t what the edges of t leave. The pairs that meet the first condition are the first
candidates. Later passes over all pairs, in blocks of tasks, find those that meet the second one and are
missing. Without any the graph is the best of all graphs: the candidates are no approximation.

Memory grows with the number of candidates, and no array has T^2 entries.
"""

import numpy as np
from scipy.sparse import csr_array

from amtl.errors import InputError
from amtl.solvers.graph_b import EDGE_TOLERANCE, SOURCES_RIDGE

# Entries of a block of W'R.
BLOCK_ENTRIES = 1_000_000
# Sources that a task gets in one pass at most, those with the largest slopes.
MAX_NEW_SOURCES = 100
# A price over the norm of the source that no edge can pay, in the place of an infinite one: no norm is as
# large.
LARGEST_PRICE = 1e150


def _blocks(n_tasks):
    """Yield slices of tasks whose products with all others have `BLOCK_ENTRIES` entries."""
    size = max(BLOCK_ENTRIES // n_tasks, 1)
    for begin in range(0, n_tasks, size):
        yield slice(begin, min(begin + size, n_tasks))


def _without_crowds(slope):
    """Return slopes (targets, sources) with all but the `MAX_NEW_SOURCES` largest of a target at zero.

    Of many sources that would help a task alone, the first ones leave little to the others.
    """
    crowded = np.flatnonzero(np.count_nonzero(slope > EDGE_TOLERANCE, axis=1) > MAX_NEW_SOURCES)
    if len(crowded):
        some = slope[crowded]
        least = np.partition(some, -MAX_NEW_SOURCES, axis=1)[:, [-MAX_NEW_SOURCES]]
        slope[crowded] = np.where(some < least, 0.0, some)
    return slope


def largest_products(Wp):
    """Return max_t w_s'w_t (T,) over the other tasks t, at least 0, for Wp (d, T)."""
    n_tasks = Wp.shape[1]
    best = np.zeros(n_tasks)
    for block in _blocks(n_tasks):
        H = Wp[:, block].T @ Wp
        H[np.arange(len(H)), np.arange(block.start, block.stop)] = 0.0
        best[block] = H.max(axis=1)
    return best


class Candidates:
    """The pairs that may be edges: task t has sources[starts[t]:starts[t + 1]], in ascending order.

    interval : every how many calls `graph` looks at all pairs.
    """

    def __init__(self, n_tasks, interval=1):
        self.starts, self.sources = np.zeros(n_tasks + 1, np.int64), np.zeros(0, np.int64)
        # t T + s of every pair, ascending.
        self._keys = np.zeros(0, np.int64)
        self._interval, self._calls = interval, 0

    def add(self, Wp, cost, lam, B=None):
        """Add the pairs whose slope at the graph B is positive; return (how many, the largest slope).

        Wp : (d, T). cost : (T,), the prices, infinite for a task without edges. B : sparse (T, T), or None
        for no edges. Slopes are in the units of `EDGE_TOLERANCE`.
        """
        if lam <= 0.0:
            return 0, 0.0
        n_tasks = Wp.shape[1]
        W = np.ascontiguousarray(Wp.T)
        R = W if B is None else W - B.T @ W
        norm = np.linalg.norm(W, axis=1)
        inverse = np.divide(1.0, norm, out=np.zeros(n_tasks), where=norm > 0.0)[:, None]
        # With the price as one more entry of each vector a slope is one product.
        with np.errstate(over="ignore", invalid="ignore"):
            price = np.where(inverse > 0.0, inverse * (cost[:, None] / (2.0 * lam)), LARGEST_PRICE)
        price = np.minimum(price, LARGEST_PRICE)
        targets, sources = np.hstack([inverse * R, -inverse]), np.hstack([inverse * W, price])
        known, largest, found = self._keys, 0.0, []
        for block in _blocks(n_tasks):
            slope = targets[block] @ sources.T
            slope[np.arange(len(slope)), np.arange(block.start, block.stop)] = 0.0
            steepest = slope.max(axis=1)
            largest = max(largest, float(steepest.max()))
            some = np.flatnonzero(steepest > EDGE_TOLERANCE)
            if not len(some):
                continue
            t, s = np.nonzero(_without_crowds(slope[some]) > EDGE_TOLERANCE)
            keys = (some[t] + block.start) * n_tasks + s
            low, high = np.searchsorted(known, (block.start * n_tasks, block.stop * n_tasks))
            new = ~np.isin(keys, known[low:high], assume_unique=True)
            if new.any():
                found.append(keys[new])
        if not found:
            return 0, largest
        new = np.concatenate(found)
        self._keys = np.sort(np.concatenate([known, new]))
        targets, self.sources = np.divmod(self._keys, n_tasks)
        self.starts = np.concatenate([[0], np.cumsum(np.bincount(targets, minlength=n_tasks))])
        return len(new), largest

    def best_graph(self, Wp, cost, lam, start=None):
        """Return (B, violation): the best graph over the candidates, sparse (T, T), and zero.

        The arguments are those of `add`; start : the graph at nearby weights, made by this function, or None.
        Raises InputError where numba is not installed: the loops take minutes without it.
        """
        from amtl._compiled import numba
        from amtl.solvers._columns import solve_columns

        if numba is None:
            raise InputError("the graph of so many tasks needs numba: pip install amtl[many-tasks]")
        n_tasks = Wp.shape[1]
        values = np.zeros(len(self.sources)) if start is None else self._values_of(start)
        if lam > 0.0:
            W = np.ascontiguousarray(Wp.T)
            given = W, np.linalg.norm(W, axis=1), cost / (2.0 * lam), self.starts, self.sources
            solve_columns(*given, values, EDGE_TOLERANCE, SOURCES_RIDGE)
        used = values > 0.0
        counts = np.add.reduceat(np.append(used, False), self.starts[:-1]) * (np.diff(self.starts) > 0)
        starts = np.concatenate([[0], np.cumsum(counts)])
        transposed = csr_array((values[used], self.sources[used], starts), shape=(n_tasks, n_tasks))
        return transposed.T.tocsr(), 0.0

    def graph(self, Wp, cost, lam, start=None):
        """Return (B, slope): the best graph, and the largest slope of a pair that is no edge; see `add`.

        The arguments are those of `best_graph`. With an interval of 1 the graph is the best of all. With a
        longer one it is the best over the candidates, to which a pass over all pairs adds once per interval,
        and the slope is 0.
        """
        due = self._calls % self._interval == 0
        self._calls += 1
        B = None if start is None else self.best_graph(Wp, cost, lam, start)[0]
        while due or B is None:
            missing, slope = self.add(Wp, cost, lam, B)
            if not missing and B is not None:
                return B, slope
            B, _ = self.best_graph(Wp, cost, lam, B)
            due = self._interval == 1
        return B, 0.0

    def _values_of(self, B):
        """Return the weights of the candidates in a graph."""
        columns = B.T.tocsr()
        columns.sort_indices()
        n_tasks = B.shape[0]
        keys = np.repeat(np.arange(n_tasks), np.diff(columns.indptr)) * n_tasks + columns.indices
        values = np.zeros(len(self.sources))
        values[np.searchsorted(self._keys, keys)] = columns.data
        return values
