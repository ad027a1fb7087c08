"""GO-MTL on School with six latent tasks, compared with its plain alternation of dictionary and codes."""

import numpy as np

from amtl.methods._fit import Context
from amtl.methods.latent import _dictionary as latent
from amtl.methods.latent.go_mtl import SPEC as GO_MTL
from amtl.solvers.dictionary import solve_penalized
from workbench.benchmark import data
from workbench.benchmark._spec import CaseSpec
from workbench.benchmark.contenders import MAX_ITERATIONS, Answer, Contender, fit_of, until
from workbench.benchmark.data import make_problem

N_LATENT = 6
# Iterations of the alternation between two checks of the time limit.
ROUNDS_PER_CHECK = 10


def settings(sources):
    """Return the grid point of six latent tasks with the best validation score, in two settings.

    The first starts from the dictionary of the tuned single-task weights, for both contenders. The second
    starts from several dictionaries and keeps the best fit, as a fit job does.
    """
    split, fits = data.read_source(sources["school"])
    grid = fits["go-mtl"]["grid"]
    init, rho = data.tuned_stl(split, "squared", fits["go-mtl"]["initial_points"])
    base = data.arrays(split, "squared") | {"init": init, "rho": rho}
    problem, context = make_problem(base), Context(init=init, init_rho=rho)
    k = min(N_LATENT, max(latent.sizes(problem)))
    points = [point for point in grid if point["params"]["k"] == k]
    params = min(points, key=lambda point: point["validation_metric"])["params"]
    L = next(latent.starts(problem, context, k, 1))
    row_sums = np.abs(np.linalg.lstsq(L, init, rcond=None)[0]).sum(axis=1)
    # The best scale of a column for the codes that reproduce the single-task weights.
    L = L * (params["mu"] * row_sums / (2.0 * params["lam"])) ** (1.0 / 3.0)
    base |= {"k": k, "mu": params["mu"], "lam": params["lam"], "L": L}
    return {"chosen, one start": base | {"starts": 1}, "chosen, a fit job's starts": base | {"starts": 0}}


def judge(given):
    """Return the judge of the dictionary L: the objective at the best codes, and the KKT residual there.

    A result that is a pair holds the objective and the residual themselves.
    """
    problem = make_problem(given)

    def evaluate(result):
        if isinstance(result, tuple):
            return result
        found = solve_penalized(problem, result, given["mu"], given["lam"], max_iterations=0)
        return found.trace[-1], found.residual

    return evaluate


def contenders(given):
    """Return ours and the alternation; ours alone for several starts."""
    if not given["starts"]:
        return [
            fit_of(GO_MTL, given, ("k", "mu", "lam"), result=lambda fit: (fit.objective[-1], fit.residual))
        ]
    return [
        Contender("ours", lambda: _ours(given)),
        Contender("plain alternation", lambda: _alternation(given)),
    ]


def _ours(given):
    def run(tolerance, limit):
        found = solve_penalized(
            make_problem(given),
            given["L"],
            given["mu"],
            given["lam"],
            tolerance,
            max_iterations=MAX_ITERATIONS,
        )
        return Answer(found.W, {"iterations": found.iterations})

    return run


def _alternation(given):
    def run(tolerance, limit):
        problem = make_problem(given)

        def step(state):
            L, rounds = state
            found = solve_penalized(
                problem, L, given["mu"], given["lam"], tolerance, max_iterations=ROUNDS_PER_CHECK, memory=0
            )
            return (
                found.W,
                rounds + found.iterations,
            ), found.converged or found.iterations < ROUNDS_PER_CHECK

        (L, rounds), stopped = until(step, (given["L"], 0), limit)
        return Answer(L, {"iterations": rounds}, stopped)

    return run


SPEC = CaseSpec(
    title="GO-MTL, School",
    convex=False,
    datasets=("school",),
    fits=("go-mtl",),
    settings=settings,
    contenders=contenders,
    judge=judge,
)
