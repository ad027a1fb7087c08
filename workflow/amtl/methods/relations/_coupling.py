"""What the methods with a fixed quadratic coupling of the tasks share: their grid and their fit.

    sum_t F_t(w_t) + rho1 tr(W C W') + rho2 ||W||_F^2,

with C (T, T) positive semidefinite. rho1 couples the tasks, rho2 is a plain ridge.
"""

import numpy as np

from amtl.methods._axes import Axis
from amtl.methods._fit import Point, fit_from_minimum
from amtl.methods._grids import LARGEST_RHO_FACTOR, RHO_DECADES, geometric, largest_curvature, two_axes
from amtl.solvers.coupled_w import solve_coupled_w

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
    """Return the `Fit` that minimizes sum_t F_t(w_t) + tr(W Q W')."""
    start = context.warm
    return fit_from_minimum(
        solve_coupled_w(
            problem, Q, 1.0, W=start, tolerance=context.tolerance, max_iterations=context.max_iterations
        )
    )


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
