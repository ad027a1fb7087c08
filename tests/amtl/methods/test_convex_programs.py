"""The convex methods with a penalty, against a generic solver of convex programs on tiny problems."""

import numpy as np
import pytest

from amtl.methods import load_method
from amtl.methods._fit import Context
from amtl.solvers.proximal import null_gradient
from helpers.problems import options_of, related_problem, task_rows

cp = pytest.importorskip("cvxpy")
TOLERANCE = 1e-6


def l1(W):
    return cp.sum(cp.abs(W))


def l21(W):
    return cp.sum(cp.norm(W, 2, axis=1))


def linf1(W):
    return cp.sum(cp.max(cp.abs(W), axis=1))


def columns(W):
    return cp.sum(cp.norm(W, 2, axis=0))


def trace(W):
    return cp.normNuc(W)


def split(first, second):
    """Return the penalty of a sum of two parts; the second is a variable of its own."""

    def penalty(W, p):
        Q = cp.Variable(W.shape)
        return p["lam"] * first(W - Q) + p["ratio"] * p["lam"] * second(Q)

    return penalty


# Method -> its penalty of W at its parameters, and its parameters besides lam, as a share of the top.
PROGRAMS = {
    "lasso": (lambda W, p: p["lam"] * l1(W), {}),
    "l21": (lambda W, p: p["lam"] * l21(W), {}),
    "linf1": (lambda W, p: p["lam"] * linf1(W), {}),
    "sparse-group": (
        lambda W, p: p["lam"] * ((1.0 - p["mix"]) * l21(W) + p["mix"] * l1(W)),
        {"mix": 0.35},
    ),
    "elastic-net": (lambda W, p: p["lam"] * l21(W) + p["ridge"] * cp.sum_squares(W), {"ridge": 0.7}),
    "trace-norm": (lambda W, p: p["lam"] * trace(W), {}),
    "dirty": (split(l1, linf1), {"ratio": 2.2}),
    "robust": (split(trace, columns), {"ratio": 0.7}),
    "rmtfl": (split(l21, columns), {"ratio": 0.8}),
    "sparse-low-rank": (split(l1, trace), {"ratio": 1.9}),
}


def optimum(problem, penalty, params):
    """Return the least objective of the convex program."""
    W = cp.Variable((problem.n_features, problem.n_tasks))
    total = 0.0
    for t in range(problem.n_tasks):
        X, y = task_rows(problem, t)
        scores = X @ W[:, t]
        loss = cp.sum_squares(y - scores)
        if problem.loss == "logistic":
            loss = cp.sum(cp.logistic(scores) - cp.multiply(y, scores))
        total = total + problem.weight[t] * loss
    p = int(problem.penalized.sum())
    program = cp.Problem(cp.Minimize(total + penalty(W[:p], params)))
    return program.solve(solver=cp.CLARABEL, tol_gap_abs=1e-10, tol_gap_rel=1e-10, tol_feas=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("shared", [False, True], ids=["own", "shared"])
@pytest.mark.parametrize("loss", ["squared", "logistic"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_objective_is_the_optimum_of_the_convex_program(name, loss, shared):
    penalty, others = PROGRAMS[name]
    spec = load_method(name)
    for intercept, fit_loss in (("free", "sum"), ("feature", "mean")):
        problem = related_problem(
            loss, shared, n=(14, 12, 9, 20, 16), d=8, intercept=intercept, fit_loss=fit_loss
        )
        top = float(np.abs(null_gradient(problem)).max())
        for share in (0.3, 0.03):
            params = {"lam": share * top, **others}
            fit = spec.fit(problem, params, Context(1e-9, 5000), options_of(spec))
            best = optimum(problem, penalty, params)
            assert fit.converged
            assert fit.objective[-1] == pytest.approx(best, rel=TOLERANCE)
