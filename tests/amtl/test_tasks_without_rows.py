"""Tasks without training rows: the other tasks determine their weights, or an error names the task."""

import numpy as np
import pytest

import amtl
from amtl.estimators import class_prefix
from amtl.losses import make_loss
from amtl.methods import find_methods, load_method

SIZES = (20, 0, 15, 12, 0, 18)
EMPTY, OTHERS = [1, 4], [0, 2, 3, 5]
# Options with which the methods can fit such tasks.
GIVEN = {
    "graph-regularized": {"graph": "chain"},
    "tree-regularized": {"parents": [6, 6, 6, 7, 7, 7, 8, 8, -1]},
    "overlapped-trace": {"task_grid": [2, 3]},
    "latent-trace": {"task_grid": [2, 3]},
}
BORROWING = [name for name in find_methods() if load_method(name).can_borrow]
by_method = pytest.mark.parametrize("name", BORROWING)


def make_rows(logistic=False, sizes=SIZES):
    """Return lists of rows and targets of related tasks."""
    rng = np.random.default_rng(0)
    weights = 1.0 + 0.4 * rng.normal(size=(4, len(sizes)))
    Xs = [rng.normal(size=(size, 4)) for size in sizes]
    ys = [X @ w + rng.normal(size=len(X)) for X, w in zip(Xs, weights.T, strict=True)]
    return Xs, [(y > 0).astype(int) for y in ys] if logistic else ys


def estimator(name, suffix, **given):
    spec = load_method(name)
    return getattr(amtl, class_prefix(spec) + suffix)(**GIVEN.get(name, {}), **given)


def program(name, Xs, ys, strengths, logistic):
    """Return (least objective, weights (T, d)) of the method's objective by a generic solver."""
    cp = pytest.importorskip("cvxpy")
    d, T, p = 4, len(Xs), strengths
    W = cp.Variable((d, 1)) @ np.ones((1, T)) if name == "pooled" else cp.Variable((d, T))

    def chain(power):
        return sum(cp.sum(cp.abs(W[:, t] - W[:, t + 1]) ** power) for t in range(T - 1))

    def unfoldings(P):
        pieces = [P[:, :3], P[:, 3:]], [P[:, b::3] for b in range(3)]
        return [P, *(cp.vstack([cp.vec(piece, order="F") for piece in each]) for each in pieces)]

    ridge, l21 = cp.sum_squares(W), cp.sum(cp.norm(W, 2, axis=1))
    if name == "pooled":
        penalty = p["rho"] * ridge / T
    elif name == "mean-regularized":
        centred = W @ (np.eye(T) - 1.0 / T)
        penalty = p["rho1"] * cp.sum_squares(centred) + p["rho2"] * ridge
    elif name == "graph-regularized":
        penalty = p["rho1"] * chain(2) + p["rho2"] * ridge
    elif name == "tree-regularized":
        nodes = cp.Variable((d, 3))
        parents = np.array([[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1], [1] * 6])
        penalty = p["rho1"] * cp.sum_squares(W - nodes @ parents) + p["rho2"] * cp.sum_squares(nodes)
    elif name == "tgl":
        penalty = p["lam1"] * ridge + p["lam2"] * chain(2) + p["lam3"] * l21
    elif name == "cfsgl":
        penalty = p["lam1"] * cp.sum(cp.abs(W)) + p["lam2"] * chain(1) + p["lam3"] * l21
    elif name == "overlapped-trace":
        penalty = p["lam"] / 3 * sum(cp.normNuc(each) for each in unfoldings(W))
    else:
        parts = [W - (Q := cp.Variable((d, T))) - (R := cp.Variable((d, T))), Q, R]
        norms = [
            cp.normNuc(unfoldings(part)[k]) / size**0.5
            for k, (part, size) in enumerate(zip(parts, (d, 2, 3), strict=True))
        ]
        penalty = p["lam"] * sum(norms)
    loss = 0.0
    for t in OTHERS:
        scores = Xs[t] @ W[:, t]
        each = cp.sum(cp.logistic(scores) - cp.multiply(ys[t], scores))
        loss = loss + (each if logistic else cp.sum_squares(ys[t] - scores))
    found = cp.Problem(cp.Minimize(loss + penalty))
    found.solve(solver=cp.CLARABEL, tol_gap_abs=1e-10, tol_gap_rel=1e-10, tol_feas=1e-10)
    return found.value, W.value.T


