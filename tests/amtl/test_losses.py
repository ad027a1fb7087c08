"""Losses against plain formulas and finite differences."""

import numpy as np
import pytest

from amtl.losses import make_loss
from amtl.losses.logistic import sigmoid
from amtl.problem import MultiTaskProblem
from helpers.problems import LOSS_KINDS, kind_id

# Rows per task around d = 4: fewer, as many, more.
SIZES = (2, 4, 9)


def data(loss, shared, sizes=SIZES, d=4, seed=0):
    rng = np.random.default_rng(seed)

    def targets(shape):
        return rng.integers(0, 2, shape).astype(float) if loss == "logistic" else 3.0 * rng.normal(size=shape)

    if shared:
        X = rng.normal(size=(sizes[-1], d))
        return X, targets((len(X), len(sizes)))
    return [rng.normal(size=(n, d)) for n in sizes], [targets(n) for n in sizes]


def task_loss(loss, X, y, w):
    """S_t(w) as in the docstring of the module."""
    z = X @ w
    if loss == "squared":
        return np.sum((y - z) ** 2)
    return np.sum(np.log(1.0 + np.exp(z)) - y * z)


def rows_of(X, Y, shared, t):
    return (X, Y[:, t]) if shared else (X[t], Y[t])


def exact_hessian(loss, X, w):
    p = 1.0 / (1.0 + np.exp(-X @ w))
    return 2.0 * X.T @ X if loss == "squared" else (X.T * (p * (1.0 - p))) @ X


@pytest.fixture(params=LOSS_KINDS, ids=kind_id)
def case(request):
    loss, shared = request.param
    X, Y = data(loss, shared)
    W = np.random.default_rng(1).normal(size=(4, len(SIZES)))
    return loss, shared, X, Y, W


def test_value_is_the_formula(case):
    loss, shared, X, Y, W = case
    expected = [task_loss(loss, *rows_of(X, Y, shared, t), W[:, t]) for t in range(3)]
    it = make_loss(loss, shared, X, Y)
    assert it.value(W) == pytest.approx(expected, rel=1e-12)
    assert it.value_and_gradient(W)[0] == pytest.approx(expected, rel=1e-12)


def test_gradient_is_the_slope_of_the_value(case):
    loss, shared, X, Y, W = case
    it = make_loss(loss, shared, X, Y)
    gradient = it.value_and_gradient(W)[1]
    slopes, step = np.zeros_like(W), 1e-5
    for j in range(len(W)):
        change = np.zeros_like(W)
        change[j] = step
        # Every task depends on its own column alone, so one difference serves all columns.
        slopes[j] = (it.value(W + change) - it.value(W - change)) / (2.0 * step)
    assert gradient == pytest.approx(slopes, rel=1e-6, abs=1e-7)


def test_curvature_is_the_slope_of_the_gradient_or_has_its_trace(case):
    loss, shared, X, Y, W = case
    it = make_loss(loss, shared, X, Y)
    exact = np.stack([exact_hessian(loss, rows_of(X, Y, shared, t)[0], W[:, t]) for t in range(3)])
    if not shared:
        assert it.curvature(W) == pytest.approx(exact, rel=1e-12, abs=1e-12)
        step = 1e-5
        for j in range(len(W)):
            change = np.zeros_like(W)
            change[j] = step
            high, low = (it.value_and_gradient(W + sign * change)[1] for sign in (1, -1))
            slope = (high - low) / (2.0 * step)
            assert it.curvature(W)[:, :, j].T == pytest.approx(slope, rel=1e-6, abs=1e-7)
        return
    kappa, (gamma, U) = it.curvature(W)
    ours = kappa[:, None, None] * ((U * gamma) @ U.T)
    if loss == "squared":
        assert ours == pytest.approx(exact, rel=1e-12, abs=1e-12)
    else:
        assert it.hessians(W) == pytest.approx(exact, rel=1e-12, abs=1e-12)
    traces = np.trace(exact, axis1=1, axis2=2)
    assert np.trace(ours, axis1=1, axis2=2) == pytest.approx(traces, rel=1e-12)


