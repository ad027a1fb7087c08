"""MTFL with shared features (the squared (2,1)-norm) on shared rows, against solvers of the (2,1)-norm.

At its solution W* gamma Omega^2 has the optimality conditions of lambda Omega with lambda = 2 gamma Omega(W*):
the alternatives are handed that lambda, which ours has to find, and all are judged by our objective.
"""

from dataclasses import replace

import numpy as np

from amtl.benchmark import data
from amtl.benchmark.contenders import MANY, POWERS, Answer, Contender
from amtl.benchmark.data import make_problem, rows
from amtl.methods import mtfl
from amtl.methods.base import Context
from amtl.solvers.proximal import SquaredNorm
from amtl.tuning import tune

TITLE = "MTFL, shared features"
DATASETS = ("usps",)
FITS = ()
OPTIONS = data.default_options(mtfl) | {"learn": "select"}
# Gap to which the solution that gives lambda is found; untimed.
PRECISE = 1e-12


def settings(sources):
    """Return the squared-loss problem at the tuned gamma and at 30 times and a thirtieth of it."""
    split, _ = data.read_source(sources["usps"])
    init, _ = data.tuned_stl(split, "squared")
    base = data.arrays(split, "squared") | {"init": init}
    tuned = tune(mtfl, replace(split, refit=False), "squared", OPTIONS, data.POINTS, tolerance=1e-4)
    found = {}
    for name, factor in {"tuned": 1.0, "strong": 30.0, "weak": 1.0 / 30.0}.items():
        gamma = tuned.fit.params["gamma"] * factor
        W = _fit(base | {"gamma": gamma}, PRECISE, 20_000).W
        omega = float(np.linalg.norm(W, axis=1).sum())
        found[name] = base | {"gamma": gamma, "lambda": 2.0 * gamma * omega}
    return found


def _fit(given, tolerance, most):
    context = Context(tolerance, most, init=given["init"])
    return mtfl.fit(make_problem(given), {"gamma": given["gamma"]}, context, OPTIONS)


def judge(given):
    """Return the judge of W: the objective, and the duality gap relative to the loss at zero."""
    problem, penalty = make_problem(given), SquaredNorm(given["gamma"], by_rows=True)

    def evaluate(W):
        losses, gradient = problem.losses_and_gradient(W)
        gap = penalty.gap(W, gradient) / problem.loss_at_zero
        return losses.sum() + penalty.value(W), max(gap, 0.0)

    return evaluate


def contenders(given):
    """Return ours and the MultiTaskLasso of three packages."""

    def make():
        def run(tolerance, limit):
            fit = _fit(given, tolerance, MANY)
            return Answer(fit.W, {"iterations": fit.iterations})

        return run

    return [
        Contender("ours", make),
        _lasso(given, "scikit-learn", "sklearn.linear_model", None),
        _lasso(given, "celer", "celer", "celer"),
        _lasso(given, "skglm", "skglm", "skglm"),
    ]


def _lasso(given, name, module, package):
    """Return a MultiTaskLasso: ||Y - X W||^2 / (2 n) + alpha Omega(W)."""

    def make():
        from importlib import import_module

        estimator = import_module(module).MultiTaskLasso

        def run(tolerance, limit):
            X, Y = rows(given)
            alpha = given["lambda"] / (2.0 * len(X))
            model = estimator(alpha=alpha, tol=tolerance, fit_intercept=False, max_iter=MANY)
            model.fit(np.asfortranarray(X), np.asfortranarray(Y))
            return Answer(np.array(model.coef_).T, {"iterations": int(np.max(model.n_iter_))})

        return run

    return Contender(f"{name} MultiTaskLasso", make, package, POWERS)
