"""The controls (mean or majority, pooled, oracle) against what their objectives say."""

import numpy as np
import pytest
from scipy.optimize import minimize

from amtl.methods._fit import Context
from amtl.methods.controls import mean, oracle, pooled
from amtl.metrics import primary_metric
from amtl.problem import MultiTaskProblem
from helpers.problems import linear_problem, task_rows

SIZES, D = (30, 6, 11), 4


def make_problem(loss="squared", fit_loss="sum", intercept="feature", shared=False):
    """Tasks whose targets do not depend on the features."""
    weights = np.zeros((D, 3))
    weights[-1] = 0.4
    sizes = 30 if shared else SIZES
    return linear_problem(np.random.default_rng(0), weights, sizes, 1.0, loss, fit_loss, intercept)


@pytest.mark.parametrize("intercept", ["feature", "free"])
@pytest.mark.parametrize("shared", [False, True], ids=["own", "shared"])
def test_mean_predictor_is_the_best_constant(shared, intercept):
    problem = make_problem(shared=shared, intercept=intercept)
    fit = mean.fit(problem, {}, Context(), {})
    assert not fit.W[:-1].any()
    for t in range(3):
        assert fit.W[-1, t] == pytest.approx(task_rows(problem, t)[1].mean())
    assert problem.losses(fit.W).sum() == pytest.approx(fit.objective[-1])
    for step in (-0.01, 0.01):
        moved = fit.W.copy()
        moved[-1] += step
        assert (problem.losses(moved) > problem.losses(fit.W)).all()


def test_majority_class_has_the_error_of_the_minority():
    labels = [np.array([0.0, 0.0, 0.0, 1.0]), np.array([1.0, 1.0, 0.0, 1.0, 1.0])]
    for loss, targets in (("logistic", labels), ("squared", [2.0 * y - 1.0 for y in labels])):
        problem = MultiTaskProblem([np.ones((len(y), 1)) for y in labels], targets, loss)
        fit = mean.fit(problem, {}, Context(), {})
        assert primary_metric(problem, "binary", fit.W) == pytest.approx((25.0 + 20.0) / 2.0)


def test_most_frequent_class_of_several():
    labels = np.array([0, 1, 1, 1, 2, 2])
    Y = (labels[:, None] == np.arange(3)).astype(float)
    for loss, targets in (("logistic", Y), ("squared", 2.0 * Y - 1.0)):
        problem = MultiTaskProblem(np.ones((6, 1)), targets, loss)
        fit = mean.fit(problem, {}, Context(), {})
        assert primary_metric(problem, "one-vs-rest", fit.W) == pytest.approx(50.0)


def test_without_a_constant_column_the_best_constant_is_zero():
    assert not mean.fit(make_problem(intercept="none"), {}, Context(), {}).W.any()


@pytest.mark.parametrize("intercept", ["feature", "free", "none"])
@pytest.mark.parametrize("fit_loss", ["sum", "mean"])
@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_pooled_minimizes_the_sum_of_all_tasks_losses(loss, fit_loss, intercept):
    problem, rho = make_problem(loss, fit_loss, intercept), 0.3
    d = problem.n_features

    def function(w):
        W = np.repeat(w[:, None], 3, axis=1)
        losses, gradient = problem.losses_and_gradient(W)
        penalty = rho * problem.penalized * w
        return losses.sum() + penalty @ w, gradient.sum(axis=1) + 2.0 * penalty

    best = minimize(function, np.zeros(d), jac=True, method="L-BFGS-B", options={"gtol": 1e-10, "ftol": 0.0})
    fit = pooled.fit(problem, {"rho": rho}, Context(1e-9), {})
    assert fit.converged and (fit.W == fit.W[:, :1]).all()
    assert fit.W[:, 0] == pytest.approx(best.x, abs=1e-6)
    assert fit.objective[-1] == pytest.approx(best.fun, rel=1e-9)


@pytest.mark.parametrize("intercept", ["feature", "none"])
def test_oracle_is_the_truth(intercept):
    problem, truth = make_problem(intercept=intercept), np.random.default_rng(1).normal(size=(D, 3))
    fit = oracle.fit(problem, {}, Context(truth=truth), {})
    assert np.array_equal(fit.W, truth[: problem.n_features])
    assert fit.objective[-1] == pytest.approx(problem.losses(fit.W).sum())
