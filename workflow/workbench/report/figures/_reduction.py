"""The error of a baseline minus that of a method, task by task; Figures 1 (d), 1 (e) and 2."""

from amtl.errors import InputError
from amtl.statistics import paired

UNITS = {
    "rmse": "RMSE reduction over {} (target units)",
    "class_error": "Error reduction over {} (percentage points)",
    "binary_error": "Error reduction over {} (percentage points)",
}


def label(scores, dataset, baseline):
    """Return the axis label of a reduction on `dataset`; baseline : its title."""
    return UNITS[scores.task_metric(dataset)].format(baseline)


def by_split(scores, dataset, method, baseline):
    """Return (tasks, {split: [reduction of each task]}) over the splits that both methods have."""
    metric = scores.task_metric(dataset)
    tasks = scores.tasks(dataset, baseline, metric)
    errors = [scores.values(dataset, method, metric, task) for task in tasks]
    alone = [scores.values(dataset, baseline, metric, task) for task in tasks]
    splits = set.intersection(*(set(values) for values in errors + alone)) if tasks else set()
    if not splits:
        raise InputError(f"no split of {dataset} has scores of each task for both {method} and {baseline}")
    return tasks, {k: [b[k] - m[k] for m, b in zip(errors, alone, strict=True)] for k in sorted(splits)}


def intervals(reductions, kind):
    """Return the Interval over splits of each position of {split: row}; all rows are equally long."""
    zeros = dict.fromkeys(reductions, 0.0)
    positions = range(len(next(iter(reductions.values()))))
    return [paired({k: row[i] for k, row in reductions.items()}, zeros, kind) for i in positions]
