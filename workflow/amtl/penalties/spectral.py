"""The trace norm: the tasks share a few directions."""

import numpy as np

from amtl.penalties._norm import Norm


def singular_values(W):
    """Return the singular values of W."""
    return np.linalg.svd(W, compute_uv=False)


class TraceNorm(Norm):
    """strength * ||W||_*, the sum of the singular values."""

    def norm(self, W):
        return float(singular_values(W).sum())

    def dual(self, G):
        """Return the largest singular value."""
        small = G @ G.T if G.shape[0] <= G.shape[1] else G.T @ G
        return float(np.sqrt(max(np.linalg.eigvalsh(small)[-1], 0.0))) if small.size else 0.0

    def shrunk(self, W, level):
        return self._shrunk_values(W, level)[0]

    def prox(self, W, step):
        """Return the proximal point of W and the penalty there."""
        V, kept = self._shrunk_values(W, self.strength * step)
        return V, self.strength * float(kept.sum())

    @staticmethod
    def _shrunk_values(W, level):
        """Return W with its singular values lowered by `level`, and the singular values that are left."""
        wide = W.shape[0] <= W.shape[1]
        squares, U = np.linalg.eigh(W @ W.T if wide else W.T @ W)
        # The eigenvalues of the smaller Gram matrix: only those that are kept have to be accurate.
        sizes = np.sqrt(np.maximum(squares, 0.0))
        kept = sizes > level
        sizes, U = sizes[kept], U[:, kept]
        shrink = U * (1.0 - level / sizes) @ U.T
        return (shrink @ W if wide else W @ shrink), sizes - level
