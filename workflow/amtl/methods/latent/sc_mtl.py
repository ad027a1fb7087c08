"""SC-MTL: sparse coding of the tasks' weights over a few columns of bounded norm."""

import numpy as np

from amtl.methods._fit import Point
from amtl.methods._grids import geometric
from amtl.methods.latent._dictionary import fit_from_best, sizes, starts
from amtl.methods.single import stl
from amtl.solvers.dictionary import solve_constrained

NAME = "sc-mtl"
TITLE = "SC-MTL"
CITATION = "Maurer, Pontil, Romera-Paredes. Sparse coding for multitask and transfer learning. ICML 2013."
OBJECTIVE = "sum_t F_t(L s_t), ||l_j||_2 <= 1, ||s_t||_1 <= alpha, L (d, k)"
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

# alpha runs over these multiples of the largest norm of a task's tuned single-task weights.
LOW, HIGH = 0.2, 3.0


def grid(problem, context, options, n_points):
    """Return paths of alpha for every k, the tightest bound first."""
    norm = float(np.linalg.norm(context.init * problem.penalized[:, None], axis=0).max())
    norm = norm if norm > 0.0 else 1.0
    ks = sizes(problem)
    share = n_points // len(ks)
    return [
        Point({"k": k, "alpha": alpha}) for k in ks for alpha in geometric(LOW * norm, HIGH * norm, share)
    ]


def fit(problem, params, context, options):
    """Minimize over L and S from every start and keep the lowest objective."""

    def solve(L, tolerance, max_iterations):
        return solve_constrained(problem, L, params["alpha"], tolerance, max_iterations)

    return fit_from_best(solve, starts(problem, context, params["k"], options["restarts"]), context)
