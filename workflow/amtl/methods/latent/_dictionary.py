"""What the methods with latent tasks, W = L S, share: sizes of L, its starts, the choice among them."""

import numpy as np

from amtl import random as seeds
from amtl.methods._fit import Fit

# Numbers of latent tasks (columns of L) that are tried, as far as there are more tasks than that.
SIZES = (2, 3, 4, 6, 10)
# Residual at which the starts are compared.
ROUGH = 1e-3


def sizes(problem):
    """Return the numbers of latent tasks to try: those below T and not above d, or 1."""
    most = min(problem.n_tasks - 1, problem.n_features)
    return [k for k in SIZES if k <= most] or [1]


def starts(problem, context, k, count):
    """Yield `count` starting dictionaries L (d, k) with columns of norm one.

    The first has the leading left singular vectors of the tuned single-task weights (Kumar and Daume 2012);
    the others random mixtures of all of them, weighted by their singular values and seeded by the names of
    the fit and the start's number.
    """
    W = context.init * problem.penalized[:, None]
    U, s, _ = np.linalg.svd(W, full_matrices=True)
    # The sign of a singular vector is arbitrary: its largest entry is made positive.
    largest = U[np.argmax(np.abs(U), axis=0), np.arange(len(U))]
    U = U * np.where(largest < 0.0, -1.0, 1.0)
    yield U[:, :k]
    for number in range(1, count):
        rng = seeds.generator(*context.seed, "start", k, number)
        L = (U[:, : len(s)] * s) @ rng.standard_normal((len(s), k))
        yield L / np.maximum(np.linalg.norm(L, axis=0), 1e-300)


def fit_from_best(solve, dictionaries, context):
    """Return the `Fit` of the start with the lowest objective, the earlier one where they tie.

    solve(L, tolerance, max_iterations) -> `quasi_newton.Minimum` in L whose ``state.codes`` holds the codes.
    Every start is followed to a rough optimum; the lowest of these is followed to the end.
    """
    rough = max(ROUGH, context.tolerance)
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
