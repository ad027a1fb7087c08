"""MTRL: multi-task relationship learning. A covariance of the tasks is learned with their weights.

The best covariance for given weights is (W'W)^1/2, divided by its trace, and leaves the squared trace norm.
So MTRL is MTFL with a ridge, and reports the covariance. The published alternation between W and Omega is not
used: it stands still where W loses rank.
"""

import numpy as np

from amtl.methods._axes import Axis
from amtl.methods._fit import Point
from amtl.methods._grids import LARGEST_RHO_FACTOR, RHO_DECADES, geometric, largest_curvature, two_axes
from amtl.methods._penalized import fit_penalty
from amtl.methods._spec import MethodSpec
from amtl.penalties import SquaredNorm

# lam1 runs over these multiples of lam2. Weights of rank one have the penalty lam1 + lam2 times their square.
LARGEST_RATIO, SMALLEST_RATIO = 10.0, 1e-3


def covariance(W):
    """Return Omega = (W'W)^1/2 / trace (T, T), or I/T for zero weights."""
    _, s, V = np.linalg.svd(W, full_matrices=False)
    n_tasks, total = W.shape[1], s.sum()
    return (V.T * (s / total)) @ V if total > 0.0 else np.eye(n_tasks) / n_tasks


def grid(problem, context, options, n_points):
    """Return paths of lam2, over the range of STL's ridge weights, one for each lam1 / lam2."""
    n_strengths, n_ratios = two_axes(n_points)
    high = LARGEST_RHO_FACTOR * largest_curvature(problem)
    points = []
    for ratio in geometric(LARGEST_RATIO, SMALLEST_RATIO, n_ratios):
        for k, lam2 in enumerate(geometric(high, high * 10.0**-RHO_DECADES, n_strengths)):
            points.append(Point({"lam1": ratio * lam2, "lam2": lam2}, len(points) - 1 if k else None))
    return points


def fit(problem, params, context, options):
    """Minimize over W. Omega is eliminated: W determines it."""
    return fit_penalty(
        problem,
        SquaredNorm(params["lam2"]),
        context,
        params["lam1"] * np.eye(problem.n_tasks),
        covariance=covariance,
    )


SPEC = MethodSpec(
    name="mtrl",
    title="MTRL",
    order=480,
    citation="Zhang, Yeung. A convex formulation for learning task relationships in multi-task learning. UAI "
    "2010.",
    objective="sum_t F_t(w_t) + lam1 ||W||_F^2 + lam2 tr(W Omega^-1 W'), Omega psd with tr Omega <= 1: "
    "lam1 ||W||_F^2 + lam2 ||W||_*^2",
    grid=grid,
    fit=fit,
    hyperparameters={
        "lam1": "Ridge weight.",
        "lam2": "Strength of the coupling by the covariance of the tasks.",
    },
    axes=(Axis("lam2"), Axis("lam1", relative_to="lam2")),
    iterative=True,
    learns=("covariance",),
)
