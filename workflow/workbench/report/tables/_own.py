"""What the tables about data outside the paper share: which datasets, and comparison with the baseline."""

import math

from workbench import plugins
from workbench.papers.lee2016.numbers import DATASETS
from workbench.report.render import NOTHING
from workbench.report.tables._rows import has_baseline

# The numbers of a comparison in a record; their names there begin with that of the reference.
NUMBERS = ("difference", "low", "high", "percent", "p")


def own_datasets(run):
    """Return the run's datasets that the paper does not have."""
    return [each for each in run.datasets if each.dataset not in DATASETS]


def compared_datasets(run):
    """Return all datasets of a run that has one outside the paper; no dataset of another run."""
    return list(run.datasets) if own_datasets(run) else []


def applies(run):
    """Return whether methods can be compared on data outside the paper."""
    return bool(own_datasets(run)) and has_baseline(run)


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


def counts(run, compared):
    """Return a sentence for each of the user's own tables: how many of the methods that apply were compared.

    compared : {dataset: names of the built-in methods, without controls}.
    """
    specs = [plugins.load("methods", name) for name in plugins.find("methods")]
    sentences = []
    for dataset in own_datasets(run):
        able = {spec.name for spec in specs if not spec.control and dataset.kind in spec.applies_to}
        names = compared.get(dataset.name)
        if dataset.dataset == "table" and names:
            sentences.append(
                f"{dataset.title}: {len(names & able)} of the {len(able)} methods that apply were compared; "
                "config/own-data-all.yaml has all that need no order and no grid of tasks."
            )
    return sentences


def comparison_facts(reference, compared):
    """Return the part of a record about a `statistics.Comparison` with a reference, or about none."""
    numbers, verdict = (None,) * len(NUMBERS), ""
    if compared is not None:
        difference = compared.difference
        numbers = (difference.mean, difference.low, difference.high, compared.percent, compared.p)
        verdict = compared.verdict
    keys = [f"{reference}_{key}" for key in (*NUMBERS, "verdict")]
    return dict(zip(keys, (*numbers, verdict), strict=True))


def comparison_cells(record, reference, digits):
    """Return the four cells of the comparison with a reference that is in a record."""
    keys = (f"{reference}_{key}" for key in (*NUMBERS, "verdict"))
    difference, low, high, percent, p, verdict = (record[key] for key in keys)
    if difference is None:
        return [NOTHING] * 4
    text = signed(difference, digits)
    if low is not None:
        text += f" ({signed(low, digits)} to {signed(high, digits)})"
    percent = NOTHING if percent is None else signed(percent, 1)
    return [text, percent, NOTHING if low is None else f"{p:.2g}", verdict]


def digits_for(scale):
    """Return the number of decimals that show three digits of a number of this size, at least two."""
    return 2 if scale <= 0 else min(max(2 - math.floor(math.log10(scale)), 2), 9)


def signed(number, digits):
    """Return a number with its sign."""
    return f"{number:+z,.{digits}f}".replace("-", "−")
