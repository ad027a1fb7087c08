"""The trace norm: the tasks share a few directions."""

import numpy as np

from amtl.penalties._norm import Norm

# Singular values below this share of the largest one are zero.
ZERO_SHARE = 1e-10


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


class CappedTraceNorm(TraceNorm):
    """strength * (||W||_* - <W, kept>), the majorizer of the capped trace norm.

    kept : (p, T), U_R V_R' for the singular vectors of the singular values that exceed the cap.
    """

    has_gap = False

    def __init__(self, strength, kept):
        super().__init__(strength)
        self.kept = kept

    def value(self, W):
        """Return the penalty at W."""
        return self.strength * (self.norm(W) - float(np.vdot(W, self.kept)))

    def prox(self, W, step):
        """Return the proximal point of W and the penalty there."""
        V, _ = super().prox(W + self.strength * step * self.kept, step)
        return V, self.value(V)

    def conjugate(self, G):
        """Return (0, 0): the weights in the kept directions have no penalty."""
        return 0.0, 0.0

    def violation(self, W, G):
        """Return the distance of -G from the subgradients at W."""
        U, s, Vt = np.linalg.svd(W, full_matrices=True)
        rank = int(np.sum(s > ZERO_SHARE * max(s[0], 1e-300))) if len(s) else 0
        inner = U.T @ (G - self.strength * self.kept) @ Vt.T
        inner[:rank, :rank] += self.strength * np.eye(rank)
        rest = singular_values(inner[rank:, rank:])
        inner[rank:, rank:] = 0.0
        outside = np.maximum(rest - self.strength, 0.0)
        return float(np.sqrt(np.vdot(inner, inner) + np.vdot(outside, outside)))
