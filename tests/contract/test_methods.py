"""What holds for every method, on every kind of data that it applies to and on difficult shapes.

``pytest --amtl-method FILE`` runs the tests on the method in a file alone.
"""

import inspect
import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from amtl.estimators import class_prefix, make_estimator
from amtl.methods._fit import Context
from amtl.methods._options import COMMON, DELTA, RESTARTS, RIDGE
from amtl.methods._spec import LEARNED
from amtl.model_selection import tune
from amtl.problem import problem_from_part
from amtl.solvers.reweighted import is_unbounded
from amtl.splits import KINDS
from helpers import own_method
from helpers.problems import options_of, permuted, random_split, rises
from workbench.fit import run_job
from workbench.jobs import FitJob
from workbench.plugins import ROOT, find, load, load_module

ALL = {name: load("methods", name) for name in find("methods")}
MODULES = own_method.modules or find("methods")
METHODS = {name: load_module(module) for name, module in MODULES.items()}
SHAPES = ("ordinary", "one task", "few rows", "unequal rows", "constant feature")
LOSSES = {
    "regression": ("squared",),
    "binary": ("squared", "logistic"),
    "one-vs-rest": ("squared", "logistic"),
}
CASES = [(kind, loss, shape) for kind in KINDS for loss in LOSSES[kind] for shape in SHAPES]
# What is written of a fit depends little on its data: the shapes take turns, but for a method of one's own.
RECORDS = [
    (name, case)
    for number, name in enumerate(METHODS)
    for place, case in enumerate(CASES)
    if own_method.modules or (number + place + place // len(SHAPES)) % len(SHAPES) == 0
]
TOLERANCE = 1e-6
MAX_ITERATIONS = 1000
# For tests of what a job writes, which holds for fits that were stopped too.
FEW_ITERATIONS = 20
POINTS = 6
# The fields of a fit for what `MethodSpec.learns` names; all else is in `Fit.learned`.
FIELDS = {"graph": "B", "order": "order"}

pytestmark = pytest.mark.slow
by_name = pytest.mark.parametrize("name", METHODS)
by_case = pytest.mark.parametrize("case", CASES, ids="-".join)


def sizes_of(shape):
    """Training rows per task (with d = 8 columns)."""
    return {"one task": [20], "few rows": [3, 4, 2, 3], "unequal rows": [120, 2, 40, 4]}.get(shape, [20] * 4)


@cache
def make_split(kind, shape, refit=False):
    """Related tasks, every other one noisy; in every part each task has rows, each class has members."""
    sizes = sizes_of(shape)
    truth = 1.0 + 0.5 * np.random.default_rng(SHAPES.index(shape)).normal(size=(8, len(sizes)))

    def constant_feature(X, task):
        X[:, 2], X[:, 3] = 4.0, 0.0

    change = constant_feature if shape == "constant feature" else None
    noise = np.where(np.arange(len(sizes)) % 2, 3.0, 0.3)
    seed = [KINDS.index(kind), SHAPES.index(shape)]
    return random_split(kind, seed, truth, sizes, noise, refit=refit, change=change)


def requires(name, kind, shape):
    """Skip combinations to which the method does not apply."""
    if kind not in METHODS[name].applies_to:
        pytest.skip(f"{name} does not apply to {kind}")
    if kind == "one-vs-rest" and shape == "one task":
        pytest.skip("one class has no rest")


def problem_and_context(spec, split, loss, options):
    """Return what `tune` hands to the method, from the tuned weights of the method it starts from."""
    keys = {"fit_loss": options["fit_loss"], "intercept": options["intercept"]}
    problem = problem_from_part(split.train, split.kind, len(split.tasks), loss, **keys)
    context = Context(TOLERANCE, MAX_ITERATIONS, truth=split.truth)
    if spec.init is None:
        return problem, context
    init = tune(spec.init, split, loss, keys, POINTS, TOLERANCE)
    validation = problem_from_part(split.validation, split.kind, len(split.tasks), loss, **keys)
    return problem, replace(
        context,
        init=init.fit.W,
        init_rho=init.fit.params["rho"],
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


@by_name
@pytest.mark.parametrize("suffix", ["Regressor", "Classifier"])
def test_a_task_without_rows_is_fitted_or_named(name, suffix):
    spec = METHODS[name]
    if spec.needs_truth or (suffix == "Classifier" and not {"binary", "one-vs-rest"} & set(spec.applies_to)):
        pytest.skip("no such estimator")
    rng = np.random.default_rng(7)
    Xs = {"a": rng.normal(size=(20, 3)), "lonely": np.zeros((0, 3)), "c": rng.normal(size=(1, 3))}
    Xs["d"] = rng.normal(size=(15, 3))
    ys = {task: X @ [1.0, -1.0, 2.0] + rng.normal(size=len(X)) for task, X in Xs.items()}
    if suffix == "Classifier":
        del Xs["c"], ys["c"]
        ys = {task: (y > 0.0).astype(int) for task, y in ys.items()}
    estimator = make_estimator(spec, suffix)(tol=TOLERANCE)
    if spec.needs_rows(estimator.get_params()) is not None:
        with pytest.raises(ValueError, match="task 'lonely'"):
            estimator.fit(Xs, ys)
        return
    estimator.fit(Xs, ys)
    assert np.isfinite(estimator.coef_).all() and np.isfinite(estimator.intercept_).all()
    assert estimator.converged_ and estimator.kkt_residual_ <= TOLERANCE


@by_name
def test_spec_is_complete_and_consistent(name):
    spec = METHODS[name]
    assert spec.name == name
    assert all(text.strip() for text in (spec.title, spec.citation, spec.objective))
    assert spec.title not in {each.title for other, each in ALL.items() if other != name}
    # Titles are listed with commas between them.
    assert "," not in spec.title
    assert class_prefix(spec).isidentifier()
    assert spec.applies_to and set(spec.applies_to) <= set(KINDS)
    assert set(spec.learns) <= set(LEARNED)
    assert set(spec.defaults) <= set(COMMON)
    assert all(map(inspect.getdoc, (spec.grid, spec.fit)))
    assert all(text.endswith(".") for text in spec.hyperparameters.values())
    if spec.init is not None:
        assert spec.init.init is None and set(spec.applies_to) <= set(spec.init.applies_to)
        # The method that it starts from receives the same options: no name may have two meanings.
        assert not spec.options.keys() & spec.init.options.keys()


@by_name
def test_the_points_of_a_grid_have_the_hyperparameters_of_the_spec(name):
    spec = METHODS[name]
    kind = spec.applies_to[0]
    split = make_split(kind, "ordinary")
    options = options_of(spec)
    problem, context = problem_and_context(spec, split, LOSSES[kind][0], options)
    for only in (False, True):
        points = spec.grid(problem, replace(context, only_params=only), options, POINTS)
        assert all(point.params.keys() == spec.hyperparameters.keys() for point in points)
        assert points[0].start is None or not only


def test_methods_of_the_paper_are_in_its_order_and_controls_last():
    ours = [
        *("stl", "mtfl", "go-mtl", "sc-mtl", "curriculum-simple", "smtl"),
        *("amtl-noloss", "amtl", "amtl-imbalanced", "amtl-curriculum"),
        *("l21", "linf1", "sparse-group", "elastic-net", "trace-norm"),
        *("dirty", "robust", "rmtfl", "sparse-low-rank", "msmtfl", "multi-level-lasso", "ramusa"),
        *("graph-regularized", "mean-regularized", "tree-regularized", "cmtl", "cmtl-hard", "aso", "mtrl"),
        *("spats", "tgl", "cfsgl", "overlapped-trace", "latent-trace", "gamtl", "ella"),
        *("lasso", "mean", "pooled", "oracle"),
    ]
    rows = sorted(ALL.values(), key=lambda spec: (spec.order, spec.name))
    assert [spec.name for spec in rows if spec.name in ours] == ours
    assert [name for name in ours if ALL[name].control] == ["lasso", "mean", "pooled", "oracle"]


@by_name
def test_options_have_valid_defaults_and_descriptions(name):
    for key, rule in METHODS[name].options.items():
        Draft202012Validator.check_schema(rule)
        Draft202012Validator(rule).validate(rule["default"])
        assert key not in COMMON and rule["description"].endswith("."), key


@pytest.mark.parametrize(
    ("options", "valid", "invalid"),
    [
        (DELTA, ["train", "validation"], ["test"]),
        (RIDGE, [0, 0.0, 0.99], [-0.01, 1]),
        (RESTARTS, [1, 5], [0, 1.5]),
    ],
)
def test_shared_options_accept_their_range_alone(options, valid, invalid):
    ((_, rule),) = options.items()
    validator = Draft202012Validator(rule)
    assert all(validator.is_valid(value) for value in valid)
    assert not any(validator.is_valid(value) for value in invalid)


@by_case
@by_name
def test_fit_is_valid_converged_and_reproducible(name, case):
    kind, loss, shape = case
    requires(name, kind, shape)
    method, options = METHODS[name], options_of(METHODS[name])
    problem, context = problem_and_context(method, make_split(kind, shape), loss, options)
    points = method.grid(problem, context, options, POINTS)
    before, arrays = snapshot(problem, context)
    for place, point in enumerate(points):
        first = method.fit(problem, point.params, context, options)
        check_fit(first, problem)
        assert first.converged or is_unbounded(problem, first.W)
        for learned, field in FIELDS.items():
            assert (getattr(first, field) is not None) == (learned in method.learns)
        assert set(first.learned) == set(method.learns) - set(FIELDS)
        if method.iterative:
            assert len(first.objective) == first.iterations + 1
            assert not rises(first.objective)
        # The first point and the last, the strongest and the weakest, are fitted twice.
        if 0 < place < len(points) - 1:
            continue
        again = method.fit(problem, point.params, context, options)
        for field in ("W", "B", "order"):
            ours, theirs = getattr(first, field), getattr(again, field)
            assert (ours is None) == (theirs is None)
            assert ours is None or ours.tobytes() == theirs.tobytes()
        assert all(first.learned[key].tobytes() == again.learned[key].tobytes() for key in first.learned)
        assert first.objective == again.objective and first.residual == again.residual
    for kept, array in zip(before, arrays, strict=True):
        assert kept is None or np.array_equal(kept, array)


@by_name
def test_warm_start_from_the_solution_needs_no_iteration(name):
    method, options = METHODS[name], options_of(METHODS[name])
    split = make_split("binary", "ordinary")
    problem, context = problem_and_context(method, split, "logistic", options)
    points = method.grid(problem, context, options, POINTS)
    if all(point.parent is None for point in points):
        pytest.skip(f"{name} has no path of warm starts")
    first = method.fit(problem, points[-1].params, context, options)
    if is_unbounded(problem, first.W):
        pytest.skip("the classes are separable, and the penalty does not hold the weights")
    warm = replace(context, warm=first.W, learned=first.learned)
    again = method.fit(problem, points[-1].params, warm, options)
    assert first.iterations > 0 and again.iterations == 0
    assert again.W == pytest.approx(first.W, rel=1e-12)
    assert again.objective[0] == pytest.approx(first.objective[-1], rel=1e-12)


@pytest.mark.parametrize("fit_loss", ["sum", "mean"])
@pytest.mark.parametrize("intercept", ["feature", "free", "none"])
@pytest.mark.parametrize("kind", KINDS)
@by_name
def test_common_options(name, kind, intercept, fit_loss):
    requires(name, kind, "ordinary")
    method, options = METHODS[name], options_of(METHODS[name], intercept=intercept, fit_loss=fit_loss)
    split = make_split(kind, "ordinary")
    for loss in LOSSES[kind]:
        problem, context = problem_and_context(method, split, loss, options)
        assert problem.n_features == (7 if intercept == "none" else 8)
        for point in method.grid(problem, context, options, POINTS)[1::3]:
            check_fit(method.fit(problem, point.params, context, options), problem)


def own_choices(name):
    """Return every value of the method's own options that its schema names, one at a time."""
    for key, rule in METHODS[name].options.items():
        values = rule.get("enum") or (
            [False, True]
            if rule.get("type") == "boolean"
            else [rule.get("minimum"), *rule.get("examples", [])]
        )
        yield from ({key: value} for value in values if value not in (None, rule["default"]))


@pytest.mark.parametrize(
    ("name", "given"),
    [(name, given) for name in METHODS for given in own_choices(name)],
    ids=lambda value: value if isinstance(value, str) else "-".join(f"{k}={v}" for k, v in value.items()),
)
def test_own_options(name, given):
    method = METHODS[name]
    options = options_of(method, **given)
    for kind in method.applies_to:
        for loss in LOSSES[kind]:
            problem, context = problem_and_context(method, make_split(kind, "ordinary"), loss, options)
            for point in method.grid(problem, context, options, POINTS)[::2]:
                check_fit(method.fit(problem, point.params, context, options), problem)


@pytest.mark.parametrize("shape", ["ordinary", "few rows"])
@pytest.mark.parametrize("kind", KINDS)
def test_stl_with_a_given_rho_is_not_tuned(kind, shape):
    split = make_split(kind, shape)
    for loss in LOSSES[kind]:
        record, _ = run_job(ALL["stl"], split, job_of("stl", split, loss, rho=0.5))
        assert record["params"] == {"rho": 0.5} and len(record["grid"]) == 1
        assert record["edges"] == [] and record["converged"]


@pytest.mark.parametrize("kind", KINDS)
def test_amtl_starts_from_tuned_stl_whatever_its_options(kind):
    """The (lam, mu) grid around them does not depend on options about the path to the solution."""
    method, grids = ALL["amtl"], []
    for given in ({}, {"start": "cold"}, {"alternations": 3}):
        options = options_of(method, **given)
        problem, context = problem_and_context(method, make_split(kind, "ordinary"), "squared", options)
        points = method.grid(problem, context, options, POINTS)
        grids.append([point.params for point in points])
        assert all(point.parent is None for point in points) == bool(given)
    assert grids[0] == grids[1] == grids[2]


@by_case
def test_amtl_stopped_after_some_rounds_has_not_converged(case):
    kind, loss, shape = case
    requires("amtl", kind, shape)
    method, split = ALL["amtl"], make_split(kind, shape)
    options = options_of(method)
    problem, context = problem_and_context(method, split, loss, options)
    point = method.grid(problem, context, options, POINTS)[-1]
    traces = []
    for rounds in (1, 2, 4):
        fit = method.fit(problem, point.params, context, {**options, "alternations": rounds})
        check_fit(fit, problem)
        assert fit.iterations == rounds or (fit.iterations < rounds and fit.converged)
        assert len(fit.objective) == fit.iterations + 1
        traces.append(fit.objective)
    # More rounds begin with the same values as fewer rounds, and no round raises the objective.
    assert traces[2][: len(traces[0])] == traces[0] and traces[2][: len(traces[1])] == traces[1]
    assert not rises(traces[2])


def test_amtl_stopped_after_one_round_reports_it_as_a_warning():
    split = make_split("regression", "ordinary")
    record, _ = run_job(ALL["amtl"], split, job_of("amtl", split, "squared", alternations=1))
    assert not record["converged"] and record["iterations"] == 1 and record["residual"] > TOLERANCE
    assert any("did not converge" in warning for warning in record["warnings"])


@pytest.mark.parametrize("kind", KINDS)
def test_amtl_from_a_cold_start_ignores_the_tuned_weights(kind):
    method, split = ALL["amtl"], make_split(kind, "ordinary")
    for loss in LOSSES[kind]:
        options = options_of(method, start="cold")
        problem, context = problem_and_context(method, split, loss, options)
        point = method.grid(problem, context, options, POINTS)[-1]
        elsewhere = replace(context, init=context.init + 1.0, warm=context.init - 1.0)
        first, second = (method.fit(problem, point.params, each, options) for each in (context, elsewhere))
        assert first.W.tobytes() == second.W.tobytes()
        # It starts from ridge weights with rho = lam, and edges can only lower their objective.
        ridge = ALL["stl"].fit(problem, {"rho": point.params["lam"]}, context, {"rho": None})
        assert first.objective[0] <= ridge.objective[-1] * (1 + 1e-9)


@by_name
def test_permuting_tasks_permutes_the_weights(name):
    method, options = METHODS[name], options_of(METHODS[name])
    if method.ordered:
        pytest.skip(f"{name} takes the tasks in their order")
    split = make_split("regression", "ordinary")
    problem, context = problem_and_context(method, split, "squared", options)
    point = method.grid(problem, context, options, POINTS)[-1]
    order = np.array([2, 0, 3, 1])
    fields = {
        "init": None if context.init is None else context.init[:, order],
        "truth": context.truth[:, order],
        "validation_loss": None if context.validation_loss is None else context.validation_loss[order],
    }
    first = method.fit(problem, point.params, context, options)
    second = method.fit(
        permuted(problem, order), point.params, Context(TOLERANCE, MAX_ITERATIONS, **fields), options
    )
    # Two points within the same small residual, not the same bits.
    assert second.W == pytest.approx(first.W[:, order], abs=1e-4)
    assert second.objective[-1] == pytest.approx(first.objective[-1], rel=TOLERANCE)


# The whole job


def job_of(name, split, loss, max_iterations=MAX_ITERATIONS, **options):
    return FitJob(
        dataset=split.dataset,
        split=split.index,
        method=name,
        module=MODULES[name],
        loss=loss,
        options=options_of(METHODS[name], **options),
        grid_points=POINTS,
        seed=0,
        max_iterations=max_iterations,
        tolerance=TOLERANCE,
        data="0" * 20,
        code="0" * 20,
    )


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


@pytest.mark.parametrize(("name", "case"), RECORDS, ids=lambda value: "-".join(np.atleast_1d(value)))
def test_job_gives_a_complete_record(name, case):
    kind, loss, shape = case
    requires(name, kind, shape)
    split = make_split(kind, shape, refit=shape in ("few rows", "ordinary"))
    record, arrays = run_job(METHODS[name], split, job_of(name, split, loss, FEW_ITERATIONS))
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
    learned = {FIELDS.get(key, key) for key in METHODS[name].learns}
    assert set(arrays) == {"W", "objective"} | learned


@by_name
def test_record_warns_of_too_few_iterations(name):
    split = make_split("binary", "ordinary")
    finished, _ = run_job(METHODS[name], split, job_of(name, split, "logistic", FEW_ITERATIONS))
    if not any(point["iterations"] for point in finished["grid"]):
        pytest.skip(f"{name} needs no iteration")
    record, _ = run_job(METHODS[name], split, job_of(name, split, "logistic", max_iterations=1))
    points = record["grid"]
    assert not all(point["converged"] for point in points)
    assert all(point["converged"] == (point["residual"] <= TOLERANCE) for point in points)
    chosen = points[record["chosen"]]
    assert record["residual"] == chosen["residual"] and record["converged"] == chosen["converged"]
    assert any("did not converge" in warning for warning in record["warnings"])


@by_name
def test_record_scores_the_weights_it_stores(name):
    """The metrics, once more from the test rows and the stored weights alone."""
    split = make_split("regression", "unequal rows")
    record, arrays = run_job(METHODS[name], split, job_of(name, split, "squared"))
    values = {(row["task"], row["metric"]): row["value"] for row in record["metrics"]}
    for t, task in enumerate(split.tasks):
        for part, metric, root in ((split.test, "rmse", True), (split.train, "train_loss", False)):
            rows = slice(part.offsets[t], part.offsets[t + 1])
            mean = np.mean((part.y[rows] - part.X[rows] @ arrays["W"][:, t]) ** 2)
            assert values[task, metric] == pytest.approx(np.sqrt(mean) if root else mean, rel=1e-6, abs=1e-9)
    assert values["all", "rmse"] == pytest.approx(np.mean([values[task, "rmse"] for task in split.tasks]))


@by_name
def test_a_fit_loads_none_of_the_heavy_packages(name):
    if not MODULES[name].startswith("amtl."):
        pytest.skip("a method outside the library may use any package")
    code = f"""
import json, sys
import numpy as np
from workbench.fit import run_job
from workbench.jobs import FitJob
from amtl.splits import Part, Split
from {MODULES[name]} import SPEC

rng = np.random.default_rng(0)
def part():
    X = np.column_stack([rng.normal(size=(30, 3)), np.ones(30)])
    return Part(X, X.sum(axis=1) + rng.normal(size=30), np.array([0, 10, 20, 30]))
split = Split("made", 1, "regression", ("a", "b", "c"), part(), part(), part(), truth=np.ones((4, 3)))
run_job(SPEC, split, FitJob.from_json(sys.argv[1]))
print(json.dumps(sorted(m.split(".")[0] for m in sys.modules)))
"""
    job = job_of(name, make_split("regression", "ordinary"), "squared").to_json()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code, job], capture_output=True, text=True, check=True, env=environment
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    heavy = {"sklearn", "pandas", "matplotlib", "snakemake", "mlxtend", "h5py", "yaml", "jsonschema"}
    # numba imports yaml.
    heavy -= {"yaml"} if "numba" in loaded else set()
    assert "numpy" in loaded and not loaded & heavy
