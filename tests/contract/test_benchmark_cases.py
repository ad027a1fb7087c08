"""What holds for every case of the benchmark, on small problems: all contenders come to the optimum."""

import importlib
import json
import warnings

import numpy as np
import pytest

from amtl.model_selection import tune
from amtl.splits import Part, Split
from workbench import config
from workbench.benchmark import data, summary, worker
from workbench.benchmark.measure import SHORT, Plan, calibrate
from workbench.split_files import save_split

PLAN = Plan(repeats=1, warmups=0, tolerance=1e-5, time_limit=20.0)
KINDS = {"usps": "one-vs-rest", "mnist": "one-vs-rest"}
SMALL = {
    "amtl-awa-shape": {"n_classes": 6, "per_class": 8, "components": 12},
    "amtl-many-tasks": {"n_tasks": 12, "d": 5, "n": 12, "groups": 3},
    "l21": {"n_tasks": 3, "d": 12, "n": 40, "used": 3},
}
POINTS = 6
# Solvers that start alike may end at other optima of these; what holds is that ours reaches one.
LOCAL = {"scipy L-BFGS-B", "ours without paths"}


def make_split(kind):
    """Five related tasks, easy and noisy ones; or five classes."""
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
        return Part(X, y, np.arange(0, len(task) + 1, n))

    names = tuple(map(str, range(n_tasks)))
    # A fit job, as in the case start-up, asks for the dataset that it is told of.
    return Split("synthetic", 1, kind, names, part(), part(), part())


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Return the function that makes the files of one dataset of a case."""
    folder = tmp_path_factory.mktemp("sources")

    def make(dataset, methods):
        kind = KINDS.get(dataset, "regression")
        split = make_split(kind)
        loss = "logistic" if kind == "one-vs-rest" else "squared"
        save_split(folder / f"{kind}.npz", split)
        fits = {}
        for name in methods:
            method = importlib.import_module(f"amtl.methods.{name.replace('-', '_')}")
            tuned = tune(method, split, loss, data.default_options(method), POINTS, tolerance=1e-4)
            record = {"params": tuned.fit.params, "grid": tuned.grid, "chosen": tuned.chosen, "loss": loss}
            fits[name] = folder / f"{kind}-{name}.json"
            fits[name].write_text(json.dumps(record))
        return {"split": str(folder / f"{kind}.npz"), "fits": fits}

    return make


@pytest.mark.parametrize("name", config.benchmark_cases())
def test_every_contender_comes_to_an_optimum_and_to_the_same_one_if_there_is_one(name, source, monkeypatch):
    case = importlib.import_module(f"workbench.benchmark.cases.{name.replace('-', '_')}")
    if name in SMALL:
        monkeypatch.setattr(case, "SIZE", SMALL[name])
    settings = case.settings({dataset: source(dataset, case.FITS) for dataset in case.DATASETS})
    assert settings
    for given in settings.values():
        found = {each.name: solve(case, given, each) for each in case.contenders(given) if each.installed}
        assert next(iter(found)) == "ours"
        ours = found.pop("ours")
        assert ours["residual"] is None or ours["residual"] <= PLAN.tolerance
        for other, account in found.items():
            assert account["residual"] is None or account["residual"] <= PLAN.tolerance, (other, account)
            if account["objective"] is not None and other not in LOCAL:
                same = summary.agrees(ours["objective"], account["objective"])
                # Where a problem has several minima, those from one start lie near each other at least.
                near = not case.CONVEX and ours["objective"] == pytest.approx(account["objective"], rel=1e-3)
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
    assert reason is None or reason.startswith(SHORT), reason
    return found