def test_curvature_does_not_depend_on_earlier_calls(case):
    """Whatever weights the loss has seen before, the same or others."""
    loss, shared, X, Y, W = case

    def scale_or_hessians(it):
        return it.curvature(W)[0] if shared else it.curvature(W)

    fresh = scale_or_hessians(make_loss(loss, shared, X, Y))
    it = make_loss(loss, shared, X, Y)
    for seen in (W, W.copy(), W + 1.0):
        it.value_and_gradient(seen)
        assert np.array_equal(scale_or_hessians(it), fresh)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("n", [3, 40])
def test_the_loss_of_an_exactly_fitted_task_keeps_its_leading_digits(shared, n):
    """||y||^2 - 2 w'X'y + w'X'Xw would be off by about 1e-3 here."""
    rng = np.random.default_rng(2)
    d = 5
    X, w = rng.normal(size=(n, d)), rng.normal(size=d)
    y = 1e6 * (X @ w)
    it = make_loss("squared", shared, X if shared else [X], y[:, None] if shared else [y])
    W = 1e6 * w[:, None]
    assert it.value(W)[0] < 1e-14
    off = W + rng.normal(size=(d, 1)) * 1e-4
    assert it.value(off)[0] == pytest.approx(np.sum((X @ (off - W)) ** 2), rel=1e-4)


@pytest.mark.parametrize("shared", [False, True])
def test_logistic_loss_of_huge_scores_does_not_overflow(shared):
    scores, labels = np.array([1000.0, -1000.0, 1000.0, -1000.0]), np.array([1.0, 0.0, 0.0, 1.0])
    X = scores[:, None]
    it = make_loss("logistic", shared, X if shared else [X], labels[:, None] if shared else [labels])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        value, gradient = it.value_and_gradient(np.ones((1, 1)))
        curvature = it.curvature(np.ones((1, 1)))
    # Two rows have loss 0, two have loss 1000.
    assert value == pytest.approx([2000.0])
    assert gradient[0, 0] == pytest.approx(1000.0 + 1000.0)
    assert np.isfinite(curvature[0]).all()


def test_sigmoid_is_symmetric_and_exact_in_the_tails():
    z = np.array([-800.0, -30.0, -1.0, 0.0, 1.0, 30.0, 800.0])
    with np.errstate(over="raise", invalid="raise"):
        p = sigmoid(z)
    assert p[1] == pytest.approx(np.exp(-30.0), rel=1e-12) and p[3] == 0.5 and p[-1] == 1.0
    assert p + p[::-1] == pytest.approx(np.ones(7))


# MultiTaskProblem: weights of the losses, and the last column


@pytest.mark.parametrize("fit_loss", ["sum", "mean"])
def test_mean_fit_loss_divides_loss_gradient_and_curvature_by_the_rows(case, fit_loss):
    loss, shared, X, Y, W = case
    problem = MultiTaskProblem(X, Y, loss, fit_loss)
    it = make_loss(loss, shared, X, Y)
    n = np.array([len(X)] * 3 if shared else [len(x) for x in X])
    share = 1.0 / n if fit_loss == "mean" else np.ones(3)
    assert problem.losses(W) == pytest.approx(share * it.value(W), rel=1e-13)
    value, gradient = problem.losses_and_gradient(W)
    assert value == pytest.approx(problem.losses(W), rel=1e-13)
    assert gradient == pytest.approx(share * it.value_and_gradient(W)[1], rel=1e-13)
    assert problem.mean_losses(W) == pytest.approx(it.value(W) / n, rel=1e-13)
    ours, theirs = problem.curvature(W), it.curvature(W)
    if shared:
        assert ours[0] == pytest.approx(share * theirs[0], rel=1e-13)
    else:
        assert ours == pytest.approx(share[:, None, None] * theirs, rel=1e-13)


