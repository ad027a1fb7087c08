"""Tables that cannot be used: one line of error with the file, the row or the column, and what to do."""

import numpy as np
import pytest

from helpers.datasets import fails
from helpers.own_tables import lines, options, regression_rows, split_of, write
from workbench.datasets._tables.roles import SMALLEST_TASK


def changed(cell, row=4, column=1):
    """Return the lines of a good table with one other cell. row : of the data, from 1."""
    found = lines(regression_rows())
    cells = found[row].split(",")
    cells[column] = cell
    found[row] = ",".join(cells)
    return found


def with_column(name, values):
    return lines({**regression_rows(), name: values})


def german(lines):
    """Return lines with semicolons, decimal commas and points for §."""
    return [line.replace(",", ";").replace(".", ",").replace("§", ".") for line in lines]


ROWS = 36
NUMBERS = [str(k) for k in range(ROWS)]
GOOD = lines(regression_rows())
# (name of the case, name of the file, its lines or bytes, options, what the error names).
CASES = [
    ("empty file", "t.csv", b"", {}, ["t.csv", "empty"]),
    ("blank file", "t.csv", b"\n\n \n", {}, ["t.csv", "empty"]),
    ("header alone", "t.csv", GOOD[:1], {}, ["t.csv", "no rows"]),
    ("no header", "t.csv", [line.replace("s", "") for line in GOOD[1:]], {}, ["t.csv", "header"]),
    ("one column", "t.csv", ["a b y", *("1 2 3" for _ in range(5))], {}, ["t.csv", "one column"]),
    ("long line", "t.csv", [*GOOD[:5], GOOD[5] + ",9,9", *GOOD[6:]], {}, ["t.csv", "line 6"]),
    ("every line too long", "t.csv", [GOOD[0], *(line + ",9" for line in GOOD[1:])], {}, ["t.csv", "header"]),
    ("short line", "t.csv", [*GOOD[:5], "s1,3", *GOOD[6:]], {}, ["t.csv", "line 6", "2 cells"]),
    ("open quotation mark", "t.csv", changed('"1.0'), {}, ["t.csv", "quotation"]),
    ("repeated name", "t.csv", ["task,a,a,y", *GOOD[1:]], {}, ["t.csv", "2 and 3", "'a'"]),
    ("mistyped number", "t.csv", changed("1.2.3"), {}, ["t.csv", "'a'", "row 4", "'1.2.3'"]),
    ("infinite number", "t.csv", changed("inf"), {}, ["t.csv", "'a'", "row 4", "infinite"]),
    ("mistyped target", "t.csv", changed("high", column=3), {}, ["t.csv", "'y'", "row 4", "'high'"]),
    ("thousands", "t.csv", with_column("x", ['"1,234"', '"2,345"'] * 18), {}, ["t.csv", "'x'", "'1,234'"]),
    (
        "thousands with a point beside decimal commas",
        "t.csv",
        german(with_column("x", ["1§234"] * 36)),
        {},
        ["t.csv", "'1.234'"],
    ),
    (
        "thousands with a point in a decimal comma",
        "t.csv",
        german(with_column("x", ["1§234.5", "2.5"] * 18)),
        {},
        ["t.csv", "'x'", "'1.234,5'"],
    ),
    (
        "thousands in decimals",
        "t.csv",
        with_column("x", ['"1,234.5"', "2.5"] * 18),
        {},
        ["t.csv", "'x'", "'1,234.5'"],
    ),
    ("unknown target", "t.csv", GOOD, {"target": "Y2"}, ["t.csv", "'Y2'", "'y'"]),
    ("unknown task", "t.csv", GOOD, {"task": "tasks"}, ["t.csv", "'tasks'", "'task'"]),
    ("unknown feature", "t.csv", GOOD, {"features": ["a", "bb"]}, ["t.csv", "features", "'bb'"]),
    ("unknown pattern", "t.csv", GOOD, {"drop": ["z*"]}, ["t.csv", "drop", "'z*'"]),
    ("no target", "t.csv", GOOD, {"target": None}, ["t.csv", "target", "task, a, b, y"]),
    ("no task", "t.csv", GOOD, {"task": None}, ["t.csv", "TASK", "a, b"]),
    ("task is target", "t.csv", GOOD, {"task": "y"}, ["t.csv", "'y'", "both"]),
    ("one value of target", "t.csv", with_column("c", [7] * ROWS), {"target": "c"}, ["t.csv", "'c'", "one"]),
    (
        "target without values",
        "t.csv",
        with_column("c", [""] * ROWS),
        {"target": "c"},
        ["t.csv", "'c'", "no"],
    ),
    (
        "classes and tasks",
        "t.csv",
        with_column("c", ["u", "v", "w"] * 12),
        {"target": "c"},
        ["t.csv", "'c'", "3 classes"],
    ),
    (
        "names as target",
        "t.csv",
        with_column("c", [f"n{k}" for k in NUMBERS]),
        {"target": "c", "task": None},
        ["t.csv", "'c'"],
    ),
    (
        "texts to regress",
        "t.csv",
        with_column("c", ["u", "v", "w"] * 12),
        {"target": "c", "kind": "regression"},
        ["'c'"],
    ),
    ("not binary", "t.csv", GOOD, {"kind": "binary"}, ["t.csv", "'y'", "binary"]),
    ("one task", "t.csv", lines(regression_rows(1)), {}, ["t.csv", "only one task"]),
    ("small tasks", "t.csv", lines(regression_rows(20, 2)), {}, ["t.csv", "no task", str(SMALLEST_TASK)]),
    (
        "a small task is refused",
        "t.csv",
        [*GOOD, "tiny,1,1,1"],
        {"small_tasks": "error"},
        ["t.csv", "'tiny'", "has 1", "min_rows"],
    ),
    ("no feature", "t.csv", GOOD, {"drop": ["a", "b"]}, ["t.csv", "feature"]),
    (
        "feature of texts",
        "t.csv",
        lines({**regression_rows(3, 20), "n": [f"n{k}" for k in range(60)]}),
        {"features": ["n"]},
        ["t.csv", "'n'", "identifier"],
    ),
    (
        "feature of dates",
        "t.csv",
        with_column("d", ["2024-01-05"] * ROWS),
        {"features": ["d"]},
        ["'d'", "date"],
    ),
    ("wrong rule", "t.csv", GOOD, {"split_by": {"groups": "a"}}, ["t.csv", "split_by", "'group'"]),
    ("wrong column of groups", "t.csv", GOOD, {"split_by": {"group": "clinic"}}, ["t.csv", "'clinic'"]),
    ("one group per task", "t.csv", GOOD, {"split_by": {"group": "task"}}, ["t.csv", "'s1'", "group"]),
    (
        "wrong part",
        "t.csv",
        with_column("p", ["train", "test", "holdout"] * 12),
        {"split_by": {"column": "p"}},
        ["t.csv", "'p'", "row 3", "'holdout'"],
    ),
    (
        "no time",
        "t.csv",
        with_column("when", ["2024-01-05"] * 35 + ["soon"]),
        {"split_by": {"time": "when"}},
        ["t.csv", "'when'", "row 36", "'soon'"],
    ),
    ("too many components", "t.csv", GOOD, {"components": 9}, ["t.csv", "components", "9"]),
    ("Excel named csv", "t.csv", b"PK\x03\x04....", {}, ["t.csv", "Excel"]),
    ("old Excel", "t.xlsx", b"\xd0\xcf\x11\xe0....", {}, ["t.xlsx", ".xls"]),
    ("text named xlsx", "t.xlsx", b"task,a,y\n1,2,3\n", {}, ["t.xlsx", "not a .xlsx"]),
    ("unknown suffix", "t.sav", b"abc", {}, ["t.sav", ".csv"]),
    ("binary file", "t.csv", b"\x00\x01\x02a,b\n", {}, ["t.csv", "text"]),
    ("ARFF without data", "t.arff", b"@relation r\n@attribute a numeric\n", {}, ["t.arff", "@data"]),
    (
        "short line of ARFF",
        "t.arff",
        b"@relation r\n@attribute a numeric\n@attribute y numeric\n@data\n1,2\n3\n",
        {},
        ["t.arff", "row 2"],
    ),
    ("damaged npz", "t.npz", b"PK\x03\x04....", {}, ["t.npz", "numpy.savez"]),
]


