"""A table of the user's own, given on the command line: its entry in the configuration, and its check."""

import re
import textwrap
from pathlib import Path

from tabulate import tabulate

from amtl.errors import InputError
from workbench import plugins
from workbench.datasets import table as own
from workbench.datasets._tables import columns as cols
from workbench.datasets._tables import read, roles
from workbench.report import render
from workbench.report.render import NOTHING, Table
from workbench.report.tables import columns as report_columns
from workbench.report.tables._rows import short

PAGE = Path("results/data-check.html")
MAX_WIDTH, MAX_LINES = 60, 40
# Tasks that the check lists; the page has as many.
MAX_TASKS = 30


def settings(table, task="", target=""):
    """Return the configuration that runs on one table, as `configuration.read` takes overrides."""
    name = entry_name(table)
    given = {"table": table, "task": task, "target": target, "title": Path(table).name}
    entry = {key: value for key, value in given.items() if value}
    return {"run": {"datasets": [name]}, "datasets": {name: entry}}


def entry_name(table):
    """Return the name of the entry of a table, from the name of its file."""
    name = re.sub(r"[^a-z0-9]+", "-", Path(table).stem.lower()).strip("-")[:40].strip("-")
    if not name:
        return "own-table"
    return f"{name}-table" if name in plugins.find("datasets") else name


def check(entries):
    """Print what is understood of each table, write it as a page, and return whether all can be used.

    entries : {title: options of the dataset}.
    """
    shown, usable = [], True
    for title, options in entries.items():
        print(f"\n{title}\n{'=' * len(title)}")
        tables, problem = _check(title, options)
        for each in tables:
            print(f"\n{_as_text(each)}")
        shown += tables
        if problem:
            usable = False
            print(f"\nRefused: {problem}")
            shown.append(_plain("Refused", [problem]))
    _write_page(shown)
    print(f"\nPage: {PAGE.resolve()}")
    return usable


def _check(title, options):
    """Return (tables about one table, why it is refused or an empty text)."""
    try:
        table = read.read(own.path_of(options))
    except InputError as error:
        return [], str(error)
    rows, width = table.frame.shape
    repeated = int(table.frame.duplicated().sum())
    try:
        found = roles.assign(table, options)
        split = own.make_parts(found, table.frame, options, 1, 0)
    except InputError as error:
        # The user may find the right column among these.
        described = [cols.describe(table.file, table.frame[name]) for name in table.frame]
        for each in described:
            each.findings += [text for text in (each.unusable, each.suspicious) if text]
        facts = [
            {"name": each.name, "use": NOTHING, "kind": each.kind, "missing": each.missing}
            | {"distinct": each.distinct, "findings": each.findings}
            for each in described
        ]
        return [report_columns.of_tables({title: {"columns": facts}})], str(error)
    sizes = {part: len(getattr(split, part).y) for part in ("train", "validation", "test")}
    lines = [
        f"{rows:,} rows and {width:,} columns; {len(found.rows):,} rows are used.",
        f"{len(found.tasks):,} tasks, {found.kind}; {split.train.X.shape[1] - 1:,} features as numbers.",
        "Rows of split 1: " + ", ".join(f"{size:,} {part}" for part, size in sizes.items()) + ".",
        *([f"Rows that equal an earlier row in every column: {repeated:,}."] if repeated else []),
        *split.meta["note"].split(". "),
    ]
    return [
        _plain("Understood", lines),
        _tasks(found),
        report_columns.of_tables({title: split.meta["table"]}),
    ], ""


def _tasks(found):
    """Return the table of tasks, the smallest first."""
    import numpy as np

    counts = np.bincount(found.task, minlength=len(found.tasks))
    records = []
    for t in np.argsort(counts, kind="stable"):
        values, facts = found.y[found.task == t], {}
        if found.kind == "binary":
            facts = {"share of 1, %": f"{100 * values.mean():.1f}"}
        elif found.kind == "regression":
            facts = {"mean": f"{values.mean():.4g}", "deviation": f"{values.std():.4g}"}
        remark = "constant target" if found.kind != "one-vs-rest" and np.ptp(values) == 0 else NOTHING
        records.append({"task": found.tasks[t], "rows": f"{counts[t]:,}", **facts, "remark": remark})
    heads = list(records[0])
    rows = [[short(each[heads[0]]), *list(each.values())[1:]] for each in records]
    more = f", the {MAX_TASKS} smallest shown" if len(rows) > MAX_TASKS else ""
    return Table(
        title=f"Tasks: {len(rows)}{more}",
        columns=[head.capitalize() for head in heads],
        align="w" + "r" * (len(heads) - 2) + "l",
        blocks=[(None, rows[:MAX_TASKS])],
        records=records,
    )


def _plain(title, lines):
    lines = [line.rstrip(".") + "." for line in lines if line]
    return Table(
        title=title, columns=[""], align="w", blocks=[(None, [[line] for line in lines])], records=[]
    )


def _as_text(table):
    rows = [row for _, block in table.blocks for row in block]
    if table.columns == [""]:
        return "\n".join([table.title, *(f"  {row[0]}" for row in rows)])
    more = len(rows) - MAX_LINES
    left = f"\n... and {more} more, on the page" if more > 0 else ""
    align = ["right" if letter == "r" else "left" for letter in table.align]
    rows = [[textwrap.fill(cell, MAX_WIDTH) for cell in row] for row in rows[:MAX_LINES]]
    text = tabulate(rows, table.columns, "simple", colalign=align, disable_numparse=True)
    return f"{table.title}\n{text}{left}"


def _write_page(tables):
    from workbench.result_files import write_text

    pages = [render.to_html(each) for each in tables]
    bodies = [page.partition("<body>\n")[2].rpartition("</body>")[0] for page in pages]
    head = (
        pages[0].partition("<body>")[0]
        if pages
        else render.to_html(_plain("Check", [])).partition("<body>")[0]
    )
    head = head.replace(tables[0].title, "Check of a table", 1) if tables else head
    write_text(PAGE, f"{head}<body>\n{'<p>&nbsp;</p>'.join(bodies)}</body>\n</html>\n")
