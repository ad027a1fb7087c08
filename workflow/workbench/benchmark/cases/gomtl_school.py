"""GO-MTL on School with six latent tasks, against its plain alternation of dictionary and codes."""

import numpy as np

from amtl.methods._fit import Context
from amtl.methods.latent import _dictionary as latent
from amtl.methods.latent import go_mtl
from amtl.solvers.dictionary import solve_penalized
from workbench.benchmark import data
from workbench.benchmark.contenders import MANY, Answer, Contender, until
from workbench.benchmark.data import make_problem

TITLE = "GO-MTL, School"
DATASETS = ("school",)
CONVEX = False
FITS = ("go-mtl",)
LATENT = 6
# Iterations of the alternation between two looks at the clock.
ROUNDS = 10


def settings(sources):
    """Return the point of the grid with the best validation score among those with six latent tasks.

    Once from the dictionary of the tuned single-task weights alone, where both contenders start, and once as
    a fit job does it: from several dictionaries, of which the best is kept.
    """
    split, fits = data.read_source(sources["school"])
    grid = fits["go-mtl"]["grid"]
    init, rho = data.tuned_stl(split, "squared", len(grid))
    base = data.arrays(split, "squared") | {"init": init, "rho": rho}
    problem, context = make_problem(base), Context(init=init, init_rho=rho)
    k = min(LATENT, max(latent.sizes(problem)))
    points = [point for point in grid if point["params"]["k"] == k]
    params = min(points, key=lambda point: point["validation_metric"])["params"]
    L = next(latent.starts(problem, context, k, 1))
    row_sums = np.abs(np.linalg.lstsq(L, init, rcond=None)[0]).sum(axis=1)
    # The best scale of a column for the codes that reproduce the single-task weights.
    L = L * (params["mu"] * row_sums / (2.0 * params["lam"])) ** (1.0 / 3.0)
    base |= {"k": k, "mu": params["mu"], "lam": params["lam"], "L": L}
    return {"chosen, one start": base | {"starts": 1}, "chosen, a fit job's starts": base | {"starts": 0}}


def judge(given):
    """Return the judge of the dictionary L: the objective with its best codes, and the KKT residual there.

    Of a fit that does not return L it is what the fit says.
    """
    problem = make_problem(given)

    def evaluate(result):
        if isinstance(result, tuple):
            return result
        found = solve_penalized(problem, result, given["mu"], given["lam"], max_iterations=0)
        return found.trace[-1], found.residual

    return evaluate


def contenders(given):
    """Return ours and the alternation; from several starts ours alone."""
    if not given["starts"]:
        return [Contender("ours", lambda: _fit_job(given))]
    return [
        Contender("ours", lambda: _ours(given)),
        Contender("plain alternation", lambda: _alternation(given)),
    ]


def _ours(given):
    def run(tolerance, limit):
        found = solve_penalized(
            make_problem(given), given["L"], given["mu"], given["lam"], tolerance, max_iterations=MANY
        )
        return Answer(found.W, {"iterations": found.iterations})

    return run


def _alternation(given):
    def run(tolerance, limit):
        problem = make_problem(given)

        def step(state):
            L, rounds = state
            found = solve_penalized(
                problem, L, given["mu"], given["lam"], tolerance, max_iterations=ROUNDS, memory=0
            )
            return (found.W, rounds + found.iterations), found.converged or found.iterations < ROUNDS

        (L, rounds), stopped = until(step, (given["L"], 0), limit)
        return Answer(L, {"iterations": rounds}, stopped)

    return run


def _fit_job(given):
    options = data.default_options(go_mtl)

    def run(tolerance, limit):
        context = Context(tolerance, MANY, init=given["init"], init_rho=given["rho"])
        params = {key: given[key] for key in ("k", "mu", "lam")}
        fit = go_mtl.fit(make_problem(given), params, context, options)
        return Answer((fit.objective[-1], fit.residual), {"iterations": fit.iterations})

    return run
