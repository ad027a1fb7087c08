"""What the tables about data outside the paper share: which datasets, and comparison with the baseline."""

import math
from dataclasses import dataclass

from amtl.statistics import Interval, holm_threshold, paired
from workbench.papers.lee2016.numbers import DATASETS
from workbench.report.tables._rows import has_baseline

LEVEL = 0.05
BETTER, WORSE, UNCLEAR, ONE_SPLIT = "better", "worse", "no clear difference", "one split"


def own_datasets(run):
    """Return the run's datasets that the paper does not have."""
    return [each for each in run.datasets if each.dataset not in DATASETS]


def compared_datasets(run):
    """Return all datasets of a run that has one outside the paper; no dataset of another run."""
    return list(run.datasets) if own_datasets(run) else []


def applies(run):
    """Return whether methods can be compared on data outside the paper."""
    return bool(own_datasets(run)) and has_baseline(run)


@dataclass(frozen=True)
class Comparison:
    """A method against another. difference : Interval of its error minus the other's, in its unit.

    percent : the difference in % of the other's mean error. p : two-sided p-value, 1 for one split.
    """

    difference: Interval
    percent: float | None
    p: float
    verdict: str


def compare(errors, baseline, shared):
    """Return {method: Comparison} of {method: {split: error}} with {split: error} of another method.

    shared : overlap of the splits. The verdicts are two-sided t tests at 5 %, by Holm's method over methods.
    """
    differences = {name: paired(values, baseline, "t", shared) for name, values in errors.items()}
    differences = {name: each for name, each in differences.items() if each is not None}
    p_values = {
        name: min(2 * min(each.p_above(0.0), each.p_below(0.0)), 1.0) for name, each in differences.items()
    }
    threshold = holm_threshold(p_values.values(), LEVEL)
    mean = sum(baseline.values()) / len(baseline) if baseline else 0.0
    return {
        name: Comparison(
            each,
            100 * each.mean / mean if mean > 0 else None,
            p_values[name],
            _verdict(each, p_values[name] <= threshold),
        )
        for name, each in differences.items()
    }


def _verdict(each, is_clear):
    if each.half is None:
        return ONE_SPLIT
    return (BETTER if each.mean < 0 else WORSE) if is_clear and each.mean != 0 else UNCLEAR


def winner(run, errors):
    """Return the method with the lowest mean error among those that compete, or None.

    errors : {method: {split: error}}.
    """
    means = {
        method.name: sum(errors[method.name].values()) / len(errors[method.name])
        for method in run.methods_that(control=False)
        if errors.get(method.name)
    }
    return min(means, key=means.get, default=None)


def digits_for(scale):
    """Return the number of decimals that show three digits of a number of this size, at least two."""
    return 2 if scale <= 0 else min(max(2 - math.floor(math.log10(scale)), 2), 9)


def signed(number, digits):
    """Return a number with its sign."""
    return f"{number:+z,.{digits}f}".replace("-", "−")
