"""The benchmark: its arithmetic, how contenders are measured, and that what went wrong is shown."""

import importlib
import json
import mmap
import sys
import time
from types import ModuleType

import numpy as np
import pytest

from amtl.errors import InputError
from workbench import config
from workbench.benchmark import curves, data, goals, measure, memory, summary, table, worker
from workbench.benchmark import records as stored
from workbench.benchmark.contenders import Answer, Contender, until
from workbench.benchmark.measure import Plan, Stopped, calibrate
from workbench.report import render

PLAN = Plan(repeats=2, warmups=1, time_limit=5.0)


def test_ratios_are_taken_round_by_round():
    assert summary.ratios([1.0, 4.0], [2.0, 2.0]) == [0.5, 2.0]
    assert summary.ratios([1.0], []) == [] and summary.ratios([1.0], [0.0]) == []
    assert summary.spread([3.0, 1.0, 2.0]) == (2.0, 1.0, 3.0)


@pytest.mark.parametrize("power", [1.0, 1.5, 3.0])
def test_the_exponent_is_that_of_the_upper_half(power):
    sizes = [10, 20, 40, 80, 160, 320]
    seconds = [9.0, 7.0, 5.0] + [1e-6 * size**power for size in sizes[3:]]
    assert summary.exponent(sizes, seconds) == pytest.approx(power)


def test_the_exponent_of_few_points():
    assert summary.exponent([10], [1.0]) is None
    assert summary.exponent([10, 20], [1.0, 4.0]) == pytest.approx(2.0)


def test_what_the_next_point_takes_grows_at_least_in_proportion():
    assert summary.predicted([10, 20], [1.0, 4.0], 40) == pytest.approx(16.0)
    assert summary.predicted([10, 20], [4.0, 4.0], 40) == pytest.approx(8.0)


def account(residual, stopped=False, **more):
    return {"residual": residual, "stopped": stopped, "objective": 1.0, "counts": {}, "seconds": 1.0} | more


def test_calibration_takes_the_loosest_tolerance_that_is_near_enough():
    tried = []

    def run(level):
        tried.append(level)
        return account(0.5 * level)

    level, found, reason = calibrate(run, (1e-4, 1e-5, 1e-6, 1e-7), PLAN)
    assert (level, reason) == (1e-6, None) and found["residual"] == 5e-7
    assert tried == [1e-4, 1e-5, 1e-6]


def test_calibration_says_how_near_a_contender_comes():
    level, found, reason = calibrate(lambda level: account(max(level, 1e-3)), (1e-2, 1e-3, 1e-4), PLAN)
    assert level == 1e-3 and found["residual"] == 1e-3
    assert reason == "comes no nearer than a residual of 1.0e-03"


def test_calibration_ends_where_a_run_takes_too_long():
    unfinished = account(None, stopped=True)

    def run(level):
        if level < 1e-2:
            raise Stopped("stopped after 5 s", unfinished)
        return account(level)

    assert calibrate(run, (1e-2, 1e-3, 1e-4), PLAN) == (1e-3, unfinished, "stopped after 5 s")
    answer = calibrate(lambda level: account(1e-4, stopped=True), (1e-2, 1e-3), PLAN)
    assert answer == (1e-2, account(1e-4, stopped=True), "stopped after 5 s")


def simple(name, value=1.0, **options):
    """Return a contender that returns `value` at once."""
    return Contender(name, lambda: lambda tolerance, limit: Answer(value, {"iterations": 3}), **options)


def sleeper(by_itself):
    """Return a contender that takes longer than it may, and that ends by itself or not."""

    def run(tolerance, limit):
        if by_itself:
            value, stopped = until(lambda state: (state + 1, False), 0, limit)
            return Answer(1.5, {"iterations": value}, stopped)
        time.sleep(60.0)

    return Contender("patient" if by_itself else "slow", lambda: run)


MADE_UP = {
    "all": [
        simple("ours"),
        simple("same"),
        simple("higher", 2.0),
        simple("lower", 0.5),
        simple("absent", package="a_package_that_is_not_there"),
        sleeper(by_itself=True),
        sleeper(by_itself=False),
        Contender("broken", lambda: lambda tolerance, limit: 1 / 0),
    ]
}


def contenders(given):
    return MADE_UP[given["which"]]


def judge(given):
    return lambda value: (value, 1e-9)


@pytest.fixture(scope="module")
def records():
    """What is measured of contenders that do nothing, each in a process of its own."""
    folder = str(__file__).rsplit("/", 1)[0]
    patch = pytest.MonkeyPatch()
    # The processes find this module as any other; pytest has it under another name.
    patch.setattr(measure, "ROOT", f"{measure.ROOT}:{folder}")
    patch.syspath_prepend(folder)
    try:
        plan = Plan(repeats=2, warmups=1, time_limit=0.5)
        return {each["name"]: each for each in measure.measure("test_benchmark", {"which": "all"}, plan)}
    finally:
        patch.undo()


