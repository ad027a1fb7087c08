"""How a run differs from published ones: rows are compared only if all but the code is the same."""

import csv
import json
import re
import shutil

import pytest

from amtl.errors import InputError
from helpers.made_up_results import run_of, write
from workbench import plugins
from workbench.report import render
from workbench.report._inputs import Inputs

ERRORS = {"synthetic": {"stl": 20, "amtl": (16, 0.5)}, "school": {"stl": 10, "amtl": 10, "go-mtl": 9}}
METHODS = ("stl", "amtl", "go-mtl")
SOURCES = "dataset,name,sha256\nschool,school_b.mat,abc\n"
AMTL = {"dataset": "synthetic", "method": "amtl"}
C10 = {"claim": "C10"}
SPEC = plugins.load("tables", "difference")


def settings_of(name):
    """Return the settings of a run, as far as the comparison reads them."""
    run = {"name": name, "seed": 0, "grid_points": 60, "tolerance": 1e-6, "max_iterations": 100}
    options = {"source": "a", "rows": 5}
    datasets = {
        each: {"dataset": each, "title": each.title(), "loss": "squared", "options": options}
        for each in ERRORS
    }
    methods = {
        each: {"method": each, "title": each.upper(), "options": {"ridge": 0.1}, "max_iterations": None}
        for each in METHODS
    }
    return {"run": run, "report": {"interval": "t"}, "datasets": datasets, "methods": methods}


@pytest.fixture
def run(tmp_path):
    """Return (RunInfo, folder of this run's files, folder of the same files as published)."""
    info, inputs = write(tmp_path, ERRORS)
    ours, published = tmp_path / "ours", tmp_path / "published" / "default"
    for name in ("table1", "claims"):
        table = plugins.load("tables", name).make(info, Inputs(inputs))
        render.write(table, [ours / f"{name}.csv", published / f"{name}.csv"])
    for folder in (ours, published):
        (folder / "sources.csv").write_text(SOURCES)
        (folder / "settings.json").write_text(json.dumps(settings_of("default")))
    (published / "run.json").write_text(json.dumps({"date": "2026-02-03"}))
    return info, ours, published


def compare(run, published=True):
    info, ours, folder = run
    tables = {path.stem: path for path in ours.glob("*.csv")}
    inputs = Inputs(tables=tables, settings=json.loads((ours / "settings.json").read_text(encoding="utf-8")))
    if published:
        inputs["published"] = [str(path) for path in folder.parent.rglob("*.*") if path.is_file()]
    return SPEC.make(info, inputs)


def edit(folder, *keys, value):
    """Set a key of the settings in `folder`."""
    path = folder / "settings.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    place = content
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    path.write_text(json.dumps(content))


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
    return dict(table.blocks).get("Differ beyond rounding", [])


def unlike(table):
    """Return {(table, row, of): reason} of the rows that are not comparable."""
    return {
        (record["table"], record["row"], record["of"]): record["reason"]
        for record in table.records
        if record["status"] == "not comparable"
    }


def places():
    return {(dataset, method) for dataset, errors in ERRORS.items() for method in errors}


def test_the_same_results_have_no_difference(run):
    table = compare(run)
    assert not table.records
    assert "default run of 2026-02-03" in table.notes[0] and "not comparable" not in table.notes[0]
    same, _, comparable = table.notes[0].partition(": ")[2].split()[:3]
    assert same == comparable and int(same) > 5
    assert table.notes[0] in render.to_markdown(table).splitlines()


@pytest.mark.parametrize(("mean", "differs"), [("16.2549", False), ("16.2451", False), ("16.2551", True)])
def test_half_a_unit_of_the_last_digit_is_rounding(run, mean, differs):
    change(run[2] / "table1.csv", AMTL, mean=mean)
    assert [row[2] for row in rows_of(compare(run))] == ["mean"] * differs


@pytest.mark.parametrize(("mean", "differs"), [("100000.3", False), ("100002", True)])
def test_rounding_of_large_numbers_is_relative(run, mean, differs):
    for folder, number in ((run[1], "100000"), (run[2], mean)):
        change(folder / "table1.csv", AMTL, mean=number)
    assert len(rows_of(compare(run))) == differs


def test_differing_numbers_are_shown_side_by_side(run):
    change(run[2] / "table1.csv", AMTL, mean="16.256", half_width="9")
    table = compare(run)
    assert [row[:4] for row in rows_of(table)] == [
        ["Table 1", "AMTL on Synthetic (generated)", "mean", "16.26"],
        ["Table 1", "AMTL on Synthetic (generated)", "half width", "9"],
    ]
    assert rows_of(table)[0][4] == "16.25"
    assert re.search(r"differing[^;]*\b1\b", table.notes[0])


def test_a_differing_verdict_is_shown_and_counted(run):
    change(run[2] / "claims.csv", C10, verdict="contradicted")
    table = compare(run)
    assert rows_of(table) == [["Claims", "C10, the first 5 splits", "verdict", "contradicted", "reproduced"]]
    assert "1 in the verdict" in table.notes[0]


@pytest.mark.parametrize("quantity", ["effect_mean", "low", "high", "n"])
def test_every_number_of_a_claim_is_compared(run, quantity):
    change(run[2] / "claims.csv", C10, **{quantity: "77"})
    assert [(row[0], row[3]) for row in rows_of(compare(run))] == [("Claims", "77")]


def test_the_measured_ratio_of_times_is_not_compared(run):
    for folder, mean in ((run[1], "3"), (run[2], "4")):
        change(folder / "claims.csv", C10, unit="times", effect_mean=mean, low=mean, high=mean)
    assert not rows_of(compare(run))
    change(run[2] / "claims.csv", C10, verdict="contradicted")
    assert [row[2] for row in rows_of(compare(run))] == ["verdict"]


