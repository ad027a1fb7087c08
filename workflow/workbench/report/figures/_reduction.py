"""The error of a baseline minus that of a method, task by task; Figures 1 (d), 1 (e) and 2."""

from amtl.errors import InputError
from amtl.statistics import interval

UNITS = {
    "rmse": "RMSE reduction over {} (target units)",
    "class_error": "Error reduction over {} (percentage points)",
    "binary_error": "Error reduction over {} (percentage points)",
    "auc_loss": "Reduction of 1 − AUC over {} (percentage points)",
}


def label(scores, dataset, baseline):
    """Return the axis label of a reduction on `dataset`; baseline : its title."""
    return UNITS[scores.task_metric(dataset)].format(baseline)


def by_split(scores, dataset, method, baseline):
    """Return (tasks, {split: [reduction of each task]}) over the splits that both methods have."""
    metric = scores.task_metric(dataset)
    errors, alone = (scores.by_task(dataset, each, metric) for each in (method, baseline))
    pairs = [(errors.get(task, {}), alone[task]) for task in alone]
    splits = set.intersection(*(set(values) for pair in pairs for values in pair)) if pairs else set()
    if not splits:
        raise InputError(f"no split of {dataset} has scores of each task for both {method} and {baseline}")
    return list(alone), {k: [other[k] - own[k] for own, other in pairs] for k in sorted(splits)}


def intervals(reductions, kind):
    """Return the Interval over splits of each position of {split: row}; all rows are equally long."""
    return [interval(values, kind) for values in zip(*reductions.values(), strict=True)]
