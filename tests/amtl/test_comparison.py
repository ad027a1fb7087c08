"""Comparison of methods on arrays: fair splits, the errors of a hand-written loop, tests, clear errors."""

import doctest
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.linear_model import LogisticRegression, Ridge, RidgeCV
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import amtl
from amtl import comparison
from amtl.estimators._folds import folds_of
from amtl.random import generator
from amtl.statistics import BETTER, ONE_SPLIT, UNCLEAR, interval

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
QUICK = {"n_points": 4, "cv": 3}


def make_tables(sizes=(20, 24, 30), seed=0, offset=0.0):
    rng = np.random.default_rng(seed)
    Xs = [rng.normal(size=(n, 4)) for n in sizes]
    ys = [X @ [1.0, -1.0, 0.5, 2.0] + offset + rng.normal(size=len(X)) for X in Xs]
    return Xs, ys


def stacked(Xs, ys):
    return np.concatenate(Xs), np.concatenate(ys), np.repeat(np.arange(len(Xs)), [len(X) for X in Xs])


def test_errors_are_those_of_a_loop_over_estimators():
    Xs, ys = make_tables()
    X, y, task = stacked(Xs, ys)
    frame = amtl.compare(Xs, ys, methods=["stl", "amtl"], splits=2, random_state=7, **QUICK)
    found = frame.set_index(["method", "split", "task"])["value"]
    for name, made in (("stl", amtl.STLRegressorCV), ("amtl", amtl.AMTLRegressorCV)):
        for split in (1, 2):
            rng, tested = generator(7, "compare", split), np.zeros(len(y), dtype=bool)
            for t in range(3):
                rows = rng.permutation(np.flatnonzero(task == t))
                tested[rows[: round(len(rows) / 4)]] = True
            model = made(random_state=7, **QUICK).fit(X[~tested], y[~tested], task[~tested])
            for t in range(3):
                rows = tested & (task == t)
                error = np.sqrt(np.mean((model.predict(X[rows], task[rows]) - y[rows]) ** 2))
                assert found[name, split, t] == pytest.approx(error, rel=1e-9)
    assert len(frame) == 2 * 2 * 3
    assert frame[frame["task"] == 2][["n_train", "n_test"]].drop_duplicates().values.tolist() == [[22, 8]]


def test_all_forms_of_input_give_the_same_and_so_does_a_second_call():
    Xs, ys = make_tables()
    given = {"methods": ["stl"], "splits": 2, **QUICK}
    first = amtl.compare(Xs, ys, **given)
    pd.testing.assert_frame_equal(first, amtl.compare(Xs, ys, **given))
    pd.testing.assert_frame_equal(first, amtl.compare(*stacked(Xs, ys), **given))
    names = ["a", "b", "c"]
    named = amtl.compare(dict(zip(names, Xs, strict=True)), dict(zip(names, ys, strict=True)), **given)
    assert named["task"].tolist() == names * 2 and np.allclose(named["value"], first["value"], rtol=1e-9)


def test_all_methods_get_the_same_splits_and_folds():
    class Recorder(Ridge):
        seen = []

        def fit(self, X, y):
            Recorder.seen.append(X.tobytes())
            return super().fit(X, y)

    Xs, ys = make_tables()
    amtl.compare(Xs, ys, methods={"a": Recorder(), "b": Recorder(alpha=9.0)}, splits=2)
    assert len(Recorder.seen) == 2 * 2 * 3 and len(set(Recorder.seen)) == 2 * 3
    assert Recorder.seen[:3] == Recorder.seen[3:6]
    folds = [
        folds_of(model, model._prepare(Xs, ys, None))
        for model in (amtl.AMTLRegressorCV(), amtl.STLRegressorCV())
    ]
    for first, second in zip(*folds, strict=True):
        assert all(map(np.array_equal, first.train.Y, second.train.Y))


def test_no_test_row_reaches_a_fit():
    """Test targets may be anything."""
    X, y, task = stacked(*make_tables())
    pair = (np.arange(0, len(y), 2), np.arange(1, len(y), 2))
    errors = []
    for spoiled in (0.0, 1e3):
        changed = y.copy()
        changed[pair[1]] += spoiled
        frame = amtl.compare(X, changed, task, methods=["amtl"], splits=[pair], **QUICK)
        errors.append(frame["value"].to_numpy())
    assert np.allclose(errors[1], 1e3, rtol=0.01) and (errors[0] < 10).all()


def test_units_do_not_matter_by_default():
    X, y, task = stacked(*make_tables())
    given = {"task": task, "methods": ["stl", "amtl"], "splits": 2, **QUICK}
    first, scaled = (amtl.compare(each, y, **given)["value"] for each in (X, X * [1e3, 1, 1, 1e-3]))
    assert np.allclose(first, scaled, rtol=1e-6)


