"""The sum of the norms of the columns: tasks are chosen, for example the outliers."""

import numpy as np

from amtl.penalties._norm import Norm


class ColumnNorm(Norm):
    """strength * sum_t ||w_t||_2."""

    steps = "columns"

    @staticmethod
    def _sizes(W):
        return np.sqrt(np.einsum("jt,jt->t", W, W))

    def norm(self, W):
        return float(self._sizes(W).sum())

    def dual(self, G):
        return float(self._sizes(G).max(initial=0.0))

    def shrunk(self, W, level):
        sizes = self._sizes(W)
        return W * (1.0 - level / np.maximum(sizes, np.maximum(level, 1e-300)))
