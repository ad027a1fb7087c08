"""Test errors of methods on small networks, against static weights and against single networks."""

from amtl import transfer
from amtl.statistics import BETTER, compare_with, footnotes, interval
from workbench.papers.results import overlaps, splits_read
from workbench.papers.yu2024.networks import SINGLE, STATIC, is_about_networks
from workbench.report._spec import OutputSpec
from workbench.report.render import BEST, NOTHING, Bold, Table
from workbench.report.tables import _own as own
from workbench.report.tables._rows import METRICS, shown
from workbench.scores import Scores


def build(run, inputs):
    """Return the table. inputs : ``scores``; ``splits``, one of each dataset whose splits overlap."""
    scores, shared = Scores(inputs["scores"]), overlaps(run, inputs)
    references = [name for name in (STATIC, SINGLE) if run.method(name)]
    blocks, records = [], []
    for dataset in run.datasets:
        found = _records(run, scores, dataset, shared[dataset.name], references)
        records += found
        metric = METRICS[scores.primary_metric(dataset.name)]
        digits = own.digits_for(min((each["mean"] for each in found), default=0.0))
        title = f"{dataset.title}, {metric}: {headline(found, run.title(STATIC))}"
        blocks.append((title, [_row(each, references, digits) for each in found]))
    titles = [run.title(name) for name in references]
    return Table(
        title="Test errors on small networks",
        columns=["Method", "Test error", "Δm, %", *["Difference", "%", "p", "Result"] * len(titles)],
        groups=[("", 3), *((f"Against {title}", 4) for title in titles)],
        align="lrr" + "rrrl" * len(titles),
        blocks=blocks,
        notes=[
            "Test error: mean over the splits and the tasks. Where some tasks have numbers and others "
            "classes, the error of a task is in % of that of the best constant prediction. Δm: mean over "
            f"tasks of the reduction of the error in % of that of {run.title(SINGLE)} (survey, eq. 4.4); "
            "above 0 is better.",
            f"Difference: the error minus that of {' or '.join(titles)} on the same splits, with its 95 % "
            "interval; below 0 the method is better. %: the same in % of the other's error.",
            "p: two-sided paired t test. Where the splits of a dataset share rows, the standard error is "
            "that of the corrected resampled t test (Nadeau and Bengio, 2003). Result: at 5 %, by Holm's "
            "method over all methods of the dataset.",
            "All methods have the same number of grid points: learning rates, or for static weights pairs of "
            "weights and learning rates.",
            f"{BEST} (bold): lowest mean among the methods.",
            *footnotes(run.interval, [record["n"] for record in records]),
        ],
        records=records,
    )


def headline(records, title):
    """Return in words which methods are clearly better than static weights, whose title is given."""
    if not any(each["method"] == STATIC for each in records):
        return f"not compared with {title}"
    better = [each["title"] for each in records if each.get(f"{STATIC}_verdict") == BETTER]
    if not better:
        return f"nothing is clearly better than {title}"
    return f"clearly better than {title}: {', '.join(better)}"


def _records(run, scores, dataset, shared, references):
    """Return one record per method, the lowest error first."""
    metric, task_metric = scores.primary_metric(dataset.name), scores.task_metric(dataset.name)
    errors = {m.name: scores.values(dataset.name, m.name, metric) for m in shown(run)}
    errors = {name: values for name, values in errors.items() if values}
    compared = {}
    for reference in references:
        rivals = {name: values for name, values in errors.items() if name != reference}
        compared[reference] = compare_with(rivals, errors.get(reference, {}), shared)
    alone, best, found = scores.by_task(dataset.name, SINGLE, task_metric), own.winner(run, errors), []
    for name, values in errors.items():
        mean = interval(values.values(), run.interval)
        record = {"dataset": dataset.name, "metric": metric, "method": name, "title": run.title(name)}
        record |= {"best": int(name == best), "n": mean.n, "mean": mean.mean, "half_width": mean.half}
        delta = delta_m(scores.by_task(dataset.name, name, task_metric), alone)
        delta = interval(delta.values(), "t", shared) if delta and name != SINGLE else None
        record |= {"delta_m": None if delta is None else delta.mean}
        record |= {"delta_m_half_width": None if delta is None else delta.half}
        for reference in references:
            record |= own.comparison_facts(reference, compared[reference].get(name))
        found.append(record)
    return sorted(found, key=lambda record: record["mean"])


def delta_m(errors, alone):
    """Return {split: mean over tasks of the reduction in % of the error of single networks}.

    errors, alone : {task: {split: error}}. Tasks on which single networks make no error are left out.
    """
    gains = [transfer.gains(errors[task], alone[task]) for task in alone if task in errors]
    gains = [each for each in gains if each]
    common = sorted(set.intersection(*map(set, gains))) if gains else []
    return {k: sum(each[k] for each in gains) / len(gains) for k in common}


def _row(record, references, digits):
    mean = f"{record['mean']:,.{digits}f}"
    if record["half_width"] is not None:
        mean += f" ± {record['half_width']:,.{digits}f}"
    cells = [Bold(f"{mean} {BEST}") if record["best"] else mean, NOTHING]
    if record["delta_m"] is not None:
        cells[1] = own.signed(record["delta_m"], 1)
        if record["delta_m_half_width"] is not None:
            cells[1] += f" ± {record['delta_m_half_width']:.1f}"
    for reference in references:
        cells += own.comparison_cells(record, reference, digits)
    return [record["title"], *cells]


SPEC = OutputSpec(
    "Small networks",
    "Tables",
    3,
    build,
    reads=("scores",),
    applies=is_about_networks,
    splits=splits_read,
)
