"""GO-MTL: every task's weights are a sparse combination of a few latent tasks."""

import numpy as np

from amtl.methods._axes import Axis
from amtl.methods._fit import Point
from amtl.methods._grids import LATENT_AXIS, geometric
from amtl.methods._options import LATENT, RESTARTS
from amtl.methods._spec import MethodSpec
from amtl.methods.latent._dictionary import explore, fit_from_best, next_size, sizes, starts
from amtl.methods.single import stl
from amtl.solvers.dictionary import solve_penalized

# The strength runs over these multiples of the value at which the penalty of the tuned single-task weights
# equals their ridge penalty.
LARGEST_STRENGTH_FACTOR, SMALLEST_STRENGTH_FACTOR = 10.0, 0.1


def _row_sums(L, W):
    """Return ||S_j||_1 (k,) of the least-squares codes S of W = L S."""
    return np.abs(np.linalg.lstsq(L, W, rcond=None)[0]).sum(axis=1)


def grid(problem, context, options, n_points):
    """Return values of one strength mu = lam for every k.

    Scaling a column of L against its row of S shows that the minimum over both depends on mu^2 lam alone. Two
    axes would therefore repeat the same fits. With the best scale a column costs
    3 (mu^2 lam / 4)^(1/3) (||S_j||_1 ||l_j||)^(2/3).
    """
    ks = sizes(problem)
    return [p for k in ks for p in _path(problem, context, options, k, n_points // len(ks))]


def _path(problem, context, options, k, count):
    """Return `count` points with k latent tasks, the strongest first."""
    W = context.init * problem.penalized[:, None]
    L = next(starts(problem, context, k, 1))
    cost = 3.0 * 4.0 ** (-1.0 / 3.0) * np.sum(_row_sums(L, W) ** (2.0 / 3.0))
    # If the single-task weights are zero, so are these, at any strength.
    level = context.init_rho * np.vdot(W, W) / cost if cost > 0.0 else 1.0
    strengths = geometric(LARGEST_STRENGTH_FACTOR * level, SMALLEST_STRENGTH_FACTOR * level, count)
    path = [{"k": k, "mu": strength, "lam": strength} for strength in strengths]
    if context.only_params:
        return [Point(params) for params in path]

    def solve(i, L, tolerance, max_iterations):
        return solve_penalized(problem, L, path[i]["mu"], path[i]["lam"], tolerance, max_iterations)

    # The best scale of a column depends on mu / lam alone, so the starts are the same along the path.
    found = explore(solve, _dictionaries(problem, path[0], context, options), count)
    return [Point(params, start=L) for params, L in zip(path, found, strict=True)]


def extend(problem, context, options, params, end, count):
    """Return a path with the next smaller or larger k."""
    return _path(problem, context, options, next_size(problem, params["k"], end), count)


def _dictionaries(problem, params, context, options):
    """Return the starts, with the best scale of a column for codes that reproduce the single-task weights."""
    W = context.init * problem.penalized[:, None]
    share = params["mu"] / (2.0 * params["lam"])
    return [
        L * (share * _row_sums(L, W)) ** (1.0 / 3.0)
        for L in starts(problem, context, params["k"], options["restarts"])
    ]


def fit(problem, params, context, options):
    """Minimize over L and S from the start that the grid found, or from every start."""

    def solve(L, tolerance, max_iterations):
        return solve_penalized(problem, L, params["mu"], params["lam"], tolerance, max_iterations)

    given = context.start
    dictionaries = _dictionaries(problem, params, context, options) if given is None else [given]
    return fit_from_best(solve, dictionaries, context)


SPEC = MethodSpec(
    name="go-mtl",
    title="GO-MTL",
    order=30,
    citation="Kumar, Daume. Learning task grouping and overlap in multi-task learning. ICML 2012.",
    objective="sum_t F_t(L s_t) + mu ||S||_1 + lam ||L||_F^2, L (d, k)",
    grid=grid,
    fit=fit,
    hyperparameters=LATENT
    | {"lam": "Strength of the ridge on L.", "mu": "Strength of the norm of the codes S."},
    extend=extend,
    axes=(LATENT_AXIS, Axis("lam"), Axis("mu", relative_to="lam")),
    options=RESTARTS,
    init=stl.SPEC,
    iterative=True,
)
