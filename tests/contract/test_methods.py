"""What holds for every method, on every kind of data it applies to and on the shapes that break solvers."""

import ast
import importlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

import amtl.methods
from amtl.methods._fit import Context
from amtl.model_selection import tune
from amtl.problem import problem_from_part
from amtl.splits import KINDS, Part, Split, check_split
from workbench.fit import run_job, write_fit

FOLDER = Path(amtl.methods.__path__[0])


def constants(path):
    """Return {name: syntax tree} of what a module assigns at its top level."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return {ast.unparse(node.targets[0]): node.value for node in body if isinstance(node, ast.Assign)}


NAMES = sorted(path.stem for path in FOLDER.glob("*.py") if "OPTIONS" in constants(path))
SHAPES = ("ordinary", "one task", "few rows", "unequal rows", "constant feature")
LOSSES = {
    "regression": ("squared",),
    "binary": ("squared", "logistic"),
    "one-vs-rest": ("squared", "logistic"),
}
CASES = [(kind, loss, shape) for kind in KINDS for loss in LOSSES[kind] for shape in SHAPES]
TOLERANCE = 1e-6
MAX_ITERATIONS = 1000
POINTS = 6


@cache
def load(name):
    return importlib.import_module(f"amtl.methods.{name}")


def options_of(name, **given):
    defaults = {key: rule["default"] for key, rule in load(name).OPTIONS.items()}
    return {"fit_loss": "sum", "intercept": "feature", **defaults, **given}


def sizes_of(shape):
    """Training rows per task (with d = 8 columns)."""
    return {"one task": [20], "few rows": [3, 4, 2, 3], "unequal rows": [120, 2, 40, 4]}.get(shape, [20] * 4)


@cache
def make_split(kind, shape, refit=False):
    """Related tasks with easy and hard ones; in every part each task has rows, each class has members."""
    rng = np.random.default_rng([KINDS.index(kind), SHAPES.index(shape)])
    sizes, d = sizes_of(shape), 8
    n_tasks = len(sizes)
    truth = 1.0 + 0.5 * rng.normal(size=(d, n_tasks))
    noise = np.where(np.arange(n_tasks) % 2, 3.0, 0.3)

    def part(sizes):
        task = np.repeat(np.arange(n_tasks), sizes)
        X = np.column_stack([rng.normal(size=(len(task), d - 1)), np.ones(len(task))])
        if shape == "constant feature":
            X[:, 2], X[:, 3] = 4.0, 0.0
        if kind == "one-vs-rest":
            # The class moves the features; sizes are those of the classes, in random order.
            X[:, :-1] += 0.7 * truth[:-1, task].T * (shape != "constant feature")
            shuffle = rng.permutation(len(task))
            return Part(X[shuffle], task[shuffle].astype(float))
        z = np.einsum("nd,nd->n", X, truth.T[task]) + noise[task] * rng.normal(size=len(X))
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        return Part(X, (z > 1.0).astype(float) if kind == "binary" else z, offsets)

    parts = {"train": part(sizes), "validation": part([15] * n_tasks), "test": part([15] * n_tasks)}
    tasks = tuple(f"t{t}" for t in range(n_tasks))
    split = Split("made", 1, kind, tasks, **parts, refit=refit, truth=truth)
    check_split(split)
    return split


def requires(name, kind, shape):
    """Skip, with the reason, what the method or the data cannot be."""
    if kind not in load(name).APPLIES_TO:
        pytest.skip(f"{name} does not apply to {kind}")
    if kind == "one-vs-rest" and shape == "one task":
        pytest.skip("one class alone cannot be told from a rest")


def problem_and_context(name, split, loss, options):
    """Return what `tune` hands to the method, from the tuned weights of its INIT."""
    method = load(name)
    keys = {"fit_loss": options["fit_loss"], "intercept": options["intercept"]}
    problem = problem_from_part(split.train, split.kind, len(split.tasks), loss, **keys)
    context = Context(TOLERANCE, MAX_ITERATIONS, truth=split.truth)
    if method.INIT is None:
        return problem, context
    init = tune(method.INIT, split, loss, options, POINTS, TOLERANCE)
    validation = problem_from_part(split.validation, split.kind, len(split.tasks), loss, **keys)
    return problem, Context(
        TOLERANCE,
        MAX_ITERATIONS,
        init=init.fit.W,
        init_rho=init.fit.params["rho"],
        truth=split.truth,
        validation_loss=validation.mean_losses(init.fit.W),
    )


def check_fit(fit, problem):
    n_tasks = problem.n_tasks
    assert fit.W.shape == (problem.n_features, n_tasks) and fit.W.dtype == np.float64
    assert np.isfinite(fit.W).all()
    if fit.B is not None:
        assert fit.B.shape == (n_tasks, n_tasks)
        assert np.isfinite(fit.B).all() and (fit.B >= 0.0).all() and not np.diag(fit.B).any()
    if fit.order is not None:
        assert sorted(fit.order) == list(range(n_tasks))
    assert len(fit.objective) >= 1 and np.isfinite(fit.objective).all()
    assert isinstance(fit.iterations, int) and fit.iterations >= 0
    assert np.isfinite(fit.residual) and fit.residual >= 0.0
    assert fit.converged == (fit.residual <= TOLERANCE)


def snapshot(problem, context):
    arrays = [problem.X, problem.Y] if problem.shared else [*problem.X, *problem.Y]
    arrays += [context.init, context.truth, context.validation_loss, context.warm]
    return [None if array is None else array.copy() for array in arrays], arrays


@pytest.mark.parametrize("name", NAMES)
def test_module_says_what_it_is(name):
    module = load(name)
    for attribute in ("NAME", "TITLE", "CITATION", "OBJECTIVE", "__doc__"):
        assert isinstance(getattr(module, attribute), str) and getattr(module, attribute).strip()
    assert name == module.NAME.replace("-", "_")
    assert module.APPLIES_TO and set(module.APPLIES_TO) <= set(KINDS)
    assert module.NEEDS_TRUTH in (True, False) and module.ITERATIVE in (True, False)
    for function in (module.grid, module.fit):
        assert function.__doc__.strip()
    if module.INIT is not None:
        assert module.INIT.INIT is None and set(module.APPLIES_TO) <= set(module.INIT.APPLIES_TO)
        # It is handed the options of the method that starts from it, which must not mean another thing there.
        assert not module.OPTIONS.keys() & module.INIT.OPTIONS.keys()


@pytest.mark.parametrize("name", NAMES)
def test_options_are_a_literal_with_valid_defaults(name):
    written = ast.literal_eval(constants(FOLDER / f"{name}.py")["OPTIONS"])
    assert written == load(name).OPTIONS
    for key, rule in written.items():
        Draft202012Validator.check_schema(rule)
        Draft202012Validator(rule).validate(rule["default"])
        assert rule["description"].endswith("."), key


@pytest.mark.parametrize("case", CASES, ids="-".join)
@pytest.mark.parametrize("name", NAMES)
def test_fit_keeps_its_promises(name, case):
    kind, loss, shape = case
    requires(name, kind, shape)
    method, options = load(name), options_of(name)
    problem, context = problem_and_context(name, make_split(kind, shape), loss, options)
    points = method.grid(problem, context, options, POINTS)
    before, arrays = snapshot(problem, context)
    for point in points:
        first = method.fit(problem, point.params, context, options)
        check_fit(first, problem)
        assert first.converged
        if method.ITERATIVE:
            trace = np.array(first.objective)
            assert len(trace) == first.iterations + 1
            assert (np.diff(trace) <= 1e-12 * np.abs(trace[:-1])).all()
        again = method.fit(problem, point.params, context, options)
        for field in ("W", "B", "order"):
            ours, theirs = getattr(first, field), getattr(again, field)
            assert (ours is None) == (theirs is None)
            assert ours is None or ours.tobytes() == theirs.tobytes()
        assert first.objective == again.objective and first.residual == again.residual
    for kept, array in zip(before, arrays, strict=True):
        assert kept is None or np.array_equal(kept, array)


@pytest.mark.parametrize("name", NAMES)
def test_a_fit_that_starts_from_its_own_solution_stays_there(name):
    method, options = load(name), options_of(name)
    split = make_split("binary", "ordinary")
    problem, context = problem_and_context(name, split, "logistic", options)
    points = method.grid(problem, context, options, POINTS)
    if all(point.parent is None for point in points):
        pytest.skip(f"{name} has no path of warm starts")
    first = method.fit(problem, points[-1].params, context, options)
    again = method.fit(problem, points[-1].params, replace(context, warm=first.W), options)
    assert first.iterations > 0 and again.iterations == 0
    assert again.W == pytest.approx(first.W, rel=1e-12)
    assert again.objective[0] == pytest.approx(first.objective[-1], rel=1e-12)


@pytest.mark.parametrize("fit_loss", ["sum", "mean"])
@pytest.mark.parametrize("intercept", ["feature", "free", "none"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_common_options(name, kind, intercept, fit_loss):
    requires(name, kind, "ordinary")
    method, options = load(name), options_of(name, intercept=intercept, fit_loss=fit_loss)
    split = make_split(kind, "ordinary")
    for loss in LOSSES[kind]:
        problem, context = problem_and_context(name, split, loss, options)
        assert problem.n_features == (7 if intercept == "none" else 8)
        for point in method.grid(problem, context, options, POINTS)[::2]:
            check_fit(method.fit(problem, point.params, context, options), problem)


def own_choices(name):
    """Return every value of the method's own options that its schema names, one at a time."""
    for key, rule in load(name).OPTIONS.items():
        values = rule.get("enum") or (
            [False, True]
            if rule.get("type") == "boolean"
            else [rule.get("minimum"), *rule.get("examples", [])]
        )
        yield from ({key: value} for value in values if value not in (None, rule["default"]))


