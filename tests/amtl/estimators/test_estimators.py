"""The estimators: the weights of the workflow's fits, one result for all forms of input, clear errors."""

import doctest
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn import config_context
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    PredefinedSplit,
    cross_val_predict,
    cross_val_score,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import amtl
from amtl import estimators, strength_path
from amtl.estimators import class_names
from amtl.methods import find_methods, load_method
from amtl.model_selection import tune
from amtl.splits import Part, Split

SPECS = {name: load_method(name) for name in find_methods() if not load_method(name).needs_truth}
# As the workflow: no standardization, a penalized constant.
PLAIN = {"standardize": False, "intercept": "feature"}
SIZES = (20, 25, 30)
# What the grids of a quick test may leave open.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def estimator(spec, suffix, **given):
    return getattr(amtl, estimators.class_prefix(spec) + suffix)(**given)


def make_rows(kind, seed=0, sizes=SIZES):
    """Return (X (n, d), y (n,), task (n,)) of related tasks; classes are 0 and 1."""
    rng = np.random.default_rng(seed)
    task = np.repeat(np.arange(len(sizes)), sizes)
    W = 1.0 + 0.4 * rng.normal(size=(len(sizes), 4))
    X = rng.normal(size=(len(task), 4))
    y = np.einsum("nd,nd->n", X, W[task]) + rng.normal(size=len(task))
    return X, (y if kind == "regression" else (y > 0).astype(float)), task


def make_split(kind, refit=False):
    """Return the split that the workflow fits, with a constant column, and its rows stacked."""
    parts, rows = {}, {}
    for seed, name in enumerate(("train", "validation", "test")):
        X, y, task = rows[name] = make_rows(kind, seed)
        offsets = np.concatenate([[0], np.cumsum(SIZES)])
        parts[name] = Part(np.column_stack([X, np.ones(len(X))]), y, offsets)
    return Split("estimator", 1, kind, ("a", "b", "c"), **parts, refit=refit), rows


