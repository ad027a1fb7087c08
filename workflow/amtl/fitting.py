"""One fit job: a method on a split with its whole grid, scored on the test rows."""

import platform
import time

import numpy as np
import scipy

from amtl.errors import InputError
from amtl.files import replacing, write_json
from amtl.metrics import evaluate
from amtl.problem import problem_from_part
from amtl.split import load_split
from amtl.tuning import tune


def read_split(path, job):
    """Return the split at `path`; raise InputError when it is not the one that `job` is about."""
    split = load_split(path)
    if (split.dataset, split.index) != (job["dataset"], job["split"]):
        raise InputError(
            f"{path}: holds split {split.index} of {split.dataset} instead; delete it and run the workflow "
            "again"
        )
    return split


def run_job(method, split, job):
    """Return (record, arrays) of the fit that `job` describes: what goes into the json and npz file.

    job : dict with dataset, split, method, title, loss, options, grid_points, seed, tolerance,
        max_iterations and code (the checksum of the code that the fit depends on).
    """
    started = time.perf_counter()
    options = job["options"]
    tuned = tune(
        method,
        split,
        job["loss"],
        options,
        job["grid_points"],
        job["tolerance"],
        job["max_iterations"],
        job["seed"],
    )
    fit = tuned.fit
    n_tasks = len(split.tasks)
    keys = {"loss": job["loss"], "intercept": options["intercept"]}
    train, test = (problem_from_part(part, split.kind, n_tasks, **keys) for part in (split.train, split.test))
    metrics = evaluate(test, split.kind, fit.W, split.tasks)
    for task, loss in zip(split.tasks, train.mean_losses(fit.W), strict=True):
        metrics.append({"task": task, "metric": "train_loss", "value": float(loss)})
    arrays = {"W": fit.W, "objective": np.array(fit.objective)}
    if fit.B is not None:
        arrays["B"] = fit.B
    if fit.order is not None:
        arrays["order"] = fit.order
    record = {
        **{key: job[key] for key in ("dataset", "split", "method", "title")},
        "kind": split.kind,
        "loss": job["loss"],
        "options": options,
        "tasks": list(split.tasks),
        "n_train": train.n.tolist(),
        "n_features": train.n_features,
        "objective_formula": method.OBJECTIVE,
        "citation": method.CITATION,
        "params": fit.params,
        "grid": tuned.grid,
        "chosen": tuned.chosen,
        "edges": tuned.edges,
        "warnings": tuned.warnings,
        "iterations": fit.iterations,
        "converged": bool(fit.converged),
        "residual": float(fit.residual),
        "objective": float(fit.objective[-1]),
        "restarts": [float(value) for value in fit.restarts],
        "metrics": metrics,
        "seconds": {**tuned.seconds, "total": time.perf_counter() - started},
        "seed": job["seed"],
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scipy": scipy.__version__,
        },
        "code": job["code"],
    }
    return record, arrays


def write_fit(npz, json, record, arrays):
    """Write both files of a fit, the json last: where it is, the npz is too."""
    with replacing(npz) as temporary, open(temporary, "wb") as stream:
        np.savez(stream, **arrays)
    write_json(json, record)