@pytest.mark.parametrize(
    ("name", "given"),
    [(name, given) for name in NAMES for given in own_choices(name)],
    ids=lambda value: value if isinstance(value, str) else "-".join(f"{k}={v}" for k, v in value.items()),
)
def test_own_options(name, given):
    method, options = load(name), options_of(name, **given)
    for kind in method.APPLIES_TO:
        for loss in LOSSES[kind]:
            problem, context = problem_and_context(name, make_split(kind, "ordinary"), loss, options)
            for point in method.grid(problem, context, options, POINTS)[::2]:
                check_fit(method.fit(problem, point.params, context, options), problem)


@pytest.mark.parametrize("shape", ["ordinary", "few rows"])
@pytest.mark.parametrize("kind", KINDS)
def test_stl_with_a_given_rho_is_not_tuned(kind, shape):
    split = make_split(kind, shape)
    for loss in LOSSES[kind]:
        record, _ = run_job(load("stl"), split, job_of("stl", split, loss, rho=0.5))
        assert record["params"] == {"rho": 0.5} and len(record["grid"]) == 1
        assert record["edges"] == [] and record["converged"]


@pytest.mark.parametrize("kind", KINDS)
def test_amtl_starts_from_tuned_stl_whatever_its_options(kind):
    """The (lam, mu) grid around them is the same for every option that is about the way to the solution."""
    method, grids = load("amtl"), []
    for given in ({}, {"start": "cold"}, {"alternations": 3}):
        options = options_of("amtl", **given)
        problem, context = problem_and_context("amtl", make_split(kind, "ordinary"), "squared", options)
        points = method.grid(problem, context, options, POINTS)
        grids.append([point.params for point in points])
        assert all(point.parent is None for point in points) == bool(given)
    assert grids[0] == grids[1] == grids[2]


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_amtl_stopped_after_some_rounds_says_so(case):
    kind, loss, shape = case
    requires("amtl", kind, shape)
    method, split = load("amtl"), make_split(kind, shape)
    options = options_of("amtl")
    problem, context = problem_and_context("amtl", split, loss, options)
    point = method.grid(problem, context, options, POINTS)[-1]
    traces = []
    for rounds in (1, 2, 4):
        fit = method.fit(problem, point.params, context, {**options, "alternations": rounds})
        check_fit(fit, problem)
        assert fit.iterations == rounds or (fit.iterations < rounds and fit.converged)
        assert len(fit.objective) == fit.iterations + 1
        traces.append(fit.objective)
    # Fewer rounds are the beginning of more, and no round raises the objective.
    assert traces[2][: len(traces[0])] == traces[0] and traces[2][: len(traces[1])] == traces[1]
    assert (np.diff(traces[2]) <= 1e-12 * np.abs(traces[2][:-1])).all()


