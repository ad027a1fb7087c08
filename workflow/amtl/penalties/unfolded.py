"""Trace norms of the unfoldings of a tensor, for tasks that are cells of a grid."""

import numpy as np

from amtl.penalties._norm import Norm
from amtl.penalties.spectral import TraceNorm


class UnfoldedTrace(Norm):
    """strength * ||W_(mode)||_*, with W (p, T) as a tensor (p, *shape) and the given mode as its rows.

    shape : the sizes of the grid, whose product is T. mode : 0 for the features, 1, 2, ... for those of the
    grid.
    """

    def __init__(self, strength, shape, mode):
        super().__init__(strength)
        self.shape, self.mode = tuple(shape), mode
        self._trace = TraceNorm(1.0)

    def _unfold(self, W):
        tensor = np.moveaxis(W.reshape(len(W), *self.shape), self.mode, 0)
        return tensor.reshape(len(tensor), -1)

    def _fold(self, V, W):
        sizes = [len(W), *self.shape]
        sizes = [sizes.pop(self.mode), *sizes]
        return np.moveaxis(V.reshape(sizes), 0, self.mode).reshape(W.shape)

    def norm(self, W):
        return self._trace.norm(self._unfold(W))

    def dual(self, G):
        """Return the largest singular value of the unfolding."""
        return self._trace.dual(self._unfold(G))

    def shrunk(self, W, level):
        return self._fold(self._trace.shrunk(self._unfold(W), level), W)
