"""The tables of the benchmark show what the records hold."""

import csv
import io

import pytest

from amtl.errors import InputError
from helpers.benchmark import account, record
from workbench.benchmark import goals, table
from workbench.benchmark.goals import Goal
from workbench.report.render import to_csv, to_markdown


@pytest.fixture
def case():
    """The record of a case with one contender of each kind."""
    contenders = [
        record("ours", [0.01, 0.02, 0.03], warmup=0.5, counts={"iterations": 1234, "w_solves": 5}),
        record("same", [0.04, 0.04, 0.04], tolerance=1e-3, difference=-2e-11, agrees=True, residual=3e-7),
        record("lower", [0.02, 0.02, 0.02], difference=1.0, agrees=False, objective=0.5),
        record("far", [0.02, 0.02, 0.02], difference=1.0, agrees=False, residual=1e-3),
        record("slow", [], rough=account(None, True, seconds=4.0, objective=None), note="stopped after 3 s"),
        record("absent", [], note="celer is not installed"),
    ]
    shape = {"tasks": 2000, "features": 3, "rows": 4, "shared": True, "loss": "squared"}
    return {
        "case": "amtl-curriculum",
        "title": "A title",
        "convex": True,
        "datasets": ["school"],
        "not_run": {"usps": "usps.h5 is missing"},
        "settings": [{"setting": "chosen", "shape": shape, "contenders": contenders}],
        "plan": {"repeats": 3, "warmups": 1, "time_limit": 3.0, "tolerance": 1e-6},
        "versions": {"numpy": "1.0"},
    }


def cells(case, contender):
    """Return {column: cell} of one contender's row."""
    shown = table.measurements([case])
    (rows,) = (rows for _, rows in shown.blocks)
    (row,) = (row for row in rows if row[1] == contender)
    return dict(zip(shown.columns, row, strict=True))


def csv_rows(case):
    """Return the rows of the csv as dicts."""
    return list(csv.DictReader(io.StringIO(to_csv(table.measurements([case])))))


def test_row_of_ours(case):
    assert cells(case, "ours") == {
        "Setting": "chosen",
        "Contender": "ours",
        "Solver tolerance": "1e-06",
        "Time (s)": "0.02 [0.01, 0.03]",
        "Warm-up (s)": "0.5",
        "Time ratio": "–",
        "Objective": "1",
        "Objective difference": "–",
        "Residual": "1.0e-09",
        "Iterations": "1,234",
        "W-solves": "5",
        "Peak memory (MiB)": "64 (+4)",
        "Note": "",
    }


def test_row_of_an_alternative(case):
    found = cells(case, "same")
    assert found["Time ratio"] == "0.5 [0.25, 0.75]" and found["Objective difference"] == "-2e-11"
    assert found["Solver tolerance"] == "1e-03" and found["Residual"] == "3.0e-07"
    assert found["Warm-up (s)"] == found["Iterations"] == "–" and found["Note"] == ""


@pytest.mark.parametrize(("seconds", "shown"), [([1.0], "1"), ([1.0, 3.0], "2 [1, 3]")])
def test_the_range_is_shown_for_several_rounds(case, seconds, shown):
    case["settings"][0]["contenders"] = [record("ours", seconds)]
    assert cells(case, "ours")["Time (s)"] == shown


def test_different_objectives_are_marked(case):
    assert cells(case, "lower")["Objective difference"] == "+1.0e+00"
    assert table.OBJECTIVES_DIFFER in cells(case, "lower")["Note"]
    assert "**+1.0e+00**" in to_markdown(table.measurements([case]))


def test_another_optimum_needs_a_nonconvex_problem_and_a_small_residual(case):
    case["convex"] = False
    assert cells(case, "lower")["Note"] != cells(case, "far")["Note"] == table.OBJECTIVES_DIFFER
    case["convex"] = True
    assert cells(case, "lower")["Note"] == table.OBJECTIVES_DIFFER


def test_a_stopped_or_absent_contender_shows_its_note(case):
    slow, absent = cells(case, "slow"), cells(case, "absent")
    assert slow["Note"] == "stopped after 3 s" and slow["Time (s)"] == "4" and slow["Objective"] == "–"
    assert slow["Time ratio"] == "0.005"
    assert absent["Note"] == "celer is not installed"
    assert set(list(absent.values())[3:-1]) == {"–"}


def test_start_up_is_a_note(case):
    case["settings"][0]["contenders"] = [record("ours", [1.0], counts={"start_up_cpu": 0.314})]
    assert cells(case, "ours")["Note"].startswith("0.31 ")


@pytest.mark.parametrize(("level", "shown"), [(1e-6, "1e-06"), (1, "1 pass"), (12, "12 passes")])
def test_a_level_is_a_tolerance_or_a_number_of_passes(case, level, shown):
    contender = record("ours", [1.0], tolerance=level, counts={"pass_seconds": 0.456})
    case["settings"][0]["contenders"] = [contender]
    assert cells(case, "ours")["Solver tolerance"] == shown
    assert cells(case, "ours")["Note"] == "0.46 CPU seconds a pass"


