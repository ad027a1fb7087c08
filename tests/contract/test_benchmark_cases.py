"""What holds for every case of the benchmark, on small problems: all contenders reach the optimum."""

import importlib
import warnings

import numpy as np
import pytest

from amtl.model_selection import tune
from amtl.splits import Part, Split
from helpers import sequences
from workbench import plugins
from workbench.benchmark import data, summary, worker
from workbench.benchmark._spec import CaseSpec
from workbench.benchmark.measure import NOT_REACHED, MeasurementPlan, calibrate
from workbench.jobs import PlainJob
from workbench.result_files import save_record
from workbench.split_files import save_split

pytestmark = pytest.mark.slow

CASES = plugins.find("cases")
PLAN = MeasurementPlan(repeats=1, warmups=0, tolerance=1e-6, time_limit=20.0)
KINDS = {"conll-2000": "sequence", "usps": "one-vs-rest", "mnist": "one-vs-rest", "landmine": "binary"}
# Sizes of generated problems, in place of the cases' own.
SIZES = {
    "amtl-awa-shape": {"n_classes": 6, "per_class": 8, "components": 12},
    "amtl-many-tasks": {"n_tasks": 12, "d": 5, "n": 12, "groups": 3},
} | dict.fromkeys(
    ("l21", "lasso", "elastic-net", "sparse-group"), {"n_tasks": 3, "d": 12, "n": 40, "used": 3}
)
GRID_POINTS = 6
# Contenders that stop before the optimum.
STOP_EARLY = {"crf"}
# They may reach another optimum of a problem that is not convex, far from ours.
FAR_OPTIMA = {"scipy L-BFGS-B", "ours without paths"}


def make_split(kind):
    """Return five related tasks, easy and noisy ones; or five classes; or one task of simple sentences."""
    if kind == "sequence":
        return sequences.make_split()
    rng = np.random.default_rng(0)
    n_tasks, d, n = 5, 7, 24
    truth = 1.0 + 0.4 * rng.normal(size=(d, n_tasks))
    task = np.repeat(np.arange(n_tasks), n)

    def part():
        X = np.column_stack([rng.normal(size=(len(task), d - 1)), np.ones(len(task))])
        if kind == "one-vs-rest":
            X[:, :-1] += truth[:-1, task].T
            return Part(X, task.astype(float))
        y = np.einsum("nd,nd->n", X, truth.T[task]) + np.where(task % 2, 2.0, 0.3) * rng.normal(size=len(X))
        y = (y > np.median(y)).astype(float) if kind == "binary" else y
        return Part(X, y, np.arange(0, len(task) + 1, n))

    names = tuple(map(str, range(n_tasks)))
    # The fit job of the case start-up is for this dataset.
    return Split("synthetic", 1, kind, names, part(), part(), part())


@pytest.fixture(scope="module")
def make_source(tmp_path_factory):
    """Return the function that writes the files of one dataset of a case."""
    folder = tmp_path_factory.mktemp("sources")
    job = PlainJob(name="benchmark_table", code="")

    def make(dataset, methods):
        kind = KINDS.get(dataset, "regression")
        split = make_split(kind)
        loss = "squared" if kind == "regression" else "logistic"
        save_split(folder / f"{kind}.npz", job, split)
        fits = {}
        for name in methods:
            spec = plugins.load("methods", name)
            tuned = tune(spec, split, loss, data.default_options(spec), GRID_POINTS, tolerance=1e-4)
            record = {"params": tuned.fit.params, "grid": tuned.grid, "chosen": tuned.chosen, "loss": loss}
            record["initial_points"] = tuned.initial_points
            fits[name] = str(folder / f"{kind}-{name}.json")
            save_record(fits[name], job, record)
        path = str(folder / f"{kind}.npz")
        return {"split": path, "fits": fits, "digests": dict.fromkeys([path, *fits.values()], job.digest)}

    # The code digest of this job is made up.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PlainJob, "require_code", lambda self: None)
        yield make


@pytest.mark.parametrize("name", CASES)
def test_case_reads_known_datasets_and_methods(name):
    spec = plugins.load("cases", name)
    assert isinstance(spec, CaseSpec) and spec.title
    assert set(spec.datasets) <= plugins.find("datasets").keys()
    assert set(spec.fits) <= plugins.find("methods").keys()


@pytest.mark.parametrize("name", CASES)
def test_all_contenders_reach_the_optimum(name, make_source, monkeypatch):
    case = plugins.load("cases", name)
    if name in SIZES:
        monkeypatch.setattr(importlib.import_module(CASES[name]), "SIZE", SIZES[name])
    settings = case.settings({dataset: make_source(dataset, case.fits) for dataset in case.datasets})
    assert settings
    for given in settings.values():
        found = {each.name: solve(case, given, each) for each in case.contenders(given) if each.installed}
        assert next(iter(found)) == "ours"
        ours = found.pop("ours")
        assert ours["residual"] is None or ours["residual"] <= PLAN.tolerance
        for other, account in found.items():
            # Where rounding ends the line search of scipy depends on the processor.
            bound = (10 if other == "scipy L-BFGS-B" else 1) * PLAN.tolerance
            assert account["residual"] is None or account["residual"] <= bound, (other, account)
            if account["objective"] is None or name in STOP_EARLY:
                continue
            if case.convex or other not in FAR_OPTIMA:
                same = summary.agrees(ours["objective"], account["objective"])
                # Optima that solvers reach from the same start are close to each other.
                near = not case.convex and ours["objective"] == pytest.approx(account["objective"], rel=1e-3)
                assert same or near, (other, ours, account)


def solve(case, given, contender):
    """Return the account of one contender, at the tolerance that its calibration finds."""
    run, judge = contender.make(), worker.find(case, given, contender.name)[1]

    def account(level):
        answer, numbers = worker.run_once(run, level, PLAN.time_limit)
        return numbers | worker.judge_once(judge, answer)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not contender.levels:
            return account(PLAN.tolerance)
        _, found, reason = calibrate(account, contender.levels, PLAN)
    assert reason is None or reason.startswith(NOT_REACHED), reason
    return found
