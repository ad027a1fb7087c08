"""What the methods with latent tasks, W = L S, share: sizes of L, its starts, the choice among them."""

import math

import numpy as np

from amtl import random as seeds
from amtl.methods._fit import Fit

# Numbers of latent tasks (columns of L) to try. With T columns every task could have one of its own, so the
# largest is at most T - 1, which is tried if it is not larger than all of these.
LATENT_TASKS = (2, 3, 4, 6, 10)
# Ratio of the next larger number of latent tasks, where validation chooses the largest one.
SIZE_STEP = 1.6
# Residual to which a path of points is explored.
EXPLORATION_TOLERANCE = 1e-3
# Largest number of iterations towards it. A path ends where the losses of separable classes have no minimum,
# and fits there take hundreds.
MAX_EXPLORATION_ITERATIONS = 100
# A start whose objective is not the lowest after this number of iterations is given up.
EARLY_ITERATIONS = 8
# Number of times that every point tries the dictionary of a neighbour: down and up the path in turn.
SWEEPS = 4


def sizes(problem):
    """Return the numbers of latent tasks to try: those below T and at most d, or [1]."""
    most = min(problem.n_tasks - 1, problem.n_features)
    if most < 1:
        return [1]
    return sorted({k for k in LATENT_TASKS if k < most} | {min(most, LATENT_TASKS[-1])})


def next_size(problem, k, end):
    """Return the number of latent tasks to try next where validation chooses k, the smallest or largest."""
    if end == "low":
        return k - 1
    return min(math.ceil(SIZE_STEP * k), problem.n_tasks - 1, problem.n_features)


def starts(problem, context, k, count):
    """Yield `count` starting dictionaries L (d, k) with columns of norm one.

    The first has the leading left singular vectors of the tuned single-task weights (Kumar and Daume 2012).
    The others are random mixtures of all singular vectors, weighted by the singular values and seeded by the
    names of the fit and the number of the start.
    """
    W = context.init * problem.penalized[:, None]
    U, s, _ = np.linalg.svd(W, full_matrices=True)
    # The sign of a singular vector is arbitrary, so its largest entry is made positive.
    largest = U[np.argmax(np.abs(U), axis=0), np.arange(len(U))]
    U = U * np.where(largest < 0.0, -1.0, 1.0)
    yield U[:, :k]
    for number in range(1, count):
        rng = seeds.generator(*context.seed, "start", k, number)
        L = (U[:, : len(s)] * s) @ rng.standard_normal((len(s), k))
        yield L / np.maximum(np.linalg.norm(L, axis=0), 1e-300)


def explore(solve, dictionaries, count):
    """Return a dictionary for every point of a path of strengths: the one with the lowest objective found.

    The problems are not convex. Every start runs a few iterations at every point, and the best of them is
    solved to `EXPLORATION_TOLERANCE`. Then the points try the dictionaries of their neighbours, because the
    same columns are often the best along a whole part of the path.

    Parameters
    ----------
    solve : callable
        ``solve(i, L, tolerance, max_iterations)`` returns the `quasi_newton.Minimum` of point i from L.
    dictionaries : list of ndarray
        The starts, the same for every point.
    count : int
        Number of points.
    """
    tolerance = EXPLORATION_TOLERANCE

    def early(i, L):
        return solve(i, L, tolerance, EARLY_ITERATIONS)

    def finished(i, minimum):
        return minimum if minimum.converged else solve(i, minimum.W, tolerance, MAX_EXPLORATION_ITERATIONS)

    def objective(minimum):
        return minimum.trace[-1]

    best = [finished(i, min((early(i, L) for L in dictionaries), key=objective)) for i in range(count)]
    tried = {}
    for sweep in range(SWEEPS):
        step = -1 if sweep % 2 else 1
        for i in range(len(best))[::step][1:]:
            neighbour = best[i - step]
            if tried.get((i, step)) is neighbour:
                continue
            tried[i, step] = neighbour
            found = early(i, neighbour.W)
            if objective(found) < objective(best[i]):
                best[i] = min(best[i], finished(i, found), key=objective)
    return [minimum.W for minimum in best]


def fit_from_best(solve, dictionaries, context):
    """Return the `Fit` of the start with the lowest objective; ties go to the earlier start.

    solve : function (L, tolerance, max_iterations) -> `quasi_newton.Minimum` in L whose ``state.codes`` holds
    the codes.

    Several starts are solved to `EXPLORATION_TOLERANCE`. The best of these solutions is then solved to the
    tolerance.
    """
    rough = max(EXPLORATION_TOLERANCE, context.tolerance)
    minima = [solve(L, rough, context.max_iterations) for L in dictionaries]
    best = min(range(len(minima)), key=lambda number: minima[number].trace[-1])
    first = minima[best]
    minima[best] = last = solve(first.W, context.tolerance, context.max_iterations - first.iterations)
    return Fit(
        last.state.codes.W,
        first.trace + last.trace[1:],
        first.iterations + last.iterations,
        last.converged,
        last.residual,
        restarts=[minimum.trace[-1] for minimum in minima],
    )
