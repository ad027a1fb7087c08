"""STL: every task on its own, ridge-penalized, one penalty for all tasks."""

import numpy as np

from amtl.methods._fit import Point, fit_from_minimum
from amtl.methods._grids import largest_curvature, ridge_grid
from amtl.solvers.coupled_w import solve_coupled_w

NAME = "stl"
TITLE = "STL"
CITATION = "Lee, Yang, Hwang. Asymmetric multi-task learning based on task relatedness and loss. ICML 2016."
OBJECTIVE = "sum_t F_t(w_t) + rho ||W||_F^2"
OPTIONS = {
    "rho": {
        "type": ["number", "null"],
        "exclusiveMinimum": 0,
        "default": None,
        "examples": [1e-6],
        "description": "Ridge weight, taken as it is; null to choose it on the validation rows.",
    },
}
INIT = None
APPLIES_TO = ("regression", "binary", "one-vs-rest")
NEEDS_TRUTH = False
ITERATIVE = False


def grid(problem, context, options, n_points):
    """Return a path of rho from almost-zero weights to almost none of the penalty, or the given rho alone."""
    # A method that starts from the tuned weights hands over its own options, which have no rho.
    if options.get("rho") is not None:
        return [Point({"rho": float(options["rho"])})]
    return ridge_grid(largest_curvature(problem), n_points)


def fit(problem, params, context, options):
    """Minimize the objective: closed form for the squared loss, Newton-like for the logistic one."""
    minimum = solve_coupled_w(
        problem,
        np.eye(problem.n_tasks),
        params["rho"],
        W=context.warm,
        tolerance=context.tolerance,
        max_iterations=context.max_iterations,
    )
    return fit_from_minimum(minimum)