@pytest.mark.parametrize(
    ("name", "content", "given", "named"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_a_table_that_cannot_be_used_is_one_error(tmp_path, name, content, given, named):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else "\n".join([*content, ""]).encode())
    fails(lambda: split_of(path, **given), *named)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    fails(lambda: split_of(tmp_path / "no.csv"), "no.csv", "no such file")
    (tmp_path / "folder.csv").mkdir()
    fails(lambda: split_of(tmp_path / "folder.csv"), "folder.csv", "folder")


def test_arrays_of_other_lengths_are_named(tmp_path):
    np.savez(tmp_path / "t.npz", X=np.ones((4, 2)), y=np.ones(3), task=np.arange(4))
    fails(lambda: split_of(tmp_path / "t.npz"), "t.npz", "'y' has 3")


def test_a_pickled_array_is_not_loaded(tmp_path):
    np.savez(tmp_path / "t.npz", y=np.array([{}, []], dtype=object))
    fails(lambda: split_of(tmp_path / "t.npz"), "t.npz", "plain arrays")


def test_a_package_that_is_not_installed_is_named(tmp_path, monkeypatch):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    (tmp_path / "t.parquet").write_bytes(b"PAR1....")
    fails(lambda: split_of(tmp_path / "t.parquet"), "t.parquet", "pyarrow", "make .venv/tables")


def test_options_of_a_good_table_are_accepted(tmp_path):
    path = write(tmp_path / "t.csv", regression_rows())
    assert split_of(path).tasks == ("s1", "s2", "s3") and options(path)["kind"] == "auto"
