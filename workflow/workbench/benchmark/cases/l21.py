"""MTFL with shared features (the squared (2,1)-norm) on shared rows, compared with solvers of the (2,1)-norm.

At the solution W*, gamma Omega^2 has the optimality conditions of lambda Omega with lambda = 2 gamma
Omega(W*). The alternatives get this lambda, which ours has to find. All are judged by our objective.
"""

from dataclasses import replace
from importlib import import_module

import numpy as np

from amtl.methods._fit import Context
from amtl.methods.features.mtfl import SPEC as MTFL
from amtl.model_selection import tune
from amtl.penalties import SquaredNorm
from workbench.benchmark import coupling, data, generated
from workbench.benchmark._spec import CaseSpec
from workbench.benchmark.contenders import MAX_ITERATIONS, TOLERANCES, Answer, Contender, fit_of

OPTIONS = data.default_options(MTFL) | {"learn": "select"}
# Tolerance and bound on iterations of the untimed fit whose solution gives lambda.
LAMBDA_TOLERANCE, LAMBDA_MAX_ITERATIONS = 1e-10, 2_000
# The generated problem: its size, the ridge weight of the start, and a gamma that keeps about as many
# features as the tasks use.
SIZE = {"n_tasks": 20, "d": 300, "n": 500, "used": 30}
RHO, GAMMA = 10.0, 30.0


def settings(sources):
    """Return the squared-loss problem at the tuned gamma and at 30 times and a thirtieth of it.

    Coordinate descent solves the orthogonal features of a PCA in one pass, so there is a generated problem
    with correlated features too.
    """
    found = {}
    for dataset, source in sources.items():
        split, _ = data.read_source(source)
        init, _ = data.tuned_stl(split, "squared")
        base = data.arrays(split, "squared") | {"init": init}
        tuned = tune(MTFL, replace(split, refit=False), "squared", OPTIONS, data.GRID_POINTS, tolerance=1e-4)
        for name, gamma in data.scaled("tuned", tuned.fit.params["gamma"]).items():
            found[f"{dataset}, {name}"] = _with_lambda(base, gamma)
    arrays = generated.correlated(**SIZE)
    base = arrays | {"init": coupling.single_task(arrays, RHO)}
    return found | {"correlated features": _with_lambda(base, GAMMA)}


def _with_lambda(base, gamma):
    context = Context(LAMBDA_TOLERANCE, LAMBDA_MAX_ITERATIONS, init=base["init"])
    W = MTFL.fit(data.make_problem(base), {"gamma": gamma}, context, OPTIONS).W
    return base | {"gamma": gamma, "lambda": 2.0 * gamma * float(np.linalg.norm(W, axis=1).sum())}


def judge(given):
    """Return the judge of W: the objective and the relative duality gap."""
    return data.judged_by_gap(given, SquaredNorm(given["gamma"], by_rows=True))


def contenders(given):
    """Return ours and the MultiTaskLasso of three packages."""
    return [
        fit_of(MTFL, given, ("gamma",), OPTIONS),
        _lasso(given, "scikit-learn MultiTaskLasso", _estimator("sklearn.linear_model")),
        _lasso(given, "celer mtl_path", _celer, "celer"),
        _lasso(given, "skglm MultiTaskLasso", _estimator("skglm"), "skglm"),
    ]


def _lasso(given, name, make_solver, package=None):
    """Return the contender of a solver of ||Y - X W||^2 / (2 n) + alpha Omega(W)."""

    def make():
        solve = make_solver()

        def run(tolerance, limit):
            X, Y = data.rows(given)
            alpha = given["lambda"] / (2.0 * len(X))
            return solve(np.asfortranarray(X), np.asfortranarray(Y), alpha, tolerance)

        return run

    return Contender(name, make, package, TOLERANCES)


def _estimator(module):
    """Return a function that imports `module` and returns its solver, which has scikit-learn's interface."""

    def make_solver():
        estimator = import_module(module).MultiTaskLasso

        def solve(X, Y, alpha, tolerance):
            model = estimator(alpha=alpha, tol=tolerance, fit_intercept=False, max_iter=MAX_ITERATIONS).fit(
                X, Y
            )
            return Answer(np.array(model.coef_).T, {"iterations": int(np.max(model.n_iter_))})

        return solve

    return make_solver


def _celer():
    # celer's estimator imports a part of scikit-learn that no longer exists; this function does not.
    from celer.homotopy import mtl_path

    def solve(X, Y, alpha, tolerance):
        _, coefs, _ = mtl_path(X, Y, alphas=[alpha], tol=tolerance, max_iter=MAX_ITERATIONS)
        return Answer(coefs[:, :, 0].T)

    return solve


SPEC = CaseSpec(
    title="MTFL, shared features",
    convex=True,
    datasets=("usps",),
    settings=settings,
    contenders=contenders,
    judge=judge,
)
