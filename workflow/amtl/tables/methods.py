"""What each method minimises and who proposed it."""

from amtl import paper
from amtl.scores import METHOD_COLUMNS, read_table
from amtl.tables.render import Code, Table


def build(job, inputs):
    """Return the table. job: ``methods``; inputs: ``methods``."""
    found = [row for row in read_table(inputs["methods"], METHOD_COLUMNS) if row["method"] in job["methods"]]
    order = paper.in_order(job["methods"], paper.METHOD_TITLES)
    found.sort(key=lambda row: (order.index(row["method"]), row["loss"]))
    # The same objective for both losses is one row.
    merged = {}
    for row in found:
        key = (row["title"], row["objective"], row["citation"])
        merged.setdefault(key, []).append(row["loss"])
    rows = [
        [title, ", ".join(losses), Code(objective), citation]
        for (title, objective, citation), losses in merged.items()
    ]
    return Table(
        title="Methods",
        columns=["Method", "Loss", "Minimises", "Citation"],
        align="llww",
        blocks=[(None, rows)],
        records=found,
    )
