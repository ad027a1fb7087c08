"""What all norms share."""

import numpy as np

# Newton steps for the norms of rows end where one is this short, relatively: their errors are its square.
ROW_TOLERANCE, MAX_ROW_STEPS = 1e-7, 60


class Norm:
    """The penalty strength * norm(W).

    A subclass defines ``norm(W)``, ``dual(G)`` and ``shrunk(W, level)``, the point V that minimizes
    sum_jt (V_jt - W_jt)^2 / (2 level_jt) + norm(V).

    Attributes
    ----------
    by_rows : bool
        Whether the penalty is a sum over the rows.
    steps : {"entries", "either", "rows", "columns", "scalar"}
        The finest steps that ``prox`` takes: one per entry, the same though steps (p, 1) take less time,
        (p, 1), (1, T) or a number.
    has_gap : bool
        Whether the duality gap measures the distance to the minimum. It does not where some weights have no
        penalty, because then only a gradient of exactly zero is feasible.
    """

    by_rows = False
    steps = "scalar"
    has_gap = True

    def __init__(self, strength):
        self.strength = strength

    def value(self, W):
        """Return the penalty at W."""
        return self.strength * self.norm(W)

    def prox(self, W, step):
        """Return the proximal point of W and the penalty there."""
        V = self.shrunk(W, self.strength * step)
        return V, self.value(V)

    def largest(self, G):
        """Return the smallest strength at which zero is optimal, for the gradient G of the losses at zero."""
        return self.dual(G)

    def conjugate(self, G):
        """Return (s, 0): the conjugate of a norm is zero where the dual norm is at most the strength."""
        dual = self.dual(G)
        return (1.0 if dual <= self.strength else self.strength / dual), 0.0

    def row_levels(self, W, G):
        """Return the dual norm of each row, relative to the strength."""
        return self.row_duals(G) / self.strength

    def on_rows(self, rows):
        """Return the penalty of some of the rows."""
        return self


class RowNorm(Norm):
    """A norm that is a sum of norms of the rows, each with a weight.

    A subclass defines ``row_norms(W)`` and ``row_duals(G)``, both with the weights (p,).
    """

    by_rows = True
    steps = "either"

    def __init__(self, strength, weights=None):
        super().__init__(strength)
        self.weights = None if weights is None else np.asarray(weights, float)
        self.has_gap = weights is None or bool((self.weights > 0.0).all())

    def norm(self, W):
        return float(self.row_norms(W).sum())

    def dual(self, G):
        """Return the dual norm, the largest over the rows."""
        return float(self.row_duals(G).max(initial=0.0))

    def on_rows(self, rows):
        """Return the penalty of some of the rows."""
        return self if self.weights is None else type(self)(self.strength, self.weights[rows])

    def _weighted(self, sizes):
        return sizes if self.weights is None else self.weights * sizes

    def _relative(self, sizes):
        """Return sizes / weights; a row without a weight has no bound but zero."""
        if self.weights is None:
            return sizes
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(sizes > 0.0, sizes / self.weights, 0.0)

    def _levels(self, level):
        """Return the level of each row (p, 1), or one for all."""
        return level if self.weights is None else level * self.weights[:, None]


def soft(W, level):
    """Return W with its absolute values lowered by `level`, and zero where they are smaller."""
    return np.sign(W) * np.maximum(np.abs(W) - level, 0.0)


def row_sizes(W):
    """Return the Euclidean norm of each row."""
    return np.sqrt(np.einsum("jt,jt->j", W, W))


def shrunk_rows(W, level):
    """Return argmin_V sum_jt (V_jt - W_jt)^2 / (2 level_jt) + sum_j ||v^j||_2; level: broadcast to W."""
    if np.ndim(level) < 2 or level.shape[1] == 1:
        sizes = row_sizes(W)[:, None]
        return W * (1.0 - level / np.maximum(sizes, np.maximum(level, 1e-300)))
    level = np.maximum(level, 1e-300)
    kept = np.einsum("jt,jt->j", W / level, W / level) > 1.0
    V = np.zeros_like(W)
    squares, level = W[kept] ** 2, level[kept]
    # The norm r of a row v solves sum_t W_t^2 / (r + level_t)^2 = 1. Newton's method on the inverse of the
    # root of the sum, which is almost linear, rises to the solution from any smaller r.
    r = np.maximum(np.sqrt(squares.sum(axis=1)) - level.max(axis=1), 0.0)[:, None]
    for _ in range(MAX_ROW_STEPS):
        terms = squares / (r + level) ** 2
        total = terms.sum(axis=1, keepdims=True)
        move = (
            total
            * (np.sqrt(total) - 1.0)
            / np.maximum((terms / (r + level)).sum(axis=1, keepdims=True), 1e-300)
        )
        r = r + move
        if not (np.abs(move) > ROW_TOLERANCE * r).any():
            break
    V[kept] = W[kept] * (r / (r + level))
    return V
