"""What the methods with latent tasks, W = L S, share: sizes of L, its starts, the choice among them."""

import numpy as np

from amtl import random as seeds
from amtl.methods._fit import Fit

# Numbers of latent tasks (columns of L) to try, where they are smaller than the number of tasks.
LATENT_TASKS = (2, 3, 4, 6, 10)
# Residual at which the starts are compared.
COMPARISON_TOLERANCE = 1e-3


def sizes(problem):
    """Return the numbers of latent tasks to try: those below T and at most d, or [1]."""
    most = min(problem.n_tasks - 1, problem.n_features)
    return [k for k in LATENT_TASKS if k <= most] or [1]


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


def fit_from_best(solve, dictionaries, context):
    """Return the `Fit` of the start with the lowest objective; ties go to the earlier start.

    solve : function (L, tolerance, max_iterations) -> `quasi_newton.Minimum` in L whose ``state.codes`` holds
    the
        codes.

    Every start is solved to `COMPARISON_TOLERANCE`. The best of these solutions is then solved to the
    tolerance.
    """
    rough = max(COMPARISON_TOLERANCE, context.tolerance)
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
        fallback=first.fallback or last.fallback,
        restarts=[minimum.trace[-1] for minimum in minima],
    )
