"""The arrays of a problem, from the job that prepares a case to the process that is timed."""

from dataclasses import replace

import numpy as np

from amtl.methods.single.stl import SPEC as STL
from amtl.model_selection import tune
from amtl.problem import MultiTaskProblem, problem_from_part
from amtl.solvers.proximal import duality_gap
from workbench.result_files import load_record
from workbench.split_files import load_split

# Options that every fit job has in addition to those of its method, with their defaults.
COMMON_OPTIONS = {"fit_loss": "sum", "intercept": "feature"}
# Default number of grid points of a fit job.
GRID_POINTS = 60


def default_options(spec):
    """Return the options of a method, given by its `MethodSpec`, with their defaults."""
    return COMMON_OPTIONS | {name: rule["default"] for name, rule in spec.options.items()}


def arrays(split, loss):
    """Return the training rows and the loss: {X, Y, loss} for shared rows, else {X, y, offsets, loss}."""
    part = split.train
    if split.kind == "one-vs-rest":
        problem = problem_from_part(part, split.kind, len(split.tasks), loss)
        return {"X": problem.X, "Y": problem.Y, "loss": loss}
    y = 2.0 * part.y - 1.0 if split.kind == "binary" and loss == "squared" else part.y
    return {"X": part.X, "y": y, "offsets": part.offsets, "loss": loss}


def rows(given):
    """Return X and Y as `MultiTaskProblem` takes them."""
    if "Y" in given:
        return given["X"], given["Y"]
    edges = list(zip(given["offsets"][:-1], given["offsets"][1:], strict=True))
    return [given["X"][i:j] for i, j in edges], [given["y"][i:j] for i, j in edges]


def make_problem(given):
    """Return a new `MultiTaskProblem`, so that no cached matrix is reused from one run to the next."""
    return MultiTaskProblem(*rows(given), given["loss"])


def shape(given):
    """Return the size of the problem; ``rows`` are those of all tasks together."""
    shared = "Y" in given
    n_tasks = given["Y"].shape[1] if shared else len(given["offsets"]) - 1
    return {
        "tasks": int(n_tasks),
        "features": int(given["X"].shape[1]),
        "rows": len(given["X"]),
        "shared": shared,
        "loss": given["loss"],
    }


def tuned_stl(split, loss, n_points=GRID_POINTS):
    """Return (W, rho) of single-task learning tuned on the split's validation rows, without a refit."""
    tuned = tune(STL, replace(split, refit=False), loss, default_options(STL), n_points)
    return tuned.fit.W, tuned.fit.params["rho"]


def scaled(name, value):
    """Return {setting: value} at `value` itself, called `name`, and at 30 times and a thirtieth of it."""
    return {name: value, "strong": value * 30.0, "weak": value * (1.0 / 30.0)}


def read_source(source):
    """Return (split, {method: record of its fit}) from the files of one dataset of a case.

    Raises StaleResult for a file that another job made.
    """
    digests, split = source["digests"], source["split"]
    fits = {method: load_record(path, digests[path]) for method, path in source["fits"].items()}
    return load_split(split, digests[split]), fits


def save(path, given):
    """Write `given` (arrays, numbers and texts) to an npz file."""
    np.savez(path, **given)


def load(path):
    """Return what `save` wrote."""
    with np.load(path, allow_pickle=False) as archive:
        content = {key: archive[key] for key in archive.files}
    return {key: value.item() if value.ndim == 0 else value for key, value in content.items()}


def judged_by_gap(given, penalty):
    """Return the judge of W for a penalty on all features.

    It returns the objective and the duality gap, relative to the loss at zero weights.
    """
    problem = make_problem(given)

    def evaluate(W):
        gap = duality_gap(problem, penalty, W) / problem.null_loss
        return problem.losses(W).sum() + penalty.value(W), max(gap, 0.0)

    return evaluate