@pytest.mark.slow
@pytest.mark.parametrize("logistic", [False, True], ids=["squared", "logistic"])
@by_method
def test_fit_minimizes_the_objective_without_losses_of_empty_tasks(name, logistic):
    Xs, ys = make_rows(logistic)
    suffix = "Classifier" if logistic else "Regressor"
    model = estimator(name, suffix, intercept="none", standardize=False, tol=1e-9).fit(Xs, ys)
    assert model.converged_
    least, weights = program(name, Xs, ys, model.strengths_, logistic)
    assert model.objective_ == pytest.approx(least, rel=1e-6)
    assert model.coef_ == pytest.approx(weights, abs=2e-3 * np.abs(weights).max())


@by_method
def test_free_intercept_of_an_empty_task_is_the_mean_of_the_others(name):
    Xs, ys = make_rows()
    model = estimator(name, "Regressor", standardize=False).fit(Xs, [y + 100.0 * t for t, y in enumerate(ys)])
    assert model.intercept_[EMPTY] == pytest.approx(np.full(2, model.intercept_[OTHERS].mean()))
    assert np.ptp(model.intercept_[OTHERS]) > 100.0
    # The offsets of the targets change nothing else.
    assert model.coef_ == pytest.approx(
        estimator(name, "Regressor", standardize=False).fit(Xs, ys).coef_, abs=1e-5
    )


def test_strong_mean_regularization_gives_an_empty_task_the_mean_of_the_others():
    Xs, ys = make_rows()
    model = amtl.MeanRegularizedRegressor(rho1=3.0, rho2=1e-9, standardize=False).fit(Xs, ys)
    assert model.coef_[EMPTY] == pytest.approx(np.tile(model.coef_[OTHERS].mean(axis=0), (2, 1)), rel=1e-6)
    assert np.ptp(model.coef_[OTHERS], axis=0).max() > 0.1


def test_dicts_and_a_mean_loss_take_empty_tasks():
    Xs, ys = make_rows()
    names = list("abcdef")
    given = {"fit_loss": "mean", "rho1": 1.0, "rho2": 0.1}
    of_lists = amtl.MeanRegularizedRegressor(**given).fit(Xs, ys)
    of_dicts = amtl.MeanRegularizedRegressor(**given).fit(
        dict(zip(names, Xs, strict=True)), dict(zip(names, ys, strict=True))
    )
    assert (of_dicts.coef_ == of_lists.coef_).all() and np.isfinite(of_lists.coef_).all()
    assert of_dicts.predict({"b": Xs[0]})[0] == pytest.approx(
        Xs[0] @ of_dicts.coef_[1] + of_dicts.intercept_[1]
    )
    assert of_lists.score(Xs, ys) > 0.5


@pytest.mark.parametrize("labels", [("no", "yes"), (3, 7)])
def test_empty_tasks_change_no_label(labels):
    Xs, ys = make_rows(logistic=True)
    named = [np.array(labels)[y].tolist() for y in ys]
    model = amtl.MeanRegularizedClassifier().fit(Xs, named)
    assert model.classes_.tolist() == list(labels)
    assert model.score(Xs, named) > 0.7


