"""Curves along one axis: their rounds, where they end, and the problems of their points."""

import numpy as np
import pytest

from helpers.benchmark import record
from workbench.benchmark import scaling, sharing
from workbench.benchmark.measure import MeasurementPlan
from workbench.jobs import BenchmarkScalingJob

PLAN = MeasurementPlan(repeats=3, warmups=1, tolerance=1e-6, time_limit=10.0, memory_limit=1.0)


@pytest.fixture
def curve(monkeypatch):
    """Return the function that measures a curve whose numbers are made up.

    seconds, mib : functions of the size. The plans that were used are kept in its attribute ``plans``.
    """

    def run(sizes, seconds=lambda size: 1e-3, mib=lambda size: 100.0):
        def measure(module, given, plan):
            run.plans.append(plan)
            taken = seconds(given["size"])
            stopped = taken > plan.time_limit
            found = record(
                "ours",
                [taken] * (1 if stopped else plan.repeats),
                warmup=None if stopped else 9.0,
                stopped=stopped,
                peak_mib=mib(given["size"]),
                counts={"iterations": 7},
                note="stopped" if stopped else None,
            )
            return [found]

        monkeypatch.setattr(scaling, "problem_at", lambda method, tasks, **others: {"size": tasks})
        monkeypatch.setattr(scaling, "measure", measure)
        run.plans = []
        return scaling.run_curve("tasks", "stl-squared", sizes, PLAN)

    return run


def test_points_hold_the_timed_rounds(curve):
    found = curve([10, 20])
    assert found["method"] == "stl-squared" and found["left_out"] == []
    assert found["points"][1] == {
        "size": 20,
        "seconds": [1e-3] * 3,
        "mib": 100.0,
        "iterations": 7,
        "residual": 1e-9,
        "within_groups": None,
    }


def test_a_curve_ends_before_a_point_that_would_take_too_long(curve):
    found = curve([10, 20, 40, 80, 160], seconds=lambda size: size**2 / 200.0)
    # 40 takes 8 s, so 80 would take 32 s.
    assert [point["size"] for point in found["points"]] == [10, 20, 40]
    (reason,) = found["left_out"]
    assert reason.startswith("80 ") and "32 s" in reason


def test_a_curve_ends_before_a_point_that_would_need_too_much_memory(curve):
    found = curve([10, 20, 40, 80, 160], mib=lambda size: 20.0 * size)
    assert [point["size"] for point in found["points"]] == [10, 20, 40]
    (reason,) = found["left_out"]
    assert reason.startswith("80 ") and "2 GiB" in reason


def test_rounds_are_fewer_where_they_do_not_fit_into_the_limit(curve):
    curve([10, 20, 40, 80], seconds=lambda size: size / 10.0)
    # 40 would take 4 s, so two rounds fit; 80 would take 8 s.
    assert [(plan.repeats, plan.warmups) for plan in curve.plans] == [(3, 1), (3, 1), (2, 0), (1, 0)]


def test_a_failed_point_ends_the_curve_only_after_a_measured_one(curve):
    found = curve([10, 20, 40], seconds=lambda size: 99.0 if size != 20 else 1.0)
    assert [point["size"] for point in found["points"]] == [20]
    assert [reason.split()[0] for reason in found["left_out"]] == ["10", "40"]


def test_an_axis_has_a_curve_per_method_over_ascending_sizes(monkeypatch):
    def run_curve(axis, method, sizes, plan):
        return {"method": method, "sizes": sizes, "axis": axis, "plan": plan}

    monkeypatch.setattr(scaling, "run_curve", run_curve)
    plan = {"repeats": 4, "warmups": 0, "tolerance": 1e-6, "time_limit": 1.0}
    job = BenchmarkScalingJob(axis="rows", plan=plan, sizes=[20, 10], code="")
    found = scaling.run_axis(job)
    assert found["axis"] == "rows" and found["plan"] == plan and found["base"] == scaling.BASE
    assert [each["method"] for each in found["curves"]] == list(scaling.METHODS)
    assert all(each["sizes"] == [10, 20] and each["plan"].repeats == 4 for each in found["curves"])


@pytest.mark.parametrize("method", [name for name in scaling.METHODS if name not in scaling.NEIGHBORS])
def test_our_solver_reaches_the_tolerance_on_every_kind_of_point(method):
    given = scaling.problem_at(method, tasks=6, features=4, rows=12)
    (ours,) = scaling.SPEC.contenders(given)
    answer = ours.make()(1e-6, 60.0)
    objective, residual = scaling.SPEC.judge(given)(answer.result)
    assert residual <= 1e-6 and objective > 0.0


@pytest.mark.parametrize("method", scaling.MANY_METHODS)
def test_a_fit_of_many_tasks_reports_the_residual_that_it_reached(method):
    given = scaling.many_problem_at(method, tasks=60, features=4, rows=12)
    (ours,) = scaling.SPEC.contenders(given)
    answer = ours.make()(1e-5, 60.0)
    objective, residual = scaling.SPEC.judge(given)(answer.result)
    assert residual <= 1e-5 and objective > 0.0 and answer.counts["iterations"] > 0


def test_edges_of_many_tasks_stay_within_groups_with_either_loss():
    """A hundred tasks in two groups: half of all pairs are within a group."""
    for method in ("amtl-squared", "amtl-logistic"):
        given = scaling.many_problem_at(method, tasks=100, features=8, rows=40)
        (ours,) = scaling.SPEC.contenders(given)
        assert ours.make()(1e-5, 60.0).counts["within_groups"] > 0.8


def test_the_axis_of_many_tasks_has_a_plan_and_methods_of_its_own(monkeypatch):
    monkeypatch.setattr(
        scaling, "run_curve", lambda axis, method, sizes, plan: {"method": method, "plan": plan}
    )
    plan = {"repeats": 4, "warmups": 0, "tolerance": 1e-6, "time_limit": 1.0}
    found = scaling.run_axis(BenchmarkScalingJob(axis="many_tasks", plan=plan, sizes=[2000, 1000], code=""))
    assert [each["method"] for each in found["curves"]] == list(scaling.MANY_METHODS)
    assert "tasks" not in found["base"] and found["plan"] == scaling.MANY_PLAN
    assert all(each["plan"].repeats == 1 for each in found["curves"])


@pytest.mark.parametrize(("method", "others"), [("two-mtl-neighbors", 10), ("two-mtl-all", 13)])
def test_a_pass_of_2mtl_uses_the_similar_tasks_and_improves_the_objective(method, others):
    pytest.importorskip("numba")
    given = scaling.problem_at(method, tasks=14, features=4, rows=12)
    (ours,) = scaling.SPEC.contenders(given)
    W, A = ours.make()(1e-6, 60.0).result
    assert ((A > 0.0).sum(axis=1) == 1 + others).all() and np.isfinite(W).all()
    judge = scaling.SPEC.judge(given)
    objective, residual = judge((W, A))
    assert objective < judge((0.0 * W, A))[0] and residual is None
    # Every task has its own weights before the pass, and every row counts once.
    assert given["init"].shape == W.shape and len(given["X"]) == 14 * 12
    assert sorted(np.unique(given["y"])) == list(range(sharing.CLASSES))
