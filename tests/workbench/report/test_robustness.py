"""The curves of robustness: which datasets and methods they show, and the numbers on them."""

import pytest

from helpers.made_up_results import dataset, method, run_of, write_scores
from workbench import plugins
from workbench.report._inputs import Inputs
from workbench.report.figures import robustness

ROWS = {"r10": 10, "usual": 25, "r50": 50}


def made_up(folder, methods):
    """Return (run, inputs); methods : {method: change against STL in %, by dataset}."""
    datasets = [
        dataset(
            name, kind="regression", dataset="family", splits=2, options={"train_rows": rows, "noise": 5.0}
        )
        for name, rows in ROWS.items()
    ]
    rows = [
        (d, k, m, "rmse", 20.0 * (1 + change / 100))
        for m, changes in methods.items()
        for d, change in zip(ROWS, changes, strict=True)
        for k in (1, 2)
    ]
    run = run_of(datasets, [method(m) for m in methods], splits=2)
    return run, Inputs(scores=write_scores(folder, rows))


def lines_of(figure):
    """Return {label of a line in the legend} and {(x, y) of every drawn line}."""
    (axes,) = [each for each in figure.axes if each.lines]
    drawn = {tuple(map(tuple, line.get_xydata())) for line in axes.lines}
    return [text.get_text() for text in figure.legends[0].texts], drawn


def test_a_point_is_the_change_against_single_tasks_in_percent(tmp_path):
    changes = {"stl": (0, 0, 0), "amtl": (-10, -5, 2)}
    figure = robustness.draw(*made_up(tmp_path, changes))
    labels, drawn = lines_of(figure)
    assert labels == ["AMTL"]
    found = next(line for line in drawn if len(line) == 3)
    assert [x for x, _ in found] == [10, 25, 50] and [y for _, y in found] == pytest.approx([-10, -5, 2])
    assert figure.axes[0].get_xlabel() == "train rows"


def test_the_best_methods_and_amtl_have_names_and_the_others_are_grey(tmp_path):
    many = {f"m{k}": (-k, -k, -k) for k in range(20)}
    figure = robustness.draw(*made_up(tmp_path, {"stl": (0, 0, 0), "amtl": (9, 9, 9), **many}))
    labels, drawn = lines_of(figure)
    assert labels[:2] == ["AMTL", "m19"] and "m1" not in labels
    assert labels[-1].startswith(str(21 - robustness.MAX_METHODS))
    assert sum(len(line) == 3 for line in drawn) == 21


def test_the_figure_needs_a_curve_and_a_baseline(tmp_path):
    spec = plugins.load("figures", "robustness")
    run, _ = made_up(tmp_path, {"stl": (0, 0, 0), "amtl": (1, 1, 1)})
    assert spec.applies(run)
    assert not spec.applies(run_of(run.datasets[:2], ["stl", "amtl"]))
    assert not spec.applies(run_of(run.datasets, ["amtl", "mtfl"]))
