"""What the rules of the survey's statements measure: one number for each split of a dataset and a method."""

import numpy as np

from amtl import recovery
from workbench.papers.results import Results

# Singular values of the true weights below this share of the largest one count as zero.
ZERO_SHARE = 1e-8


class SurveyResults(Results):
    """The results of a run, with the splits: true weights, outlier tasks and test rows.

    inputs : as for `Results`; ``splits`` are those of `workbench.papers.yu2024.statements.splits_read`.
    """

    def __init__(self, run, inputs):
        super().__init__(run, inputs)
        self._splits = {(each.dataset, each.index): each for each in inputs.load_splits()}

    def splits(self, dataset):
        """Return {split number: `Split`} of a dataset, empty without."""
        return {k: split for (name, k), split in self._splits.items() if name == dataset}

    def pairs(self, dataset, method):
        """Return {split number: (fit, `Split`)} of a method."""
        splits = self.splits(dataset)
        return {k: (fit, splits[k]) for k, fit in self.fits(dataset, method).items() if k in splits}


def differences(values, others):
    """Return ``values - others``, both {split: number}, of the common splits."""
    return [values[k] - others[k] for k in sorted(values.keys() & others.keys())]


def rmse(results, dataset, method):
    """Return the test RMSE, the mean over tasks."""
    return results.errors(dataset, method)


def estimation_errors(results, dataset, method):
    """Return ||W - W*|| / ||W*|| by the Frobenius norm, without the constant column."""
    pairs = results.pairs(dataset, method)
    return {k: _estimation_error(fit["W"], split) for k, (fit, split) in pairs.items()}


def stage_errors(results, dataset, method, stage):
    """Return the same of the weights after a stage, the first is 1; without fits that keep no stages."""
    pairs = results.pairs(dataset, method)
    return {
        k: _estimation_error(fit["stages"][stage - 1], split)
        for k, (fit, split) in pairs.items()
        if "stages" in fit and stage <= len(fit["stages"])
    }


def _estimation_error(W, split):
    truth = split.truth[:-1]
    return recovery.estimation_error(W[: len(truth)], truth)


def gaps(results, dataset, method):
    """Return the test RMSE minus the training RMSE, both means over tasks."""
    errors = results.errors(dataset, method)
    fits = results.fits(dataset, method)
    return {k: errors[k] - float(np.sqrt(fit["losses"]).mean()) for k, fit in fits.items() if k in errors}


def shrinkage(results, dataset, method):
    """Return by how much the largest singular values fall short of the true ones, a mean in %.

    As many as the true weights have are compared, each relative to its true value.
    """
    found = {}
    for k, (fit, split) in results.pairs(dataset, method).items():
        true = np.linalg.svd(split.truth[:-1], compute_uv=False)
        true = true[true > ZERO_SHARE * true[0]]
        learned = fit["singular_values"][: len(true)]
        found[k] = 100.0 * float(np.mean(1.0 - learned / true))
    return found


def errors_of_inliers(results, dataset, method):
    """Return the mean test error of the tasks that are no outliers."""
    by_task = results.task_errors(dataset, method)
    found = {}
    for k, split in results.splits(dataset).items():
        inside = [t for t, outlier in zip(split.tasks, split.meta["outliers"], strict=True) if not outlier]
        values = [by_task[t][k] for t in inside if k in by_task.get(t, ())]
        if values:
            found[k] = float(np.mean(values))
    return found


def outliers_found(results, dataset, method):
    """Return the F1 score of the outlier tasks on a scale from 0, that of calling all tasks outliers, to 100.

    It is negative for a method that does worse than this.
    """
    found = {}
    for k, (fit, split) in results.pairs(dataset, method).items():
        true = np.array(split.meta["outliers"])
        everyone = recovery.f1(np.ones_like(true), true)
        score = recovery.f1(fit["outliers"].astype(bool), true)
        found[k] = 100.0 * (score - everyone) / (1.0 - everyone)
    return found


def jaccard(results, dataset, method):
    """Return how much the supports of two splits agree, in %: features of both among those of either.

    The number of the first split of a pair is its key. No split is in two pairs, so that the numbers are
    independent.
    """
    fits = sorted(results.fits(dataset, method).items())
    found = {}
    for (k, one), (_, other) in zip(fits[::2], fits[1::2], strict=False):
        both, either = (
            np.sum(f(one["support"].astype(bool), other["support"])) for f in (np.logical_and, np.logical_or)
        )
        found[k] = 100.0 * float(both / either) if either else 100.0
    return found


def errors_of_hidden(results, dataset, hidden, method):
    """Return the mean RMSE on the cells of a grid of tasks of which no row was used.

    dataset : all cells, with the test rows. hidden : the entry in which some cells are missing, on which the
    method was fitted. A method without weights for all cells predicts by the mean of its weights.
    """
    whole, found = results.splits(dataset), {}
    for k, fit in results.fits(hidden, method).items():
        if k not in whole:
            continue
        tasks, test = whole[k].tasks, whole[k].test
        mean = fit["W"].mean(axis=1)
        errors = []
        for t in [t for t, name in enumerate(tasks) if name not in fit["tasks"]]:
            rows = slice(test.offsets[t], test.offsets[t + 1])
            w = fit["cells"][:, t] if "cells" in fit else mean
            errors.append(np.sqrt(np.mean((test.X[rows] @ w - test.y[rows]) ** 2)))
        found[k] = float(np.mean(errors))
    return found


def difference_of_forms(results, dataset, method):
    """Return by how much the penalties of convex CMTL and convex ASO differ at learned weights, in %.

    The first has a matrix of tasks, the second a matrix of features in its place. Both are evaluated by their
    definitions.
    """
    found = {}
    for k, fit in results.fits(dataset, method).items():
        W = fit["W"][:-1] if fit["options"]["intercept"] == "free" else fit["W"]
        params = [fit["params"][name] for name in ("k", "rho1", "rho2")]
        tasks, features = _penalty(W, *params), _penalty(W.T, *params)
        found[k] = 100.0 * (features - tasks) / tasks
    return found


def _penalty(W, k, rho1, rho2):
    """Return rho1 eta (1 + eta) tr(W (eta I + M)^-1 W') of the optimal M (T, T) for W (p, T)."""
    eta = rho2 / rho1
    from amtl.solvers.relation import Clustered  # it imports scipy, and specs are read by every job

    M = Clustered(k, rho1, rho2).matrix(W)
    return rho2 * (1.0 + eta) * float(np.trace(W @ np.linalg.solve(eta * np.eye(len(M)) + M, W.T)))


def exponents(results, datasets, method):
    """Return x of "the seconds of a fit grow like T^x" by least squares, for T tasks.

    datasets : entries that differ in the number of tasks. The seconds are the median over the grid, so that a
    few points at its ends do not decide.
    """
    fits = {name: found for name in datasets if (found := results.fits(name, method))}
    if len(fits) < 2:
        return {}
    sizes = np.log([len(next(iter(found.values()))["tasks"]) for found in fits.values()])
    medians = [{k: _median_seconds(fit) for k, fit in found.items()} for found in fits.values()]
    common = sorted(set.intersection(*map(set, medians)))
    return {k: float(np.polyfit(sizes, np.log([each[k] for each in medians]), 1)[0]) for k in common}


def _median_seconds(fit):
    return float(np.median([point["seconds"] for point in fit["grid"]]))