CASES = [
    pytest.param(name, kind, loss, id=f"{name}-{kind}-{loss}")
    for name, spec in SPECS.items()
    for kind, loss in (("regression", "squared"), ("binary", "squared"), ("binary", "logistic"))
    if kind in spec.applies_to
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kind", "loss"), CASES)
def test_weights_are_those_of_the_workflow(name, kind, loss):
    spec, suffix = SPECS[name], "Regressor" if kind == "regression" else "Classifier"
    given = PLAIN if kind == "regression" else {**PLAIN, "loss": loss}
    options = {"intercept": PLAIN["intercept"]}
    split, rows = make_split(kind)
    theirs = tune(spec, split, loss, options, 6, 1e-6, 4000)
    X, y, task = (np.concatenate(each) for each in zip(rows["train"], rows["validation"], strict=True))
    fold = PredefinedSplit(np.repeat([-1, 0], [len(rows["train"][1]), len(rows["validation"][1])]))
    tuned = estimator(spec, f"{suffix}CV", n_points=6, cv=fold, refit=False, **given).fit(X, y, task)
    weights = np.column_stack([tuned.coef_, tuned.intercept_])
    assert np.abs(weights - theirs.fit.W.T).max() <= 1e-10 * max(1.0, np.abs(weights).max())
    assert tuned.strengths_ == theirs.fit.params
    # At given strengths: the refit of the workflow, from the single-task weights that it has tuned.
    split, rows = make_split(kind, refit=True)
    theirs = tune(spec, split, loss, options, 6, 1e-6, 4000)
    strengths = dict(theirs.fit.params)
    if spec.init is not None:
        strengths["rho"] = tune(spec.init, split, loss, options, 6, 1e-6, 4000).fit.params["rho"]
    ours = estimator(spec, suffix, **strengths, **given)
    ours.fit(X, y, task)
    weights = np.column_stack([ours.coef_, ours.intercept_])
    assert np.abs(weights - theirs.fit.W.T).max() <= 1e-10 * max(1.0, np.abs(weights).max())


@pytest.mark.slow
@pytest.mark.parametrize("name", SPECS)
def test_lists_dicts_and_stacked_rows_give_the_same(name):
    X, y, task = make_rows("regression")
    order = np.random.default_rng(1).permutation(len(X))
    lists = [X[task == t] for t in range(3)], [y[task == t] for t in range(3)]
    model = estimator(SPECS[name], "Regressor")
    stacked = clone(model).fit(X, y, task)
    as_lists = clone(model).fit(*lists)
    named = clone(model).fit(*({f"school {t}": each[t] for t in range(3)} for each in lists))
    shuffled = clone(model).fit(X[order], y[order], task[order])
    for other in (as_lists, named):
        assert np.array_equal(stacked.coef_, other.coef_)
    assert np.allclose(stacked.coef_, shuffled.coef_, rtol=0, atol=1e-4 * np.abs(stacked.coef_).max())
    predicted = stacked.predict(X, task)
    assert np.array_equal(np.concatenate(as_lists.predict(lists[0])), predicted)
    assert np.array_equal(named.predict({"school 2": lists[0][2]})[0], predicted[task == 2])
    assert named.tasks_.tolist() == ["school 0", "school 1", "school 2"]
    assert stacked.score(X, y, task) == pytest.approx(as_lists.score(*lists))


@pytest.mark.parametrize("name", [name for name in class_names() if name.endswith("Regressor")])
@pytest.mark.parametrize("levels", [(0.3, 0.7, -1e4), (0.0, 0.0, 0.0)])
def test_constant_targets_are_fitted_at_once(name, levels):
    """The residual is relative to the gradient at zero weights, which is rounding here."""
    X, _, task = make_rows("regression")
    y = np.array(levels)[task]
    model = getattr(amtl, name)().fit(X, y, task)
    assert model.converged_ and model.n_iter_ <= 3
    assert np.allclose(model.predict(X, task), y, rtol=1e-9)


@pytest.mark.parametrize("name", [name for name in class_names() if name.endswith("RegressorCV")])
def test_targets_of_zero_are_tuned(name):
    X, _, task = make_rows("regression")
    model = getattr(amtl, name)(cv=2, n_points=6).fit(X, np.zeros(len(X)), task)
    assert not model.predict(X, task).any()


@pytest.mark.parametrize("name", ["go-mtl", "sc-mtl"])
def test_the_default_strengths_of_many_tasks_are_in_the_middle_of_the_path(name):
    """Each number of latent tasks has its own path, so a few points would only show its strong end."""
    rng = np.random.default_rng(0)
    task = np.repeat(np.arange(8), 40)
    W = rng.normal(size=(10, 3)) @ rng.normal(size=(3, 8))
    X = rng.normal(size=(320, 10))
    y = np.einsum("nd,nd->n", X, W.T[task]) + rng.normal(size=320)
    assert estimator(SPECS[name], "Regressor").fit(X, y, task).score(X, y, task) > 0.8


@pytest.mark.parametrize("suffix", ["Classifier", "ClassifierCV"])
def test_several_classes_are_tasks_on_shared_rows(suffix):
    rng = np.random.default_rng(0)
    y = np.array(["red", "green", "blue"])[rng.integers(0, 3, 150)]
    X = rng.normal(size=(150, 4)) + 2.0 * (y[:, None] == np.array(["red", "green", "blue", "none"]))
    model = estimator(SPECS["amtl"], suffix, **({"n_points": 6, "cv": 2} if suffix.endswith("CV") else {}))
    model.fit(X, y)
    assert model.classes_.tolist() == model.tasks_.tolist() == ["blue", "green", "red"]
    assert model.decision_function(X).shape == (150, 3) and model.graph_.shape == (3, 3)
    assert np.allclose(model.predict_proba(X).sum(axis=1), 1) and model.score(X, y) > 0.7
    assert set(model.predict(X)) <= set(y)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in class_names() if name.endswith("ClassifierCV")])
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.filterwarnings("error")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_separable_classes_give_no_numerical_warnings(name, shared):
    """The labels are noise on few rows, so weak penalties let losses and curvatures vanish."""
    kind = getattr(amtl, name)
    if shared and "one-vs-rest" not in kind.spec.applies_to:
        pytest.skip("does not apply to shared rows")
    rng = np.random.default_rng(0)
    X, y = (
        rng.uniform(size=(48, 10)),
        rng.permutation(np.repeat(np.arange(4 if shared else 2), 12 if shared else 24)),
    )
    model = kind(n_points=6, cv=2, max_iter=30)
    if "restarts" in model.get_params():
        model.set_params(restarts=1)
    model.fit(X, y, None if shared else np.repeat(np.arange(4), 12))
    assert np.isfinite(model.coef_).all() and np.isfinite(model.best_score_)


