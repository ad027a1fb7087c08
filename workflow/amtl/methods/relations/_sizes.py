"""What the methods with a number k of clusters or directions share: their grid and the choice among starts.

Their penalty is a ridge rho2 on k directions in the space of the tasks, and a ridge rho1 + rho2 on all
others.
"""

import math
from dataclasses import replace

import numpy as np

from amtl.methods._axes import Axis
from amtl.methods._fit import Fit, Point
from amtl.methods._grids import geometric, two_axes

# Sizes to try, those below T.
SIZES = (1, 2, 4, 10)
# Ratio of the next larger size, where validation chooses the largest one.
SIZE_STEP = 2.0
# rho2 runs over these multiples of STL's tuned ridge weight, and rho1 over these multiples of rho2.
LARGEST_RHO2, SMALLEST_RHO2 = 3.0, 0.01
# From the largest on, a larger one changes the weights by a thousandth at most.
LARGEST_RATIO, SMALLEST_RATIO = 1e3, 1.0
# At this rho1 / rho2 the coupling is too weak to matter.
WEAK_RATIO = 1e-3
# Of several starts all are solved to this residual, and the best one to the tolerance.
ROUGH_TOLERANCE = 1e-3


def _every_size_tried(problem, params, fit, end):
    """Return why no other size is possible, or None."""
    if end == "low":
        return "the smallest size" if params["k"] == 1 else None
    return "one for each task" if params["k"] >= problem.n_tasks - 1 else None


def _ratio_limit(problem, params, fit, end):
    """Return why no larger or smaller rho1 is useful, or None."""
    ratio = params["rho1"] / params["rho2"]
    if end == "high":
        return "the coupling is nearly a constraint" if ratio >= 0.999 * LARGEST_RATIO else None
    return "the coupling is almost none" if ratio <= 1.001 * WEAK_RATIO else None


AXES = (
    Axis("k", limit=_every_size_tried, fixed=True),
    Axis("rho2"),
    Axis("rho1", relative_to="rho2", limit=_ratio_limit),
)


def hyperparameters(what):
    """Return the descriptions of k, the number of `what`, and of both strengths."""
    return {
        "k": f"Number of {what}; one for each task, or more, couples no tasks.",
        "rho1": "Strength of the coupling of the tasks.",
        "rho2": "Ridge weight.",
    }


def size_grid(problem, context, options, n_points):
    """Return paths of rho2, from STL's tuned ridge weight down, for every rho1 / rho2 and every k."""
    most = max(problem.n_tasks - 1, 1)
    ks = sorted({min(k, most) for k in SIZES})
    while n_points % len(ks):
        ks.pop()
    n_rho, _ = two_axes(n_points // len(ks))
    points = [point for k in ks for point in _paths(context, k, n_points // len(ks))]
    return [replace(point, parent=i - 1 if i % n_rho else None) for i, point in enumerate(points)]


def extend_sizes(problem, context, options, params, end, count):
    """Return the paths of the next smaller or larger k."""
    k = params["k"] - 1 if end == "low" else math.ceil(SIZE_STEP * params["k"])
    return _paths(context, min(k, problem.n_tasks - 1), count)


def _paths(context, k, count):
    n_rho, n_ratios = two_axes(count)
    rhos = geometric(LARGEST_RHO2 * context.init_rho, SMALLEST_RHO2 * context.init_rho, n_rho)
    return [
        Point({"k": k, "rho1": ratio * rho, "rho2": rho})
        for ratio in geometric(LARGEST_RATIO, SMALLEST_RATIO, n_ratios)
        for rho in rhos
    ]


def fit_from_best(solve, starts, context, learned):
    """Return the `Fit` of the start with the lowest objective; ties go to the earlier start.

    solve : ``solve(W, state, tolerance, max_iterations)`` returns a `quasi_newton.Minimum`.
    starts : pairs of weights W and what else the solver starts from.
    learned : function of the minimum, which returns {name: array}.
    """
    rough = max(ROUGH_TOLERANCE, context.tolerance)
    minima = [solve(*start, rough, context.max_iterations) for start in starts]
    best = int(np.argmin([minimum.trace[-1] for minimum in minima]))
    first = minima[best]
    left = context.max_iterations - first.iterations
    minima[best] = last = solve(first.W, first.state, context.tolerance, left)
    return Fit(
        last.W,
        first.trace + last.trace[1:],
        first.iterations + last.iterations,
        last.converged,
        last.residual,
        restarts=[minimum.trace[-1] for minimum in minima],
        learned=learned(last),
    )