def test_two_classes_within_tasks_and_several_on_shared_rows():
    Xs, ys = make_tables(sizes=(30, 30))
    labels = [np.where(y > 0, "high", "low") for y in ys]
    frame = amtl.compare(Xs, labels, methods=["stl", "amtl"], splits=2, **QUICK)
    assert set(frame["metric"]) == {"error"} and frame["value"].between(0, 50).all()
    rng = np.random.default_rng(0)
    classes = np.repeat(["x", "y", "z"], [40, 20, 12])
    X = rng.normal(size=(72, 3)) + 2.0 * (classes[:, None] == ["x", "y", "z"])
    frame = amtl.compare(X, classes, methods=["stl", "mtfl"], splits=2, **QUICK)
    assert set(frame["task"]) == {"x", "y", "z"} and set(frame["metric"]) == {"class_error"}
    # The mean error counts every row once.
    stl = frame[frame["method"] == "stl"]
    wrong = (stl["value"] / 100 * stl["n_test"]).groupby(stl["split"]).sum() / stl.groupby("split")[
        "n_test"
    ].sum()
    assert amtl.summarize(frame).loc["stl", "error"] == pytest.approx(100 * wrong.mean())


@pytest.mark.parametrize(
    ("y", "given", "metric"),
    [
        (np.arange(40.0) % 7, {}, "class_error"),
        (np.arange(40.0) % 7, {"kind": "regression"}, "rmse"),
        (np.arange(40) % 7, {"task": np.arange(40) % 2}, "rmse"),
        (np.arange(40) % 2 == 0, {}, "error"),
        (np.arange(40) + 0.5, {}, "rmse"),
        (np.column_stack([np.arange(40), np.arange(40)]), {}, "rmse"),
    ],
    ids=["whole numbers", "said to be numbers", "numbers in tasks", "truth values", "fractions", "columns"],
)
def test_kind_of_the_targets(y, given, metric):
    X = np.random.default_rng(0).normal(size=(40, 3))
    frame = amtl.compare(X, y, methods=["stl"], splits=1, **given, **QUICK)
    assert set(frame["metric"]) == {metric}


def test_default_methods_are_all_that_apply():
    Xs, ys = make_tables()
    chosen = comparison._estimators(None, comparison._read(Xs, ys, None, "auto")[0], True, 0, {})
    assert {"stl", "amtl", "go-mtl", "mean"} <= set(chosen) and "oracle" not in chosen
    shared = comparison._estimators(None, comparison._read(Xs[0], ys[0] > 0, None, "auto")[0], False, 0, {})
    assert "amtl" in shared


def test_estimators_specs_and_pipelines_take_part():
    Xs, ys = make_tables()
    methods = {"by name": "stl", "spec": amtl.load_method("stl"), "fixed": amtl.STLRegressor(rho=1.0)}
    with config_context(enable_metadata_routing=True):
        last = amtl.STLRegressor(rho=1.0).set_fit_request(task=True).set_predict_request(task=True)
        methods["pipeline"] = make_pipeline(StandardScaler(), last)
        frame = amtl.compare(Xs, ys, methods={**methods, "ridge": Ridge()}, splits=1, **QUICK)
    values = {name: each["value"].to_numpy() for name, each in frame.groupby("method")}
    assert np.array_equal(values["by name"], values["spec"])
    assert np.allclose(values["fixed"], values["pipeline"]) and not np.allclose(
        values["fixed"], values["ridge"]
    )
    # scikit-learn's RidgeCV cannot say without routing which metadata it takes.
    assert len(amtl.compare(Xs, ys, methods={"ridge": RidgeCV()}, splits=1, **QUICK)) == len(Xs)


def test_a_splitter_and_a_task_with_one_row():
    X, y, task = stacked(*make_tables(sizes=(20, 20, 1)))
    frame = amtl.compare(X, y, task, methods=["stl"], splits=2, **QUICK)
    assert set(frame["task"]) == {0, 1}  # the only row of task 2 trains
    frame = amtl.compare(X[:40], y[:40], task[:40], methods=["stl"], splits=KFold(4, shuffle=True), **QUICK)
    assert frame.groupby("split")["n_test"].sum().tolist() == [10] * 4


def made_up(errors, n_train=30, n_test=10):
    records = [
        (method, split, "t", "rmse", value, n_train, n_test)
        for method, values in errors.items()
        for split, value in enumerate(values, start=1)
    ]
    return pd.DataFrame(records, columns=list(comparison.COLUMNS))


