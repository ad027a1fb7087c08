"""Each method against STL on the same splits: the paired difference and its interval."""

from amtl.statistics import footnotes, paired
from workbench.report._spec import OutputSpec
from workbench.report.render import Table, interval_record, with_direction
from workbench.report.tables._rows import METRICS
from workbench.scores import Scores

BASELINE = "stl"


def build(run, inputs):
    """Return the table. inputs : ``scores``."""
    scores = Scores(inputs["scores"])
    methods, controls = (
        [method for method in run.methods_that(control=control) if method.name != BASELINE]
        for control in (False, True)
    )
    found = {}
    for dataset in run.datasets:
        metric = scores.primary_metric(dataset.name)
        baseline = scores.values(dataset.name, BASELINE, metric)
        for method in methods + controls:
            difference = paired(scores.values(dataset.name, method.name, metric), baseline, run.interval)
            if difference is not None:
                found[dataset.name, method.name] = difference

    def rows(shown):
        return [
            [
                method.title,
                *(with_direction(found.get((dataset.name, method.name))) for dataset in run.datasets),
            ]
            for method in shown
        ]

    return Table(
        title="Difference to single-task learning (STL)",
        columns=[
            "Method",
            *(f"{each.title}, {METRICS[scores.primary_metric(each.name)]}" for each in run.datasets),
        ],
        align="l" + "r" * len(run.datasets),
        blocks=[(None, rows(methods))] + ([("Controls", rows(controls))] if controls else []),
        notes=[
            "Method minus STL on the same splits: below 0 the method is better.",
            *footnotes(run.interval, [each.n for each in found.values()]),
            "↓ (better than STL) and ↑ (worse): the interval does not contain 0.",
        ],
        records=[
            {
                "dataset": dataset,
                "metric": scores.primary_metric(dataset),
                "method": method,
                "title": run.method(method).title,
                **interval_record(difference),
            }
            for (dataset, method), difference in found.items()
        ],
    )


SPEC = OutputSpec(
    label="Improvement",
    section="Tables",
    order=30,
    make=build,
    reads=("scores",),
    applies=lambda run: BASELINE in [method.name for method in run.methods],
)
