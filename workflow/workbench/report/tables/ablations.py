"""Each ablation beside the method that it varies, on the same splits."""

from amtl.statistics import footnotes, interval, paired
from workbench.report._spec import OutputSpec
from workbench.report.render import NOTHING, Table, interval_record, with_direction, with_half_width
from workbench.report.tables._rows import METRICS, changes
from workbench.scores import Scores

COLUMNS = {
    "title": "Method",
    "changed": "Changed options",
    "n": "n",
    "mean": "Test error",
    "difference_mean": "Change vs. reference",
    "not_converged": "Fits not converged",
    "grid_unconverged": "Grid fits not converged",
}


def build(run, inputs):
    """Return the table. inputs : ``scores``."""
    scores = Scores(inputs["scores"])
    records, blocks, counts = [], [], []
    for dataset in run.datasets:
        rows = []
        for method, splits in _order(scores, dataset.name, run):
            values, difference = _errors(scores, dataset.name, method, splits, run)
            if values is not None:
                records.append(_record(scores, dataset.name, method, splits, values, difference))
                rows.append(_row(records[-1], values, difference))
                counts.append(values.n)
        if rows:
            blocks.append((f"{dataset.title}, {METRICS[scores.primary_metric(dataset.name)]}", rows))
    return Table(
        title="Ablations: effects of single choices",
        columns=list(COLUMNS.values()),
        align="llrrrrr",
        blocks=blocks,
        notes=_notes(run, counts),
        records=records,
    )


def _order(scores, dataset, run):
    """Return (method, splits) of each row: a reference, then its ablations as the run lists them.

    A reference is shown on the splits of its ablations, which may be fewer than its own.
    """
    metric = scores.primary_metric(dataset)
    present = {each.name: scores.values(dataset, each.name, metric).keys() for each in run.ablations}
    rows = []
    for reference in run.methods:
        varied = [each for each in run.ablations if each.reference == reference.name and present[each.name]]
        if varied:
            rows.append((reference, set().union(*(present[each.name] for each in varied))))
            rows += [(each, present[each.name]) for each in varied]
    # Ablations of a method that the run lacks come last.
    shown = [each.name for each, _ in rows]
    rows += [(e, present[e.name]) for e in run.ablations if present[e.name] and e.name not in shown]
    return rows


def _errors(scores, dataset, method, splits, run):
    """Return (Interval of the test error, Interval of the difference to the reference).

    The first is None for a reference without scores, the second where there is nothing to compare.
    """
    metric = scores.primary_metric(dataset)
    values = _only(splits, scores.values(dataset, method.name, metric))
    if not values:
        return None, None
    baseline = scores.values(dataset, method.reference, metric) if method.reference else {}
    return interval(values.values(), run.interval), paired(values, baseline, run.interval)


def _only(splits, values):
    return {split: value for split, value in values.items() if split in splits}


def _record(scores, dataset, method, splits, values, difference):
    def counted(metric):
        return _only(splits, scores.values(dataset, method.name, metric)).values()

    differences = interval_record(difference) if difference else dict.fromkeys(interval_record(values))
    return {
        "dataset": dataset,
        "metric": scores.primary_metric(dataset),
        "method": method.name,
        "title": method.title,
        "reference": method.reference or method.name,
        "changed": changes(method) if method.reference else "",
        **interval_record(values),
        **{f"difference_{key}": value for key, value in differences.items()},
        "not_converged": sum(value == 0 for value in counted("converged")),
        "grid_points": int(sum(counted("grid_points"))),
        "grid_unconverged": int(sum(counted("grid_unconverged"))),
    }


def _row(record, values, difference):
    return [
        record["title"],
        record["changed"] or NOTHING,
        str(record["n"]),
        with_half_width(values),
        with_direction(difference),
        f"{record['not_converged']} of {record['n']}",
        f"{record['grid_unconverged']:,} of {record['grid_points']:,}",
    ]


def _notes(run, counts):
    return [
        "Each reference method, on the n splits of its ablations, and below it the same method with changed "
        "options. Change vs. reference: ablation minus reference on the same splits; below 0 the change "
        "lowers the error. All are tuned with the same number of grid points, except where rho is given.",
        *footnotes(run.interval, counts),
        "↓ (lower error than the reference) and ↑ (higher): the interval does not contain 0.",
        *(f"{each.title} ({changes(each)}): {each.question}" for each in run.ablations if each.question),
    ]


def _applies(run):
    return any(each.name in fits for each in run.ablations for fits in run.fitted.values())


SPEC = OutputSpec(
    label="Ablations", section="Ablations", order=10, make=build, reads=("scores",), applies=_applies
)
