"""What Tables 1 and 2 share: our mean over splits beside the paper's number, controls below."""

from dataclasses import dataclass, field
from functools import partial
from itertools import groupby

from amtl.errors import InputError
from amtl.statistics import Interval, footnotes, interval
from workbench.papers.lee2016 import numbers as paper
from workbench.report._spec import OutputSpec
from workbench.report.render import BEST, NOTHING, Bold, Table, interval_record, with_half_width
from workbench.report.tables._rows import METRICS, same_as, shown, twin, two_blocks
from workbench.scores import Scores

NOT_RUN = "not run"
# Head of the paper's own columns.
PAPER = "paper"


@dataclass
class Column:
    """A column of the table. cells : {method: cell}. records : of the csv file, one per cell."""

    group: str
    head: str
    cells: dict
    records: list = field(default_factory=list)


def spec(name, title, label, order):
    """Return the OutputSpec of table `name` (``table1`` or ``table2``)."""
    build, applies = partial(beside_paper, name, title), partial(paper.table_datasets, name)
    return OutputSpec(label, "Tables", order, build, reads=("scores",), applies=applies)


def beside_paper(name, title, run, inputs):
    """Return the table of those of the run's datasets that stand in it. inputs : ``scores``.

    Unavailable datasets keep their column and the paper's; a note gives the reason.
    """
    scores = Scores(inputs["scores"])
    datasets = paper.table_datasets(name, run)
    if not datasets:
        raise InputError(f"{name}: the run selects no dataset of this table; add one to run: datasets")
    columns = [
        column
        for _, group in groupby(datasets, key=lambda each: _printed(each) or each.name)
        for column in _group(name, list(group), run, scores)
    ]
    main, controls = (
        [
            [m.title, *(c.cells.get(m.name, NOTHING) for c in columns)]
            for m in run.methods_that(control=control)
        ]
        for control in (False, True)
    )
    groups = [(label, len(list(group))) for label, group in groupby(columns, key=lambda each: each.group)]
    return Table(
        title=title,
        columns=["Method", *(column.head for column in columns)],
        align="l" + "r" * len(columns),
        blocks=two_blocks(main, "Controls", controls),
        groups=[("", 1), *groups],
        notes=_notes(columns, run)
        + [f"Not run: {each.title}: {each.reason}." for each in datasets if each in run.not_run],
        records=[record for column in columns for record in column.records],
    )


def _printed(dataset):
    """Return the paper's column that a dataset stands beside, or None."""
    return paper.place(dataset.dataset)[1]


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
        else Column(group, _head(dataset), {method.name: NOT_RUN for method in run.methods})
        for dataset in datasets
    ]
    if numbers:
        cells = {m: with_half_width(Interval(5, mean, None, half)) for m, (mean, half) in numbers.items()}
        columns.append(Column(group, PAPER, cells))
    return columns


def _column(table, group, dataset, run, scores, numbers):
    """Return one column of ours: a cell and a record per method that the run has on `dataset`."""
    metric = scores.primary_metric(dataset.name)
    values = {m.name: scores.values(dataset.name, m.name, metric).values() for m in shown(run)}
    found = {name: interval(each, run.interval) for name, each in values.items() if each}
    usual = max((each.n for each in found.values()), default=0)
    twins = {name: twin(run, scores, dataset.name, name) for name in found}
    best = min((each.mean for name, each in found.items() if not run.method(name).control), default=None)
    column = Column(group, f"{_head(dataset)}, n = {usual}", {})
    for name, each in found.items():
        method = run.method(name)
        stuck = sum(value == 0 for value in scores.values(dataset.name, name, "converged").values())
        edges = sum(value > 0 for value in scores.values(dataset.name, name, "edge_warnings").values())
        is_best = not method.control and each.mean == best
        few = [] if each.n == usual else [f"(n = {each.n})"]
        marks = [BEST] * is_best + [f"†{stuck}"] * (stuck > 0) + [f"‡{edges}"] * (edges > 0)
        text = " ".join([with_half_width(each), *few, *marks])
        if twins[name]:
            text, is_best = same_as(twins[name]), False
        column.cells[name] = Bold(text) if is_best else text
        mean, half = numbers.get(name, (None, None))
        record = {"table": table, "dataset": dataset.name, "metric": metric, "method": name}
        record |= {"title": method.title, "control": int(method.control), **interval_record(each)}
        record |= {"best": int(is_best), "not_converged": stuck, "grid_edge": edges}
        record["same_as"] = twins[name] and twins[name].name
        column.records.append({**record, "paper_mean": mean, "paper_half_width": half})
    return column


def _head(dataset):
    """Return the head of a dataset's column; a variant of a built-in dataset has its own title there."""
    own = dataset.dataset == dataset.name or not _printed(dataset)
    return paper.place(dataset.dataset)[2] if own else dataset.title


def _notes(columns, run):
    records = [record for column in columns for record in column.records]
    counts = [record["n"] for record in records]
    notes = []
    if counts:
        notes.append("Mean over the n splits named above each column." if max(counts) > 1 else "One split.")
    notes += footnotes(run.interval, counts)
    notes.append(f"{BEST} (bold): lowest mean among the methods; controls do not compete.")
    if any(record["not_converged"] for record in records):
        notes.append("†k: in k splits the chosen fit did not converge.")
    if any(record["grid_edge"] for record in records):
        notes.append("‡k: in k splits a hyper-parameter was chosen at the edge of its grid.")
    if any(column.head == PAPER for column in columns):
        notes.append(
            f"paper: mean ± as printed by {paper.CITATION}, over 5 splits of its own; its ± is one standard "
            "error in Table 2 and 1.96 standard errors for School."
        )
    return notes