@pytest.mark.parametrize(
    ("keys", "value", "hit", "word"),
    [
        (("datasets", "synthetic", "options", "source"), "b", "synthetic", "another source"),
        (("datasets", "synthetic", "options", "rows"), 6, "synthetic", "rows"),
        (("datasets", "synthetic", "loss"), "logistic", "synthetic", "loss"),
        (("methods", "amtl", "options", "ridge"), 0.0, "amtl", "ridge"),
        (("methods", "amtl", "max_iterations"), 7, "amtl", "max_iterations"),
    ],
)
def test_rows_of_another_dataset_or_method_are_not_comparable(run, keys, value, hit, word):
    edit(run[2], *keys, value=value)
    change(run[2] / "table1.csv", AMTL, mean="99")
    table = compare(run)
    assert not rows_of(table)
    rows = {key[1:] for key in unlike(table) if key[0] == "table1"}
    assert rows == {place for place in places() if hit in place}
    assert all(word in reason for reason in unlike(table).values()) and word in table.notes[0]


@pytest.mark.parametrize(("key", "value"), [("seed", 1), ("grid_points", 61), ("tolerance", 1e-3)])
def test_nothing_is_comparable_with_other_settings_of_the_run(run, key, value):
    edit(run[2], "run", key, value=value)
    table = compare(run)
    assert not rows_of(table) and key in table.notes[0]
    assert {key[1:] for key in unlike(table) if key[0] == "table1"} == places()


def test_other_raw_files_and_other_numbers_of_splits_are_not_comparable(run):
    (run[2] / "sources.csv").write_text(SOURCES.replace("abc", "abd"))
    change(run[2] / "table1.csv", {"dataset": "synthetic"}, n="30")
    found = unlike(compare(run))
    assert all("raw files" in found["table1", "school", method] for method in METHODS)
    assert "30" in found["table1", "synthetic", "amtl"]


def test_a_title_or_the_interval_alone_makes_no_row_incomparable(run):
    edit(run[2], "methods", "amtl", "title", value="other")
    edit(run[2], "report", "interval", value="normal")
    change(run[2] / "table1.csv", AMTL, half_width="77")
    assert not compare(run).records


def test_a_claim_is_comparable_if_all_that_it_was_judged_on_is(run):
    edit(run[2], "methods", "go-mtl", "options", "ridge", value=0.0)
    # C10 compares GO-MTL with AMTL on School.
    assert ("claims", "C10", "the first 5") in unlike(compare(run))
    change(run[2] / "claims.csv", {"claim": "C8"}, reads="mnist/amtl mnist/stl", verdict="contradicted")
    assert "only one" in unlike(compare(run))["claims", "C8", "the first 5"]


def test_a_claim_about_nothing_that_was_run_is_not_counted(run):
    edit(run[2], "run", "seed", value=1)
    assert ("claims", "C10", "the first 5") in unlike(compare(run))
    # C12 is about AWA.
    assert ("claims", "C12", "the first 5") not in unlike(compare(run))


def test_a_row_that_one_side_lacks_differs(run):
    change(run[2] / "table1.csv", {"dataset": "school", "method": "stl"})
    assert rows_of(compare(run))[0][1:4] == ["STL on School", "mean", render.NOTHING]


def test_rows_that_only_another_run_has_do_not_count(run):
    other = {"title": "MNIST", "dataset": "mnist", "loss": "logistic", "options": {}}
    edit(run[2], "datasets", "mnist", value=other)
    path = run[2] / "table1.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + text.splitlines()[1].replace("synthetic", "mnist") + "\n")
    assert not compare(run).records


def test_the_run_of_the_same_name_is_compared_or_else_the_one_with_most_rows(run):
    info, ours, published = run
    for name, seed in (("a-first", 1), ("paper", 0)):
        shutil.copytree(published, published.with_name(name))
        edit(published.with_name(name), "run", "seed", value=seed)
    assert "published default run" in compare(run).notes[0]
    edit(ours, "run", "name", value="paper")
    assert "published paper run" in compare(run).notes[0]
    edit(ours, "run", "name", value="default")
    edit(published, "run", "seed", value=1)
    assert "published paper run" in compare(run).notes[0]


def test_a_run_without_published_results_has_an_empty_table(run):
    table = compare(run, published=False)
    assert not rows_of(table) and not table.records and "results/published" in table.notes[0]


def test_it_reads_the_tables_that_the_run_has():
    both = run_of(["synthetic", "imbalanced"], ["stl"])
    assert SPEC.tables(both) == ("table1", "table2", "claims", "sources")
    assert SPEC.tables(run_of(["imbalanced"], ["stl"])) == ("table2", "claims", "sources")
    assert SPEC.reads_published


@pytest.mark.parametrize("name", ["claims", "evidence", "departures", "difference"])
def test_a_run_of_own_data_says_nothing_about_the_paper(name):
    spec = plugins.load("tables", name)
    assert spec.applies(run_of(["mnist", "mine"], ["stl"]))
    assert not spec.applies(run_of(["mine"], ["stl"], not_run={"awa": "no file"}))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run.json", "{"),
        ("settings.json", "{}"),
        ("table1.csv", "a,b\n1,2\n"),
        ("table1.csv", "dataset,method,mean\nmnist,stl,1.2"),
        ("table1.csv", "dataset,method,mean\nmnist,stl\n"),
    ],
)
def test_a_damaged_file_is_named(run, name, content):
    (run[2] / name).write_text(content)
    with pytest.raises(InputError, match=name):
        compare(run)