def test_amtl_stopped_after_one_round_reports_it_as_a_warning():
    split = make_split("regression", "ordinary")
    record, _ = run_job(load("amtl"), split, job_of("amtl", split, "squared", alternations=1))
    assert not record["converged"] and record["iterations"] == 1 and record["residual"] > TOLERANCE
    assert any("did not converge" in warning for warning in record["warnings"])


@pytest.mark.parametrize("kind", KINDS)
def test_amtl_from_a_cold_start_ignores_the_tuned_weights(kind):
    method, split = load("amtl"), make_split(kind, "ordinary")
    for loss in LOSSES[kind]:
        options = options_of("amtl", start="cold")
        problem, context = problem_and_context("amtl", split, loss, options)
        point = method.grid(problem, context, options, POINTS)[-1]
        elsewhere = replace(context, init=context.init + 1.0, warm=context.init - 1.0)
        first, second = (method.fit(problem, point.params, each, options) for each in (context, elsewhere))
        assert first.W.tobytes() == second.W.tobytes()
        # It sets out from ridge weights with rho = lam; no edge can make their objective higher.
        ridge = load("stl").fit(problem, {"rho": point.params["lam"]}, context, {"rho": None})
        assert first.objective[0] <= ridge.objective[-1] * (1 + 1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_permuting_tasks_permutes_the_weights(name):
    method, options = load(name), options_of(name)
    split = make_split("regression", "ordinary")
    problem, context = problem_and_context(name, split, "squared", options)
    point = method.grid(problem, context, options, POINTS)[-1]
    order = np.array([2, 0, 3, 1])
    permuted = type(problem)(*([values[t] for t in order] for values in (problem.X, problem.Y)))
    fields = {
        "init": None if context.init is None else context.init[:, order],
        "truth": context.truth[:, order],
        "validation_loss": None if context.validation_loss is None else context.validation_loss[order],
    }
    first = method.fit(problem, point.params, context, options)
    second = method.fit(permuted, point.params, Context(TOLERANCE, MAX_ITERATIONS, **fields), options)
    # Two points within the same small residual, not the same bits.
    assert second.W == pytest.approx(first.W[:, order], abs=1e-4)
    assert second.objective[-1] == pytest.approx(first.objective[-1], rel=1e-8)


# The whole job


def job_of(name, split, loss, **options):
    job = {"dataset": split.dataset, "split": split.index, "method": name, "title": load(name).TITLE}
    job |= {"loss": loss, "options": options_of(name, **options), "grid_points": POINTS, "seed": 0}
    return job | {"tolerance": TOLERANCE, "max_iterations": MAX_ITERATIONS, "code": "0" * 64}


def expected_metrics(split, loss):
    """Return the (task, metric) pairs that a record has to hold; AUC is optional."""
    found = {(task, "train_loss") for task in split.tasks}
    if split.kind == "regression":
        found |= {("all", name) for name in ("rmse", "rmse_rows", "explained_variance")}
        found |= {(task, "rmse") for task in split.tasks}
    else:
        found |= {("all", "error")} | {(task, "binary_error") for task in split.tasks}
    if split.kind == "one-vs-rest":
        found |= {(task, "class_error") for task in split.tasks}
    return found | ({("all", "log_loss")} if loss == "logistic" else set())


@pytest.mark.parametrize("case", CASES, ids="-".join)
@pytest.mark.parametrize("name", NAMES)
def test_job_gives_a_complete_record(name, case, tmp_path):
    kind, loss, shape = case
    requires(name, kind, shape)
    split = make_split(kind, shape, refit=shape in ("few rows", "ordinary"))
    record, arrays = run_job(load(name), split, job_of(name, split, loss))
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    pairs = [(row["task"], row["metric"]) for row in record["metrics"]]
    assert len(set(pairs)) == len(pairs)
    assert {pair for pair in pairs if pair[1] != "auc"} == expected_metrics(split, loss)
    if kind == "one-vs-rest":
        assert {task for task, metric in pairs if metric == "auc"} == set(split.tasks)
    assert all(np.isfinite(row["value"]) for row in record["metrics"])
    assert record["params"] == record["grid"][record["chosen"]]["params"]
    assert record["n_train"] == ([len(split.train.X)] * 4 if kind == "one-vs-rest" else sizes_of(shape))
    assert record["converged"] == (record["residual"] <= TOLERANCE)
    assert arrays["objective"][-1] == record["objective"]
    assert set(arrays) <= {"W", "B", "order", "objective"}
    write_fit(tmp_path / "fit.npz", tmp_path / "fit.json", record, arrays)
    with np.load(tmp_path / "fit.npz", allow_pickle=False) as stored:
        assert all(np.array_equal(stored[key], arrays[key]) for key in arrays)
    assert json.loads((tmp_path / "fit.json").read_text()) == record


@pytest.mark.parametrize("name", NAMES)
def test_record_says_that_a_fit_was_cut_short(name):
    split = make_split("binary", "ordinary")
    finished, _ = run_job(load(name), split, job_of(name, split, "logistic"))
    if not any(point["iterations"] for point in finished["grid"]):
        pytest.skip(f"{name} needs no iteration")
    record, _ = run_job(load(name), split, {**job_of(name, split, "logistic"), "max_iterations": 1})
    points = record["grid"]
    assert not all(point["converged"] for point in points)
    assert all(point["converged"] == (point["residual"] <= TOLERANCE) for point in points)
    chosen = points[record["chosen"]]
    assert record["residual"] == chosen["residual"] and record["converged"] == chosen["converged"]
    assert any("did not converge" in warning for warning in record["warnings"])


@pytest.mark.parametrize("name", NAMES)
def test_record_scores_the_weights_it_stores(name):
    """The metrics, once more from the test rows and the stored weights alone."""
    split = make_split("regression", "unequal rows")
    record, arrays = run_job(load(name), split, job_of(name, split, "squared"))
    values = {(row["task"], row["metric"]): row["value"] for row in record["metrics"]}
    for t, task in enumerate(split.tasks):
        for part, metric, root in ((split.test, "rmse", True), (split.train, "train_loss", False)):
            rows = slice(part.offsets[t], part.offsets[t + 1])
            mean = np.mean((part.y[rows] - part.X[rows] @ arrays["W"][:, t]) ** 2)
            assert values[task, metric] == pytest.approx(np.sqrt(mean) if root else mean, rel=1e-6, abs=1e-9)
    assert values["all", "rmse"] == pytest.approx(np.mean([values[task, "rmse"] for task in split.tasks]))


@pytest.mark.parametrize("name", NAMES)
def test_a_fit_loads_none_of_the_heavy_packages(name):
    code = f"""
import json, sys
import numpy as np
from workbench.fit import run_job
from amtl.splits import Part, Split
import amtl.methods.{name} as method
rng = np.random.default_rng(0)
def part():
    X = np.column_stack([rng.normal(size=(30, 3)), np.ones(30)])
    return Part(X, X.sum(axis=1) + rng.normal(size=30), np.array([0, 10, 20, 30]))
split = Split("made", 1, "regression", ("a", "b", "c"), part(), part(), part(), truth=np.ones((4, 3)))
run_job(method, split, json.loads(sys.argv[1]))
print(json.dumps(sorted(m.split(".")[0] for m in sys.modules)))
"""
    job = json.dumps(job_of(name, make_split("regression", "ordinary"), "squared"))
    environment = {**os.environ, "PYTHONPATH": str(FOLDER.parent.parent)}
    done = subprocess.run(
        [sys.executable, "-c", code, job], capture_output=True, text=True, check=True, env=environment
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    heavy = {"sklearn", "pandas", "matplotlib", "snakemake", "mlxtend", "h5py", "yaml", "jsonschema"}
    assert "numpy" in loaded and not loaded & heavy
