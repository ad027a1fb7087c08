"""What was understood of the columns of the user's own tables."""

from workbench.datasets._tables.columns import MAX_COUNTED
from workbench.report._spec import OutputSpec
from workbench.report.render import NOTHING, Table
from workbench.report.tables._rows import short

# Rows of a dataset; the csv file has all columns.
MAX_ROWS = 100


def build(run, inputs):
    """Return the table. inputs : ``splits``, the first one of each of the user's tables."""
    return of_tables({run.title(split.dataset): split.meta["table"] for split in inputs.load_splits()})


def of_tables(tables):
    """Return the table. tables : {title: facts, as `workbench.datasets.table.facts` returns them}."""
    blocks, records, notes = [], [], []
    for title, facts in tables.items():
        # What needs attention comes first.
        columns = sorted(facts["columns"], key=lambda each: (each["use"] == "feature", not each["findings"]))
        rows = [_row(**each) for each in columns]
        blocks.append((f"{title}: {len(rows)} columns", rows[:MAX_ROWS]))
        if len(rows) > MAX_ROWS:
            notes.append(f"{title}: the first {MAX_ROWS} of {len(rows)} columns; the csv file has all.")
        records += [{"dataset": title, **each, "findings": "; ".join(each["findings"])} for each in columns]
    return Table(
        title="Columns of the own tables",
        columns=["Column", "Use", "Kind", "Missing", "Different", "What was found"],
        align="wllrrw",
        blocks=blocks,
        notes=[
            "Missing: rows without a value. Different: number of different values. A column that is left out "
            "is used if `features` names it, unless it cannot be.",
            *notes,
        ],
        records=records,
    )


def _row(name, use, kind, missing, distinct, findings):
    counts = [f"{missing:,}" if missing else NOTHING, _count(distinct)]
    return [short(name), use, kind, *counts, "; ".join(findings) or NOTHING]


def _count(distinct):
    more = f"{MAX_COUNTED:,} or more"
    return NOTHING if not distinct else more if distinct >= MAX_COUNTED else f"{distinct:,}"


def _own_tables(run):
    return {each.name: [1] for each in run.datasets if each.dataset == "table"}


SPEC = OutputSpec(
    "Columns", "Data", 15, build, applies=lambda run: bool(_own_tables(run)), splits=_own_tables
)
