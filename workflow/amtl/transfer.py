"""What a task gains or loses by being learned with others, against the same task learned alone."""

import math
from dataclasses import dataclass

from amtl.statistics import interval

# A task counts as worse than the baseline when its error is larger by more than this, in % of the
# baseline's mean error on the task.
EPSILON = 1.0


def gains(errors, baseline):
    """Return {split: (baseline - error) in % of the baseline's mean} over the splits that both have.

    errors, baseline : dict from split to number. The mean is over the common splits, so that the scale is the
    same in every split and a split in which the baseline makes no error is no trouble. Empty if there is no
    common split or the baseline makes no error at all.
    """
    common = sorted(errors.keys() & baseline.keys())
    mean = math.fsum(baseline[k] for k in common) / len(common) if common else 0.0
    if mean <= 0.0:
        return {}
    return {k: 100.0 * (baseline[k] - errors[k]) / mean for k in common}


@dataclass(frozen=True)
class Transfer:
    """Measures of one method on one dataset; Intervals over the splits.

    delta : mean over tasks of the gain in % (Delta_m).
    worse : number of tasks that lose more than EPSILON %.
    mass : sum over tasks of (error - baseline's error), where that is above zero; the unit of the error.
    worst_task, worst : the task that gains least on the mean over splits, and its gain in %.
    tasks : number of tasks in these, `left_out` those on which the baseline makes no error in any split.
    worse_on_average : number of tasks whose mean gain over the splits is below -EPSILON.
    """

    tasks: int
    left_out: int
    delta: object
    worse: object
    worse_on_average: int
    mass: object
    worst_task: str
    worst: object


def measure(errors, baseline, kind="normal"):
    """Return the Transfer of a method, or None if no split and task is common.

    errors, baseline : {task: {split: error}} of the method and of the baseline. Splits that lack a task are
    left out.
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
