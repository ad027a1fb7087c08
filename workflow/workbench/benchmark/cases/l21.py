"""MTFL with shared features (the squared (2,1)-norm) on shared rows, against solvers of the (2,1)-norm.

At its solution W* gamma Omega^2 has the optimality conditions of lambda Omega, lambda = 2 gamma Omega(W*):
the alternatives are handed that lambda, which ours has to find, and all are judged by our objective.
"""

from dataclasses import replace
from importlib import import_module

import numpy as np

from amtl.methods._fit import Context
from amtl.methods.features import mtfl
from amtl.model_selection import tune
from amtl.solvers.proximal import SquaredNorm
from workbench.benchmark import coupling, data, generated
from workbench.benchmark.contenders import MANY, POWERS, Answer, Contender
from workbench.benchmark.data import make_problem, rows

TITLE = "MTFL, shared features"
DATASETS = ("usps",)
CONVEX = True
FITS = ()
OPTIONS = data.default_options(mtfl) | {"learn": "select"}
# Gap to which the solution that gives lambda is found; untimed.
PRECISE = 1e-10
# The made-up problem: its shape, the ridge weight of the start, and a gamma that keeps about as many features
# as the tasks use.
SIZE = {"n_tasks": 20, "d": 300, "n": 500, "used": 30}
RHO, GAMMA = 10.0, 30.0


def settings(sources):
    """Return the squared-loss problem at the tuned gamma and at 30 times and a thirtieth of it.

    The features of a PCA are orthogonal, which coordinate descent solves at once: made-up features that are
    correlated are there too.
    """
    found = {}
    for dataset, source in sources.items():
        split, _ = data.read_source(source)
        init, _ = data.tuned_stl(split, "squared")
        base = data.arrays(split, "squared") | {"init": init}
        tuned = tune(mtfl, replace(split, refit=False), "squared", OPTIONS, data.POINTS, tolerance=1e-4)
        for name, factor in {"tuned": 1.0, "strong": 30.0, "weak": 1.0 / 30.0}.items():
            found[f"{dataset}, {name}"] = _with_lambda(base, tuned.fit.params["gamma"] * factor)
    arrays = generated.correlated(**SIZE)
    base = arrays | {"init": coupling.single_task(arrays, RHO)}
    return found | {"correlated features": _with_lambda(base, GAMMA)}


def _with_lambda(base, gamma):
    W = _fit(base | {"gamma": gamma}, PRECISE, 2_000).W
    return base | {"gamma": gamma, "lambda": 2.0 * gamma * float(np.linalg.norm(W, axis=1).sum())}


def _fit(given, tolerance, most):
    context = Context(tolerance, most, init=given["init"])
    return mtfl.fit(make_problem(given), {"gamma": given["gamma"]}, context, OPTIONS)


def judge(given):
    """Return the judge of W: the objective, and the duality gap relative to the loss at zero."""
    return data.judged_by_gap(given, SquaredNorm(given["gamma"], by_rows=True))


def contenders(given):
    """Return ours and the MultiTaskLasso of three packages."""

    def make():
        def run(tolerance, limit):
            fit = _fit(given, tolerance, MANY)
            return Answer(fit.W, {"iterations": fit.iterations})

        return run

    return [
        Contender("ours", make),
        _lasso(given, "scikit-learn MultiTaskLasso", _estimator("sklearn.linear_model")),
        _lasso(given, "celer mtl_path", _celer, "celer"),
        _lasso(given, "skglm MultiTaskLasso", _estimator("skglm"), "skglm"),
    ]


def _lasso(given, name, make_solver, package=None):
    """Return a solver of ||Y - X W||^2 / (2 n) + alpha Omega(W)."""

    def make():
        solve = make_solver()

        def run(tolerance, limit):
            X, Y = rows(given)
            alpha = given["lambda"] / (2.0 * len(X))
            return solve(np.asfortranarray(X), np.asfortranarray(Y), alpha, tolerance)

        return run

    return Contender(name, make, package, POWERS)


def _estimator(module):
    """Return what makes the solver of a package with scikit-learn's interface."""

    def make_solver():
        estimator = import_module(module).MultiTaskLasso

        def solve(X, Y, alpha, tolerance):
            model = estimator(alpha=alpha, tol=tolerance, fit_intercept=False, max_iter=MANY).fit(X, Y)
            return Answer(np.array(model.coef_).T, {"iterations": int(np.max(model.n_iter_))})

        return solve

    return make_solver


def _celer():
    # Its estimator leans on a part of scikit-learn that is gone; the function behind it does not.
    from celer.homotopy import mtl_path

    def solve(X, Y, alpha, tolerance):
        _, coefs, _ = mtl_path(X, Y, alphas=[alpha], tol=tolerance, max_iter=MANY)
        return Answer(coefs[:, :, 0].T)

    return solve
