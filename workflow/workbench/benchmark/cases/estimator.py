"""`AMTLRegressor` on stacked rows, with all checks of its input, compared with the solvers that it calls."""

from dataclasses import replace

import numpy as np

from amtl.estimators import make_estimator
from amtl.methods._fit import Context
from amtl.methods.graph.amtl import SPEC as AMTL
from amtl.methods.single.stl import SPEC as STL
from workbench.benchmark import coupling, data
from workbench.benchmark._spec import CaseSpec
from workbench.benchmark.contenders import MAX_ITERATIONS, Answer, Contender


def settings(sources):
    """Return the chosen point of AMTL's grid."""
    (source,) = sources.values()
    split, fits = data.read_source(source)
    return coupling.points(split, fits["amtl"], "squared", ("chosen",))


def contenders(given):
    """Return the estimator, and the single-task fit and AMTL's fit from it on the same arrays."""
    return [Contender("ours", lambda: _estimator(given)), Contender("solver alone", lambda: _solver(given))]


def _estimator(given):
    strengths = {name: given[name] for name in ("lam", "mu", "rho", "ridge")}
    # The arrays have the constant column; the estimator appends it.
    X, y, sizes = given["X"][:, :-1], given["y"], np.diff(given["offsets"])
    task = np.repeat(np.arange(len(sizes)), sizes)
    # As by an import: the class is made once.
    AMTLRegressor = make_estimator(AMTL, "Regressor")

    def run(tolerance, limit):
        model = AMTLRegressor(
            **strengths, standardize=False, intercept="feature", tol=tolerance, max_iter=MAX_ITERATIONS
        )
        model.fit(X, y, task)
        return Answer(np.vstack([model.coef_.T, model.intercept_]), {"iterations": model.n_iter_})

    return run


def _solver(given):
    options = coupling.OPTIONS | {"ridge": given["ridge"]}

    def run(tolerance, limit):
        problem, context = data.make_problem(given), Context(tolerance, MAX_ITERATIONS)
        start = STL.fit(problem, {"rho": given["rho"]}, context, None)
        point = {"lam": given["lam"], "mu": given["mu"]}
        fit = AMTL.fit(problem, point, replace(context, init=start.W), options)
        return Answer(fit.W, {"iterations": fit.iterations})

    return run


SPEC = CaseSpec(
    title="AMTLRegressor",
    convex=False,
    datasets=("synthetic",),
    fits=("amtl",),
    settings=settings,
    contenders=contenders,
    judge=coupling.judge,
)
