"""What single choices do: each ablation beside the method that it varies, on the same splits."""

from amtl.statistics import footnotes, interval, paired
from workbench.papers.lee2016 import numbers as paper
from workbench.report.render import NOTHING, Table, interval_record, with_direction, with_half_width
from workbench.report.tables._beside_paper import METRICS
from workbench.scores import Scores

COLUMNS = {
    "title": "Method",
    "changed": "Changed",
    "n": "n",
    "mean": "Test error",
    "difference_mean": "Minus the unchanged",
    "not_converged": "Fits not converged",
    "grid_unconverged": "Grid fits not converged",
}


def build(job, inputs):
    """Return the table. job: ``datasets``, ``ablations``, ``interval``; inputs: ``scores``.

    job["ablations"] : list of {"name", "reference": method, "changed": {option: value}, "question": text}.
    """
    scores = Scores(inputs["scores"])
    records, blocks, counts = [], [], []
    for dataset in paper.in_order(job["datasets"], paper.DATASETS):
        rows = []
        for name, reference, splits in _order(scores, dataset, job):
            values, difference = _errors(scores, dataset, name, reference, splits, job)
            if values is not None:
                records.append(_record(scores, dataset, name, reference, splits, values, difference, job))
                rows.append(_row(records[-1], values, difference))
                counts.append(values.n)
        if rows:
            blocks.append(
                (f"{paper.dataset_title(dataset)}, {METRICS[scores.primary_metric(dataset)]}", rows)
            )
    return Table(
        title="Ablations: what single choices do",
        columns=list(COLUMNS.values()),
        align="llrrrrr",
        blocks=blocks,
        notes=_notes(job, counts),
        records=records,
    )


def _order(scores, dataset, job):
    """Return (name, reference, splits) of each row: a reference, then its ablations as the run lists them.

    A reference is shown on the splits that its ablations have, which may be fewer than its own.
    """
    metric = scores.primary_metric(dataset)
    ablations = paper.ablations(job)
    present = {
        name: scores.values(dataset, name, metric).keys()
        for name in ablations
        if scores.values(dataset, name, metric)
    }
    references = dict.fromkeys(ablations[name]["reference"] for name in present)
    rows = []
    for reference in paper.in_order(references, paper.METHOD_TITLES):
        varied = [name for name in present if ablations[name]["reference"] == reference]
        rows.append((reference, reference, set().union(*(present[name] for name in varied))))
        rows += [(name, reference, present[name]) for name in varied]
    return rows


def _errors(scores, dataset, name, reference, splits, job):
    """Return the Interval of the test error, None for a reference that the run lacks, and that of the
    difference to the reference, None where there is none."""
    kind = job.get("interval", "normal")
    metric = scores.primary_metric(dataset)
    values = _only(splits, scores.values(dataset, name, metric))
    if not values:
        return None, None
    baseline = {} if name == reference else scores.values(dataset, reference, metric)
    return interval(values.values(), kind), paired(values, baseline, kind)


def _only(splits, values):
    return {split: value for split, value in values.items() if split in splits}


def _record(scores, dataset, name, reference, splits, values, difference, job):
    def account(metric):
        return _only(splits, scores.values(dataset, name, metric)).values()

    ablation = paper.ablations(job).get(name)
    differences = interval_record(difference) if difference else dict.fromkeys(interval_record(values))
    return {
        "dataset": dataset,
        "metric": scores.primary_metric(dataset),
        "method": name,
        "title": paper.method_title(job, name),
        "reference": reference,
        "changed": paper.changes(ablation) if ablation else "",
        **interval_record(values),
        **{f"difference_{key}": value for key, value in differences.items()},
        "not_converged": sum(value == 0 for value in account("converged")),
        "grid_points": int(sum(account("grid_points"))),
        "grid_unconverged": int(sum(account("grid_unconverged"))),
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


def _notes(job, counts):
    questions = [
        f"{paper.method_title(job, name)} ({paper.changes(ablation)}): {ablation['question']}"
        for name, ablation in paper.ablations(job).items()
        if ablation["question"]
    ]
    return [
        "A method as it stands in the other tables, on the n splits of its ablations, and below it the same "
        "with a choice changed. Minus the unchanged: the difference on the same splits; below 0 the change "
        "helped. All tune with the same number of grid points, except where rho is given.",
        *footnotes(job.get("interval", "normal"), counts),
        "↓ (lower error than unchanged) and ↑ (higher): the interval does not contain 0.",
        *questions,
    ]