def test_columns_of_the_target_are_tasks_on_shared_rows():
    X, y, _ = make_rows("regression")
    model = amtl.AMTLRegressor().fit(X, np.column_stack([y, 2 * y + 1, -y]))
    assert model.predict(X).shape == (len(X), 3) and model.coef_.shape == (3, 4)


@pytest.mark.parametrize("suffix", ["Regressor", "Classifier"])
def test_units_and_offsets_change_nothing(suffix):
    X, y, task = make_rows("regression" if suffix == "Regressor" else "binary")
    plain = estimator(SPECS["amtl"], suffix).fit(X, y, task)
    units = np.array([1000.0, 1.0, 1e-6, 1.0])
    moved = X * units + np.array([0.0, 1e4, 0.0, -5.0])
    other = estimator(SPECS["amtl"], suffix).fit(moved, y, task)
    assert np.allclose(other.coef_ * units, plain.coef_, rtol=1e-5)
    if suffix == "Regressor":
        offset = estimator(SPECS["amtl"], suffix).fit(X, y + 1e6, task)
        assert np.allclose(offset.predict(X, task) - 1e6, plain.predict(X, task), atol=1e-4)
        assert offset.converged_


def is_rotation_invariant(spec):
    return spec.rotation_invariant({key: rule["default"] for key, rule in spec.options.items()})


@pytest.mark.parametrize(
    "name", [name for name, spec in SPECS.items() if not spec.control and is_rotation_invariant(spec)]
)
def test_fewer_rows_than_features_are_fitted_in_their_span(name):
    """The weights are those of all features, and none of the arrays has d x d entries."""
    rng = np.random.default_rng(0)
    X, task = rng.normal(size=(24, 60)), np.repeat([0, 1], 12)
    y = X[:, 0] + 0.1 * rng.normal(size=24)
    model = estimator(SPECS[name], "Regressor", standardize=False, intercept="none", tol=1e-9).fit(X, y, task)
    # Rows outside the span do not change a prediction.
    outside = rng.normal(size=60)
    outside -= X.T @ np.linalg.lstsq(X.T, outside, rcond=None)[0]
    assert np.abs(model.coef_ @ outside).max() <= 1e-8 * np.abs(model.coef_).max()


def test_many_features():
    rng = np.random.default_rng(0)
    X, task = rng.normal(size=(80, 10_000)), np.repeat(np.arange(4), 20)
    model = amtl.AMTLRegressor().fit(X, X[:, 0], task)
    assert model.coef_.shape == (4, 10_000) and model.converged_


def test_pandas_in_and_names_are_checked():
    X, y, task = make_rows("regression")
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = amtl.STLRegressor().fit(frame, pd.Series(y), pd.Series(task).map({0: "x", 1: "y", 2: "z"}))
    assert model.feature_names_in_.tolist() == list("abcd") and model.tasks_.tolist() == ["x", "y", "z"]
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[list("dcba")], np.repeat("x", len(frame)))


