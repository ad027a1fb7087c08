"""The goals: what they measure, when they are reached, and that their texts state their bounds."""

import re

import pytest

from helpers.benchmark import record
from workbench import plugins
from workbench.benchmark import goals, summary
from workbench.benchmark.goals import Goal

# What a text says of its bound: a factor to the unit of the measured number.
WORDS = {"ms": 1e-3, "s": 1.0, "min": 60.0, "GiB": 1024.0, "times": 1.0, "CPU": 1.0}


def rows_of(*records):
    """Return {contender: row} of records, ours first."""
    return {each["name"]: summary.row_of(each, records[0]) for each in records}


@pytest.mark.parametrize(
    ("at_least", "value", "stopped", "expected"),
    [
        (False, 2.0, False, True),
        (False, 1.9, False, True),
        (False, 2.1, False, False),
        (True, 2.0, False, True),
        (True, 2.1, False, True),
        (True, 1.9, False, False),
        (False, 1.9, True, None),
        (False, 2.1, True, False),
        (False, None, False, None),
    ],
)
def test_goal_is_reached_up_to_its_bound(at_least, value, stopped, expected):
    goal = Goal("case", "text", lambda rows: None, 2.0, at_least=at_least)
    assert goal.reached(value, stopped) is expected


def test_goals_of_a_case_in_one_setting():
    counts = {"ours": 10, "plain alternation": 90}
    rows = rows_of(*(record(name, [1.0], counts={"w_solves": n}) for name, n in counts.items()))
    found = {goal.measure: (value, ok) for goal, value, ok in goals.judged("amtl-squared", "strong", rows)}
    assert found == {goals.w_solves: (9.0, False), goals.seconds: (1.0, False)}
    weak = goals.judged("amtl-squared", "weak", rows)
    assert [goal.measure for goal, _, _ in weak] == [goals.seconds]


def test_the_fastest_alternative_has_the_largest_ratio():
    rows = rows_of(record("ours", [2.0]), record("a", [5.0]), record("b", [4.0]), record("absent", []))
    assert goals.to_fastest(rows) == 0.5
    assert goals.to_fastest(rows_of(record("ours", [2.0]))) is None


def test_our_pass_is_compared_with_the_fastest_one():
    ours = record("ours", [9.0], counts={"pass_seconds": 0.6})
    others = (
        record("a", [1.0], counts={"pass_seconds": 0.5}),
        record("b", [1.0], counts={"pass_seconds": 0.4}),
    )
    assert goals.pass_to_fastest(rows_of(ours, *others)) == pytest.approx(1.5)
    assert goals.pass_to_fastest(rows_of(ours, record("absent", []))) is None


def test_measures_of_ours():
    ours = record("ours", [2.0, 4.0, 3.0], peak_mib=90.0, held_mib=70.0, counts={"start_up_cpu": 0.4})
    rows = rows_of(ours, record("STL at the tuned rho", [2.0, 2.0, 2.0]))
    assert goals.seconds(rows) == 3.0 and goals.to_stl(rows) == 1.5 and goals.start_up(rows) == 0.4
    assert goals.peak_mib(rows) == 90.0 and goals.added_mib(rows) == 20.0


def test_a_number_that_was_not_measured_is_none():
    rows = rows_of(record("ours", []))
    numbers = goals.seconds, goals.to_stl, goals.start_up, goals.peak_mib, goals.added_mib
    for measure in (*numbers, goals.pass_to_fastest):
        assert measure(rows) is None, measure
    assert goals.w_solves(rows) is None
    assert goals.w_solves(rows_of(record("ours", [1.0], counts={"w_solves": 3}))) is None


def test_a_stopped_run_can_miss_a_goal_and_not_reach_it():
    def reached(seconds):
        rows = rows_of(record("ours", [seconds], stopped=True))
        return {goal.measure: ok for goal, _, ok in goals.judged("amtl-many-tasks", "generated", rows)}

    assert reached(60.0) == {goals.seconds: None, goals.peak_mib: None}
    assert reached(130.0) == {goals.seconds: False, goals.peak_mib: None}


@pytest.mark.parametrize("goal", goals.GOALS, ids=lambda goal: f"{goal.case}-{goal.measure.__name__}")
def test_the_text_of_a_goal_states_its_bound(goal):
    assert goal.case in plugins.find("cases")
    if goal.measure is goals.added_mib:
        features, tasks = 26, 139
        matrix = 8.0 * (features * tasks) ** 2 / 2**20
        assert 0.99 * matrix < goal.bound < matrix
        return
    if "half" in goal.text:
        assert goal.bound == 0.5
        return
    number, word = re.search(rf"(?:within|at least) ([\d.]+) ({'|'.join(WORDS)})\b", goal.text).groups()
    assert goal.bound == pytest.approx(float(number) * WORDS[word])
    assert goal.at_least == ("at least" in goal.text)
