"""How time and memory grow with the number of tasks, features and rows, on generated problems.

The time is that of a fit, for 2MTL of one pass. One axis varies and the others stay at `BASE`. Every point is
a new problem in a new process. A curve ends where the next point would exceed the time or memory limit; the
record says which sizes are left out.
"""

from dataclasses import replace

import numpy as np

from amtl.methods.features.mtfl import SPEC as MTFL
from workbench.benchmark import coupling, generated, sharing, single, summary
from workbench.benchmark._spec import ProblemSpec
from workbench.benchmark.contenders import fit_of
from workbench.benchmark.measure import MeasurementPlan, last_account, measure

BASE = {"tasks": 50, "features": 50, "rows": 100}
METHODS = {
    "stl-squared": "squared",
    "amtl-squared": "squared",
    "amtl-logistic": "logistic",
    "mtfl-squared": "squared",
    "two-mtl-neighbors": "softmax",
    "two-mtl-all": "softmax",
}
# Other tasks that count for a task of 2MTL; 0 for all.
NEIGHBORS = {"two-mtl-neighbors": 10, "two-mtl-all": 0}
GROUPS = 5
# Ridge weight of the single-task start per feature, by loss; it suits the mean noise.
RHO = {"squared": 1.0, "logistic": 0.1}
# lam relative to rho, and mu relative to the smallest one without edges: a few edges per task, within its
# group.
LAM_FACTOR, MU_SHARE = 10.0, 0.25


def problem_at(method, tasks, features, rows):
    """Return the arrays and parameters of one point."""
    if method in NEIGHBORS:
        point = sharing.generated_point(tasks, features, rows, GROUPS, NEIGHBORS[method])
        return point | {"method": method}
    arrays = generated.own_rows(tasks, features, rows, METHODS[method], GROUPS) | {"method": method}
    rho = RHO[METHODS[method]] * features
    if method == "stl-squared":
        return arrays | {"rho": rho}
    if method == "mtfl-squared":
        return arrays | {"init": coupling.single_task(arrays, rho), "gamma": rho}
    return coupling.generated_point(arrays, rho, MU_SHARE, LAM_FACTOR)


def contenders(given):
    """Return our contender for the method of a point."""
    if given["method"] in NEIGHBORS:
        return [sharing.ours(given)]
    if given["method"].startswith("amtl"):
        return [coupling.ours(given)]
    if given["method"].startswith("stl"):
        return [single.ours(given)]
    return [fit_of(MTFL, given, ("gamma",), result=lambda fit: (fit.objective[-1], fit.residual))]


def judge(given):
    """Return the judge of the point's method; MTFL's result is its own objective and duality gap."""
    if given["method"] in NEIGHBORS:
        return sharing.judge(given)
    if given["method"].startswith("amtl"):
        return coupling.judge(given)
    if given["method"].startswith("stl"):
        return single.judge(given)
    return lambda result: result


SPEC = ProblemSpec(contenders=contenders, judge=judge)


def run_axis(job):
    """Return the record of one axis, given its `BenchmarkScalingJob`."""
    curves = [
        run_curve(job.axis, method, sorted(job.sizes), MeasurementPlan(**job.plan)) for method in METHODS
    ]
    return {"axis": job.axis, "plan": job.plan, "base": BASE, "curves": curves}


def run_curve(axis, method, sizes, plan):
    """Return the points of one method along an axis, and which sizes are left out and why.

    A size that fails ends the curve only if there are points before it: the smallest sizes need not be the
    fastest.
    """
    points, left_out = [], []
    for size in sizes:
        too_much = _too_much(points, size, plan)
        if too_much:
            left_out.append(too_much)
            break
        given = problem_at(method, **(BASE | {axis: size}))
        (record,) = measure(__name__, given, _rounds(points, size, plan))
        timed = [run for run in record["runs"] if not run["warmup"]]
        if not timed or timed[-1]["stopped"]:
            left_out.append(f"{size} ({record['note']})")
            if points:
                break
            continue
        seconds = [run["seconds"] for run in timed]
        points.append(
            {
                "size": size,
                "seconds": seconds,
                "mib": max(run["peak_mib"] for run in record["runs"]),
                "iterations": last_account(record)["counts"].get("iterations"),
                "residual": last_account(record)["residual"],
            }
        )
    return {"method": method, "points": points, "left_out": left_out}


def _extrapolated(points, size):
    """Return the expected seconds and GiB of the point at `size`."""
    sizes = [point["size"] for point in points]
    seconds = [float(np.median(point["seconds"])) for point in points]
    gib = [point["mib"] / 1024.0 for point in points]
    return summary.predicted(sizes, seconds, size), summary.predicted(sizes, gib, size)


def _rounds(points, size, plan):
    """Return the plan with as many rounds as fit into the time limit of one run, at least one."""
    if len(points) < 2:
        return plan
    fitting = int(plan.time_limit / _extrapolated(points, size)[0])
    warmups = plan.warmups if fitting > plan.repeats else 0
    return replace(plan, repeats=min(max(fitting, 1), plan.repeats), warmups=warmups)


def _too_much(points, size, plan):
    """Return why the point at `size` is not measured, or None."""
    if len(points) < 2:
        return None
    seconds, gib = _extrapolated(points, size)
    if seconds > plan.time_limit:
        return f"{size} and more (about {seconds:.0f} s)"
    if gib > plan.memory_limit:
        return f"{size} and more (about {gib:.0f} GiB)"
    return None
