"""GO-MTL: every task's weights are a sparse combination of a few latent tasks."""

import numpy as np

from amtl.methods._fit import Point
from amtl.methods._grids import geometric
from amtl.methods.latent._dictionary import fit_from_best, sizes, starts
from amtl.methods.single import stl
from amtl.solvers.dictionary import solve_penalized

NAME = "go-mtl"
TITLE = "GO-MTL"
CITATION = "Kumar, Daume. Learning task grouping and overlap in multi-task learning. ICML 2012."
OBJECTIVE = "sum_t F_t(L s_t) + mu ||S||_1 + lam ||L||_F^2, L (d, k)"
OPTIONS = {
    "restarts": {
        "type": "integer",
        "minimum": 1,
        "default": 3,
        "description": "Starts of each fit, of which the lowest training objective is kept: one from the "
        "single-task weights, the others random.",
    },
}
INIT = stl
APPLIES_TO = ("regression", "binary", "one-vs-rest")
NEEDS_TRUTH = False
ITERATIVE = True

# The strength runs over these multiples of the one at which the tuned single-task weights cost what they cost
# there.
HIGH, LOW = 10.0, 0.1


def _row_sums(L, W):
    """||S_j||_1 of the codes that come nearest to W = L S, for orthonormal or any other L."""
    return np.abs(np.linalg.lstsq(L, W, rcond=None)[0]).sum(axis=1)


def grid(problem, context, options, n_points):
    """Return paths of one strength mu = lam for every k.

    A column of L may be scaled against its row of S, so the minimum over both depends on mu^2 lam alone:
    an axis for each would hold the same fits many times. With the best scale a column costs
    3 (mu^2 lam / 4)^(1/3) (||S_j||_1 ||l_j||)^(2/3).
    """
    points = []
    W = context.init * problem.penalized[:, None]
    ks = sizes(problem)
    share = n_points // len(ks)
    for k in ks:
        L = next(starts(problem, context, k, 1))
        cost = 3.0 * 4.0 ** (-1.0 / 3.0) * np.sum(_row_sums(L, W) ** (2.0 / 3.0))
        level = context.init_rho * np.vdot(W, W) / max(cost, 1e-300)
        for strength in geometric(HIGH * level, LOW * level, share):
            points.append(Point({"k": k, "mu": strength, "lam": strength}))
    return points


def fit(problem, params, context, options):
    """Minimize over L and S from every start and keep the lowest objective."""
    k, mu, lam = params["k"], params["mu"], params["lam"]
    W = context.init * problem.penalized[:, None]

    def solve(L, tolerance, max_iterations):
        return solve_penalized(problem, L, mu, lam, tolerance, max_iterations)

    # The best scale of a column for the codes that reproduce the single-task weights.
    scaled = (
        L * (mu * _row_sums(L, W) / (2.0 * lam)) ** (1.0 / 3.0)
        for L in starts(problem, context, k, options["restarts"])
    )
    return fit_from_best(solve, scaled, context)
