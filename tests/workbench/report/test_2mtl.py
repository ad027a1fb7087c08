"""The tables and figures of 2MTL, from made-up comparisons of solvers."""

from dataclasses import replace

import pytest

from helpers.made_up_results import method, run_of, write
from workbench.report import render
from workbench.report.figures import solvers as figure
from workbench.report.tables import accuracy_2mtl, solvers, step_sizes

METHODS = [method("single"), method("merged"), method("two-mtl", title="2MTL")]


def comparison(gap, seconds, diverged=None):
    """Return a comparison of one solver, whose gap halves from pass 1 to 2."""
    trace = [{"pass": k, "seconds": seconds * k, "gap": gap / k} for k in (1, 2)]
    runs = [
        {"solver": "2MTL-F", "passes": k, "seconds": seconds * k, "gap": gap / k, "diverged": None}
        for k in (1, 2)
    ]
    if diverged:
        trace, runs = [], [run | {"gap": None, "diverged": diverged} for run in runs]
    steps = [
        {"factor": 4.0, "shrinkage": 0.05, "gap": None if diverged else 2 * gap},
        {"factor": 1.0, "shrinkage": 0.5, "gap": None if diverged else gap / 4},
    ]
    return {"optimum": {"seconds": 1.0}, "runs": runs, "traces": {"2MTL-F": trace}, "steps": steps}


@pytest.fixture
def inputs():
    return {
        "solvers": {("task-clusters", 1): comparison(0.01, 0.1), ("task-clusters", 2): comparison(0.03, 0.3)}
    }


def test_gaps_are_means_over_splits_in_percent(inputs):
    table = solvers.build(run_of(["task-clusters"], METHODS, splits=2), inputs)
    first, second = table.records
    assert (first["passes"], second["passes"]) == (1, 2)
    assert first["gap_mean"] == pytest.approx(2.0) and second["gap_mean"] == pytest.approx(1.0)
    assert first["seconds_mean"] == pytest.approx(0.2) and first["diverged"] == 0


def test_a_solver_that_diverged_has_no_gap_and_is_counted(inputs):
    inputs["solvers"]["task-clusters", 2] = comparison(0.0, 0.1, "pass 1")
    run = run_of(["task-clusters"], METHODS, splits=2)
    first = solvers.build(run, inputs).records[0]
    assert first["n"] == 1 and first["diverged"] == 1 and first["gap_mean"] == pytest.approx(1.0)
    inputs["solvers"]["task-clusters", 1] = comparison(0.0, 0.1, "pass 1")
    table = solvers.build(run, inputs)
    assert table.records[0]["gap_mean"] is None and table.records[0]["diverged"] == 2
    assert render.to_markdown(table)
    # A line without a point.
    assert len(figure.draw(run, inputs).axes) == 2


def test_step_sizes_has_a_line_for_every_change(inputs):
    run = run_of(["task-clusters"], METHODS, splits=2)
    found = {each["change"]: each for each in step_sizes.build(run, inputs).records}
    assert [each["gap_mean"] for each in found.values()] == pytest.approx([1.0, 4.0, 0.5])
    inputs["solvers"]["task-clusters", 2] = comparison(0.03, 0.3, "pass 1")
    table = step_sizes.build(run, inputs)
    assert [each["diverged"] for each in table.records] == [1, 1, 1]
    assert render.to_markdown(table)


def test_the_lines_are_medians_of_the_splits(inputs):
    axes = figure.draw(run_of(["task-clusters"], METHODS, splits=2), inputs).axes
    gaps = axes[0].lines[0].get_xydata()
    assert gaps.tolist() == [[1.0, pytest.approx(2.0)], [2.0, pytest.approx(1.0)]]
    assert axes[1].lines[0].get_xdata().tolist() == pytest.approx([0.2, 0.4])


def test_shared_rows_names_the_best_and_what_is_clear(tmp_path):
    errors = {"single": (20, 0.3), "merged": (30, 0.3), "two-mtl": (10, 0.2)}
    run, inputs = write(tmp_path, {"task-clusters": errors})
    run = replace(run, methods=tuple(METHODS))
    found = {record["method"]: record for record in accuracy_2mtl.build(run, inputs).records}
    assert [name for name, each in found.items() if each["best"]] == ["two-mtl"]
    assert found["two-mtl"]["single_verdict"] == found["two-mtl"]["merged_verdict"] == "better"
    assert found["merged"]["single_verdict"] == "worse"
    assert found["two-mtl"]["single_percent"] == pytest.approx(-100 * 10 / 20.25, rel=0.01)
