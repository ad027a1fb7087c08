"""Transfer: how much a task gains or loses relative to a baseline, such as the same task learned alone."""

import math
from dataclasses import dataclass

from amtl.statistics import interval

# A task counts as worse than the baseline when its error is larger by more than this, in % of the
# baseline's mean error on the task.
EPSILON = 1.0


def gains(errors, baseline):
    """Return {split: (baseline - error) in % of the baseline's mean error} over the common splits.

    errors, baseline : dict from split to number.

    The mean is over the common splits, so all splits have the same scale, also those in which the baseline
    makes no error. The result is empty if there is no common split or if the baseline makes no error at all.
    """
    common = sorted(errors.keys() & baseline.keys())
    mean = math.fsum(baseline[k] for k in common) / len(common) if common else 0.0
    if mean <= 0.0:
        return {}
    return {k: 100.0 * (baseline[k] - errors[k]) / mean for k in common}


@dataclass(frozen=True)
class Transfer:
    """Measures of one method on one dataset.

    Parameters
    ----------
    tasks : int
        Number of tasks in the measures.
    left_out : int
        Number of tasks left out, because the baseline makes no error on them in any split.
    delta : Interval
        Mean over tasks of the gain in % (Delta_m).
    worse : Interval
        Number of tasks that lose more than EPSILON %.
    worse_on_average : int
        Number of tasks whose mean gain over the splits is below -EPSILON %.
    mass : Interval
        Sum over all tasks of the positive part of (error - baseline's error), in the unit of the error.
    worst_task : str
        The task with the smallest mean gain over the splits.
    worst : Interval
        Its gain in %.
    """

    tasks: int
    left_out: int
    delta: object
    worse: object
    worse_on_average: int
    mass: object
    worst_task: str
    worst: object


def measure(errors, baseline, kind="t"):
    """Return the Transfer of a method, or None without a common split and task.

    Parameters
    ----------
    errors, baseline : dict
        {task: {split: error}} of the method and of the baseline. Splits without some task are left out.
    kind : {"t", "normal"}
        As for `amtl.statistics.interval`.
    """
    tasks = [task for task in baseline if task in errors]
    common = set.intersection(*(errors[t].keys() & baseline[t].keys() for t in tasks)) if tasks else set()
    splits = sorted(common)
    if not splits:
        return None
    rows = {}
    for task in tasks:
        pair = ({k: each[task][k] for k in splits} for each in (errors, baseline))
        rows[task] = gains(*pair)
    used = [task for task in tasks if rows[task]]
    if not used:
        return None
    losses = {k: math.fsum(max(errors[t][k] - baseline[t][k], 0.0) for t in tasks) for k in splits}
    means = {task: interval(rows[task].values(), kind) for task in used}
    worst = min(used, key=lambda task: means[task].mean)
    return Transfer(
        tasks=len(used),
        left_out=len(tasks) - len(used),
        delta=interval([math.fsum(rows[t][k] for t in used) / len(used) for k in splits], kind),
        worse=interval([sum(rows[t][k] < -EPSILON for t in used) for k in splits], kind),
        worse_on_average=sum(each.mean < -EPSILON for each in means.values()),
        mass=interval([losses[k] for k in splits], kind),
        worst_task=worst,
        worst=means[worst],
    )
