"""How contenders are measured: calibration, rounds, limits, and failures that are recorded."""

import os
from dataclasses import replace

import pytest

from helpers.benchmark import account
from workbench.benchmark import measure, summary
from workbench.benchmark.measure import NOT_REACHED, MeasurementPlan, Stopped, calibrate

PLAN = MeasurementPlan(repeats=2, warmups=1, tolerance=1e-6, time_limit=5.0)
SHORT_PLAN = replace(PLAN, time_limit=0.5)


def test_calibration_takes_the_loosest_tolerance_with_a_small_enough_residual():
    tried = []

    def run(level):
        tried.append(level)
        return account(10.0 * level)

    level, found, reason = calibrate(run, (1e-5, 1e-6, 1e-7, 1e-8), PLAN)
    assert (level, reason) == (1e-7, None) and found["residual"] == pytest.approx(1e-6)
    assert tried == [1e-5, 1e-6, 1e-7]


def test_calibration_without_success_returns_the_smallest_residual():
    residuals = {1e-1: None, 1e-2: 0.3, 1e-3: 0.1, 1e-4: 0.2}
    level, found, reason = calibrate(lambda level: account(residuals[level]), tuple(residuals), PLAN)
    assert level == 1e-3 and found["residual"] == 0.1
    assert reason.startswith(NOT_REACHED) and "1.0e-01" in reason


def test_calibration_without_a_finite_result():
    level, found, reason = calibrate(lambda level: account(None), (1e-1, 1e-2), PLAN)
    assert level == 1e-1 and found is None and reason and not reason.startswith(NOT_REACHED)


def test_calibration_ends_at_the_time_limit():
    unfinished = account(None, stopped=True)

    def run(level):
        if level < 1e-2:
            raise Stopped("reason", unfinished)
        return account(level)

    assert calibrate(run, (1e-2, 1e-3, 1e-4), PLAN) == (1e-3, unfinished, "reason")

    def run_without_account(level):
        if level < 1e-2:
            raise Stopped("reason")
        return account(level)

    assert calibrate(run_without_account, (1e-2, 1e-3), PLAN) == (1e-3, account(1e-2), "reason")
    # A run that stops by itself has a residual, which may even be small.
    answer = calibrate(lambda level: account(1e-9, stopped=True), (1e-2, 1e-3), PLAN)
    assert answer == (1e-2, account(1e-9, stopped=True), measure.stopped_after(PLAN))


def measured(which, project, plan):
    """Return {contender: record} of contenders of `helpers.benchmark`, each measured in its own process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(project / "tests"))
        return {each["name"]: each for each in measure.measure("helpers.benchmark", {"which": which}, plan)}


@pytest.fixture(scope="module")
def records(project):
    return measured("all", project, SHORT_PLAN)


def test_rounds_are_recorded_with_the_warm_up_marked(records):
    runs = records["same"]["runs"]
    assert [(run["round"], run["warmup"]) for run in runs] == [(0, True), (1, False), (2, False)]
    assert all(run["counts"] == {"iterations": 3} and run["peak_mib"] > 0.0 for run in runs)
    assert records["same"]["note"] is None and records["same"]["tolerance"] == PLAN.tolerance
    assert [name for name, each in records.items() if each["ours"]] == ["ours"]


def test_objectives_are_compared_with_ours(records):
    assert records["same"]["agrees"] and records["same"]["difference"] == 0.0
    assert records["higher"]["agrees"] and records["higher"]["difference"] == pytest.approx(-0.5)
    assert records["lower"]["agrees"] is False and records["lower"]["difference"] == pytest.approx(1.0)
    assert "difference" not in records["ours"]


def test_the_objective_of_another_problem_is_not_compared(records):
    assert records["other problem"]["agrees"] is None and len(records["other problem"]["runs"]) == 3


def test_a_contender_that_cannot_run_is_recorded_with_the_reason(records):
    reasons = {"absent": "a_package_that_does_not_exist", "broken": "ZeroDivisionError"}
    for name, reason in (reasons | {"dead": "status 3", "killed": "SIGKILL"}).items():
        assert reason in records[name]["note"] and records[name]["runs"] == []
        assert records[name]["agrees"] is None


def test_what_a_contender_prints_is_no_answer(records):
    assert records["printing"]["note"] is None and len(records["printing"]["runs"]) == 3


def test_a_run_that_exceeds_the_limit_is_killed(records):
    slow = records["slow"]
    assert slow["note"] == measure.stopped_after(SHORT_PLAN) and slow["runs"] == []
    assert 0.5 < slow["rough"]["seconds"] < 10.0 and slow["rough"]["peak_mib"] > 0.0
    row = summary.row_of(slow, records["ours"])
    assert row["stopped"] and 0.0 < row["ratio"] < 1.0


def test_a_run_that_stops_by_itself_is_not_repeated(records):
    (run,) = records["patient"]["runs"]
    assert run["stopped"] and run["objective"] == 1.5 and run["warmup"]
    assert records["patient"]["note"] == records["slow"]["note"]
    row = summary.row_of(records["patient"], records["ours"])
    assert 0.0 < row["ratio"] < 1.0 and row["rounds"] == 0


def test_levels_are_calibrated_before_the_rounds(project):
    plan = MeasurementPlan(repeats=1, warmups=0, tolerance=1e-3, time_limit=5.0)
    records = measured("calibrated", project, plan)
    coarse, never, infinite = records["coarse"], records["never"], records["infinite"]
    assert coarse["tolerance"] == 1e-3 and coarse["note"] is None and coarse["rough"]["residual"] == 1e-3
    # It takes part with the best that it reaches.
    assert never["tolerance"] == 1e-1 and never["note"].startswith(NOT_REACHED) and len(never["runs"]) == 1
    assert infinite["runs"] == [] and infinite["rough"] is None and infinite["note"]
    assert records["unable to start"]["runs"] == [] and records["unable to start"]["note"]


def test_the_process_has_one_thread_and_the_callers_packages(monkeypatch):
    seen = {}

    class Process:
        def __init__(self, command, env, **options):
            seen.update(env, command=[str(part) for part in command])

    monkeypatch.setenv("PYTHONPATH", "/plugins")
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    monkeypatch.setattr(measure.subprocess, "Popen", Process)
    measure.Worker("module", "given.npz", "ours", PLAN)
    assert seen["PYTHONPATH"].split(os.pathsep) == [str(measure.ROOT), "/plugins"]
    assert {seen[name] for name in measure.ONE_THREAD} == {"1"}
    assert seen["command"][-4:] == ["module", "given.npz", "ours", str(PLAN.memory_limit)]


@pytest.mark.parametrize("printed", [b"", b"{}\n", b"no answer\n"])
def test_a_process_that_dies_between_two_runs_costs_its_contender_alone(monkeypatch, tmp_path, printed):
    worker = tmp_path / "worker.py"
    worker.write_text(f"import os\nos.write(1, {printed!r})\nos._exit(7)\n")
    monkeypatch.setattr(measure, "WORKER", worker)
    workers, records = {0: measure.Worker("module", "given.npz", "ours", PLAN)}, [{"rough": None}]
    workers[0]._process.wait()
    for action in (lambda worker, record: worker.start(), lambda worker, record: worker.run(1e-6)):
        if workers:
            measure._or_leave(workers, records, 0, action)
    assert not workers and ("no answer" if printed == b"no answer\n" else "7") in records[0]["note"]
