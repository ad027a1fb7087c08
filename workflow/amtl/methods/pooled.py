"""Pooled: one weight vector for all tasks, ridge-penalized. A control."""

import numpy as np

from amtl.methods.base import fit_from_minimum
from amtl.methods.grids import ridge_grid
from amtl.problem import MultiTaskProblem
from amtl.solvers.coupled_w import solve_coupled_w

NAME = "pooled"
TITLE = "Pooled"
CITATION = "A control: all tasks as one."
OBJECTIVE = "sum_t F_t(w) + rho ||w||^2, one w for all tasks"
OPTIONS = {}
INIT = None
# Tasks that share their rows have labels that contradict each other by construction.
APPLIES_TO = ("regression", "binary")
NEEDS_TRUTH = False
ITERATIVE = False


def _as_one_task(problem):
    """Stack the rows of all tasks; sqrt of the loss weights goes into the rows of the squared loss
    and into nothing else, since the logistic loss is summed over rows either way."""
    X, y = np.concatenate(problem.X), np.concatenate(problem.Y)
    if problem.loss == "squared":
        root = np.sqrt(np.repeat(problem.weight, problem.n))
        X, y = X * root[:, None], y * root
    one = MultiTaskProblem([X], [y], problem.loss)
    one.penalized = problem.penalized
    return one


def grid(problem, context, options, n_points):
    """Return a path of rho, as for STL, from the stacked rows."""
    return ridge_grid(_as_one_task(problem), n_points)


def fit(problem, params, context, options):
    """Fit one w and hand it to every task."""
    warm = None if context.warm is None else context.warm[:, :1]
    minimum = solve_coupled_w(
        _as_one_task(problem),
        np.eye(1),
        params["rho"],
        W=warm,
        tolerance=context.tolerance,
        max_iterations=context.max_iterations,
    )
    minimum.W = np.repeat(minimum.W, problem.n_tasks, axis=1)
    return fit_from_minimum(minimum)