@by_method
def test_strengths_are_tuned_with_empty_tasks_and_folds_without_a_task(name):
    Xs, ys = make_rows()
    X, y = np.concatenate(Xs), np.concatenate(ys)
    task = np.repeat(np.arange(len(SIZES)), SIZES)
    tuned = estimator(name, "RegressorCV", n_points=15, cv=2).fit(Xs, ys)
    assert np.isfinite(tuned.coef_).all() and np.isfinite(tuned.best_score_)
    # Every fold leaves a whole task out. The tasks of the grid are those with rows here.
    if name in ("mean-regularized", "graph-regularized", "pooled", "tgl", "cfsgl"):
        folds = [(np.flatnonzero(task != t), np.flatnonzero(task == t)) for t in OTHERS]
        left_out = estimator(name, "RegressorCV", n_points=15, cv=folds).fit(X, y, task)
        assert np.isfinite(left_out.best_score_) and left_out.coef_.shape == (4, 4)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("STLRegressor", {}),
        ("AMTLRegressorCV", {}),
        ("GraphRegularizedRegressor", {}),
        ("TreeRegularizedRegressor", {}),
        ("OverlappedTraceNormRegressor", {}),
        ("GraphRegularizedRegressor", {"edges": [[0, 2], [0, 3], [0, 5], [0, 4]]}),
    ],
)
def test_methods_that_cannot_borrow_name_the_task(name, given):
    Xs, ys = make_rows()
    with pytest.raises(ValueError, match=r"task 1\b"):
        getattr(amtl, name)(**given).fit(Xs, ys)


def test_no_rows_at_all_are_an_error():
    with pytest.raises(ValueError, match="no task has rows"):
        amtl.MeanRegularizedRegressor().fit([np.zeros((0, 3))] * 2, [np.zeros(0)] * 2)


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_a_task_without_rows_has_no_loss(loss):
    Xs, ys = make_rows(loss == "logistic")
    W = np.random.default_rng(1).normal(size=(4, len(Xs)))
    whole, some = (
        make_loss(loss, False, Xs, ys),
        make_loss(loss, False, [Xs[t] for t in OTHERS], [ys[t] for t in OTHERS]),
    )
    value, gradient = whole.value_and_gradient(W)
    assert not value[EMPTY].any() and not gradient[:, EMPTY].any() and not whole.hessians(W)[EMPTY].any()
    expected = some.value_and_gradient(W[:, OTHERS])
    assert (value[OTHERS] == expected[0]).all() and (gradient[:, OTHERS] == expected[1]).all()
    if loss == "logistic":
        assert not whole.conjugate(W, 0.7)[EMPTY].any()


def test_comparison_has_the_methods_that_can_borrow():
    Xs, ys = make_rows(sizes=(12, 14, 10))
    X, y, task = np.concatenate(Xs), np.concatenate(ys), np.repeat(["a", "b", "c"], (12, 14, 10))
    splits = [(np.flatnonzero(task != "b"), np.flatnonzero(task == "b"))]
    frame = amtl.compare(X, y, task, splits=splits, n_points=4, cv=2)
    able = {name for name in BORROWING if load_method(name).needs_rows(_defaults(name)) is None}
    assert set(frame["method"]) == able and {*frame["task"]} == {"b"} and np.isfinite(frame["value"]).all()
    assert set(frame["n_train"]) == {0}
    model = amtl.MeanRegularizedRegressorCV(n_points=4, cv=2)
    model.fit({"a": Xs[0], "b": Xs[1][:0], "c": Xs[2]}, {"a": ys[0], "b": ys[1][:0], "c": ys[2]})
    rmse = np.sqrt(np.mean((model.predict({"b": Xs[1]})[0] - ys[1]) ** 2))
    value = frame.set_index("method").loc["mean-regularized", "value"]
    assert value == pytest.approx(rmse)
    from sklearn.linear_model import Ridge

    for method in ("stl", Ridge()):
        with pytest.raises(ValueError, match="task 'b'"):
            amtl.compare(X, y, task, methods=[method], splits=splits)


def _defaults(name):
    return {key: schema["default"] for key, schema in load_method(name).options.items()}
