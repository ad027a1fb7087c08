"""The square of a norm."""

import numpy as np

from amtl.penalties._norm import row_sizes
from amtl.penalties.spectral import singular_values


class SquaredNorm:
    """The penalty gamma Omega(W)^2, with Omega the trace norm or, with `by_rows`, the (2,1)-norm.

    It equals min_D gamma tr(W'D^-1 W) over psd D with tr D <= 1; for the (2,1)-norm D is diagonal (Argyriou,
    Evgeniou, Pontil 2008, theorem 1).
    """

    has_gap = True

    def __init__(self, gamma, by_rows=False):
        self.gamma, self.by_rows = gamma, by_rows
        self.steps = "rows" if by_rows else "scalar"

    def _sizes(self, W):
        """Return the singular values or the row norms of W."""
        return row_sizes(W) if self.by_rows else singular_values(W)

    def value(self, W):
        """Return the penalty at W."""
        return self.gamma * float(self._sizes(W).sum()) ** 2

    def prox(self, W, step):
        """Return the proximal point of W and the penalty there."""
        weight = step * self.gamma
        if self.by_rows:
            sizes = self._sizes(W)
            kept = shrink_squared(sizes, np.ravel(weight) if np.ndim(weight) else weight)
            V = W * np.divide(kept, sizes, out=np.zeros_like(sizes), where=sizes > 0.0)[:, None]
        else:
            U, s, Vt = np.linalg.svd(W, full_matrices=False)
            kept = shrink_squared(s, weight)
            V = (U * kept) @ Vt
        return V, self.gamma * float(kept.sum()) ** 2

    def conjugate(self, G):
        """Return (1, dual norm^2 / (4 gamma)). The dual norm is the largest singular value or row norm."""
        return 1.0, float(self._sizes(G).max(initial=0.0)) ** 2 / (4.0 * self.gamma)

    def row_levels(self, W, G):
        """Return the norms of the rows of G, relative to the slope 2 gamma Omega(W)."""
        return row_sizes(G) / max(2.0 * self.gamma * float(self._sizes(W).sum()), 1e-300)

    def on_rows(self, rows):
        """Return the penalty of some of the rows."""
        return self


def shrink_squared(s, weight):
    """Return argmin_{x >= 0} sum_j (x_j - s_j)^2 / (2 weight_j) + (sum x)^2 for s >= 0 (m,).

    weight : (m,), or one number for all.
    """
    weight = np.broadcast_to(weight, s.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        # The largest ratios are kept, as many as stay positive. Without a weight all are.
        ratio = np.where(weight > 0.0, s / weight, np.inf)
    order = np.argsort(-ratio, kind="stable")
    total = np.cumsum(s[order]) / (1.0 + 2.0 * np.cumsum(weight[order]))
    kept = np.flatnonzero(ratio[order] > 2.0 * total)
    return np.maximum(s - 2.0 * weight * total[kept[-1]], 0.0) if len(kept) else np.zeros_like(s)