@pytest.mark.parametrize("fit_loss", ["sum", "mean"])
def test_reweighting_multiplies_loss_gradient_and_curvature(case, fit_loss):
    loss, shared, X, Y, W = case
    problem, factor = MultiTaskProblem(X, Y, loss, fit_loss), np.array([0.5, 3.0, 1.0])
    before = problem.gradient_scale.copy()
    scaled = problem.reweighted(factor)
    assert scaled.losses(W) == pytest.approx(factor * problem.losses(W), rel=1e-13)
    for ours, theirs in zip(scaled.losses_and_gradient(W), problem.losses_and_gradient(W), strict=True):
        assert ours == pytest.approx(factor * theirs, rel=1e-13)
    stacked = factor[:, None, None]
    assert scaled.hessians(W) == pytest.approx(stacked * problem.hessians(W), rel=1e-12)
    assert scaled.gradient_scale == pytest.approx(factor * before, rel=1e-13)
    assert scaled.mean_losses(W) == pytest.approx(problem.mean_losses(W), rel=1e-13)
    assert scaled.single(1).losses(W[:, [1]]) == pytest.approx(scaled.losses(W)[[1]], rel=1e-13)
    assert (problem.gradient_scale == before).all() and scaled.null_loss != problem.null_loss


def test_intercept_decides_what_the_last_column_is(case):
    loss, shared, X, Y, W = case
    feature, free, none = (
        MultiTaskProblem(X, Y, loss, intercept=kind) for kind in ("feature", "free", "none")
    )
    assert feature.n_features == free.n_features == 4 and none.n_features == 3
    assert feature.penalized.tolist() == [1.0, 1.0, 1.0, 1.0]
    assert free.penalized.tolist() == [1.0, 1.0, 1.0, 0.0]
    assert none.penalized.tolist() == [1.0, 1.0, 1.0]
    without = W.copy()
    without[-1] = 0.0
    assert none.losses(W[:-1]) == pytest.approx(feature.losses(without), rel=1e-12)
    assert free.losses(W) == pytest.approx(feature.losses(W), rel=1e-12)


@pytest.mark.parametrize("intercept", ["feature", "free", "none"])
@pytest.mark.parametrize("fit_loss", ["sum", "mean"])
def test_a_single_task_is_the_problem_restricted_to_it(case, fit_loss, intercept):
    loss, shared, X, Y, W = case
    problem = MultiTaskProblem(X, Y, loss, fit_loss, intercept)
    W = W[: problem.n_features]
    for t in range(3):
        alone = problem.single(t)
        assert alone.n_tasks == 1 and alone.n.tolist() == [problem.n[t]]
        assert np.array_equal(alone.penalized, problem.penalized)
        assert alone.losses(W[:, [t]])[0] == pytest.approx(problem.losses(W)[t], rel=1e-12)
        assert alone.losses_and_gradient(W[:, [t]])[1][:, 0] == pytest.approx(
            problem.losses_and_gradient(W)[1][:, t], rel=1e-10, abs=1e-10
        )


@pytest.mark.parametrize("entries", [1, 16, 40])
def test_parts_of_the_tasks_give_the_same_bits(monkeypatch, entries):
    Xs, ys = data("logistic", False)
    W, V = np.random.default_rng(2).normal(size=(2, 4, len(SIZES)))

    def found_of(loss):
        codes = loss.within(np.eye(4))
        own = [*loss.value_and_gradient(W), loss.curvature(W), loss.hessian_diagonal(W)]
        return [*own, loss.hessian_product(W)(V), codes.outer_gradient(W)]

    whole = found_of(make_loss("logistic", False, Xs, ys))
    monkeypatch.setattr("amtl.losses.logistic.PART_ENTRIES", entries)
    parts = found_of(make_loss("logistic", False, Xs, ys))
    assert all((a == b).all() and a.shape == b.shape for a, b in zip(whole, parts, strict=True))


def test_rows_that_lie_together_in_order_are_not_copied():
    whole = np.random.default_rng(0).normal(size=(9, 4))
    edges = {"in order": [(0, 4), (4, 9)], "swapped": [(4, 9), (0, 4)], "with a gap": [(0, 4), (5, 9)]}
    edges |= {"not all": [(0, 4), (4, 8)], "twice": [(0, 9), (0, 9)]}
    for name, parts in edges.items():
        Xs, ys = [whole[i:j] for i, j in parts], [np.ones(j - i) for i, j in parts]
        loss = make_loss("logistic", False, Xs, ys)
        assert (loss._X is whole) == (name == "in order"), name
        assert (loss._X == np.concatenate(Xs)).all()
