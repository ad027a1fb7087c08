"""What Tables 1 and 2 share: our mean over splits beside the paper's number, controls below."""

from itertools import groupby

from amtl.errors import InputError
from amtl.statistics import Interval, footnotes, interval
from workbench.papers.lee2016 import numbers as paper
from workbench.report._spec import OutputSpec
from workbench.report.render import BEST, NOTHING, Bold, Table, interval_record, with_half_width
from workbench.report.tables._rows import METRICS
from workbench.scores import Scores

NOT_RUN = "not run"


def spec(name, title, label, order):
    """Return the OutputSpec of table `name` (``table1`` or ``table2``)."""
    return OutputSpec(
        label=label,
        section="Tables",
        order=order,
        make=lambda run, inputs: beside_paper(name, title, run, inputs),
        reads=("scores",),
        applies=lambda run: bool(paper.table_datasets(name, run)),
    )


def beside_paper(name, title, run, inputs):
    """Return the table of those of the run's datasets that stand in it. inputs : ``scores``.

    Unavailable datasets keep their column and the paper's; a note gives the reason.
    """
    scores = Scores(inputs["scores"])
    datasets = paper.table_datasets(name, run)
    if not datasets:
        raise InputError(f"{name}: the run selects no dataset of this table; add one to run: datasets")
    methods = run.methods_that(control=False)
    controls = run.methods_that(control=True)
    columns = [
        column
        for _, group in groupby(datasets, key=lambda each: _printed(each) or each.name)
        for column in _group(name, list(group), run, scores)
    ]
    blocks = [(None, [_row(method, columns) for method in methods])]
    if controls:
        blocks.append(("Controls", [_row(method, columns) for method in controls]))
    groups = [(label, len(list(group))) for label, group in groupby(columns, key=lambda c: c["group"])]
    return Table(
        title=title,
        columns=["Method", *(column["head"] for column in columns)],
        align="l" + "r" * len(columns),
        blocks=blocks,
        groups=[("", 1), *groups],
        notes=_notes(columns, run)
        + [f"Not run: {each.title}: {each.reason}." for each in datasets if each in run.not_run],
        records=[record for column in columns for record in column["records"]],
    )


def _printed(dataset):
    """Return the paper's column that a dataset stands beside, or None."""
    return paper.place(paper.built_in(dataset))[1]


def _group(table, datasets, run, scores):
    """Return our columns of one group of datasets and, last, the paper's column if it has one."""
    printed = _printed(datasets[0])
    numbers = paper.TABLES[table].get(printed, {})
    finished = [dataset for dataset in datasets if dataset not in run.not_run]
    group = printed or datasets[0].title
    if finished:
        group += f", {METRICS[scores.primary_metric(finished[0].name)]}"
    columns = [
        _column(table, group, dataset, run, scores, numbers)
        if dataset in finished
        else _empty_column(group, dataset, run)
        for dataset in datasets
    ]
    if numbers:
        cells = {m: with_half_width(Interval(5, mean, None, half)) for m, (mean, half) in numbers.items()}
        columns.append({"group": group, "head": "paper", "cells": cells, "counts": [], "records": []})
    return columns


def _column(table, group, dataset, run, scores, numbers):
    """Return one column of ours: a cell and a record per method that the run has on `dataset`."""
    name = dataset.name
    metric = scores.primary_metric(name)
    found = {}
    methods = run.methods_that(control=False) + run.methods_that(control=True)
    for method in methods:
        values = scores.values(name, method.name, metric)
        if values:
            found[method.name] = interval(values.values(), run.interval)
    methods = [method for method in methods if method.name in found]
    usual = max((each.n for each in found.values()), default=0)
    best = min((found[method.name].mean for method in methods if not method.control), default=None)
    cells, records = {}, []
    for method in methods:
        each = found[method.name]
        stuck = sum(value == 0 for value in scores.values(name, method.name, "converged").values())
        edges = sum(value > 0 for value in scores.values(name, method.name, "edge_warnings").values())
        is_best = not method.control and each.mean == best
        marks = [BEST] * is_best + [f"†{stuck}"] * (stuck > 0) + [f"‡{edges}"] * (edges > 0)
        few = [] if each.n == usual else [f"(n = {each.n})"]
        text = " ".join([with_half_width(each), *few, *marks])
        cells[method.name] = Bold(text) if is_best else text
        mean, half = numbers.get(method.name, (None, None))
        records.append(
            {
                "table": table,
                "dataset": name,
                "metric": metric,
                "method": method.name,
                "title": method.title,
                "control": int(method.control),
                **interval_record(each),
                "best": int(is_best),
                "not_converged": stuck,
                "grid_edge": edges,
                "paper_mean": mean,
                "paper_half_width": half,
            }
        )
    return {
        "group": group,
        "head": f"{_head(dataset)}, n = {usual}",
        "cells": cells,
        "counts": [each.n for each in found.values()],
        "records": records,
    }


def _head(dataset):
    """Return the head of a dataset's column; a variant of a built-in dataset has its own title there."""
    built_in = paper.built_in(dataset)
    return paper.place(built_in)[2] if built_in == dataset.name or not _printed(dataset) else dataset.title


def _empty_column(group, dataset, run):
    """Return the column of an unavailable dataset."""
    cells = {method.name: NOT_RUN for method in run.methods}
    return {"group": group, "head": _head(dataset), "cells": cells, "counts": [], "records": []}


def _row(method, columns):
    return [method.title, *(column["cells"].get(method.name, NOTHING) for column in columns)]


def _notes(columns, run):
    records = [record for column in columns for record in column["records"]]
    counts = [count for column in columns for count in column["counts"]]
    notes = []
    if counts:
        notes.append("Mean over the n splits named above each column." if max(counts) > 1 else "One split.")
    notes += footnotes(run.interval, counts)
    notes.append(f"{BEST} (bold): lowest mean among the methods; controls do not compete.")
    if any(record["not_converged"] for record in records):
        notes.append("†k: in k splits the chosen fit did not converge.")
    if any(record["grid_edge"] for record in records):
        notes.append("‡k: in k splits a hyper-parameter was chosen at the edge of its grid.")
    if any(column["head"] == "paper" for column in columns):
        notes.append(
            f"paper: mean ± as printed by {paper.CITATION}, over 5 splits of its own. Its ± is not always a "
            "95 % interval: in Table 2 it is one standard error."
        )
    return notes
