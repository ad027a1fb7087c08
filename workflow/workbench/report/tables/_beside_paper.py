"""What Tables 1 and 2 share: our mean over splits beside the paper's number, controls below."""

from itertools import groupby

from amtl.errors import InputError
from amtl.statistics import Interval, footnotes, interval
from workbench.papers.lee2016 import numbers as paper
from workbench.report.render import BEST, NOTHING, Bold, Table, interval_record, with_half_width
from workbench.scores import Scores

METRICS = {"rmse": "RMSE", "error": "error %"}
NOT_RUN = "not run"


def beside_paper(name, title, job, inputs):
    """Return table `name` (``table1`` or ``table2``) for those of the run's datasets that stand in it.

    ``job["not_run"]``, {dataset: reason}, are those that were asked for and could not be had: they keep their
    column and the paper's, and a note says why.
    """
    scores = Scores(inputs["scores"])
    datasets = paper.table_datasets(name, [*job["datasets"], *job.get("not_run", {})])
    if not datasets:
        raise InputError(f"{name}: the run selects no dataset of this table; add one to run: datasets")
    methods, controls = paper.split_controls(job)
    columns = [
        column
        for _, group in groupby(datasets, key=lambda dataset: paper.place(dataset)[1] or dataset)
        for column in _group(name, list(group), methods, controls, scores, job)
    ]
    blocks = [(None, [_row(job, method, columns) for method in methods])]
    if controls:
        blocks.append(("Controls", [_row(job, method, columns) for method in controls]))
    groups = [(label, len(list(group))) for label, group in groupby(columns, key=lambda c: c["group"])]
    return Table(
        title=title,
        columns=["Method", *(column["head"] for column in columns)],
        align="l" + "r" * len(columns),
        blocks=blocks,
        groups=[("", 1), *groups],
        notes=_notes(columns, job) + _not_run_notes(datasets, job),
        records=[record for column in columns for record in column["records"]],
    )


def _group(table, datasets, methods, controls, scores, job):
    """Return our columns of one group of datasets and, last, the paper's column if it has one."""
    printed = paper.place(datasets[0])[1]
    numbers = paper.TABLES[table].get(printed, {})
    not_run = job.get("not_run", {})
    run = [dataset for dataset in datasets if dataset not in not_run]
    group = printed or paper.dataset_title(datasets[0])
    if run:
        group += f", {METRICS[scores.primary_metric(run[0])]}"
    columns = [
        _column(table, group, dataset, methods, controls, scores, job, numbers)
        if dataset in run
        else _empty_column(group, dataset, methods + controls)
        for dataset in datasets
    ]
    if numbers:
        cells = {m: with_half_width(Interval(5, *_spread(numbers[m]))) for m in numbers}
        columns.append({"group": group, "head": "paper", "cells": cells, "counts": [], "records": []})
    return columns


def _spread(number):
    mean, half = number
    return mean, None, half


def _column(table, group, dataset, methods, controls, scores, job, numbers):
    """Return one column of ours: a cell and a record per method that the run has on `dataset`."""
    metric = scores.primary_metric(dataset)
    found = {}
    for method in methods + controls:
        values = scores.values(dataset, method, metric)
        if values:
            found[method] = interval(values.values(), job.get("interval", "normal"))
    usual = max((each.n for each in found.values()), default=0)
    best = min((found[m].mean for m in methods if m in found), default=None)
    cells, records = {}, []
    for method, each in found.items():
        stuck = sum(value == 0 for value in scores.values(dataset, method, "converged").values())
        edges = sum(value > 0 for value in scores.values(dataset, method, "edge_warnings").values())
        is_best = method in methods and each.mean == best
        marks = [BEST] * is_best + [f"†{stuck}"] * (stuck > 0) + [f"‡{edges}"] * (edges > 0)
        few = [] if each.n == usual else [f"(n = {each.n})"]
        text = " ".join([with_half_width(each), *few, *marks])
        cells[method] = Bold(text) if is_best else text
        mean, half = numbers.get(method, (None, None))
        records.append(
            {
                "table": table,
                "dataset": dataset,
                "metric": metric,
                "method": method,
                "title": paper.method_title(job, method),
                "control": int(method in controls),
                **interval_record(each),
                "best": int(is_best),
                "not_converged": stuck,
                "grid_edge": edges,
                "paper_mean": mean,
                "paper_half_width": half,
            }
        )
    head = f"{paper.place(dataset)[2]}, n = {usual}"
    return {
        "group": group,
        "head": head,
        "cells": cells,
        "counts": [each.n for each in found.values()],
        "records": records,
    }


def _empty_column(group, dataset, methods):
    """Return the column of a dataset that was asked for and could not be had."""
    cells = dict.fromkeys(methods, NOT_RUN)
    return {"group": group, "head": paper.place(dataset)[2], "cells": cells, "counts": [], "records": []}


def _row(job, method, columns):
    return [paper.method_title(job, method), *(column["cells"].get(method, NOTHING) for column in columns)]


def _not_run_notes(datasets, job):
    not_run = job.get("not_run", {})
    return [f"Not run: {paper.dataset_title(name)}: {not_run[name]}." for name in datasets if name in not_run]


def _notes(columns, job):
    records = [record for column in columns for record in column["records"]]
    counts = [count for column in columns for count in column["counts"]]
    notes = []
    if counts:
        notes.append("Mean over the n splits named above each column." if max(counts) > 1 else "One split.")
    notes += footnotes(job.get("interval", "normal"), counts)
    notes.append(f"{BEST} (bold): lowest mean among the methods; controls do not compete.")
    if any(record["not_converged"] for record in records):
        notes.append("†k: in k splits the fit that was scored did not converge.")
    if any(record["grid_edge"] for record in records):
        notes.append("‡k: in k splits a hyper-parameter was chosen at the edge of its grid.")
    if any(column["head"] == "paper" for column in columns):
        notes.append(
            f"paper: the value printed by {paper.CITATION}, mean ± 1.96 s/√n over 5 splits, not these."
        )
    return notes
