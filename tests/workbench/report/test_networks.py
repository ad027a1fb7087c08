"""The tables and figures of small networks, from made-up results."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.made_up_results import method, write
from workbench.papers.yu2024.networks import is_about_networks
from workbench.report import render
from workbench.report.figures import conflicts, fronts
from workbench.report.tables import accuracy_networks, step_cost

METHODS = ("net-single", "net-equal", "net-static", "net-nash")
DATASET = "synthetic"


def made(folder, errors, tasks=None, **given):
    """Return (run, inputs); errors : those of `METHODS`, in their order."""
    by_method = dict(zip(METHODS, errors, strict=True))
    tasks = {DATASET: tasks or {name: [error, error] for name, error in by_method.items()}}
    run, inputs = write(folder, {DATASET: by_method}, tasks=tasks, **given)
    methods = tuple(method(name, learns=["conflicts"] if name != "net-single" else []) for name in METHODS)
    return replace(run, methods=methods), inputs


def test_a_clear_winner_over_static_weights_is_named(tmp_path):
    run, inputs = made(tmp_path, [(20, 0.3), (15, 0.3), (14, 0.3), (10, 0.2)])
    table = accuracy_networks.build(run, inputs)
    found = {record["method"]: record for record in table.records}
    assert found["net-nash"]["best"] == 1 and found["net-nash"]["net-static_verdict"] == "better"
    assert "net-nash" in table.blocks[0][0] and "net-equal" not in table.blocks[0][0]
    assert found["net-single"]["delta_m"] is None
    assert render.to_markdown(table) and render.to_latex(table) and render.to_csv(table)


def test_the_line_above_says_that_nothing_is_better(tmp_path):
    run, inputs = made(tmp_path, [(20, 0.3), (14, 0.3), (10, 0.3), (14, 0.2)])
    assert "net-nash" not in accuracy_networks.build(run, inputs).blocks[0][0]
    headline = accuracy_networks.headline
    assert headline([], "Static") != headline([{"method": "net-static", "title": "Static"}], "Static")


def test_delta_m_is_the_mean_over_tasks_of_relative_gains():
    alone = {"a": {1: 10.0, 2: 10.0}, "b": {1: 200.0, 2: 200.0}}
    errors = {"a": {1: 9.0, 2: 10.0}, "b": {1: 220.0, 2: 100.0}}
    assert accuracy_networks.delta_m(errors, alone) == pytest.approx({1: 0.0, 2: 25.0})
    assert accuracy_networks.delta_m(errors, {"a": alone["a"]}) == pytest.approx({1: 10.0, 2: 0.0})
    assert accuracy_networks.delta_m({}, alone) == {}


def test_costs_are_ratios_to_equal_weights_whatever_the_number_of_steps(tmp_path):
    times = {(DATASET, name): seconds for name, seconds in zip(METHODS, (2.0, 1.0, 1.0, 3.0), strict=True)}
    steps = {(DATASET, name): 50 if name == "net-static" else 100 for name in METHODS}
    run, inputs = made(tmp_path, [10, 10, 10, 10], times=times, iterations=steps)
    found = {record["method"]: record["ratio"] for record in step_cost.build(run, inputs).records}
    assert found["net-equal"] == 1.0 and 2.0 < found["net-nash"] < 3.0
    assert found["net-static"] == pytest.approx(2.0)


def test_conflicts_are_means_over_the_splits(tmp_path):
    # Only equal weights and methods that look at the gradients are shown.
    learned = [{"conflicts": np.array([0.1, 0.2 * k])} for k in range(4)]
    fits = {(DATASET, name): {"learned": learned} for name in METHODS[1:]}
    run, inputs = made(tmp_path, [10, 10, 10, 10], fits=fits)
    assert set(conflicts.fits_read(run)[DATASET]) == {"net-equal", "net-nash"}

    class Inputs(dict):
        def fit_array(self, name, dataset, method, split):
            return self["fits"].arrays(dataset, method, split)[name]

    figure = conflicts.draw(run, Inputs(inputs))
    line = figure.axes[0].lines[0].get_xydata()
    assert line.tolist() == [[1.0, pytest.approx(10.0)], [2.0, pytest.approx(30.0)]]


def test_the_front_joins_equal_and_static_weights(tmp_path):
    tasks = {"net-equal": [3, 3], "net-static": [2, 2], "net-nash": [1, 4], "net-single": [5, 5]}
    tasks["fixed"] = [1, 5]
    run, inputs = made(tmp_path, [10, 10, 10, 10], tasks=tasks)
    fixed = method("fixed", method="net-static", reference="net-static", changed={"ratio": 4.0})
    run = replace(run, ablations=(fixed,))
    assert fronts.front_entries(run) == ["net-equal", "fixed"]
    axes = fronts.draw(run, inputs).axes[0]
    front = axes.lines[0].get_xydata()
    assert front[1] - front[0] == pytest.approx([-2.0, 2.0])
    # Each method has a point, those of the front none of their own.
    assert len(axes.lines) == 1 + len(METHODS)


def test_a_run_without_networks_has_none_of_this(tmp_path):
    run, _ = made(tmp_path, [10, 10, 10, 10])
    assert is_about_networks(run)
    assert not is_about_networks(replace(run, methods=(method("stl"),)))
