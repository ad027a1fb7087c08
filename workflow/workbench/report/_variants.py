"""Which datasets of a run a table or figure shows, and those that are the points of one curve.

The points of a curve are datasets that differ in one numeric option of one built-in dataset.
"""

from dataclasses import dataclass

from workbench.jobs import to_json

# Fewer variants are no curve.
MIN_POINTS = 3
# A figure with a panel for each dataset has at most so many.
MAX_PANELS = 9


@dataclass(frozen=True)
class Curve:
    """Datasets that differ in the numeric option `option` alone: {its value: dataset}, in ascending order.

    usual : the first one of the run.
    """

    option: str
    datasets: dict
    usual: object


def curves(run):
    """Return the `Curve` s of a run, in the order of its datasets."""
    found = {}
    for dataset in run.datasets:
        for option, value in dataset.options.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                rest = {key: each for key, each in dataset.options.items() if key != option}
                key = (dataset.dataset, option, to_json(rest))
                # Of two datasets with the same options the first one counts.
                found.setdefault(key, {}).setdefault(value, dataset)
    return [
        Curve(option, dict(sorted(points.items())), next(iter(points.values())))
        for (_, option, _), points in found.items()
        if len(points) >= MIN_POINTS
    ]


def independent_datasets(run):
    """Return the run's datasets, of each curve the usual one alone: its points are no separate evidence."""
    found = curves(run)
    usual = {curve.usual.name for curve in found}
    others = {each.name for curve in found for each in curve.datasets.values()} - usual
    return [each for each in run.datasets if each.name not in others]


def panel_datasets(run):
    """Return the datasets that a figure with a panel for each shows, in the order of the run.

    They are the first `MAX_PANELS` independent datasets; those with real data come before generated ones.
    """
    chosen = sorted(independent_datasets(run), key=lambda each: each.has_truth)[:MAX_PANELS]
    return [each for each in run.datasets if each in chosen]