def test_block_title_gives_the_size_if_all_settings_share_it(case):
    ((title, _),) = table.measurements([case]).blocks
    assert title == "amtl-curriculum, A title (school): 2,000 tasks, 4 shared rows, 3 features, squared"
    other = {**case["settings"][0], "shape": {**case["settings"][0]["shape"], "rows": 5}}
    case["settings"].append(other)
    ((title, _),) = table.measurements([case]).blocks
    assert title == "amtl-curriculum, A title (school)"


def test_numbers_have_three_digits(case):
    for value, text in (
        (123.4, "123"),
        (1234.5, "1,234"),
        (99.96, "100"),
        (0.012345, "0.0123"),
        (9e-5, "9.0e-05"),
    ):
        case["settings"][0]["contenders"] = [record("ours", [value])]
        assert cells(case, "ours")["Time (s)"] == text


def test_csv_holds_one_row_per_contender_and_missing_dataset(case):
    rows = csv_rows(case)
    assert [row["contender"] for row in rows] == ["ours", "same", "lower", "far", "slow", "absent", ""]
    assert rows[-1]["setting"] == "usps" and "usps.h5 is missing" in rows[-1]["note"]
    same = rows[1]
    assert float(same["ratio"]) == 0.5 and float(same["ratio_min"]) == 0.25 and float(same["seconds"]) == 0.04
    assert same["rounds"] == "3" and same["warmup"] == "" and same["goal"] == same["reached"] == ""
    assert rows[0]["iterations"] == "1234" and rows[0]["w_solves"] == "5" and rows[0]["warmup"] == "0.5"


def test_csv_has_the_columns_of_the_published_one(case, project):
    published = (project / "results" / "published" / "benchmark" / "table.csv").read_text(encoding="utf-8")
    assert to_csv(table.measurements([case])).splitlines()[0] == published.splitlines()[0]


@pytest.mark.parametrize(("seconds", "reached"), [(0.01, "yes"), (0.011, "no")])
def test_goals_are_in_the_csv_row_of_ours_and_in_their_table(case, seconds, reached):
    case["settings"][0]["contenders"] = [record("ours", [seconds])]
    row = csv_rows(case)[0]
    assert row["reached"] == reached and row["goal"]
    ((_, [goal]),) = table.goal_table([case]).blocks
    assert goal == ["amtl-curriculum", row["goal"], f"{seconds} s", "chosen", reached]
    assert ("**no**" in to_markdown(table.goal_table([case]))) == (reached == "no")


def goal_rows(case, by_setting):
    """Return [measured, setting, reached] of each goal of `case`. by_setting : {setting: records}."""
    case["settings"] = [
        {"setting": name, "shape": {}, "contenders": contenders} for name, contenders in by_setting.items()
    ]
    ((_, rows),) = table.goal_table([case]).blocks
    return [row[2:] for row in rows]


def test_a_goal_shows_its_worst_setting(case):
    settings = {"a": [record("ours", [0.002])], "b": [record("ours", [0.004])], "c": [record("ours", [])]}
    assert goal_rows(case, settings) == [["0.004 s", "b", "yes"]]
    assert goal_rows(case, {"c": settings["c"]}) == [["–", "c", "unknown"]]


def test_a_lower_bound_shows_its_smallest_value(case, monkeypatch):
    goal = Goal("amtl-curriculum", "text", goals.seconds, 2.0, at_least=True)
    monkeypatch.setattr(goals, "GOALS", (goal,))
    settings = {"a": [record("ours", [5.0])], "b": [record("ours", [3.0])]}
    assert goal_rows(case, settings) == [["3", "b", "yes"]]


def test_a_stopped_run_leaves_its_goal_open(case):
    (found,) = goal_rows(case, {"a": [record("ours", [0.001], stopped=True)]})
    assert found[0].startswith("0.001 s") and found[0] != "0.001 s" and found[2] == "unknown"
    settings = {"a": [record("ours", [0.002])], "b": [record("ours", [0.004], stopped=True)]}
    assert goal_rows(case, settings)[0][1:] == ["b", "unknown"]


def test_notes_state_the_plan_and_the_versions(case):
    text = "\n".join(table.measurements([case]).notes)
    for part in ("1 warm-up and 3 timed", "at most 1e-06", "above 1e-06", "3 s", "numpy 1.0"):
        assert part in text


def test_files_are_csv_and_markdown(case, tmp_path):
    paths = [tmp_path / "table.csv", tmp_path / "table.md"]
    table.write([case], paths)
    assert paths[0].read_text(encoding="utf-8") == to_csv(table.measurements([case]))
    text = paths[1].read_text(encoding="utf-8")
    assert to_markdown(table.measurements([case])) in text and to_markdown(table.goal_table([case])) in text
    with pytest.raises(InputError, match="table.tex"):
        table.write([case], [tmp_path / "table.tex"])
