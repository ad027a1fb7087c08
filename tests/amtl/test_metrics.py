"""Metrics against scikit-learn and numbers worked out by hand."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, explained_variance_score, log_loss, roc_auc_score

from amtl.metrics import auc, evaluate, predicted_class, primary_metric
from amtl.problem import MultiTaskProblem


def as_dict(rows):
    found = {(row["task"], row["metric"]): row["value"] for row in rows}
    assert len(found) == len(rows)
    return found


def probabilities(z):
    return 1.0 / (1.0 + np.exp(-z))


# Regression


def test_regression_by_hand():
    X = [np.ones((2, 1)), np.ones((4, 1))]
    Y = [np.array([1.0, 3.0]), np.array([0.0, 0.0, 0.0, 4.0])]
    # Errors at w = (1, 2): (0, 2) and (-2, -2, -2, 2).
    found = as_dict(evaluate(MultiTaskProblem(X, Y), "regression", np.array([[1.0, 2.0]]), ("a", "b")))
    assert found["a", "rmse"] == pytest.approx(np.sqrt(2.0))
    assert found["b", "rmse"] == pytest.approx(2.0)
    assert found["all", "rmse"] == pytest.approx((np.sqrt(2.0) + 2.0) / 2.0)
    assert found["all", "rmse_rows"] == pytest.approx(np.sqrt(20.0 / 6.0))
    # The targets have mean 8 / 6 and a sum of squares of 26 around zero.
    assert found["all", "explained_variance"] == pytest.approx(100.0 * (1.0 - 20.0 / (26.0 - 64.0 / 6.0)))
    assert len(found) == 5


def test_explained_variance_is_that_of_scikit_learn_when_errors_have_mean_zero():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 3)), rng.normal(size=50)
    X = np.column_stack([X, np.ones(50)])
    w = np.linalg.lstsq(X, y, rcond=None)[0]
    found = as_dict(evaluate(MultiTaskProblem([X], [y]), "regression", w[:, None], ("a",)))
    assert found["all", "explained_variance"] == pytest.approx(100 * explained_variance_score(y, X @ w))


def test_constant_targets_have_no_variance_to_explain():
    problem = MultiTaskProblem([np.ones((3, 1))], [np.full(3, 2.0)])
    found = as_dict(evaluate(problem, "regression", np.array([[1.0]]), ("a",)))
    assert ("all", "explained_variance") not in found and found["all", "rmse"] == pytest.approx(1.0)


@pytest.mark.parametrize("fit_loss", ["sum", "mean"])
def test_metric_does_not_depend_on_the_fit_loss(fit_loss):
    X, Y = [np.ones((2, 1)), np.ones((4, 1))], [np.array([1.0, 3.0]), np.zeros(4)]
    problem = MultiTaskProblem(X, Y, fit_loss=fit_loss)
    assert primary_metric(problem, "regression", np.array([[1.0, 2.0]])) == pytest.approx(
        (np.sqrt(2.0) + 2.0) / 2.0
    )


# One-vs-rest


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_one_vs_rest_against_scikit_learn(loss):
    rng = np.random.default_rng(1)
    X, W = rng.normal(size=(200, 5)), rng.normal(size=(5, 4))
    labels = np.argmax(X @ W + 2.0 * rng.normal(size=(200, 4)), axis=1)
    Y = (labels[:, None] == np.arange(4)).astype(float)
    problem = MultiTaskProblem(X, Y if loss == "logistic" else 2.0 * Y - 1.0, loss)
    tasks, scores = ("a", "b", "c", "d"), X @ W
    found = as_dict(evaluate(problem, "one-vs-rest", W, tasks))
    predicted = np.argmax(scores, axis=1)
    assert found["all", "error"] == pytest.approx(100.0 * (1.0 - accuracy_score(labels, predicted)))
    assert 0.0 < found["all", "error"] < 100.0
    for t, task in enumerate(tasks):
        own = labels == t
        assert found[task, "auc"] == pytest.approx(roc_auc_score(own, scores[:, t]))
        assert found[task, "binary_error"] == pytest.approx(100 * np.mean((scores[:, t] > 0) != own))
        assert found[task, "class_error"] == pytest.approx(100 * np.mean(predicted[own] != t))
    if loss == "logistic":
        each = [log_loss(Y[:, t], probabilities(scores[:, t])) for t in range(4)]
        assert found["all", "log_loss"] == pytest.approx(np.mean(each))
    assert len(found) == 1 + 3 * 4 + (loss == "logistic")


def test_equal_scores_go_to_the_lowest_class():
    assert predicted_class(np.array([[1.0, 1.0, 0.0], [0.0, 2.0, 2.0], [3.0, 3.0, 3.0]])).tolist() == [
        0,
        1,
        0,
    ]
    X, labels = np.ones((4, 1)), np.array([0, 0, 1, 2])
    problem = MultiTaskProblem(X, (labels[:, None] == np.arange(3)).astype(float), "logistic")
    found = as_dict(evaluate(problem, "one-vs-rest", np.zeros((1, 3)), ("0", "1", "2")))
    assert found["all", "error"] == pytest.approx(50.0)
    assert [found[task, "class_error"] for task in "012"] == [0.0, 100.0, 100.0]


# Binary tasks


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_binary_tasks_against_scikit_learn(loss):
    rng = np.random.default_rng(2)
    X, W = [rng.normal(size=(n, 3)) for n in (30, 80)], rng.normal(size=(3, 2))
    labels = [(x @ w + rng.normal(size=len(x)) > 0).astype(float) for x, w in zip(X, W.T, strict=True)]
    problem = MultiTaskProblem(X, labels if loss == "logistic" else [2.0 * y - 1.0 for y in labels], loss)
    found = as_dict(evaluate(problem, "binary", W, ("a", "b")))
    errors = []
    for t, task in enumerate(("a", "b")):
        z = X[t] @ W[:, t]
        errors.append(100.0 * (1.0 - accuracy_score(labels[t], z > 0)))
        assert found[task, "binary_error"] == pytest.approx(errors[-1])
        assert found[task, "auc"] == pytest.approx(roc_auc_score(labels[t], z))
    # Every task counts the same, whatever its number of rows.
    assert found["all", "error"] == pytest.approx(np.mean(errors))
    if loss == "logistic":
        each = [log_loss(labels[t], probabilities(X[t] @ W[:, t])) for t in range(2)]
        assert found["all", "log_loss"] == pytest.approx(np.mean(each))
    assert ("all", "log_loss") in found or loss == "squared"


def test_a_score_of_zero_counts_as_negative():
    problem = MultiTaskProblem([np.ones((4, 1))], [np.array([0.0, 0.0, 0.0, 1.0])], "logistic")
    found = as_dict(evaluate(problem, "binary", np.zeros((1, 1)), ("a",)))
    assert found["a", "binary_error"] == pytest.approx(25.0)


# AUC


def test_auc_by_hand():
    positive = np.array([False, False, True, True])
    assert auc(np.array([1.0, 2.0, 3.0, 4.0]), positive) == 1.0
    assert auc(np.array([4.0, 3.0, 2.0, 1.0]), positive) == 0.0
    # Of the four pairs two are won, one is lost and one is tied.
    assert auc(np.array([1.0, 3.0, 3.0, 2.0]), positive) == pytest.approx((1.0 + 0.5 + 1.0 + 0.0) / 4.0)
    assert auc(np.zeros(4), positive) == 0.5


@pytest.mark.parametrize("seed", range(5))
def test_auc_with_many_ties_is_that_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    scores, positive = rng.integers(0, 6, 60).astype(float), rng.random(60) < 0.3
    assert auc(scores, positive) == pytest.approx(roc_auc_score(positive, scores))
    # The order of the rows and the scale of the scores do not matter.
    shuffle = rng.permutation(60)
    assert auc(np.exp(scores[shuffle]), positive[shuffle]) == pytest.approx(auc(scores, positive))


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_auc_of_one_class_is_left_out(label):
    assert np.isnan(auc(np.arange(3.0), np.full(3, label > 0)))
    problem = MultiTaskProblem([np.ones((3, 1))], [np.full(3, label)], "logistic")
    found = as_dict(evaluate(problem, "binary", np.ones((1, 1)), ("a",)))
    assert ("a", "auc") not in found and ("a", "binary_error") in found
    assert np.isfinite(list(found.values())).all()
