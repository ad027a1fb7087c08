"""Grids derived from the data, the same number of points for every method.

Every axis runs from the largest useful value down. The number of points is a product of the axes'
sizes; 60 factors for axes of 2, 3, 4, 5 and 6 values.
"""

import math

import numpy as np

from amtl.methods.base import Point
from amtl.solvers.asymmetric import largest_useful_mu

# Decades from the largest ridge weight down to the smallest.
RHO_DECADES = 7.0
# lam runs over these multiples of the tuned single-task ridge weight. The coupling term is also a
# ridge, and a task that receives is shrunk towards its sources instead of towards zero, so more of it
# than for a task alone is useful, and much less is not.
LAM_HIGH, LAM_LOW = 30.0, 0.1
# mu runs from the value above which no edge enters down to this fraction of it.
MU_LOW = 0.01


def geometric(high, low, n):
    """Return n values from high down to low, evenly spaced in their logarithm."""
    return [float(v) for v in np.geomspace(high, low, n)] if n > 1 else [float(high)]


def two_axes(n_points):
    """Return sizes (a, b), a * b = n_points, a >= b and as near to 5 : 3 as divisors allow."""
    sizes = [(n_points // b, b) for b in range(1, math.isqrt(n_points) + 1) if n_points % b == 0]
    return min(sizes, key=lambda size: abs(math.log(size[0] / size[1] * 3 / 5)))


def ridge_grid(problem, n_points):
    """Return a path of ridge weights rho, from where the weights are almost zero."""
    high = 10.0 * max(float(np.max(eigenvalues)) for eigenvalues in _spectra(problem)) / 2.0
    return [
        Point({"rho": rho}, None if k == 0 else k - 1)
        for k, rho in enumerate(geometric(high, high * 10.0**-RHO_DECADES, n_points))
    ]


def _spectra(problem):
    """Eigenvalues of every task's Hessian at W = 0 (largest only matters)."""
    zero = np.zeros((problem.n_features, problem.n_tasks))
    curvature = problem.curvature(zero)
    if problem.shared:
        kappa, (gamma, _) = curvature
        return [float(np.max(kappa)) * gamma]
    return np.linalg.eigvalsh(curvature)


def asymmetric_grid(problem, context, price, n_points, ridge=0.0):
    """Return the (lam, mu) grid of a graph method whose edges cost mu * price (T,).

    The tuned single-task weights solve the joint problem exactly at lam = rho and mu = mu_max, where
    no edge enters. Paths of warm starts go from there: down mu at that lam, then outwards in lam
    at every mu / lam.
    """
    n_lam, n_mu = two_axes(n_points)
    rho = context.init_rho
    lams = geometric(LAM_HIGH * rho, LAM_LOW * rho, n_lam)
    ratios = geometric(1.0, MU_LOW, n_mu)
    base = int(np.argmin([abs(math.log(lam / rho)) for lam in lams]))
    mu_max = largest_useful_mu(problem, 1.0 - ridge, context.init, price)
    points = []
    for i, lam in enumerate(lams):
        for j, ratio in enumerate(ratios):
            if i == base:
                parent = None if j == 0 else i * n_mu + j - 1
            else:
                parent = (i + 1 if i < base else i - 1) * n_mu + j
            points.append(Point({"lam": lam, "mu": mu_max * lam * ratio}, parent))
    return points
