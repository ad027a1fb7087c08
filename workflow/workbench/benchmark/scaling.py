"""How seconds and memory grow with the number of tasks, features and rows, on made-up problems.

One axis varies and the others stay at `BASE`; every point is a problem of its own, in a process of its own. A
curve ends where the next point would take too long or too much memory, and says so.
"""

from dataclasses import replace

import numpy as np

from amtl.methods._fit import Context
from amtl.methods.features import mtfl
from workbench.benchmark import coupling, data, generated, single, summary
from workbench.benchmark.contenders import MANY, Answer, Contender
from workbench.benchmark.measure import Plan, last_account, measure

BASE = {"tasks": 50, "features": 50, "rows": 100}
METHODS = {
    "stl-squared": "squared",
    "amtl-squared": "squared",
    "amtl-logistic": "logistic",
    "mtfl-squared": "squared",
}
GROUPS = 5
# The ridge weight per feature, about what the mean noise asks for, and where lam and mu lie in the grid
# around it: a graph of a few edges a task, within its group.
RHO = {"squared": 1.0, "logistic": 0.1}
FACTOR, SHARE = 10.0, 0.25


def problem_at(method, tasks, features, rows):
    """Return the arrays and parameters of one point."""
    arrays = generated.own_rows(tasks, features, rows, METHODS[method], GROUPS) | {"method": method}
    rho = RHO[METHODS[method]] * features
    if method == "stl-squared":
        return arrays | {"rho": rho}
    if method == "mtfl-squared":
        return arrays | {"init": coupling.single_task(arrays, rho), "gamma": rho}
    return coupling.generated_point(arrays, rho, SHARE, FACTOR)


def contenders(given):
    """Return our contender for the method of a point."""
    if given["method"].startswith("amtl"):
        return [coupling.ours(given)]
    if given["method"].startswith("stl"):
        return [single.ours(given)]
    return [Contender("ours", lambda: _mtfl(given))]


def _mtfl(given):
    options = data.default_options(mtfl)

    def run(tolerance, limit):
        context = Context(tolerance, MANY, init=given["init"])
        fit = mtfl.fit(data.make_problem(given), {"gamma": given["gamma"]}, context, options)
        return Answer((fit.objective[-1], fit.residual), {"iterations": fit.iterations})

    return run


def judge(given):
    """Return the judge of the point's method; MTFL's is its own certificate, the duality gap."""
    if given["method"].startswith("amtl"):
        return coupling.judge(given)
    if given["method"].startswith("stl"):
        return single.judge(given)
    return lambda result: result


def run_axis(axis, job):
    """Return the record of one axis. job : ``plan``, the fields of a `Plan`; ``sizes``, ascending."""
    curves = [run_curve(axis, method, sorted(job["sizes"]), Plan(**job["plan"])) for method in METHODS]
    return {"axis": axis, "plan": job["plan"], "base": BASE, "curves": curves}


def run_curve(axis, method, sizes, plan):
    """Return the points of one method along an axis, and which sizes are left out and why.

    The smallest sizes need not be the easiest ones: the curve ends at a size that is too much only when there
    are points before it.
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


def _foretold(points, size):
    """Return the seconds and the GiB of the point at `size`, by the points before."""
    sizes = [point["size"] for point in points]
    seconds = [float(np.median(point["seconds"])) for point in points]
    gib = [point["mib"] / 1024.0 for point in points]
    return summary.predicted(sizes, seconds, size), summary.predicted(sizes, gib, size)


def _rounds(points, size, plan):
    """Return the plan with as many rounds as fit into the time limit of one run; one at least."""
    if len(points) < 2:
        return plan
    fitting = int(plan.time_limit / _foretold(points, size)[0])
    warmups = plan.warmups if fitting > plan.repeats else 0
    return replace(plan, repeats=min(max(fitting, 1), plan.repeats), warmups=warmups)


def _too_much(points, size, plan):
    """Return why the point at `size` is not measured, or None."""
    if len(points) < 2:
        return None
    seconds, gib = _foretold(points, size)
    if seconds > plan.time_limit:
        return f"{size} and more (about {seconds:.0f} s)"
    if gib > plan.memory_limit:
        return f"{size} and more (about {gib:.0f} GiB)"
    return None
