"""How a run differs from the published one."""

import csv
import json

import pytest

from amtl.errors import InputError
from helpers.made_up_results import run_of, write
from workbench import plugins
from workbench.report import render
from workbench.report._inputs import Inputs

ERRORS = {"synthetic": {"stl": 20, "amtl": (16, 0.5)}, "school": {"stl": 10, "amtl": 10, "go-mtl": 9}}
SPEC = plugins.load("tables", "difference")


@pytest.fixture
def run(tmp_path):
    """Return (RunInfo, folder of this run's tables, folder of the same tables as published)."""
    info, inputs = write(tmp_path, ERRORS)
    ours, published = tmp_path / "tables", tmp_path / "published"
    for name in ("table1", "claims"):
        table = plugins.load("tables", name).make(info, Inputs(inputs))
        render.write(table, [ours / f"{name}.csv", published / f"{name}.csv"])
    (published / "run.json").write_text(json.dumps({"date": "2026-02-03"}))
    return info, ours, published


def compare(run, published=True):
    info, ours, folder = run
    inputs = Inputs(tables={path.stem: path for path in ours.iterdir()})
    if published:
        inputs["published"] = [str(path) for path in folder.iterdir()]
    return SPEC.make(info, inputs)


def change(path, where, **changes):
    """Change the rows of a csv file that have all of `where`; without changes, remove them."""
    with open(path, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    hit = [row for row in rows if all(row[key] == value for key, value in where.items())]
    assert hit
    for row in hit:
        row.update(changes)
    kept = rows if changes else [row for row in rows if row not in hit]
    with open(path, "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(kept)


def rows_of(table):
    return [row for _, rows in table.blocks for row in rows]


AMTL = {"dataset": "synthetic", "method": "amtl"}


def test_the_same_results_have_no_difference(run):
    table = compare(run)
    assert not rows_of(table) and not table.records
    # Five means and fifteen claims.
    assert "2026-02-03" in table.notes[0] and " 0 of 20 rows" in table.notes[0]
    assert table.notes[0] in render.to_markdown(table).splitlines()


@pytest.mark.parametrize(("mean", "differs"), [("16.2549", False), ("16.2451", False), ("16.2551", True)])
def test_half_a_unit_of_the_last_digit_is_rounding(run, mean, differs):
    info, ours, published = run
    change(published / "table1.csv", AMTL, mean=mean)
    assert [row[2] for row in rows_of(compare(run))] == ["mean"] * differs


def test_differing_numbers_are_shown_side_by_side(run):
    change(run[2] / "table1.csv", AMTL, mean="16.256", n="5", half_width="9")
    table = compare(run)
    assert [row[:4] for row in rows_of(table)] == [
        ["Table 1", "AMTL on Synthetic (generated)", "mean", "16.26"],
        ["Table 1", "AMTL on Synthetic (generated)", "half width", "9"],
        ["Table 1", "AMTL on Synthetic (generated)", "n", "5"],
    ]
    assert rows_of(table)[0][4] == "16.25" and rows_of(table)[2][4] == "4"
    assert "1 of 20 rows" in table.notes[0]


def test_a_differing_verdict_is_shown_and_counted(run):
    change(run[2] / "claims.csv", {"claim": "C10"}, verdict="opposite")
    table = compare(run)
    assert rows_of(table) == [["Claims", "C10, the first 5 splits", "verdict", "opposite", "reproduced"]]
    assert "1 of 20 rows" in table.notes[0] and "1 of them in the verdict" in table.notes[0]


@pytest.mark.parametrize("quantity", ["effect_mean", "low", "high", "n"])
def test_every_number_of_a_claim_is_compared(run, quantity):
    change(run[2] / "claims.csv", {"claim": "C10"}, **{quantity: "77"})
    assert [(row[0], row[3]) for row in rows_of(compare(run))] == [("Claims", "77")]


def test_the_measured_ratio_of_times_is_not_compared(run):
    timed = {"claim": "C7"}
    for folder, mean in ((run[1], "3"), (run[2], "4")):
        change(folder / "claims.csv", timed, unit="times", effect_mean=mean, low=mean, high=mean)
    assert not rows_of(compare(run))
    change(run[2] / "claims.csv", timed, verdict="contradicted")
    assert [row[2] for row in rows_of(compare(run))] == ["verdict"]


def test_rows_of_one_side_stand_apart(run):
    info, ours, published = run
    change(published / "table1.csv", {"dataset": "school", "method": "go-mtl"})
    change(ours / "table1.csv", {"dataset": "synthetic"})
    table = compare(run)
    titles = {title: [row[1] for row in rows] for title, rows in table.blocks}
    assert titles == {
        "Only published": ["AMTL on Synthetic (generated)", "STL on Synthetic (generated)"],
        "Only in this run": ["GO-MTL on School"],
    }
    assert "2 rows" in table.notes[0] and "1 only in this run" in table.notes[0]
    (published / "table1.csv").unlink()
    assert "Only published" not in dict(compare(run).blocks)


def test_a_cell_that_one_side_lacks_differs(run):
    change(run[1] / "table1.csv", {"dataset": "school", "method": "stl"}, mean="", half_width="", n="")
    assert rows_of(compare(run))[0][3:] == ["10.25", render.NOTHING]


def test_a_run_without_published_results_has_an_empty_table(run):
    table = compare(run, published=False)
    assert not rows_of(table) and not table.records and "results/published" in table.notes[0]


def test_it_reads_the_tables_that_the_run_has():
    assert SPEC.tables(run_of(["synthetic", "imbalanced"], ["stl"])) == ("table1", "table2", "claims")
    assert SPEC.tables(run_of(["imbalanced"], ["stl"])) == ("table2", "claims")
    assert SPEC.reads_published


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run.json", "{"),
        ("table1.csv", "a,b\n1,2\n"),
        ("table1.csv", "dataset,method,mean\nmnist,stl,1.2"),
        ("table1.csv", "dataset,method,mean\nmnist,stl\n"),
    ],
)
def test_a_damaged_file_is_named(run, name, content):
    (run[2] / name).write_text(content)
    with pytest.raises(InputError, match=name):
        compare(run)
