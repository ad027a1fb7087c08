"""Each ablation beside the method that it varies, on the same splits."""

from amtl.statistics import footnotes, interval
from workbench.papers.results import overlaps, splits_read
from workbench.report._spec import OutputSpec
from workbench.report.render import NOTHING, Table, interval_record, with_direction, with_half_width
from workbench.report.tables._rows import METRICS, change, changes
from workbench.scores import Scores

# Head -> text of a cell from the record of its row, the test error and the change, which are intervals.
COLUMNS = {
    "Method": lambda record, *_: record["title"],
    "Changed options": lambda record, *_: record["changed"] or NOTHING,
    "n": lambda record, *_: str(record["n"]),
    "Test error": lambda record, error, change: with_half_width(error),
    "Change vs. reference": lambda record, error, change: with_direction(change),
    "Fits not converged": lambda record, *_: f"{record['not_converged']} of {record['n']}",
    "Grid fits not converged": lambda record, *_: (
        f"{record['grid_unconverged']:,} of {record['grid_points']:,}"
    ),
}


def build(run, inputs):
    """Return the table. inputs : ``scores``; ``splits``, one of each dataset whose splits overlap."""
    scores, shared = Scores(inputs["scores"]), overlaps(run, inputs)
    blocks, records = [], []
    for dataset in run.datasets:
        metric = scores.primary_metric(dataset.name)
        rows = []
        for method, splits in _order(scores, dataset.name, metric, run):
            # {metric: {split: value}} on the splits of the row.
            values = {
                each: {k: v for k, v in scores.values(dataset.name, method.name, each).items() if k in splits}
                for each in (metric, "converged", "grid_points", "grid_unconverged")
            }
            if values[metric]:
                found = interval(values[metric].values(), run.interval)
                difference = change(
                    run, scores, dataset.name, method.name, method.reference, shared[dataset.name]
                )
                names = {"dataset": dataset.name, "metric": metric}
                records.append({**names, **_record(method, values, found, difference)})
                rows.append([text(records[-1], found, difference) for text in COLUMNS.values()])
        if rows:
            blocks.append((f"{dataset.title}, {METRICS[metric]}", rows))
    return Table(
        title="Ablations: effects of single choices",
        columns=list(COLUMNS),
        align="llrrrrr",
        blocks=blocks,
        notes=_notes(run, [record["n"] for record in records]),
        records=records,
    )


def _order(scores, dataset, metric, run):
    """Return (method, splits) of each row: a reference, then its ablations as the run lists them.

    A reference is shown on the splits of its ablations, which may be fewer than its own. Ablations of a
    method that the run lacks come last.
    """
    left = {each.name: scores.values(dataset, each.name, metric).keys() for each in run.ablations}
    left = {name: splits for name, splits in left.items() if splits}
    rows = []
    for reference in run.methods:
        varied = [each for each in run.ablations if each.reference == reference.name and each.name in left]
        if varied:
            rows.append((reference, set().union(*(left[each.name] for each in varied))))
            rows += [(each, left.pop(each.name)) for each in varied]
    return rows + [(run.method(name), splits) for name, splits in left.items()]


def _record(method, values, found, difference):
    return {
        "method": method.name,
        "title": method.title,
        "reference": method.reference or method.name,
        "changed": changes(method) if method.reference else "",
        **interval_record(found),
        **{f"difference_{key}": value for key, value in interval_record(difference).items()},
        "not_converged": sum(value == 0 for value in values["converged"].values()),
        "grid_points": int(sum(values["grid_points"].values())),
        "grid_unconverged": int(sum(values["grid_unconverged"].values())),
    }


def _notes(run, counts):
    return [
        "Each reference method, on the n splits of its ablations, and below it the same method with changed "
        "options. Change vs. reference: ablation minus reference on the same splits; below 0 the change "
        "lowers the error. All are tuned with initial grids of the same size, except where rho is given.",
        *footnotes(run.interval, counts),
        "Where splits share rows, the interval of a change is that of the corrected resampled t test.",
        "↓ (lower error than the reference) and ↑ (higher): the interval does not contain 0.",
        *(f"{each.title} ({changes(each)}): {each.question}" for each in run.ablations if each.question),
    ]


def _applies(run):
    return any(each.name in fits for each in run.ablations for fits in run.fitted.values())


SPEC = OutputSpec(
    "Ablations", "Ablations", 10, build, reads=("scores",), applies=_applies, splits=splits_read
)
