"""By how much a method lowers the error of each task below the baseline's; Figures 1 (d) and 1 (e)."""

from amtl.errors import InputError
from amtl.statistics import paired

UNITS = {
    "rmse": "RMSE reduction over {} (target units)",
    "class_error": "Error reduction over {} (percentage points)",
    "binary_error": "Error reduction over {} (percentage points)",
}


def label(scores, dataset, baseline):
    """Return the axis label of a reduction on `dataset`."""
    return UNITS[scores.task_metric(dataset)].format(baseline)


def by_split(scores, dataset, method, baseline):
    """Return (tasks, {split: [reduction of each task]}) over the splits that both methods have."""
    metric = scores.task_metric(dataset)
    tasks = scores.tasks(dataset, baseline, metric)
    ours = [scores.values(dataset, method, metric, task) for task in tasks]
    theirs = [scores.values(dataset, baseline, metric, task) for task in tasks]
    splits = set.intersection(*(set(values) for values in ours + theirs)) if tasks else set()
    if not splits:
        raise InputError(f"no split of {dataset} has scores of each task for both {method} and {baseline}")
    return tasks, {k: [b[k] - m[k] for m, b in zip(ours, theirs, strict=True)] for k in sorted(splits)}


def intervals(reductions, kind):
    """Return the Interval of each position of equally long rows, one row per split."""
    zeros = dict.fromkeys(reductions, 0.0)
    positions = range(len(next(iter(reductions.values()))))
    return [paired({k: row[i] for k, row in reductions.items()}, zeros, kind) for i in positions]
