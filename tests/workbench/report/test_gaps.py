"""The table of gaps between groups of tasks."""

import pytest

from helpers.made_up_results import dataset, make_split, run_of, value, write_split
from workbench import plugins, scores
from workbench.report._inputs import Inputs

SEX = ["female", "male", "female", "male"]
# The error of each task: women 12 and men 10 alone; together 11 and 10.
ERRORS = {
    "stl": [11.0, 9.0, 13.0, 11.0],
    "amtl": [10.0, 9.0, 12.0, 11.0],
    "mtfl": [(13.0, 0.2), 9.0, 13.0, 11.0],
}


def made_up(folder, splits=3):
    tasks = ("a", "b", "c", "d")
    rows = [
        ("people", k, name, task, "rmse", value(wanted, k))
        for k in range(1, splits + 1)
        for name, errors in ERRORS.items()
        for task, wanted in zip(tasks, errors, strict=True)
    ]
    scores.write_table(folder / "scores.csv", scores.SCORE_COLUMNS, rows)
    split = make_split("people", 1, (2,) * 4, tasks=tasks, meta={"attributes": {"sex": SEX}})
    data = dataset("people", kind="regression", splits=splits, attributes=["sex"])
    run = run_of([data, dataset("other")], list(ERRORS), splits=splits, interval="t")
    return run, Inputs(scores=folder / "scores.csv", splits=[write_split(folder / "split1.npz", split)])


def test_the_gap_is_that_of_the_groups_mean_errors(tmp_path):
    table = plugins.load("tables", "gaps").make(*made_up(tmp_path))
    found = {record["method"]: record for record in table.records}
    assert found["stl"]["worse_group"] == "female" and found["stl"]["change"] is None
    assert found["stl"]["gap"] == pytest.approx(2.0) and found["amtl"]["gap"] == pytest.approx(1.0)
    assert found["amtl"]["change"] == pytest.approx(-1.0) and found["mtfl"]["change"] > 0.9
    ((title, rows),) = table.blocks
    assert "female (2 tasks)" in title
    assert {row[0]: row[-1][-1] for row in rows}["AMTL"] == "↓"


def test_one_split_has_a_gap_and_no_arrow(tmp_path):
    table = plugins.load("tables", "gaps").make(*made_up(tmp_path, splits=1))
    assert "↓" not in str(table.blocks) and table.records[1]["gap_half_width"] is None


def test_the_table_needs_an_attribute_and_a_baseline():
    spec = plugins.load("tables", "gaps")
    with_sex = dataset("people", attributes=["sex"])
    assert spec.applies(run_of([with_sex], ["stl", "amtl"])) and not spec.applies(
        run_of([with_sex], ["amtl"])
    )
    assert not spec.applies(run_of([dataset("other")], ["stl"]))
    assert spec.splits(run_of([with_sex, dataset("other")], ["stl"])) == {"people": [1]}
