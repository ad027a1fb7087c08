"""Ranks of methods over datasets: which methods and datasets count, and what the notes say."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.made_up_results import dataset, method, run_of, write_scores
from workbench import plugins
from workbench.report import _ranks
from workbench.report._inputs import Inputs
from workbench.report._variants import curves, independent_datasets
from workbench.scores import Scores

DATASETS = [f"d{k}" for k in range(6)]
# Mean errors by method on every dataset.
LEVELS = {"stl": 20.0, "amtl": 18.0, "mtfl": 19.0, "trace-norm": 19.001, "mean": 5.0}


def made_up(folder, levels=LEVELS, without=(), same=()):
    """Return (run, inputs) of regression datasets. without : (dataset, method) pairs that have no scores.

    same : (method, other) pairs whose fits are equal on every dataset.
    """
    datasets = [dataset(name, kind="regression") for name in DATASETS]
    titles = {"trace-norm": "Trace norm"}
    methods = [
        method(m, identity="trace" if m in ("mtfl", "trace-norm") else m, title=titles.get(m, m))
        for m in levels
    ]
    rows = [
        (d.name, k, m, "rmse", level + 0.3 * np.cos(7.0 * place + k))
        for place, d in enumerate(datasets)
        for m, level in levels.items()
        for k in (1, 2)
        if (d.name, m) not in without
    ]
    for name, other in same:
        rows += [
            (d.name, k, name, metric, 1.0)
            for d in datasets
            for k in (1, 2)
            for metric in ("converged", f"same_as:{other}")
        ]
    return run_of(datasets, methods, splits=2), {"scores": write_scores(folder, rows)}


def ranking(run, inputs):
    return _ranks.ranking(run, Scores(inputs["scores"]))


def build(name, run, inputs):
    return plugins.load("tables", name).make(run, Inputs(inputs))


def test_methods_are_ranked_by_their_mean_errors_and_controls_do_not_compete(tmp_path):
    found = build("ranks", *made_up(tmp_path)).records
    assert [(each["method"], each["mean_rank"]) for each in found] == [("amtl", 1), ("mtfl", 2), ("stl", 3)]
    assert found[0]["best"] == 6 and found[2]["among_best"] == 6
    difference = found[0]["critical_difference"]
    assert [each["worse"] for each in found] == [int(each["mean_rank"] - 1 >= difference) for each in found]
    assert found[2]["worse"] == 1 and found[1]["worse"] == 0


def test_one_method_under_two_names_enters_once_and_the_table_says_so(tmp_path):
    run, inputs = made_up(tmp_path)
    assert ranking(run, inputs).same == {"mtfl": ["trace-norm"]}
    assert "mtfl = Trace norm" in " ".join(build("ranks", run, inputs).notes)


def test_methods_with_the_same_fits_on_all_datasets_enter_once(tmp_path):
    levels = {**LEVELS, "amtl-imbalanced": 18.0}
    run, inputs = made_up(tmp_path, levels, same=[("amtl-imbalanced", "amtl")])
    assert ranking(run, inputs).same["amtl"] == ["amtl-imbalanced"]
    apart = {**LEVELS, "amtl-imbalanced": 18.5}
    assert "amtl" not in ranking(*made_up(tmp_path, apart, same=[("amtl-imbalanced", "amtl")])).same


def test_a_method_on_few_datasets_is_left_out_rather_than_most_datasets(tmp_path):
    levels = {**LEVELS, "tgl": 1.0}
    missing = [(name, "tgl") for name in DATASETS[1:]]
    run, inputs = made_up(tmp_path, levels, without=missing)
    found = ranking(run, inputs)
    assert len(found.datasets) == 6 and found.left_out == {"tgl": 1}
    assert "tgl (1 of 6)" in " ".join(build("ranks", run, inputs).notes)


def test_a_dataset_without_a_method_is_left_out_rather_than_the_method(tmp_path):
    run, inputs = made_up(tmp_path, without=[("d0", "amtl")])
    found = ranking(run, inputs)
    assert [each.name for each in found.incomplete] == ["d0"] and len(found.methods) == 3


def test_too_few_common_datasets_are_told_in_table_and_figure(tmp_path):
    without = [(name, "amtl") for name in DATASETS[:3]] + [(name, "mtfl") for name in DATASETS[3:]]
    run, inputs = made_up(tmp_path, {key: LEVELS[key] for key in ("stl", "amtl", "mtfl")}, without)
    assert not ranking(run, inputs).enough
    table = build("ranks", run, inputs)
    assert table.records == [] and "3 datasets" not in table.title and table.notes
    assert plugins.load("figures", "critical-difference").make(run, Inputs(inputs)).axes


def test_the_tables_need_enough_datasets():
    few = run_of([dataset(name) for name in DATASETS[:4]], ["stl", "amtl", "mtfl"])
    many = run_of([dataset(name) for name in DATASETS], ["stl", "amtl", "mtfl"])
    for kind, name in (("tables", "ranks"), ("tables", "signed-rank"), ("figures", "critical-difference")):
        assert plugins.load(kind, name).applies(many) and not plugins.load(kind, name).applies(few)


def varied(name, **options):
    return dataset(
        name, dataset="family", options={"family": "one-group", "rows": 25, "noise": 5.0, **options}
    )


def test_datasets_that_differ_in_one_number_form_a_curve_and_count_once():
    points = [varied("usual"), varied("few", rows=10), varied("many", rows=100)]
    others = [
        varied("noisy", noise=9.0),
        varied("both", rows=10, noise=9.0),
        varied("low", family="low-rank"),
    ]
    run = run_of([*points, *others, dataset("school", options={"rows": 3})], ["stl"])
    (curve,) = curves(run)
    assert curve.option == "rows" and list(curve.datasets) == [10, 25, 100] and curve.usual.name == "usual"
    assert [each.name for each in independent_datasets(run)] == ["usual", "noisy", "both", "low", "school"]


def test_two_points_are_no_curve():
    run = run_of([varied("usual"), varied("few", rows=10)], ["stl"])
    assert curves(run) == [] and len(independent_datasets(run)) == 2


def test_the_chance_to_be_better_follows_the_differences(tmp_path):
    run, inputs = made_up(tmp_path, {**LEVELS, "equal": 20.0})
    records = build("signed-rank", run, inputs).records
    found = {(each["method"], each["reference"]): each for each in records}
    assert found["amtl", "stl"]["better"] > 0.95 and found["stl", "amtl"]["worse"] > 0.95
    assert found["equal", "stl"]["equal"] > 0.9
    assert found["amtl", "stl"]["n"] == 6 and found["amtl", "stl"]["median"] == pytest.approx(-10.0, abs=1.0)
    again = build("signed-rank", replace(run, methods=run.methods[::-1]), inputs).records
    assert {(each["method"], each["reference"]): each for each in again} == found
