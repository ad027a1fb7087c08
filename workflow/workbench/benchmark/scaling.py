"""How time and memory grow with the number of tasks, features and rows, on generated problems.

The time is that of a fit, for 2MTL of one pass. One axis varies and the others stay at `BASE`. Every point is
a new problem in a new process. A curve ends where the next point would exceed the time or memory limit; the
record says which sizes are left out.

The axis `many_tasks` varies the number of tasks too, in the thousands. Its points have a plan of their own,
and the residual of a fit is the one that it reports: for AMTL, with a pass over all pairs of tasks.
"""

from dataclasses import replace
from functools import partial

import numpy as np
from scipy.sparse import coo_array

from amtl.methods.features.mtfl import SPEC as MTFL
from amtl.methods.graph.amtl import SPEC as AMTL
from amtl.methods.relations.mean_regularized import SPEC as MEAN_REGULARIZED
from amtl.methods.single.stl import SPEC as STL
from workbench.benchmark import coupling, data, generated, sharing, single, summary
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
# Ridge weight of the single-task start per feature, by loss: of some tried, the one that leads to the weights
# nearest to the true ones.
RHO = {"squared": 1.0, "logistic": 0.3}
# lam relative to rho, and mu relative to the smallest one without edges: a few edges per task, within its
# group.
LAM_FACTOR, MU_SHARE = 10.0, 0.25
# The same with many tasks, in groups of fifty, and at most a hundred groups: with more of either, ever more
# tasks of other groups resemble a task by chance.
MANY_TASKS = "many_tasks"
GROUP_SIZE, MAX_GROUPS = 50, 100
# With logistic losses the price of an edge is the validation loss. Two rows per feature can mostly be
# separated: the training losses of tasks with little noise fall to zero, and edges out of them would cost
# nothing. The share: of some tried, the one with the most weight of edges within groups.
MANY_MU_SHARE = {"squared": 0.4, "logistic": 0.13}
# {method: (its `MethodSpec`, its loss, its hyper-parameters)}.
MANY_METHODS = {
    "stl-squared": (STL, "squared", ("rho",)),
    "mean-squared": (MEAN_REGULARIZED, "squared", ("rho1", "rho2")),
    "mtfl-squared": (MTFL, "squared", ("gamma",)),
    "amtl-squared": (AMTL, "squared", ("lam", "mu")),
    "amtl-logistic": (AMTL, "logistic", ("lam", "mu")),
}
MANY_PLAN = {"repeats": 1, "warmups": 0, "tolerance": 1e-5, "time_limit": 7200.0, "memory_limit": 16.0}


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


def many_problem_at(method, tasks, features, rows):
    """Return the arrays and parameters of a point with many tasks."""
    _, loss, _ = MANY_METHODS[method]
    groups = min(max(tasks // GROUP_SIZE, 1), MAX_GROUPS)
    size, validation = (tasks, features, rows, loss, groups), None
    if loss == "logistic":
        arrays, validation = generated.training_and_validation(*size)
    else:
        arrays = generated.own_rows(*size)
    arrays |= {"many": method, "groups": groups}
    rho = RHO[loss] * features
    if method.startswith("amtl"):
        return coupling.generated_point(arrays, rho, MANY_MU_SHARE[loss], LAM_FACTOR, validation)
    zeros = np.zeros((features, tasks))
    return arrays | {"init": zeros, "rho": rho, "gamma": rho, "rho1": LAM_FACTOR * rho, "rho2": rho}


def _of_many(given):
    """Return our contender for the method of a point with many tasks."""
    spec, _, params = MANY_METHODS[given["many"]]
    options = data.default_options(spec)
    if "validation_loss" in given:
        options["delta"] = "validation"
    counts = partial(_within_groups, groups=given["groups"])
    return fit_of(spec, given, params, options, _own_words, counts)


def _within_groups(fit, groups):
    """Return {"within_groups": the share of the edges' weight that stays in a group}; empty without edges."""
    edges = coo_array(fit.B) if fit.B is not None else None
    if edges is None or not edges.nnz:
        return {}
    source, target = edges.coords
    within = edges.data[source % groups == target % groups].sum()
    return {"within_groups": float(within / edges.data.sum())}


def _own_words(fit):
    """Return the objective and the residual that a fit reports."""
    return fit.objective[-1], fit.residual


def contenders(given):
    """Return our contender for the method of a point."""
    if "many" in given:
        return [_of_many(given)]
    if given["method"] in NEIGHBORS:
        return [sharing.ours(given)]
    if given["method"].startswith("amtl"):
        return [coupling.ours(given)]
    if given["method"].startswith("stl"):
        return [single.ours(given)]
    return [fit_of(MTFL, given, ("gamma",), result=_own_words)]


def judge(given):
    """Return the judge of the point's method; MTFL's result is its own objective and duality gap."""
    if "many" in given:
        return lambda result: result
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
    plan, methods, base = job.plan, METHODS, BASE
    if job.axis == MANY_TASKS:
        plan, methods, base = MANY_PLAN, MANY_METHODS, {key: BASE[key] for key in ("features", "rows")}
    curves = [run_curve(job.axis, method, sorted(job.sizes), MeasurementPlan(**plan)) for method in methods]
    return {"axis": job.axis, "plan": plan, "base": base, "curves": curves}


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
        given = _given(axis, method, size)
        (record,) = measure(__name__, given, _rounds(points, size, plan))
        timed = [run for run in record["runs"] if not run["warmup"]]
        if not timed or timed[-1]["stopped"]:
            left_out.append(f"{size} ({record['note']})")
            if points:
                break
            continue
        seconds, account = [run["seconds"] for run in timed], last_account(record)
        points.append(
            {
                "size": size,
                "seconds": seconds,
                "mib": max(run["peak_mib"] for run in record["runs"]),
                "iterations": account["counts"].get("iterations"),
                "within_groups": account["counts"].get("within_groups"),
                "residual": account["residual"],
            }
        )
    return {"method": method, "points": points, "left_out": left_out}


def _given(axis, method, size):
    if axis == MANY_TASKS:
        return many_problem_at(method, **(BASE | {"tasks": size}))
    return problem_at(method, **(BASE | {axis: size}))


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
