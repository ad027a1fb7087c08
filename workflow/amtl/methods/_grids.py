"""Grids derived from the data, with the same number of points for every method.

Every axis runs from the largest useful value down. The number of points is the product of the sizes of the
axes; 60 can be divided into axes of 2, 3, 4, 5 and 6 values.
"""

import math

import numpy as np

from amtl.methods._axes import Axis
from amtl.methods._fit import Point

# Decades from the largest ridge weight down to the smallest.
RHO_DECADES = 6.0
# The largest ridge weight, as a multiple of the largest curvature.
LARGEST_RHO_FACTOR = 5.0


def _every_size_tried(problem, params, fit, end):
    """Return why no other number of latent tasks is possible or useful, or None."""
    if end == "low":
        return "one latent task" if params["k"] == 1 else None
    most = min(problem.n_tasks - 1, problem.n_features)
    return "more would not join the tasks" if params["k"] >= most else None


# The number of latent tasks. From T on, every task can have a column of its own.
LATENT_AXIS = Axis("k", limit=_every_size_tried, fixed=True)


def single_point(problem, context, options, n_points):
    """Return the grid of a method without hyper-parameters: one point."""
    return [Point({})]


def geometric(high, low, n):
    """Return n values from high down to low, evenly spaced in their logarithm."""
    return [float(v) for v in np.geomspace(high, low, n)] if n > 1 else [float(high)]


def two_axes(n_points):
    """Return sizes (a, b) with a * b = n_points, a >= b and a : b as close to 5 : 3 as divisors allow."""
    sizes = [(n_points // b, b) for b in range(1, math.isqrt(n_points) + 1) if n_points % b == 0]
    return min(sizes, key=lambda size: abs(math.log(size[0] / size[1] * 3 / 5)))


def ridge_grid(curvature, n_points):
    """Return a path of ridge weights rho, the first so large that the weights are almost zero.

    curvature : the largest eigenvalue of a task's Hessian at zero weights.
    """
    high = LARGEST_RHO_FACTOR * curvature
    return [
        Point({"rho": rho}, None if k == 0 else k - 1)
        for k, rho in enumerate(geometric(high, high * 10.0**-RHO_DECADES, n_points))
    ]


def largest_curvature(problem):
    """Return the largest eigenvalue of any task's Hessian at zero weights."""
    curvature = problem.curvature(np.zeros((problem.n_features, problem.n_tasks)))
    if problem.shared:
        kappa, (gamma, _) = curvature
        return float(np.max(kappa) * np.max(gamma))
    return float(np.max(np.linalg.eigvalsh(curvature)))
