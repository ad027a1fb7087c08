"""What networks see of a split, and how their predictions are measured."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from amtl.errors import InputError
from amtl.model_selection import complete_options, part_problem, tune
from amtl.networks.problem import NetworkProblem
from amtl.splits import Part, Split, check_split
from workbench import plugins

METHODS = {name: plugins.load("networks", name) for name in plugins.find("networks")}
QUICK = {"steps": 30, "checks": 3, "width": 6, "batch": 16}
KINDS = ("regression", "shared regression", "binary", "multiclass", "mixed")


def make_split(kind, sizes=(40, 30), seed=0, **changed):
    """Return a small split: two related tasks."""
    random = np.random.default_rng(seed)
    d, T = 4, len(sizes)
    truth = random.normal(size=(d, T)) + 2.0

    def part():
        X = random.normal(size=(sum(sizes), d))
        offsets = np.cumsum([0, *sizes])
        if kind == "mixed":
            z = X @ truth
            y = np.column_stack([np.digitize(z[:, 0], [-1.0, 1.0]), 10.0 + 5.0 * z[:, 1]])
            return Part(np.column_stack([X, np.ones(len(X))]), y)
        if kind == "shared regression":
            X = np.tile(X[: sizes[0]], (T, 1))
            offsets = np.arange(T + 1) * sizes[0]
        task = np.repeat(np.arange(T), np.diff(offsets))
        z = np.einsum("ij,ij->i", X, truth.T[task])
        y = {"binary": z > 0.0, "multiclass": np.digitize(z, [-1.0, 1.0])}.get(kind, 20.0 + 3.0 * z)
        return Part(np.column_stack([X, np.ones(len(X))]), np.asarray(y, dtype=float), offsets)

    meta = {"mixed": {"outputs": [3, 0]}, "multiclass": {"classes": ["a", "b", "c"]}}.get(kind, {})
    split = Split(
        "made",
        1,
        "regression" if "regression" in kind else kind,
        tuple("abcdefgh"[:T]),
        part(),
        part(),
        part(),
        meta=meta,
        **changed,
    )
    check_split(split)
    return split


def options_of(spec, **given):
    return complete_options(spec, {**QUICK, **given})


def fit(name, split, **given):
    return tune(METHODS[name], split, "logistic", {**QUICK, **given}, n_points=2)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", METHODS)
def test_every_method_fits_and_predicts_every_kind_of_task(name, kind):
    split, spec = make_split(kind), METHODS[name]
    if name == "net-cross-stitch" and kind not in ("mixed", "shared regression"):
        with pytest.raises(InputError, match="cross-stitch"):
            fit(name, split)
        return
    tuned = fit(name, split)
    assert tuned.fit.W.shape[1] == 1 and np.isfinite(tuned.fit.W).all() and tuned.fit.converged
    assert set(tuned.fit.learned) == set(spec.learns)
    assert tuned.fit.learned["training_losses"].shape == (QUICK["checks"], 2)
    train = part_problem(spec, split, split.train, "logistic", options_of(spec))
    test = part_problem(spec, split, split.test, "logistic", options_of(spec), train)
    rows = {(row["task"], row["metric"]): row["value"] for row in test.evaluate(tuned.fit.W)}
    assert all(np.isfinite(value) for value in rows.values())
    whole = "rmse" if "regression" in kind else "error"
    per_task = {"rmse": "rmse", "error": "binary_error" if kind == "binary" else "task_error"}[whole]
    assert rows["all", whole] == pytest.approx(np.mean([rows[task, per_task] for task in "ab"]))
    again = fit(name, split)
    assert again.fit.W.tobytes() == tuned.fit.W.tobytes() and again.chosen == tuned.chosen


@pytest.mark.parametrize("name", METHODS)
def test_specs_are_complete(name):
    spec = METHODS[name]
    assert spec.name == name and spec.title and spec.citation and spec.objective and "," not in spec.title
    split = make_split("mixed")
    problem = part_problem(spec, split, split.train, "logistic", options_of(spec))
    for n_points in (1, 2, 6, 10):
        points = spec.grid(problem, None, options_of(spec), n_points)
        assert len(points) == n_points
        assert all(point.params.keys() == spec.hyperparameters.keys() for point in points)
    assert all(rule["description"].endswith(".") for rule in spec.options.values())


def test_titles_and_places_are_those_of_no_other_method():
    others = [plugins.load(kind, name) for kind in ("methods", "sharing") for name in plugins.find(kind)]
    specs = [*METHODS.values(), *others]
    assert len({spec.title for spec in specs}) == len(specs)
    assert len({spec.order for spec in METHODS.values()}) == len(METHODS)


def test_all_methods_but_static_weights_have_the_same_learning_rates():
    split = make_split("mixed")
    found = set()
    for name, spec in METHODS.items():
        problem = part_problem(spec, split, split.train, "logistic", options_of(spec))
        points = spec.grid(problem, None, options_of(spec), 8)
        if name != "net-static":
            found.add(tuple(point.params["learning_rate"] for point in points))
    assert len(found) == 1


def test_static_weights_of_two_tasks_lie_around_equal_ones():
    split, spec = make_split("mixed"), METHODS["net-static"]
    problem = part_problem(spec, split, split.train, "logistic", options_of(spec))
    ratios = sorted({point.params["ratio"] for point in spec.grid(problem, None, options_of(spec), 10)})
    assert len(ratios) == 5 and ratios[2] == pytest.approx(1.0)
    assert ratios[0] * ratios[4] == pytest.approx(1.0)


def test_rows_that_tasks_share_are_kept_once():
    for kind, shared in (("regression", False), ("shared regression", True), ("mixed", True)):
        problem = NetworkProblem(make_split(kind), make_split(kind).train)
        assert problem.rows.shared is shared
        assert len(problem.rows.X) == (1 if shared else 2)
        # The constant column is left out.
        assert problem.n_features == 4


def test_errors_are_those_of_the_predictions_in_the_units_of_the_data():
    for kind in KINDS:
        split, spec = make_split(kind), METHODS["net-equal"]
        W = fit("net-equal", split).fit.W
        train = part_problem(spec, split, split.train, "logistic", options_of(spec))
        test = part_problem(spec, split, split.test, "logistic", options_of(spec), train)
        rows = {(row["task"], row["metric"]): row["value"] for row in test.evaluate(W)}
        part = split.test
        for t, predicted in enumerate(test.predictions(W)):
            if kind == "mixed":
                y, own = part.y[:, t], split.train.y[:, t]
            else:
                place = slice(part.offsets[t], part.offsets[t + 1])
                y, own = part.y[place], None
            if kind == "mixed" and t == 1:
                value = 100.0 * np.sqrt(np.mean((predicted - y) ** 2) / np.mean((y - own.mean()) ** 2))
            elif kind == "mixed":
                common = np.bincount(own.astype(int)).argmax()
                value = 100.0 * np.mean(predicted != y) / np.mean(y != common)
            elif "regression" in kind:
                value = np.sqrt(np.mean((predicted - y) ** 2))
            else:
                value = 100.0 * np.mean(predicted != y)
            metric = "rmse" if "regression" in kind else "binary_error" if kind == "binary" else "task_error"
            assert rows["ab"[t], metric] == pytest.approx(value)


def test_mean_losses_leave_out_padded_rows():
    for kind in ("regression", "binary", "multiclass"):
        split, spec = make_split(kind, sizes=(40, 7)), METHODS["net-equal"]
        train = part_problem(spec, split, split.train, "logistic", options_of(spec))
        W = fit("net-equal", split).fit.W
        outputs = train.outputs(W)
        for t, n in enumerate((40, 7)):
            z, y = outputs[t, :n], train.rows.targets[t, :n]
            if kind == "regression":
                expected = np.mean((z[:, 0] - y) ** 2)
            elif kind == "binary":
                expected = np.mean(np.log1p(np.exp(-(2 * y - 1) * z[:, 0])))
            else:
                expected = np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(n), y.astype(int)])
            assert train.mean_losses(W)[t] == pytest.approx(expected)


def test_fits_are_ranked_by_the_area_under_the_curve_where_the_split_says_so():
    split, spec = make_split("binary", ranked_by="auc_loss"), METHODS["net-equal"]
    train = part_problem(spec, split, split.train, "logistic", options_of(spec))
    W = fit("net-equal", split).fit.W
    rows = {(row["task"], row["metric"]): row["value"] for row in train.evaluate(W)}
    assert rows["all", "auc_loss"] == pytest.approx((rows["a", "auc_loss"] + rows["b", "auc_loss"]) / 2)
    assert train.judge(W)[0] == pytest.approx(rows["all", "auc_loss"])


def test_a_loss_scale_changes_training_and_not_the_errors():
    split = make_split("mixed")
    split.meta["loss_scales"] = [1.0, 0.01]
    plain = make_split("mixed")
    spec = METHODS["net-equal"]
    W = fit("net-equal", split).fit.W
    assert np.abs(W - fit("net-equal", plain).fit.W).max() > 1e-3
    found = []
    for each in (split, plain):
        train = part_problem(spec, each, each.train, "logistic", options_of(spec))
        found.append(part_problem(spec, each, each.test, "logistic", options_of(spec), train).evaluate(W))
    assert found[0] == found[1]


def test_a_constant_target_is_no_error():
    split = make_split("shared regression")
    for part in (split.train, split.validation, split.test):
        part.y[: part.offsets[1]] = 5.0
    tuned = fit("net-equal", split)
    assert np.isfinite(tuned.fit.W).all()


@pytest.mark.parametrize(
    ("outputs", "change", "told"),
    [
        ([3], None, "outputs"),
        ([3, 1], None, "outputs"),
        ([2, 0], None, "'a'"),
        ([3, 0], lambda y: y[:, 0], "(n, 2)"),
    ],
)
def test_mixed_tasks_that_do_not_fit_their_targets_are_named(outputs, change, told):
    split = make_split("mixed")
    split.meta["outputs"] = outputs
    if change is not None:
        part = split.train
        split = replace(split, train=Part(part.X, change(part.y)))
    with pytest.raises(InputError) as error:
        check_split(split)
    assert told in str(error.value)


def test_a_fit_loads_none_of_the_heavy_packages(project):
    code = """
import sys
import numpy as np
from amtl.splits import Part, Split
from amtl.model_selection import tune
from amtl.networks.methods.net_nash import SPEC
import workbench.fit

random = np.random.default_rng(0)
part = Part(np.column_stack([random.normal(size=(20, 3)), np.ones(20)]), random.normal(size=(20, 2)))
split = Split("made", 1, "mixed", ("a", "b"), part, part, part, meta={"outputs": [0, 0]})
tune(SPEC, split, "squared", {"steps": 5}, n_points=1)
print(*{name.partition(".")[0] for name in sys.modules})
"""
    environment = {**os.environ, "PYTHONPATH": str(project / "workflow")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    loaded = set(done.stdout.split())
    assert "numpy" in loaded
    assert not loaded & {"sklearn", "pandas", "matplotlib", "snakemake", "mlxtend", "yaml", "torch"}