def test_column_transformers_hand_over_names():
    """set_output applies to the transformers before an estimator; predictions are arrays."""
    X, y, task = make_rows("regression")
    frame = pd.DataFrame(X, columns=list("abcd")).assign(
        city=np.array(["Bern", "Wien"])[(X[:, 0] > 0).astype(int)]
    )
    columns = ColumnTransformer(
        [("number", StandardScaler(), list("abcd")), ("city", OneHotEncoder(sparse_output=False), ["city"])],
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    model = make_pipeline(columns, amtl.AMTLRegressor()).fit(frame, y, amtlregressor__task=task)
    assert model[-1].feature_names_in_.tolist() == [*"abcd", "city_Bern", "city_Wien"]
    with config_context(enable_metadata_routing=True):
        routed = amtl.AMTLRegressor().set_fit_request(task=True).set_predict_request(task=True)
        predicted = make_pipeline(columns, routed).fit(frame, y, task=task).predict(frame, task=task)
    assert isinstance(predicted, np.ndarray) and predicted.shape == y.shape


def test_polars_frames_are_fitted_by_their_names():
    polars = pytest.importorskip("polars")
    X, y, task = make_rows("regression")
    names = np.array(list("pqr"))[task]
    frame = polars.DataFrame(X, schema=list("abcd"))
    model = amtl.STLRegressor().fit(frame, polars.Series(y), polars.Series(names))
    assert model.feature_names_in_.tolist() == list("abcd") and model.tasks_.tolist() == list("pqr")
    assert np.array_equal(
        model.predict(frame, polars.Series(names)),
        model.predict(pd.DataFrame(X, columns=list("abcd")), names),
    )
    frames = [frame.filter(polars.Series(task == t)) for t in range(3)]
    listed = amtl.STLRegressor().fit(frames, [polars.Series(y[task == t]) for t in range(3)])
    assert np.array_equal(listed.coef_, model.coef_)
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[list("dcba")], names)


def test_pipelines_and_searches_route_the_task():
    X, y, task = make_rows("regression")
    with config_context(enable_metadata_routing=True):
        model = amtl.AMTLRegressor()
        pipeline = make_pipeline(StandardScaler(), model)
        folds = GroupKFold(3).split(X, y, np.arange(len(X)) % 3)
        scores = cross_validate(pipeline, X, y, params={"task": task}, cv=list(folds))
        assert np.isfinite(scores["test_score"]).all()
        path = strength_path(amtl.AMTLRegressor(), X, y, task, n_points=4)
        grid = [{key: [value] for key, value in point.items()} for point in path]
        search = GridSearchCV(model, grid, cv=KFold(2, shuffle=True, random_state=0)).fit(X, y, task=task)
        assert search.best_params_ in path and np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.parametrize("routing", [False, True])
def test_tools_without_a_task_take_it_from_a_column(routing):
    X, y, task = make_rows("regression")
    names = np.array(["north", "south", "west"])[task]
    folds = list(KFold(3, shuffle=True, random_state=0).split(X))
    table = pd.DataFrame(X, columns=list("abcd")).assign(school=names)
    model = amtl.TaskColumn(amtl.STLRegressor(rho=1.0), "school")
    expected = np.empty(len(y))
    for train, test in folds:
        fitted = amtl.STLRegressor(rho=1.0).fit(X[train], y[train], names[train])
        expected[test] = fitted.predict(X[test], names[test])
    with config_context(enable_metadata_routing=routing):
        assert cross_val_predict(model, table, y, cv=folds) == pytest.approx(expected)
        scores = cross_val_score(model, table, y, cv=folds, scoring="neg_root_mean_squared_error")
        assert scores == pytest.approx(
            [-np.sqrt(np.mean((expected[test] - y[test]) ** 2)) for _, test in folds]
        )
        stacked = np.column_stack([task, X])
        search = GridSearchCV(
            amtl.TaskColumn(amtl.STLRegressor(), 0), {"estimator__rho": [1e-2, 1e6]}, scoring="r2", cv=folds
        ).fit(stacked, y)
        assert search.best_params_ == {"estimator__rho": 1e-2}


