"""Each method against STL on the same splits: the paired difference and its interval."""

from amtl.statistics import footnotes, paired
from workbench.papers.results import overlaps, splits_read
from workbench.report._spec import OutputSpec
from workbench.report.render import Table, interval_record, with_direction
from workbench.report.tables._rows import BASELINE, METRICS, has_baseline, same_as, shown, twin, two_blocks
from workbench.scores import Scores


def build(run, inputs):
    """Return the table. inputs : ``scores``; ``splits``, one of each dataset whose splits overlap."""
    scores = Scores(inputs["scores"])
    methods = [method for method in shown(run) if method.name != BASELINE]
    shared = overlaps(run, inputs)
    metrics = {dataset.name: scores.primary_metric(dataset.name) for dataset in run.datasets}
    rows, records = {method.name: [method.title] for method in methods}, []
    for dataset, metric in metrics.items():
        baseline = scores.values(dataset, BASELINE, metric)
        for method in methods:
            found = paired(
                scores.values(dataset, method.name, metric), baseline, run.interval, shared[dataset]
            )
            other = twin(run, scores, dataset, method.name)
            rows[method.name].append(same_as(other) if other else with_direction(found))
            if found is not None:
                names = {"dataset": dataset, "metric": metric, "method": method.name, "title": method.title}
                records.append({**names, **interval_record(found)})
    main, controls = ([rows[m.name] for m in methods if m.control == control] for control in (False, True))
    return Table(
        title="Difference to single-task learning (STL)",
        columns=["Method", *(f"{each.title}, {METRICS[metrics[each.name]]}" for each in run.datasets)],
        align="l" + "r" * len(run.datasets),
        blocks=two_blocks(main, "Controls", controls),
        notes=[
            "Method minus STL on the same splits: below 0 the method is better.",
            *footnotes(run.interval, [record["n"] for record in records], corrected=True),
            "↓ (better than STL) and ↑ (worse): the interval does not contain 0.",
        ],
        records=records,
    )


SPEC = OutputSpec(
    "Improvement", "Tables", 30, build, reads=("scores",), applies=has_baseline, splits=splits_read
)