def test_summary_has_corrected_intervals_and_tests():
    errors = {"stl": [2.0, 2.2, 2.1, 2.3], "amtl": [1.0, 1.1, 1.1, 1.2], "mtfl": [2.1, 2.0, 2.2, 2.2]}
    summary = amtl.summarize(made_up(errors))
    assert summary.index.tolist() == ["amtl", "mtfl", "stl"]
    # Test rows by training rows: Nadeau and Bengio.
    expected = interval([a - b for a, b in zip(errors["amtl"], errors["stl"], strict=True)], overlap=10 / 30)
    row = summary.loc["amtl"]
    assert row["difference"] == pytest.approx(expected.mean) and row["result"] == BETTER
    assert row[["difference_low", "difference_high"]].tolist() == pytest.approx([expected.low, expected.high])
    assert row["p"] == pytest.approx(2 * expected.p_below(0.0))
    assert row["error"] == pytest.approx(1.1) and summary.loc["mtfl", "result"] == UNCLEAR
    assert summary.loc["stl", "result"] == "" and np.isnan(summary.loc["stl", "p"])
    # Splits that share more test rows say less.
    shared = amtl.summarize(made_up(errors, n_train=10, n_test=30))
    assert shared.loc["amtl", "p"] > row["p"]


def test_summary_of_one_split_or_without_baseline_claims_nothing():
    one = amtl.summarize(made_up({"stl": [2.0], "amtl": [1.0]}))
    assert one.loc["amtl", "result"] == ONE_SPLIT and np.isnan(one.loc["amtl", "p"])
    other = amtl.summarize(made_up({"a": [2.0, 3.0], "b": [1.0, 2.0]}))
    assert other["difference"].isna().all()
    assert amtl.summarize(made_up({"a": [2.0, 3.0], "b": [1.0, 2.5]}), "a").loc["b", "difference"] == -0.75


Xs, ys = make_tables()
BAD = {
    "unknown method": (lambda: amtl.compare(Xs, ys, methods=["amlt"]), "'amlt'.*'amtl'"),
    "no method": (lambda: amtl.compare(Xs, ys, methods=[]), "methods is empty"),
    "no estimator": (lambda: amtl.compare(Xs, ys, methods=[3]), "methods: 3"),
    "twice": (lambda: amtl.compare(Xs, ys, methods=["stl", "stl"]), "'stl'.*dict"),
    "needs truth": (lambda: amtl.compare(Xs, ys, methods=["oracle"]), "oracle"),
    "classifier": (lambda: amtl.compare(Xs, ys, methods=[LogisticRegression()]), "LogisticRegression.*kind"),
    "kind": (lambda: amtl.compare(Xs, ys, kind="regresion"), "'regresion'.*'regression'"),
    "splits": (lambda: amtl.compare(Xs, ys, splits=0), "splits=0"),
    "no splits": (lambda: amtl.compare(Xs, ys, splits="five"), "splits: "),
    "test_size": (lambda: amtl.compare(Xs, ys, test_size=10), "test_size=10"),
    "ragged": (lambda: amtl.compare([*Xs[:2], Xs[2][:, :3]], ys), "task 2"),
    "NaN": (lambda: amtl.compare({"a": Xs[0] * np.nan}, {"a": ys[0]}), "task 'a'.*NaN"),
    "lengths": (lambda: amtl.compare(Xs, ys[:2]), "3 tasks, but y has 2"),
    "task without rows": (
        lambda: amtl.compare(*stacked(Xs, ys), methods=["stl"], splits=[(np.arange(20), np.arange(20, 74))]),
        "'stl': task 1",
    ),
    "classes in tasks": (
        lambda: amtl.compare(Xs, [np.arange(len(y)) % 3 for y in ys], kind="classification"),
        "3 classes in 3 tasks",
    ),
    "one class": (
        lambda: amtl.compare(Xs, [ys[0] > 0, ys[1] > 0, ys[2] > 1e9], methods=["stl"]),
        "method 'stl': task 2",
    ),
    "bad parameter": (lambda: amtl.compare(Xs, ys, methods=["stl"], cv=1), "method 'stl': cv=1"),
    "summary": (lambda: amtl.summarize(pd.DataFrame({"method": []})), "'split'"),
    "baseline": (lambda: amtl.summarize(made_up({"a": [1.0]}), "b"), "'b'"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_error(case):
    call, expected = BAD[case]
    with pytest.raises(ValueError, match=expected):
        call()


def test_unknown_parameter_is_named():
    with pytest.raises(TypeError, match="n_pionts"):
        amtl.compare(Xs, ys, methods=["stl"], n_pionts=3)


def test_without_pandas_the_error_says_so_before_any_fit(project):
    code = (
        "import sys; sys.modules['pandas'] = None\nimport amtl\n"
        "try:\n    amtl.compare(None, None)\nexcept ImportError as error:\n    print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(project / "workflow")},
        **{"capture_output": True, "text": True, "check": True},
    )
    assert "pip install pandas" in done.stdout


def test_example_runs():
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner()
    found = finder.find(comparison.compare, globs={})
    assert found and all(runner.run(each).failed == 0 for each in found)