def test_classifiers_are_scored_and_tuned_with_a_column_of_tasks():
    X, y, task = make_rows("binary")
    folds = list(KFold(3, shuffle=True, random_state=0).split(X))
    table = pd.DataFrame(X, columns=list("abcd")).assign(school=task)
    model = amtl.TaskColumn(amtl.STLClassifier(rho=1.0), "school")
    for scoring in ("roc_auc", "neg_log_loss", "accuracy"):
        scores = cross_val_score(model, table, y, cv=folds, scoring=scoring, error_score="raise")
        assert np.isfinite(scores).all()
    P = cross_val_predict(model, table, y, cv=folds, method="predict_proba")
    train, test = folds[0]
    fitted = amtl.STLClassifier(rho=1.0).fit(X[train], y[train], task[train])
    assert P[test] == pytest.approx(fitted.predict_proba(X[test], task[test]))


def test_a_missing_column_of_tasks_is_named():
    X, y, task = make_rows("regression")
    table = pd.DataFrame(X, columns=list("abcd")).assign(school=task)
    with pytest.raises(ValueError, match="'schol'.*'school'"):
        amtl.TaskColumn(amtl.STLRegressor(), "schol").fit(table, y)
    with pytest.raises(ValueError, match="column 9"):
        amtl.TaskColumn(amtl.STLRegressor(), 9).fit(X, y)


def test_scoring_by_name_and_a_graph():
    networkx = pytest.importorskip("networkx")
    X, y, task = make_rows("binary")
    model = amtl.AMTLClassifierCV(n_points=6, cv=3, scoring="roc_auc").fit(X, y, np.array(list("pqr"))[task])
    assert 0.5 < model.best_score_ <= 1
    graph = model.to_networkx()
    assert isinstance(graph, networkx.DiGraph) and list(graph) == ["p", "q", "r"]


def test_a_fit_that_does_not_converge_warns():
    X, y, task = make_rows("binary")
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        model = amtl.AMTLClassifier(max_iter=1).fit(X, y, task)
    assert not model.converged_ and any(issubclass(each.category, ConvergenceWarning) for each in found)


@pytest.mark.parametrize("name", class_names())
def test_estimators_pickle_and_their_example_runs(name):
    kind = getattr(amtl, name)
    assert pickle.loads(pickle.dumps(kind())).get_params() == kind().get_params()


@pytest.mark.slow
@pytest.mark.parametrize("name", class_names())
def test_examples_run(name):
    (example,) = doctest.DocTestFinder(recurse=False).find(getattr(amtl, name), name)
    assert example.examples and doctest.DocTestRunner(verbose=False).run(example).failed == 0


# --- errors -------------------------------------------------------------------------------------------------

X, Y, TASK = make_rows("regression")
LABELS = (Y > 0).astype(int)
FRAME = pd.DataFrame(X, columns=list("abcd"))


def fitted():
    return amtl.STLRegressor().fit(X, Y, np.array(["a", "b", "c"])[TASK])


def with_value(values, row, value):
    values = np.array(values, dtype=type(value) if isinstance(value, str) else float)
    values[row] = value
    return values


def with_object(values, place, value):
    values = np.array(values, dtype=object)
    values[place] = value
    return values


