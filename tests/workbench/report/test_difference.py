"""How a run differs from the published one, and how a run is published."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from workbench.named import Inputs

from amtl.errors import InputError
from helpers.made_up_results import write
from workbench import scores
from workbench.report import render
from workbench.report.tables import _beside_paper as results
from workbench.report.tables import claims, difference

WORKFLOW = Path(scores.__file__).parents[1]
ERRORS = {"synthetic": {"stl": 20, "amtl": (16, 0.5)}, "school": {"stl": 10, "amtl": 10, "go-mtl": 9}}


@pytest.fixture
def run(tmp_path):
    """Return the folders ``ours`` and ``published``, with the same tables of a made-up run."""
    job, inputs = write(tmp_path, ERRORS)
    ours, published = tmp_path / "tables", tmp_path / "published"
    tables = {"table1": results.beside_paper("table1", "Table 1", job, inputs)}
    tables["claims"] = claims.build(job, inputs)
    for name, table in tables.items():
        render.write(table, [ours / f"{name}.csv", published / f"{name}.csv"])
    (published / "run.json").write_text(json.dumps({"date": "2026-02-03"}))
    return ours, published


def compare(ours, published):
    inputs = {"ours": sorted(ours.iterdir())}
    if published is not None:
        inputs["published"] = sorted(published.iterdir())
    return difference.build({}, Inputs(inputs))


def change(path, where, **changes):
    """Change the rows of a csv file that have all of `where`; without changes, remove them."""
    with open(path, newline="") as stream:
        rows = list(csv.DictReader(stream))
    hit = [row for row in rows if all(row[key] == value for key, value in where.items())]
    assert hit
    for row in hit:
        row.update(changes)
    kept = rows if changes else [row for row in rows if row not in hit]
    with open(path, "w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(kept)


def rows_of(table):
    return [row for _, rows in table.blocks for row in rows]


def test_the_same_results_differ_in_nothing(run):
    table = compare(*run)
    # Five means and sixteen claims.
    assert table.notes[0] == (
        "Compared with the published results of 2026-02-03: 0 of 21 rows differ beyond rounding, 0 of them "
        "in the verdict on a claim; 0 rows are only published, 0 only in this run."
    )
    assert not rows_of(table) and not table.records
    assert table.notes[0] in render.to_markdown(table).splitlines()


def test_numbers_differ_beyond_rounding_or_not(run):
    ours, published = run
    amtl = {"dataset": "synthetic", "method": "amtl"}
    change(published / "table1.csv", amtl, mean="16.2549")
    assert not rows_of(compare(ours, published))
    change(published / "table1.csv", amtl, mean="16.256", n="5")
    table = compare(ours, published)
    assert rows_of(table) == [
        ["Table 1", "AMTL on Synthetic (generated)", "mean", "16.26", "16.25"],
        ["Table 1", "AMTL on Synthetic (generated)", "n", "5", "4"],
    ]
    assert "1 of 21 rows differ" in table.notes[0]


def test_a_verdict_that_differs_is_shown_with_both(run):
    ours, published = run
    change(published / "claims.csv", {"claim": "C10"}, verdict="opposite")
    table = compare(ours, published)
    assert rows_of(table) == [["Claims", "C10, the first 5 splits", "verdict", "opposite", "reproduced"]]
    assert "1 of them in the verdict" in table.notes[0]


def test_rows_that_only_one_side_has_stand_apart(run):
    ours, published = run
    change(published / "table1.csv", {"dataset": "school", "method": "go-mtl"})
    change(ours / "table1.csv", {"dataset": "synthetic"})
    table = compare(ours, published)
    titles = {title: [row[1] for row in rows] for title, rows in table.blocks}
    assert titles == {
        "Only published": ["STL on Synthetic (generated)", "AMTL on Synthetic (generated)"],
        "Only in this run": ["GO-MTL on School"],
    }
    assert "2 rows are only published, 1 only in this run" in table.notes[0]
    (published / "table1.csv").unlink()
    assert "0 rows are only published" in compare(ours, published).notes[0]


def test_a_cell_that_one_side_could_not_fill_differs(run):
    ours, published = run
    change(ours / "table1.csv", {"dataset": "school", "method": "stl"}, mean="", half_width="", n="")
    assert [row[3:] for row in rows_of(compare(ours, published))][0] == ["10.25", render.NOTHING]


def test_nothing_published_is_said(run):
    table = compare(run[0], None)
    assert table.notes[0].startswith("Nothing is published") and not rows_of(table)
    assert "Nothing is published" in render.to_markdown(table)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run.json", "{"),
        ("table1.csv", "a,b\n1,2\n"),
        ("table1.csv", "dataset,method,mean\nmnist,stl,1.2"),
        ("table1.csv", "dataset,method,mean\nmnist,stl\n"),
        ("claims.csv", "claim,splits,verdict\nsome,all,holds\n"),
    ],
)
def test_a_damaged_file_is_named(run, name, content):
    ours, published = run
    (published / name).write_text(content)
    with pytest.raises(InputError, match=name):
        compare(ours, published)


def publish(folder, files, scores_file, page):
    return subprocess.run(
        [
            *(sys.executable, str(WORKFLOW / "scripts" / "publish.py"), "--folder", str(folder)),
            *("--page", str(page)),
            *("--scores", str(scores_file), "--files", *map(str, files)),
        ],
        env={**os.environ, "PYTHONPATH": str(WORKFLOW)},
        capture_output=True,
        text=True,
    )


def test_publishing_copies_the_run_with_its_date_and_leaves_nothing_of_another(run, tmp_path):
    ours, published = run
    shutil.copy(ours / "table1.csv", published / "table2.csv")
    (published / "figure1c.svg").write_text("shown on the front page")
    scores_file = tmp_path / "scores.csv"
    os.utime(scores_file, (1770000000, 1770000000))
    page, table = tmp_path / "README.md", tmp_path / "table1.md"
    page.write_text("before\n<!-- published: table1.md -->\n<!-- end -->\nafter\n")
    table.write_text("| STL |\n")
    done = publish(published, [ours / "table1.csv", table], scores_file, page)
    assert done.returncode == 0, done.stderr
    assert page.read_text() == "before\n<!-- published: table1.md -->\n| STL |\n<!-- end -->\nafter\n"
    assert {file.name for file in published.iterdir()} == {
        "table1.csv",
        "table1.md",
        "run.json",
        "figure1c.svg",
    }
    assert (published / "table1.csv").read_bytes() == (ours / "table1.csv").read_bytes()
    assert json.loads((published / "run.json").read_text()) == {"date": "2026-02-02"}
