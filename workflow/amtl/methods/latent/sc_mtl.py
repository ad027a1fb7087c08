"""SC-MTL: sparse coding of the tasks' weights over a few columns of bounded norm."""

import numpy as np

from amtl.methods._axes import Axis
from amtl.methods._fit import Point
from amtl.methods._grids import LATENT_AXIS, geometric
from amtl.methods._options import LATENT, RESTARTS
from amtl.methods._spec import MethodSpec
from amtl.methods.latent._dictionary import explore, fit_from_best, next_size, sizes, starts
from amtl.methods.single import stl
from amtl.solvers.dictionary import solve_constrained

# alpha runs over these multiples of the largest norm of a task's tuned single-task weights.
SMALLEST_ALPHA_FACTOR, LARGEST_ALPHA_FACTOR = 0.2, 3.0


def grid(problem, context, options, n_points):
    """Return values of alpha for every k, the tightest bound first."""
    ks = sizes(problem)
    return [p for k in ks for p in _path(problem, context, options, k, n_points // len(ks))]


def _path(problem, context, options, k, count):
    """Return `count` points with k latent tasks, the tightest bound first."""
    norm = float(np.linalg.norm(context.init * problem.penalized[:, None], axis=0).max())
    norm = norm if norm > 0.0 else 1.0
    alphas = geometric(SMALLEST_ALPHA_FACTOR * norm, LARGEST_ALPHA_FACTOR * norm, count)
    if context.only_params:
        return [Point({"k": k, "alpha": alpha}) for alpha in alphas]

    def solve(i, L, tolerance, max_iterations):
        return solve_constrained(problem, L, alphas[i], tolerance, max_iterations)

    dictionaries = list(starts(problem, context, k, options["restarts"]))
    found = explore(solve, dictionaries, count)
    return [Point({"k": k, "alpha": alpha}, start=L) for alpha, L in zip(alphas, found, strict=True)]


def extend(problem, context, options, params, end, count):
    """Return a path with the next smaller or larger k."""
    return _path(problem, context, options, next_size(problem, params["k"], end), count)


def fit(problem, params, context, options):
    """Minimize over L and S from the start that the grid found, or from every start."""

    def solve(L, tolerance, max_iterations):
        return solve_constrained(problem, L, params["alpha"], tolerance, max_iterations)

    if context.start is not None:
        return fit_from_best(solve, [context.start], context)
    return fit_from_best(solve, starts(problem, context, params["k"], options["restarts"]), context)


SPEC = MethodSpec(
    name="sc-mtl",
    title="SC-MTL",
    order=40,
    citation="Maurer, Pontil, Romera-Paredes. Sparse coding for multitask and transfer learning. ICML 2013.",
    objective="sum_t F_t(L s_t), ||l_j||_2 <= 1, ||s_t||_1 <= alpha, L (d, k)",
    options=RESTARTS,
    grid=grid,
    fit=fit,
    hyperparameters=LATENT | {"alpha": "Largest l1 norm of a task's codes."},
    extend=extend,
    axes=(LATENT_AXIS, Axis("alpha")),
    init=stl.SPEC,
    iterative=True,
)
