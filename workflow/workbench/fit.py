"""One fit job: a method on a split with its whole grid, scored on the test rows."""

import platform
import time

import numpy as np
import scipy

from amtl.metrics import evaluate
from amtl.model_selection import Known, fit_paths, part_problem, tune
from workbench.result_files import load_arrays, load_record, save_arrays, save_record


def run_job(spec, split, job, known=None):
    """Return (record, arrays) of a fit: what goes into its json and its npz file.

    spec : the `MethodSpec`. split : the `Split`. job : the `FitJob`. known : the `Known` fits of its grid,
    or None.
    """
    known, started = known or Known(), time.process_time()
    tuned = tune(spec, split, job.loss, job.options, *_settings(job), known)
    fit = tuned.fit
    train = part_problem(spec, split, split.train, job.loss, job.options)
    test = part_problem(spec, split, split.test, job.loss, job.options, train)
    if spec.sees is None:
        metrics = evaluate(test, split.kind, fit.W, split.tasks, split.ranked_by)
    else:
        metrics = test.evaluate(fit.W)
    for task, loss in zip(split.tasks, train.mean_losses(fit.W), strict=True):
        metrics.append({"task": task, "metric": "train_loss", "value": float(loss)})
    arrays = {"W": fit.W, "objective": np.array(fit.objective), "B": fit.B, "order": fit.order, **fit.learned}
    arrays = {name: array for name, array in arrays.items() if array is not None}
    record = {
        "dataset": job.dataset,
        "split": job.split,
        "method": job.method,
        "kind": split.kind,
        "loss": job.loss,
        "options": job.options,
        "tasks": list(split.tasks),
        "n_train": train.n.tolist(),
        "n_features": train.n_features,
        "objective_formula": spec.objective,
        "citation": spec.citation,
        "params": fit.params,
        "grid": tuned.grid,
        "chosen": tuned.chosen,
        "initial_points": tuned.initial_points,
        "edges": tuned.edges,
        "limits": tuned.limits,
        "same_as": tuned.same_as,
        "warnings": tuned.warnings,
        "iterations": fit.iterations,
        "converged": bool(fit.converged),
        "residual": float(fit.residual),
        "objective": float(fit.objective[-1]),
        "restarts": [float(value) for value in fit.restarts],
        "metrics": metrics,
        "seconds": {**tuned.seconds, "total": time.process_time() - started + known.seconds},
        "seed": job.seed,
        "versions": {"python": platform.python_version(), **{p.__name__: p.__version__ for p in (np, scipy)}},
    }
    return record, arrays


def run_part(spec, split, job, known):
    """Return the `Known` fits of one part of a grid.

    spec, split : as for `run_job`. job : the `PathsJob`. known : that of part 0, for the other parts.
    """
    return fit_paths(spec, split, job.loss, job.options, *_settings(job), job.part, job.parts, known)


def _settings(job):
    return job.grid_points, job.tolerance, job.max_iterations, job.seed


def write_fit(npz, json, job, record, arrays):
    """Write both files of a fit. The record is last, so that its arrays always exist."""
    save_arrays(npz, job, arrays)
    save_record(json, job, record)


class FitReader:
    """The fits that a job reads: each is checked against the digest that the plan expects.

    fits : the `FitSet`. folder : the folder that holds ``{dataset}/{method}/split{k}.json`` and ``.npz``.
    """

    def __init__(self, fits, folder="results/fits"):
        self.fits, self.folder = fits, folder

    def __iter__(self):
        """Yield (dataset, method, split) of every fit, in an order that depends on the names alone."""
        return iter(self.fits)

    def path(self, dataset, method, split, suffix="json"):
        return f"{self.folder}/{dataset}/{method}/split{split}.{suffix}"

    def record(self, dataset, method, split):
        """Return the record of a fit. Raises StaleResult when another job made it."""
        return load_record(self.path(dataset, method, split), self.fits.fit_digest(dataset, method, split))

    def arrays(self, dataset, method, split):
        """Return the arrays of a fit: W, objective, and what it learned: B, order and `Fit.learned`."""
        return load_arrays(
            self.path(dataset, method, split, "npz"), self.fits.fit_digest(dataset, method, split)
        )
