"""Each method against STL on the same splits: the paired difference and its interval."""

from amtl.statistics import footnotes, paired
from workbench.papers.lee2016 import numbers as paper
from workbench.report.render import Table, interval_record, with_direction
from workbench.report.tables._beside_paper import METRICS
from workbench.scores import Scores

BASELINE = "stl"


def build(job, inputs):
    """Return the table. job: ``datasets``, ``methods`` (STL among them), ``interval``; inputs: ``scores``."""
    scores = Scores(inputs["scores"])
    kind = job.get("interval", "normal")
    datasets = paper.in_order(job["datasets"], paper.DATASETS)
    methods, controls = paper.split_controls(job)
    found = {}
    for dataset in datasets:
        metric = scores.primary_metric(dataset)
        baseline = scores.values(dataset, BASELINE, metric)
        for method in methods + controls:
            difference = paired(scores.values(dataset, method, metric), baseline, kind)
            if difference is not None and method != BASELINE:
                found[dataset, method] = difference

    def rows(names):
        return [
            [
                paper.method_title(job, method),
                *(with_direction(found.get((dataset, method))) for dataset in datasets),
            ]
            for method in names
            if method != BASELINE
        ]

    notes = [
        "Method minus STL on the same splits: below 0 the method is better.",
        *footnotes(kind, [each.n for each in found.values()]),
        "↓ (better than STL) and ↑ (worse): the interval does not contain 0.",
    ]
    return Table(
        title="Difference to single-task learning (STL)",
        columns=[
            "Method",
            *(f"{paper.dataset_title(name)}, {METRICS[scores.primary_metric(name)]}" for name in datasets),
        ],
        align="l" + "r" * len(datasets),
        blocks=[(None, rows(methods))] + ([("Controls", rows(controls))] if controls else []),
        notes=notes,
        records=[
            {
                "dataset": dataset,
                "metric": scores.primary_metric(dataset),
                "method": method,
                "title": paper.method_title(job, method),
                **interval_record(difference),
            }
            for (dataset, method), difference in found.items()
        ],
    )