def test_rounds_are_taken_in_turn_and_warm_up_rounds_are_kept(records):
    runs = records["same"]["runs"]
    assert [(run["round"], run["warmup"]) for run in runs] == [(0, True), (1, False), (2, False)]
    assert all(run["counts"] == {"iterations": 3} and run["peak_mib"] > 0.0 for run in runs)
    row = summary.row_of(records["same"], records["ours"])
    assert row["rounds"] == 2 and row["ratio_min"] <= row["ratio"] <= row["ratio_max"]


def test_objectives_that_differ_are_flagged_and_a_lower_one_of_ours_is_not(records):
    assert records["same"]["agrees"] and records["higher"]["agrees"]
    assert records["higher"]["difference"] == pytest.approx(-0.5)
    assert records["lower"]["agrees"] is False and records["lower"]["difference"] == pytest.approx(1.0)


def test_what_takes_no_part_is_there_with_its_reason(records):
    assert records["absent"]["note"] == "a_package_that_is_not_there is not installed"
    assert records["absent"]["runs"] == [] and records["absent"]["agrees"] is None
    assert "ZeroDivisionError" in records["broken"]["note"]


def test_what_takes_too_long_is_there_as_stopped(records):
    assert records["slow"]["note"] == records["patient"]["note"] == "stopped after 0.5 s"
    assert records["slow"]["runs"] == [] and records["slow"]["rough"]["peak_mib"] > 0.0
    assert 0.0 < summary.row_of(records["slow"], records["ours"])["ratio"] < 1.0
    # What ends by itself has a result, and is not asked again.
    (run,) = records["patient"]["runs"]
    assert run["stopped"] and run["objective"] == 1.5
    row = summary.row_of(records["patient"], records["ours"])
    assert 0.0 < row["ratio"] < 1.0 and row["rounds"] == 0


@pytest.fixture
def case(records):
    """The record of a case made of these contenders."""
    shape = {"tasks": 2, "features": 3, "rows": 4, "shared": True, "loss": "squared"}
    setting = {"setting": "one", "shape": shape, "contenders": list(records.values())}
    return {
        **{"case": "amtl-curriculum", "title": "Made up", "convex": True, "datasets": ["none"]},
        **{"not_run": {"far": "none of its addresses answers"}, "settings": [setting]},
        "plan": {"repeats": 2, "warmups": 1, "time_limit": 0.5, "tolerance": 1e-6},
        "versions": {"numpy": "1.0"},
    }


def test_the_table_shows_all_of_this(case, tmp_path):
    paths = [tmp_path / "table.csv", tmp_path / "table.md"]
    table.write([case], paths)
    text = paths[1].read_text()
    lines = {line.split("|")[2].strip(): line for line in text.splitlines() if line.startswith("| one")}
    assert "objectives differ" in lines["lower"] and "objectives differ" not in lines["higher"]
    assert "stopped after 0.5 s" in lines["slow"] and "not installed" in lines["absent"]
    assert "not run: none of its addresses answers" in text and "numpy 1.0" in text
    assert "**ours**" in lines["**ours**"] and "warm up: 1, timed: 2" in text
    csv = paths[0].read_text().splitlines()
    assert len(csv) == 1 + len(case["settings"][0]["contenders"]) + 1
    assert "one point in 10 ms" in csv[1] and "yes" in csv[1]
    assert "| amtl-curriculum | one point in 10 ms |" in text


def test_a_lower_optimum_of_a_problem_that_is_not_convex_is_called_that(case):
    assert "another optimum" not in render.to_markdown(table.measurements([case]))
    case["convex"] = False
    assert "another optimum" in render.to_markdown(table.measurements([case]))


def row(seconds=1.0, ratio=None, **counts):
    row = {"seconds": seconds, "ratio": ratio, "counts": counts, "peak_mib": 100.0, "added_mib": 10.0}
    return row | {"stopped": False}


def test_goals_look_at_their_settings_and_their_side_of_the_bound():
    rows = {"ours": row(w_solves=10), "plain alternation": row(w_solves=90)}
    found = {goal.text: (value, ok) for goal, value, ok in goals.judged("amtl-squared", "strong", rows)}
    assert (9.0, False) in found.values() and (1.0, False) in found.values()
    assert len(goals.judged("amtl-squared", "weak", rows)) == 1
    # The fastest alternative is the one with the largest ratio.
    rows = {"ours": row(), "a": row(ratio=0.4), "b": row(ratio=0.6), "absent": row(ratio=None)}
    assert [(value, ok) for _, value, ok in goals.judged("stl-logistic", "tuned", rows)] == [(0.6, False)]
    assert goals.judged("stl-logistic", "tuned", {"ours": row()})[0][1:] == (None, None)