ERRORS = {
    "NaN in X": (lambda: amtl.STLRegressor().fit(with_value(X, (3, 1), np.nan), Y, TASK), "NaN"),
    "NaN in y": (lambda: amtl.STLRegressor().fit(X, with_value(Y, 3, np.nan), TASK), "NaN"),
    "NaN in a task of a list": (
        lambda: amtl.STLRegressor().fit([X, with_value(X, (3, 1), np.nan)], [Y, Y]),
        "task 1.*NaN",
    ),
    "a text in y": (
        lambda: amtl.STLRegressor().fit(X, np.array(["x", *Y[1:].astype(str)]), TASK),
        "y, row 0.*'x'",
    ),
    "an infinite strength": (lambda: amtl.L21Regressor(lam=np.inf).fit(X, Y, TASK), "lam.*inf"),
    "infinite": (lambda: amtl.STLRegressor().fit(with_value(X, (3, 1), np.inf), Y, TASK), "infinity"),
    "missing task": (lambda: amtl.STLRegressor().fit(X, Y, with_value(TASK, 5, np.nan)), "row 5"),
    "None as a task": (lambda: amtl.STLRegressor().fit(X, Y, [None, *TASK[1:].astype(str)]), "row 0"),
    "mixed tasks": (lambda: amtl.STLRegressor().fit(X, Y, np.array(["a", *TASK[1:]], dtype=object)), "types"),
    "short task": (lambda: amtl.STLRegressor().fit(X, Y, TASK[:-1]), "75 rows"),
    "two columns of task": (lambda: amtl.STLRegressor().fit(X, Y, np.column_stack([TASK, TASK])), "shape"),
    "short y": (lambda: amtl.STLRegressor().fit(X, Y[:-1], TASK), "inconsistent"),
    "lists of two lengths": (lambda: amtl.STLRegressor().fit([X, X], [Y]), "2 tasks.* 1"),
    "short y in a list": (lambda: amtl.STLRegressor().fit([X, X], [Y, Y[:-1]]), "task 1"),
    "other width in a list": (lambda: amtl.STLRegressor().fit([X, X[:, :2]], [Y, Y]), "task 1.*2 features"),
    "dict and list": (lambda: amtl.STLRegressor().fit({"a": X}, [Y]), "dict"),
    "other tasks in y": (lambda: amtl.STLRegressor().fit({"a": X}, {"b": Y}), "same tasks"),
    "empty dict": (lambda: amtl.STLRegressor().fit({}, {}), "no tasks"),
    "empty task": (lambda: amtl.STLRegressor().fit([X, X[:0]], [Y, Y[:0]]), "task 1.*mean-regularized"),
    "list and task": (lambda: amtl.STLRegressor().fit([X, X], [Y, Y], TASK), "leave out task"),
    "texts in X": (lambda: amtl.STLRegressor().fit(np.full((75, 2), "x"), Y, TASK), "convert"),
    "several columns and task": (
        lambda: amtl.STLRegressor().fit(X, np.column_stack([Y, Y]), TASK),
        "columns",
    ),
    "one class": (lambda: amtl.STLClassifier().fit(X, np.ones(len(X)), TASK), "one class"),
    "one class in a task": (
        lambda: amtl.STLClassifier().fit(X, np.where(TASK == 1, 0, LABELS), TASK),
        "task 1.*one class only, 0;",
    ),
    "three classes in tasks": (lambda: amtl.STLClassifier().fit(X, TASK, TASK), "3 classes"),
    "continuous labels": (lambda: amtl.STLClassifier().fit(X, Y, TASK), "continuous"),
    "huge": (lambda: amtl.STLRegressor(standardize=False).fit(X * 1e155, Y, TASK), "rescale"),
    "tiny": (lambda: amtl.STLRegressor(standardize=False).fit(X * 1e-160, Y, TASK), "rescale"),
    "NaN among labels": (lambda: amtl.STLClassifier().fit(X, with_value(LABELS, 3, np.nan), TASK), "row 3"),
    "one name for all rows": (lambda: fitted().predict(X, "a"), "task of each row"),
    "iterator": (lambda: amtl.STLRegressor().fit(iter([X, X]), [Y, Y]), "iterator"),
    "huge targets of a task": (
        lambda: amtl.STLRegressor().fit(X, np.where(TASK == 1, Y * 1e155, Y), np.array(list("abc"))[TASK]),
        "task 'b'.*rescale",
    ),
    "no training rows in a fold": (
        lambda: amtl.STLRegressorCV(cv=[(np.flatnonzero(TASK > 0), np.flatnonzero(TASK == 0))]).fit(
            X, Y, TASK
        ),
        "fold 1.*task 0",
    ),
    "no test rows in a fold": (
        lambda: amtl.STLRegressorCV(cv=[(np.arange(len(X)), [])]).fit(X, Y, TASK),
        "fold 1.*test",
    ),
    "one row in every task": (lambda: amtl.STLRegressorCV().fit([X[:1], X[1:2]], [Y[:1], Y[1:2]]), "folds"),
    "huge targets": (lambda: amtl.MTFLRegressor(learn="select").fit(X, Y * 1e155, TASK), "rescale"),
    "unknown option": (lambda: amtl.STLRegressor(intrcept="free"), "intrcept"),
    "misspelt value": (lambda: amtl.STLRegressor(intercept="fre").fit(X, Y, TASK), "'free'"),
    "misspelt loss": (lambda: amtl.STLClassifier(loss="logistics").fit(X, LABELS, TASK), "'logistic'"),
    "negative strength": (lambda: amtl.AMTLRegressor(lam=-1.0).fit(X, Y, TASK), "lam=-1"),
    "text as a strength": (lambda: amtl.AMTLRegressor(lam="1").fit(X, Y, TASK), "lam='1'"),
    "half a latent task": (lambda: amtl.GOMTLRegressor(k=1.5).fit(X, Y, TASK), "k=1.5"),
    "ridge of one": (lambda: amtl.AMTLRegressor(ridge=1.0).fit(X, Y, TASK), "ridge=1"),
    "no validation rows": (lambda: amtl.AMTLRegressor(delta="validation").fit(X, Y, TASK), "CV"),
    "one fold": (lambda: amtl.STLRegressorCV(cv=1).fit(X, Y, TASK), "cv=1"),
    "unknown scoring": (lambda: amtl.STLRegressorCV(scoring="rsme").fit(X, Y, TASK), "rsme"),
    "no refit of folds": (lambda: amtl.STLRegressorCV(refit=False).fit(X, Y, TASK), "refit"),
    "unknown task": (lambda: fitted().predict(X[:2], ["a", "d"]), "'d'"),
    "no task": (lambda: fitted().predict(X), "task is missing"),
    "tasks of a list": (lambda: fitted().predict([X]), "1 tasks"),
    "other width": (lambda: fitted().predict(X[:, :2], TASK), "2 features"),
    "sparse": (
        lambda: amtl.STLRegressor().fit(csr_array(X), Y),
        "[Ss]parse",
    ),
    "not fitted": (lambda: amtl.STLRegressor().predict(X), "not fitted"),
    "shared rows": (lambda: amtl.PooledRegressor().fit(X, np.column_stack([Y, Y])), "shared rows"),
    "huge and standardized": (lambda: amtl.STLRegressor().fit(X * 1e155, Y, TASK), "column 0.*rescale"),
    "tiny and standardized": (
        lambda: amtl.STLRegressor().fit(FRAME * 1e-160, Y, TASK),
        "column 'a'.*rescale",
    ),
    "NaN in a column": (
        lambda: amtl.STLRegressor().fit(FRAME.assign(c=with_value(X[:, 2], 7, np.nan)), Y, TASK),
        "column 'c', row 7.*NaN",
    ),
    "texts in a column": (
        lambda: amtl.STLRegressor().fit(FRAME.assign(b="Bern"), Y, TASK),
        "column 'b', row 0.*'Bern'.*encode",
    ),
    "objects": (
        lambda: amtl.STLRegressor().fit(with_object(X, (2, 3), "?"), Y, TASK),
        "column 3, row 2.*'?'",
    ),
    "NaN in a target": (
        lambda: amtl.STLRegressor().fit([X, X], [Y, with_value(Y, 4, np.inf)]),
        "task 1.*row 4",
    ),
    "texts as targets": (
        lambda: amtl.STLRegressor().fit(X, with_object(Y, 4, "high"), TASK),
        "y, row 4.*'high'",
    ),
    "complex": (lambda: amtl.STLRegressor().fit(X + 1j, Y, TASK), "[Cc]omplex"),
    "complex targets": (lambda: amtl.STLRegressor().fit(X, Y + 1j, TASK), "[Cc]omplex"),
    "rows of two lengths": (
        lambda: amtl.STLRegressor().fit([[1.0, 2.0], [3.0]], [1.0, 2.0]),
        "row 1.*1 values",
    ),
    "rows of two lengths in a task": (
        lambda: amtl.STLRegressor().fit([X, [[1.0] * 4, [3.0]]], [Y, [1.0, 2.0]]),
        "task 1.*row 1",
    ),
    "an array of numbers in a list": (lambda: amtl.STLRegressor().fit([X, Y], [Y, Y]), "task 1.*2D"),
    "number for a task": (lambda: amtl.STLRegressor().fit([X, 1.0], [Y, Y]), "task 1.*scalar"),
    "three dimensions": (lambda: amtl.STLRegressor().fit(np.stack([X, X]), [Y, Y]), "dim 3"),
    "empty list": (lambda: amtl.STLRegressor().fit([], []), "array=\\[\\]"),
    "empty list in a list": (lambda: amtl.STLRegressor().fit([X, []], [Y, []]), "task 1.*2D"),
    "no columns": (lambda: amtl.STLRegressor().fit(X[:, :0], Y, TASK), "0 feature"),
    "one row": (lambda: amtl.STLRegressor().fit(X[:1], Y[:1]), "minimum of 2"),
    "no y": (lambda: amtl.STLRegressor().fit(X, None, TASK), "y"),
    "no y for a list": (lambda: amtl.STLRegressor().fit([X, X], None), "2 tasks"),
    "list and dict": (lambda: amtl.STLRegressor().fit([X], {"a": Y}), "dict"),
    "columns of y in a task": (
        lambda: amtl.STLRegressor().fit([X, X], [Y, np.column_stack([Y, Y])]),
        "task 1.*1d",
    ),
    "texts and numbers as names": (lambda: amtl.STLRegressor().fit({1: X, "1": X}, {1: Y, "1": Y}), "1, '1'"),
    "None as a name": (lambda: amtl.STLRegressor().fit({None: X}, {None: Y}), "None"),
    "tuples as names": (lambda: amtl.STLRegressor().fit({(1, 2): X}, {(1, 2): Y}), "texts or all numbers"),
    "NaN as a name": (lambda: amtl.STLRegressor().fit({np.nan: X}, {np.nan: Y}), "nan"),
    "missing label": (
        lambda: amtl.STLClassifier().fit(X, with_object(LABELS.astype(str), 3, None), TASK),
        "row 3",
    ),
    "labels of two types": (
        lambda: amtl.STLClassifier().fit(X, with_object(LABELS, 3, "b"), TASK),
        "y mixes",
    ),
    "pandas' missing task": (
        lambda: amtl.STLRegressor().fit(X, Y, pd.Series(TASK).astype("Int64").where(TASK != 1)),
        "row 20",
    ),
    "sparse in a task": (lambda: amtl.STLRegressor().fit([csr_array(X), X], [Y, Y]), "task 0.*[Ss]parse"),
    "sparse targets": (lambda: amtl.STLRegressor().fit(X, csr_array(Y[:, None])), "[Ss]parse.*y"),
    "sparse rows to predict": (lambda: fitted().predict(csr_array(X), ["a"] * len(X)), "[Ss]parse"),
    "sample weights": (
        lambda: amtl.STLRegressor().fit(X, Y, TASK, sample_weight=np.ones(75)),
        "sample_weight",
    ),
    "unknown task of a dict": (lambda: fitted().predict({"d": X}), "'d'"),
    "empty dict to predict": (lambda: fitted().predict({}), "no tasks"),
    "NaN to predict": (
        lambda: fitted().predict({"b": with_value(X, (3, 1), np.nan)}),
        "task 'b'.*column 1, row 3",
    ),
    "short task to predict": (lambda: fitted().predict(X, ["a"]), "75 rows"),
    "list for shared rows": (lambda: amtl.STLClassifier().fit(X, TASK).predict([X, X, X]), "shared rows"),
    "task for shared rows": (lambda: amtl.STLClassifier().fit(X, TASK).predict(X, TASK), "without it"),
    "three classes": (lambda: amtl.PooledClassifier().fit(X, TASK), "binary"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_bad_input_is_one_clear_error(case):
    call, words = ERRORS[case]
    with pytest.raises((ValueError, TypeError), match=f"(?s){words}"):
        call()
