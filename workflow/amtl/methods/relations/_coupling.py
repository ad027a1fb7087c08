"""What the methods with a fixed quadratic coupling of the tasks share: their grid and their fit.

    sum_t F_t(w_t) + rho1 tr(W C W') + rho2 ||W||_F^2,

with C (T, T) positive semidefinite. rho1 couples the tasks, rho2 is a plain ridge.
"""

from dataclasses import replace

import numpy as np

from amtl.errors import InputError
from amtl.methods._axes import Axis
from amtl.methods._fit import Point, fit_from_minimum
from amtl.methods._grids import LARGEST_RHO_FACTOR, RHO_DECADES, geometric, largest_curvature, two_axes
from amtl.solvers.coupled_w import solve_coupled_w
from amtl.solvers.couplings import Coupling

# rho1 runs over these multiples of rho2 / (scale of C): from tasks that are one, up to small differences, to
# tasks that are alone.
LARGEST_RATIO, SMALLEST_RATIO = 1e3, 1e-1

AXES = (Axis("rho2"), Axis("rho1", relative_to="rho2"))
HYPERPARAMETERS = {
    "rho1": "Strength of the coupling of the tasks.",
    "rho2": "Ridge weight.",
}


def coupling_grid(problem, n_points, scale, largest=LARGEST_RATIO):
    """Return paths of rho2, over the range of STL's ridge weights, one for each rho1 / rho2.

    scale : size of the eigenvalues of C. largest : the largest rho1 / rho2, times `scale`.
    """
    n_rho, n_ratios = two_axes(n_points)
    high = LARGEST_RHO_FACTOR * largest_curvature(problem)
    rhos = geometric(high, high * 10.0**-RHO_DECADES, n_rho)
    points = []
    for ratio in geometric(largest / scale, SMALLEST_RATIO / scale, n_ratios):
        for k, rho in enumerate(rhos):
            points.append(Point({"rho1": ratio * rho, "rho2": rho}, len(points) - 1 if k else None))
    return points


def fit_coupled(problem, Q, context):
    """Return the `Fit` that minimizes sum_t F_t(w_t) + tr(W Q W'), for Q (T, T) or a `Coupling`.

    Tasks without rows are eliminated. With E these tasks and O the others, W_E = -W_O Q_OE Q_EE^-1 leaves
    the coupling Q_OO - Q_OE Q_EE^-1 Q_EO of the others.
    """
    has_rows = problem.n > 0
    if not has_rows.all():
        Q = Q.matrix if isinstance(Q, Coupling) else Q
        return _fit_without_rows(problem, Q, context, np.flatnonzero(has_rows), np.flatnonzero(~has_rows))
    start = context.warm
    return fit_from_minimum(
        solve_coupled_w(
            problem, Q, 1.0, W=start, tolerance=context.tolerance, max_iterations=context.max_iterations
        )
    )


def _fit_without_rows(problem, Q, context, others, empty):
    """Return the `Fit` of all tasks, of which the tasks `empty` have no rows."""
    shares = -np.linalg.solve(Q[np.ix_(empty, empty)], Q[np.ix_(empty, others)])
    for t, share in zip(empty, shares, strict=True):
        if not share.any():
            raise InputError(
                f"task {t} (counted from 0) has no training rows, and nothing joins it to a task that has; "
                "join it, or leave it out"
            )
    reduced = Q[np.ix_(others, others)] + Q[np.ix_(others, empty)] @ shares
    warm = None if context.warm is None else context.warm[:, others]
    fit = fit_coupled(problem.with_rows, 0.5 * (reduced + reduced.T), replace(context, warm=warm))
    W = np.empty((problem.n_features, problem.n_tasks))
    W[:, others], W[:, empty] = fit.W, fit.W @ shares.T
    fit.W = problem.fill_intercepts(W)
    return fit


def centring(n_tasks):
    """Return I - 11'/T, the matrix that takes the mean off."""
    return np.eye(n_tasks) - 1.0 / n_tasks


def laplacian(n_tasks, edges):
    """Return the Laplacian (T, T) of edges (s, t, weight): tr(W Lap W') = sum weight ||w_s - w_t||^2."""
    L = np.zeros((n_tasks, n_tasks))
    for s, t, weight in edges:
        L[s, s] += weight
        L[t, t] += weight
        L[s, t] -= weight
        L[t, s] -= weight
    return L
