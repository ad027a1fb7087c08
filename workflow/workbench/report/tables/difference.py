"""Differences of this run's main tables and verdicts from the published ones, beyond rounding."""

import csv
import json
from pathlib import Path

from amtl.errors import InputError
from workbench.papers.lee2016.numbers import table_datasets
from workbench.report._spec import OutputSpec
from workbench.report.render import NOTHING, Table
from workbench.report.tables.claims import TIMES
from workbench.scores import read_csv

# Half a unit of the last digit in the tables.
ROUNDING = 0.005
# Table -> (the columns that name a row, the columns to compare).
COMPARED = {
    "table1": (("dataset", "method"), ("mean", "half_width", "n")),
    "table2": (("dataset", "method"), ("mean", "half_width", "n")),
    "claims": (("claim", "splits"), ("verdict", "effect_mean", "low", "high", "n")),
}
QUANTITIES = {"half_width": "half width", "effect_mean": "effect", "low": "low end", "high": "high end"}
BLOCKS = {
    "differs": "Differ beyond rounding",
    "only published": "Only published",
    "only in this run": "Only in this run",
}


def build(run, inputs):
    """Return the table; its first note is a summary.

    inputs : ``tables``, this run's tables of `COMPARED`; ``published``, the files of a published run, if any.
    """
    files = inputs.get("published", [])
    ours, published = _read(inputs["tables"].values()), _read(files)
    shared = [key for key in ours if key in published]
    records = [
        _record("differs", key, quantity, published[key], ours[key])
        for key in shared
        for quantity in _quantities(key, ours[key])
        if _differ(published[key].get(quantity, ""), ours[key].get(quantity, ""))
    ]
    if published:
        records += [
            _record("only published", k, "", row, {}) for k, row in published.items() if k not in ours
        ]
        records += [
            _record("only in this run", k, "", {}, row) for k, row in ours.items() if k not in published
        ]
    titles = {key: row.get("title", "") for key, row in {**published, **ours}.items()}
    blocks = {status: [_row(run, titles, r) for r in records if r["status"] == status] for status in BLOCKS}
    return Table(
        title="Difference from the published results",
        columns=["Table", "Row", "Quantity", "Published", "This run"],
        align="lllrr",
        blocks=[(BLOCKS[status], rows) for status, rows in blocks.items() if rows] or [(None, [])],
        notes=[
            _summary(files, records, len(shared)),
            f"Beyond rounding: the numbers are more than {ROUNDING:g} apart, half a unit of the last digit "
            "in the tables. Compared: means, half widths and numbers of splits of Tables 1 and 2, and "
            "verdicts and effects of the claims, but for the ratio of times.",
        ],
        records=records,
    )


def _quantities(key, row):
    """Return the columns to compare. Measured times differ from run to run, so their ratio is left out."""
    columns = COMPARED[key[0]][1]
    return [each for each in columns if each in ("verdict", "n")] if row.get("unit") == TIMES else columns


def _summary(published, records, shared):
    if not published:
        return "Nothing is published in results/published, so there is nothing to compare with."
    statuses = [record["status"] for record in records]
    differing = {(r["table"], r["row"], r["of"]) for r in records if r["status"] == "differs"}
    verdicts = sum(record["quantity"] == "verdict" for record in records)
    return (
        f"Compared with the published results{_date(published)}: {len(differing)} of {shared} rows differ "
        f"beyond rounding, {verdicts} of them in the verdict on a claim; {statuses.count('only published')} "
        f"rows are only published, {statuses.count('only in this run')} only in this run."
    )


def _date(paths):
    for path in map(Path, paths):
        if path.suffix == ".json":
            try:
                return f" of {json.loads(path.read_text(encoding='utf-8'))['date']}"
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise InputError(f"{path}: not a record of a run ({error}); publish again") from None
    return ""


def _read(paths):
    """Return {(table, *names of the row): {column: text}} of the tables among `paths`, in their order."""
    rows = {}
    for path in sorted(map(Path, paths)):
        if path.stem in COMPARED and path.suffix == ".csv":
            names, _ = COMPARED[path.stem]
            try:
                found = read_csv(path).to_dict("records")
                rows |= {(path.stem, *(row[name] for name in names)): row for row in found}
            except (OSError, ValueError, KeyError, csv.Error) as error:
                raise InputError(f"{path}: not a table of results ({error}); make it again") from None
    return rows


def _differ(published, ours):
    if published == ours:
        return False
    try:
        return abs(float(published) - float(ours)) > ROUNDING
    except ValueError:
        return True


def _record(status, key, quantity, published, ours):
    """Return a record; of a row that one side lacks, it holds the main quantity."""
    table, row, of = key
    column = quantity or COMPARED[table][1][0]
    names = {"status": status, "table": table, "row": row, "of": of, "quantity": quantity}
    return {**names, "published": published.get(column, ""), "this_run": ours.get(column, "")}


def _row(run, titles, record):
    table, row, of = (record[name] for name in ("table", "row", "of"))
    if table == "claims":
        title, name = "Claims", f"{row}, {of} splits"
    else:
        title = f"Table {table[-1]}"
        name = f"{titles[table, row, of] or of} on {run.title(row)}"
    quantity = record["quantity"] or COMPARED[table][1][0]
    cells = (_text(record[side]) for side in ("published", "this_run"))
    return [title, name, QUANTITIES.get(quantity, quantity), *cells]


def _text(value):
    try:
        return f"{float(value):.4g}".replace("-", "−")
    except ValueError:
        return value or NOTHING


def _tables(run):
    return tuple(name for name in COMPARED if name == "claims" or table_datasets(name, run))


SPEC = OutputSpec("Difference", "Tables", 60, build, tables=_tables, reads_published=True)
