"""The tables about data outside the paper: who wins, whether it is real, which tasks lose, who helps whom."""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from amtl.statistics import BETTER, ONE_SPLIT, UNCLEAR, WORSE, compare_with
from helpers.made_up_results import dataset, method, run_of, write
from workbench import plugins
from workbench.report.tables import _own as own
from workbench.report.tables import comparison

# A name of `helpers.made_up_results.REGRESSION` so that scores are RMSE; the entry behind it is a table.
NAME = "school"
ERRORS = {"mean": (30.0, 1.0), "stl": (20.0, 0.4), "go-mtl": (21.0, 3.0), "amtl": (18.0, 0.3)}
TASKS = {
    "stl": [(20.0, 0.4), (20.0, 0.4), (20.0, 0.4)],
    "go-mtl": [(21.0, 3.0)] * 3,
    "amtl": [(15.0, 0.3), (20.0, 3.0), (22.0, 0.3)],
    "mean": [(30.0, 1.0)] * 3,
}
# Task 1 gives to task 3 with weight 2, task 2 to task 3 with 1.
B = np.array([[0.0, 0.0, 2.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])


@pytest.fixture
def made_up(tmp_path):
    fits = {(NAME, "amtl"): {"B": B}}
    run, inputs = write(tmp_path, {NAME: ERRORS}, {NAME: TASKS}, fits, splits=4, interval="t")
    table = dataset(NAME, title="my.csv", dataset="table", splits=4)
    methods = [replace(m, learns=["graph"]) if m.name == "amtl" else m for m in run.methods]
    return replace(run, datasets=(table,), methods=tuple(methods)), inputs


def build(name, made_up):
    return plugins.load("tables", name).make(*made_up)


def test_methods_are_ranked_and_tested_against_single_tasks(made_up):
    table = build("comparison", made_up)
    records = {record["method"]: record for record in table.records}
    assert list(records) == ["amtl", "stl", "go-mtl", "mean"]
    assert [record["best"] for record in records.values()] == [1, 0, 0, 0]
    found = records["amtl"]
    differences = [-2.0 - 0.1 * (-1) ** k for k in range(1, 5)]
    expected = stats.ttest_1samp(differences, 0.0)
    assert found["stl_difference"] == pytest.approx(-2.0)
    assert found["stl_p"] == pytest.approx(expected.pvalue)
    low, high = expected.confidence_interval(0.95)
    assert (found["stl_low"], found["stl_high"]) == pytest.approx((low, high))
    assert found["stl_verdict"] == BETTER and records["go-mtl"]["stl_verdict"] == UNCLEAR
    assert records["mean"]["stl_verdict"] == WORSE and not records["stl"]["stl_verdict"]
    assert (found["tasks"], found["tasks_better"], found["tasks_worse"]) == (3, 1, 1)
    assert "AMTL" in table.blocks[0][0]


def test_the_number_of_methods_that_were_compared_is_that_of_the_ranked_ones(made_up):
    (note,) = [note for note in build("comparison", made_up).notes if "my.csv" in note]
    specs = [plugins.load("methods", name) for name in plugins.find("methods")]
    able = sum(not spec.control and "regression" in spec.applies_to for spec in specs)
    assert re.findall(r"\d+", note) == ["3", str(able)]


def test_methods_are_compared_with_amtl_where_the_run_has_it(made_up, tmp_path):
    records = {record["method"]: record for record in build("comparison", made_up).records}
    assert records["stl"]["amtl_difference"] == pytest.approx(2.0)
    assert records["stl"]["amtl_p"] == pytest.approx(records["amtl"]["stl_p"])
    assert records["stl"]["amtl_verdict"] == WORSE and not records["amtl"]["amtl_verdict"]
    run, inputs = made_up
    without = replace(run, methods=tuple(each for each in run.methods if each.name != "amtl"))
    table = build("comparison", (without, inputs))
    assert not any(key.startswith("amtl_") for record in table.records for key in record)
    assert sum(span for _, span in table.groups) == len(table.columns) == len(table.blocks[0][1][0])


def test_a_run_with_data_outside_the_paper_compares_on_all_its_datasets(made_up):
    run, inputs = made_up
    theirs = dataset("synthetic")
    both = replace(run, datasets=(*run.datasets, theirs))
    assert [each.name for each in own.compared_datasets(both)] == [NAME, "synthetic"]
    assert own.compared_datasets(replace(run, datasets=(theirs,))) == []


def test_shared_rows_make_intervals_wider_and_verdicts_weaker():
    errors = {"amtl": {1: 9.0, 2: 9.4, 3: 8.6}}
    baseline = {1: 10.0, 2: 10.0, 3: 10.0}
    free, shared = (compare_with(errors, baseline, overlap)["amtl"] for overlap in (0.0, 1.0))
    assert shared.difference.half == pytest.approx(2 * free.difference.half)
    assert free.p < shared.p and free.verdict == BETTER and shared.verdict == UNCLEAR


def test_many_methods_need_stronger_evidence():
    baseline = dict.fromkeys(range(1, 6), 10.0)
    values = {k: 9.9 + 0.06 * (-1) ** k for k in range(1, 6)}
    alone = compare_with({"a": values}, baseline, 0.0)["a"]
    noise = {f"m{i}": {k: 10 + (-1) ** (k + i) for k in range(1, 6)} for i in range(9)}
    among = compare_with({"a": values, **noise}, baseline, 0.0)["a"]
    assert alone.verdict == BETTER and among.verdict == UNCLEAR and alone.p == among.p


def test_one_split_gives_no_verdict(tmp_path):
    run, inputs = write(tmp_path, {NAME: ERRORS}, {NAME: TASKS}, splits=1)
    run = replace(run, datasets=(dataset(NAME, dataset="table", splits=1),))
    records = build("comparison", (run, inputs)).records
    assert {record["stl_verdict"] for record in records} == {ONE_SPLIT, ""}
    assert "one split" in comparison.headline(records)


def test_the_tables_apply_to_data_outside_the_paper_only():
    theirs = dataset("mine", dataset="table")
    for name in ("comparison", "tasks"):
        applies = plugins.load("tables", name).applies
        assert applies(run_of([theirs], ["stl", "amtl"]))
        assert not applies(run_of([theirs], ["amtl"])) and not applies(run_of(["school"], ["stl", "amtl"]))
    assert plugins.load("tables", "columns").applies(run_of([theirs], ["stl"]))
    assert not plugins.load("tables", "columns").applies(run_of([dataset("mine")], ["stl"]))


def test_tasks_that_lose_come_first_with_those_that_help_them(made_up):
    records = build("tasks", made_up).records
    assert [record["task"] for record in records] == ["3", "2", "1"]
    assert [record["result"] for record in records] == ["loses", UNCLEAR, "gains"]
    assert {record["method"] for record in records} == {"amtl"}
    assert records[0]["takes_from"] == "1 (2), 2 (1)" and records[0]["gives_to"] == ""
    assert records[2]["gives_to"] == "3 (2)"


def test_the_result_is_the_same_from_the_csv_file(made_up, tmp_path):
    from workbench.report import render

    table = build("comparison", made_up)
    render.write(table, [tmp_path / "comparison.csv"])
    read = comparison.read(tmp_path / "comparison.csv")
    assert comparison.headline(read) == comparison.headline(table.records)


def test_small_numbers_have_digits(made_up):
    assert own.digits_for(0.0608) == 4 and own.digits_for(53.2) == 2 and own.digits_for(0.0) == 2


def test_methods_without_a_baseline_have_no_winner_over_it():
    run = run_of([dataset("mine", dataset="table")], [method("amtl")])
    assert own.winner(run, {"amtl": {1: 2.0}}) == "amtl" and own.winner(run, {}) is None


def test_captions_of_a_run_of_own_data_do_not_mention_the_paper():
    run = run_of([dataset("mine", dataset="table")], list(ERRORS))
    names = [
        name
        for kind in ("tables", "figures")
        for name in plugins.find(kind)
        if plugins.load(kind, name).applies(run)
    ]
    assert {"table1", "runtime", "gains"} <= set(names)
    for name in [*names, "workflow"]:
        caption = (plugins.ROOT / "report" / f"{name}.rst").read_text(encoding="utf-8")
        assert "paper" not in caption.lower(), name
