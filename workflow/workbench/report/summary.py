"""What a run ends with on the terminal: test errors, verdicts, the comparison with published results.

It reads the tables of the run, so it needs no fit. Everything fits into `WIDTH` columns.
"""

import re
import textwrap
from collections import Counter
from pathlib import Path

from tabulate import SEPARATING_LINE, tabulate

from workbench.papers.verdicts import OUTCOMES
from workbench.report.render import BEST, NOTHING
from workbench.report.tables import comparison as winners_table
from workbench.report.tables._rows import METRICS
from workbench.scores import read_csv

WIDTH = 100
# Head of a column: a dataset's title in lines of at most this many characters, as wide as "52.27 ± 10.95 *".
TITLE_WIDTH = 15
# {table of verdicts: what they are about}.
VERDICTS = {
    "claims": "Claims of the paper",
    "statements": "Statements of the survey",
    "claims-2mtl": "Claims of the paper on 2MTL",
    "statements-networks": "Statements of the survey on small networks",
}
NOTE = "Test error, mean over n splits ± half width of the 95 % interval; {best} lowest mean."
NOT_CONVERGED = "† fits that did not converge: convergence.md."


def summary(run, tables, folder):
    """Return the text. run : the `RunInfo`. tables : names of the run's tables. folder : that holds them."""
    folder = Path(folder)
    paths = [folder / f"{name}.csv" for name in ("table1", "table2") if name in tables]
    parts = [errors(paths, run)] if paths else []
    parts += [wrapped(f"Not run: {each.title}: {each.reason}.") for each in run.not_run]
    lines = []
    if "comparison" in tables:
        lines += winners(folder / "comparison.csv", run)
    lines += [verdicts(folder / f"{name}.csv") for name in VERDICTS if name in tables]
    if "difference" in tables:
        lines.append(comparison(folder / "difference.md"))
    return "\n\n".join([*parts, "\n".join(map(wrapped, lines))]).strip()


def winners(path, run):
    """Return one line for each dataset outside the paper: which method wins, and whether it is real."""
    found = {}
    for record in winners_table.read(path):
        found.setdefault(record["dataset"], []).append(record)
    return [f"{run.title(name)}: {winners_table.headline(records)}." for name, records in found.items()]


def wrapped(text):
    """Return `text` in lines of at most `WIDTH` characters."""
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def errors(paths, run):
    """Return the test error of each method on each dataset, in as many tables as the width needs.

    paths : csv files of Tables 1 and 2.
    """
    rows = [row for path in paths for row in read_csv(path).to_dict("records")]
    columns = {dataset.name: {} for dataset in run.datasets}
    for row in rows:
        columns[row["dataset"]][row["method"]] = row
    names = (
        [m.name for m in run.methods_that(control=False)],
        [m.name for m in run.methods_that(control=True)],
    )
    # Found by trying: a column is as wide as its widest cell.
    tables, left = [], list(columns)
    while left:
        for count in range(len(left), 0, -1):
            text = _table({name: columns[name] for name in left[:count]}, names, run)
            if count == 1 or max(map(len, text.splitlines())) <= WIDTH:
                break
        tables.append(text)
        left = left[count:]
    note = NOTE.format(best=BEST)
    if any(int(row["not_converged"]) for row in rows):
        note += f" {NOT_CONVERGED}"
    return "\n\n".join([*tables, wrapped(note)])


def _table(columns, names, run):
    """Return one table. columns : {dataset: {method: row}}. names : those of methods, and of controls."""
    heads = [_head(dataset, rows, run) for dataset, rows in columns.items()]
    methods, controls = (
        [
            [_short(run.title(name)), *(_cell(rows.get(name), run) for rows in columns.values())]
            for name in each
        ]
        for each in names
    )
    lines = [*methods, *([SEPARATING_LINE, *controls] if controls else [])]
    align = ["left", *["right"] * len(columns)]
    return tabulate(lines, ["Method", *heads], "simple", colalign=align, disable_numparse=True)


def _head(dataset, rows, run):
    first = next(iter(rows.values()))
    splits = max(int(row["n"]) for row in rows.values())
    lines = textwrap.wrap(run.title(dataset), TITLE_WIDTH)
    return "\n".join([*lines, METRICS[first["metric"]], f"n = {splits}"])


def _cell(row, run):
    if row is None:
        return NOTHING
    if row["same_as"]:
        return textwrap.shorten(f"= {run.title(row['same_as'])}", 2 * TITLE_WIDTH, placeholder="...")
    half = f" ± {float(row['half_width']):,.2f}" if row["half_width"] else ""
    # In front, so that the numbers stay aligned.
    marks = [BEST] * int(row["best"]) + ["†"] * bool(int(row["not_converged"]))
    return " ".join([*marks, f"{float(row['mean']):,.2f}{half}"])


def _short(title):
    return textwrap.shorten(title, 2 * TITLE_WIDTH, placeholder="...")


def verdicts(path):
    """Return the numbers of verdicts in one line; of a run with more than five splits, those on all.

    path : csv file of a table of `VERDICTS`.
    """
    rows = read_csv(path).to_dict("records")
    last = rows[-1]["splits"]
    counts = Counter(row["verdict"] for row in rows if row["splits"] == last)
    # Verdicts of an older version have other names.
    names = [*OUTCOMES, *sorted(counts.keys() - set(OUTCOMES))]
    found = ", ".join(f"{counts[name]} {name}" for name in names if counts[name])
    return f"{VERDICTS[Path(path).stem]}: {found}"


def comparison(path):
    """Return the first note of the table of differences, which is a summary."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    last_row = max(i for i, line in enumerate(lines) if line.startswith("|"))
    note = next(line for line in lines[last_row + 1 :] if line)
    # Markdown escapes characters by a backslash.
    return re.sub(r"\\(.)", r"\1", note)
