"""The sum of absolute values."""

import numpy as np

from amtl.penalties._norm import RowNorm, soft


class L1(RowNorm):
    """strength * sum_jt weights_j |W_jt|; weights: (p,), or None for ones."""

    steps = "entries"

    def row_norms(self, W):
        return self._weighted(np.abs(W).sum(axis=1))

    def row_duals(self, G):
        return self._relative(np.abs(G).max(axis=1, initial=0.0))

    def shrunk(self, W, level):
        return soft(W, self._levels(level))

    def violation(self, W, G):
        """Return the distance of -G from the subgradients at W."""
        level = np.broadcast_to(self._levels(self.strength), (len(W), 1))
        rest = np.where(W != 0.0, G + level * np.sign(W), soft(G, level))
        return float(np.linalg.norm(rest))
