"""The arrays of a problem, as they go from the job that prepares a case to the process that is measured."""

from dataclasses import replace

import numpy as np

from amtl.methods.single import stl
from amtl.model_selection import tune
from amtl.problem import MultiTaskProblem, problem_from_part
from workbench.benchmark import records
from workbench.split_files import load_split

# What a fit job takes unless told otherwise.
COMMON = {"fit_loss": "sum", "intercept": "feature"}
POINTS = 60


def default_options(method):
    """Return the options that a method's module has unless the configuration changes them."""
    return {**COMMON, **{key: rule["default"] for key, rule in method.OPTIONS.items()}}


def arrays(split, loss):
    """Return {X, Y} of the training rows, or {X, y, offsets} where every task has its own, and the loss."""
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
    """Return a fresh `MultiTaskProblem`: nothing is kept from one repetition to the next."""
    return MultiTaskProblem(*rows(given), given["loss"])


def shape(given):
    """Return the size of the problem: tasks, features and rows, those of all tasks together."""
    shared = "Y" in given
    n_tasks = given["Y"].shape[1] if shared else len(given["offsets"]) - 1
    return {
        "tasks": int(n_tasks),
        "features": int(given["X"].shape[1]),
        "rows": len(given["X"]),
        "shared": shared,
        "loss": given["loss"],
    }


def tuned_stl(split, loss, n_points=POINTS):
    """Return (W, rho) of single-task learning tuned on the split's validation rows, without a refit."""
    tuned = tune(stl, replace(split, refit=False), loss, default_options(stl), n_points)
    return tuned.fit.W, tuned.fit.params["rho"]


def read_source(source):
    """Return (split, {method: record of its fit}) of the files that a case is given for one dataset."""
    fits = records.read(source["fits"].values(), {"params"})
    return load_split(source["split"]), dict(zip(source["fits"], fits, strict=True))


def save(path, given):
    """Write `given`, arrays with numbers and texts among them, to an npz file."""
    np.savez(path, **given)


def load(path):
    """Return what `save` wrote."""
    with np.load(path, allow_pickle=False) as archive:
        content = {key: archive[key] for key in archive.files}
    return {key: value.item() if value.ndim == 0 else value for key, value in content.items()}


def judged_by_gap(given, penalty):
    """Return a judge of W for the losses of `given` with a `SquaredNorm`: the objective, and the duality gap
    relative to the loss at zero."""
    problem = make_problem(given)

    def evaluate(W):
        losses, gradient = problem.losses_and_gradient(W)
        gap = penalty.gap(W, gradient) / problem.loss_at_zero
        return losses.sum() + penalty.value(W), max(gap, 0.0)

    return evaluate
