"""Pooled: one weight vector for all tasks, with a ridge penalty. A control.

A task without rows has it too.
"""

import numpy as np
from scipy.linalg import cho_solve

from amtl.methods._axes import Axis
from amtl.methods._fit import fit_from_minimum
from amtl.methods._grids import ridge_grid
from amtl.methods._options import RHO
from amtl.methods._spec import MethodSpec, borrows
from amtl.solvers.coupled_w import CURVATURE_FLOOR
from amtl.solvers.quasi_newton import minimize
from amtl.solvers.symmetric import factorize


class _State:
    """The residual and the Newton direction at one w; the Hessian is the sum of the tasks' Hessians."""

    def __init__(self, problem, W, gradient, rho, scale):
        self.residual = float(np.linalg.norm(gradient) / scale)
        self._problem, self._W, self._rho = problem, W, rho

    def precondition(self, R):
        H = self._problem.curvature(self._W).sum(axis=0)
        diagonal = np.einsum("ii->i", H)
        diagonal += 2.0 * self._rho * self._problem.penalized
        diagonal += CURVATURE_FLOOR * diagonal.max()
        return cho_solve(factorize(H, overwrite=True), R)


def _repeated(w, problem):
    return np.repeat(w, problem.n_tasks, axis=1)


def grid(problem, context, options, n_points):
    """Return a path of rho, as for STL, from the curvature of all tasks together."""
    hessian = problem.curvature(np.zeros((problem.n_features, problem.n_tasks))).sum(axis=0)
    return ridge_grid(float(np.linalg.eigvalsh(hessian)[-1]), n_points)


def fit(problem, params, context, options):
    """Fit one w by Newton's method; it is the column of every task."""
    rho, penalized = params["rho"], problem.penalized[:, None]
    zero = np.zeros((problem.n_features, problem.n_tasks))
    scale = max(np.linalg.norm(problem.losses_and_gradient(zero)[1].sum(axis=1)), 1e-300)

    def function(w, previous):
        W = _repeated(w, problem)
        losses, gradient = problem.losses_and_gradient(W)
        penalty = rho * penalized * w
        gradient = gradient.sum(axis=1, keepdims=True) + 2.0 * penalty
        return float(losses.sum() + np.vdot(penalty, w)), gradient, _State(problem, W, gradient, rho, scale)

    start = zero[:, :1] if context.warm is None else context.warm[:, :1]
    minimum = minimize(function, start, context.tolerance, context.max_iterations)
    minimum.W = _repeated(minimum.W, problem)
    return fit_from_minimum(minimum)


SPEC = MethodSpec(
    name="pooled",
    title="Pooled",
    order=920,
    citation="A control: all tasks as one.",
    objective="sum_t F_t(w) + rho ||w||^2, one w for all tasks",
    grid=grid,
    fit=fit,
    hyperparameters=RHO,
    axes=(Axis("rho"),),
    # On shared rows the labels of the tasks contradict each other by construction.
    applies_to=("regression", "binary"),
    control=True,
    needs_rows=borrows,
)
