"""Test errors of single, merged and shared learning on every dataset of a run with 2MTL."""

from amtl.statistics import BETTER, WORSE, compare_with, footnotes, interval
from workbench.papers.results import overlaps, splits_read
from workbench.papers.sun_2mtl.claims import MERGED, SINGLE
from workbench.report import _solvers as solvers
from workbench.report._spec import OutputSpec
from workbench.report.render import BEST, NOTHING, Bold, Table
from workbench.report.tables import _own as own
from workbench.report.tables._rows import METRICS, shown
from workbench.scores import Scores

MARKS = {BETTER: "+", WORSE: "−"}


def build(run, inputs):
    """Return the table. inputs : ``scores``; ``splits``, one of each dataset whose splits overlap."""
    scores, shared = Scores(inputs["scores"]), overlaps(run, inputs)
    datasets = solvers.datasets(run)
    cells, records = {}, []
    for dataset in datasets:
        found = _records(run, scores, dataset, shared[dataset.name])
        records += found
        cells |= {(dataset.name, each["method"]): _cell(each) for each in found}
    rows = [
        [method.title, *(cells.get((dataset.name, method.name), NOTHING) for dataset in datasets)]
        for method in shown(run)
    ]
    heads = [f"{each.title}, {METRICS[scores.primary_metric(each.name)]}" for each in datasets]
    return Table(
        title="Test errors with shared rows",
        columns=["Method", *heads],
        align="l" + "r" * len(datasets),
        blocks=[(None, rows)],
        notes=[
            f"{BEST} (bold): lowest mean of the dataset; controls do not compete. First sign: clearly better "
            f"(+) or worse (−) than {run.title(SINGLE)}; second sign: than {run.title(MERGED)}; · not clear. "
            "Paired t test on the same splits, corrected where splits share rows (Nadeau and Bengio, 2003), "
            "and for the number of methods by Holm's method.",
            "Sequences: errors count tokens; chunks count by the rules of conlleval.",
            *footnotes(run.interval, [each["n"] for each in records]),
        ],
        records=records,
    )


def _records(run, scores, dataset, shared):
    metric = scores.primary_metric(dataset.name)
    errors = {m.name: scores.values(dataset.name, m.name, metric) for m in shown(run)}
    errors = {name: values for name, values in errors.items() if values}
    best, against = own.winner(run, errors), {}
    for reference in (SINGLE, MERGED):
        rivals = {name: values for name, values in errors.items() if name != reference}
        against[reference] = compare_with(rivals, errors.get(reference, {}), shared)
    found = []
    for name, values in errors.items():
        mean = interval(values.values(), run.interval)
        record = {"dataset": dataset.name, "metric": metric, "method": name, "title": run.title(name)}
        record |= {"best": int(name == best), "n": mean.n, "mean": mean.mean, "half_width": mean.half}
        for reference, compared in against.items():
            each = compared.get(name)
            record[f"{reference}_percent"] = None if each is None else each.percent
            record[f"{reference}_p"] = None if each is None else each.p
            record[f"{reference}_verdict"] = "" if each is None else each.verdict
        found.append(record)
    return found


def _cell(record):
    text = f"{record['mean']:.2f}"
    if record["half_width"] is not None:
        text += f" ± {record['half_width']:.2f}"
    signs = [MARKS.get(record[f"{reference}_verdict"], "·") for reference in (SINGLE, MERGED)]
    text += f" {''.join(signs)}"
    return Bold(f"{text} {BEST}") if record["best"] else text


SPEC = OutputSpec(
    "Shared rows",
    "Tables",
    4,
    build,
    reads=("scores",),
    applies=solvers.applies,
    splits=splits_read,
)