def test_a_run_that_was_ended_reaches_no_bound_but_can_break_one():
    def reached(seconds):
        rows = {"ours": row(seconds) | {"stopped": True}}
        return [ok for _, _, ok in goals.judged("amtl-many-tasks", "generated", rows)]

    assert reached(60.0) == [None, None] and reached(130.0) == [False, None]


def test_every_goal_is_about_a_case_that_there_is():
    assert {goal.case for goal in goals.GOALS} <= set(config.benchmark_cases())


def test_an_unknown_case_is_named_and_all_are_the_default():
    minimal = {"run": {"datasets": ["mnist"], "methods": ["stl"]}}
    assert config.normalise(minimal)["benchmark"]["cases"] == config.benchmark_cases()
    with pytest.raises(
        ValueError, match="benchmark.cases: unknown case 'amtl-scool'; did you mean 'amtl-school'"
    ):
        config.normalise(minimal | {"benchmark": {"cases": ["amtl-scool"]}})


def axis(name, **curve):
    curve = {"method": "stl-squared", "points": [], "left_out": []} | curve
    return {"axis": name, "base": {"tasks": 50, "features": 50, "rows": 100}, "curves": [curve]}


def test_curves_show_their_exponent_and_where_they_end(tmp_path):
    points = [
        {"size": size, "seconds": [1e-4 * size**2] * 2, "mib": 60.0, "iterations": 1, "residual": 1e-9}
        for size in (10, 20, 40)
    ]
    records = [axis("tasks", points=points, left_out=["80 and more (about 200 s)"]), axis("rows")]
    rows = curves.table(records).records
    assert [each["size"] for each in rows] == [10, 20, 40] and rows[0]["exponent"] == pytest.approx(2.0)
    figure = curves.draw(records)
    panel = figure.axes[0]
    assert panel.get_legend().get_texts()[0].get_text() == "STL, squared, exponent 2.00"
    assert "without 80 and more (about 200 s)" in panel.get_xlabel()


def test_what_a_problem_is_made_of_goes_through_a_file(tmp_path):
    given = {"X": np.eye(2), "loss": "squared", "rho": 0.5, "k": 3}
    data.save(tmp_path / "given.npz", given)
    back = data.load(tmp_path / "given.npz")
    assert np.array_equal(back.pop("X"), np.eye(2)) and back == {"loss": "squared", "rho": 0.5, "k": 3}


def test_a_process_answers_line_by_line_and_lives_through_a_failure(tmp_path, monkeypatch):
    module = ModuleType("made_up_case")
    flaky = Contender("flaky", lambda: lambda tolerance, limit: Answer(1.0 / tolerance))
    module.contenders, module.judge = lambda given: [flaky], lambda given: lambda value: (value, float("nan"))
    monkeypatch.setitem(sys.modules, "made_up_case", module)
    monkeypatch.setattr(memory, "limit", lambda gib: None)
    data.save(tmp_path / "given.npz", {"a": 1})
    replies = []
    commands = [json.dumps({"tolerance": value, "limit": 1.0}) for value in (0.0, 0.5)]
    worker.serve("made_up_case", tmp_path / "given.npz", "flaky", 1.0, commands, replies.append)
    assert replies[0] == {"ready": True} and "ZeroDivisionError" in replies[1]["failed"]
    assert replies[2]["counts"] == {} and replies[3] == {"objective": 2.0, "residual": None}


def test_memory_is_what_is_held():
    before = memory.held()
    memory.forget_most()
    # Pages of its own: an array might get what was freed and is still held.
    with mmap.mmap(-1, 64 << 20) as block:
        block[::1024] = bytes(64 << 10)
        assert memory.most() >= before + 60.0


@pytest.mark.parametrize("name", config.benchmark_cases())
def test_every_case_says_what_it_is_and_what_it_reads(name):
    facts = config.facts("benchmark/cases", name.replace("-", "_"))
    assert {"TITLE", "DATASETS", "FITS", "CONVEX"} <= facts.keys()
    assert set(facts["DATASETS"]) <= config.builtin("datasets").keys()
    assert set(facts["FITS"]) <= config.builtin("methods").keys()
    module = importlib.import_module(f"workbench.benchmark.cases.{name.replace('-', '_')}")
    assert all(callable(getattr(module, function)) for function in ("settings", "contenders", "judge"))


@pytest.mark.parametrize("content", ['{"axis": "rows", "ba', "[]", "{}", "3", '{"axis": "rows", "base": {}}'])
def test_a_damaged_record_is_named(tmp_path, content):
    path = tmp_path / "rows.json"
    path.write_text('{"axis": "rows", "base": {}, "curves": []}')
    assert stored.read([path], stored.AXIS)[0]["axis"] == "rows"
    path.write_text(content)
    with pytest.raises(InputError, match="rows.json: not a readable record .*; delete it and run"):
        stored.read([path], stored.AXIS)
