"""Every warning that a fit left, spelled out."""

from amtl import paper
from amtl.scores import WARNING_COLUMNS, read_table
from amtl.tables.render import Table


def build(job, inputs):
    """Return the table. job: ``datasets``, ``methods``; inputs: ``warnings``. It may be empty."""
    rank = {name: i for i, name in enumerate(paper.in_order(job["datasets"], paper.DATASETS))}
    order = {name: i for i, name in enumerate(paper.in_order(job["methods"], paper.METHOD_TITLES))}
    found = [
        row
        for row in read_table(inputs["warnings"], WARNING_COLUMNS)
        if row["dataset"] in rank and row["method"] in order
    ]
    found.sort(key=lambda row: (rank[row["dataset"]], order[row["method"]], int(row["split"])))
    rows = [
        [
            paper.dataset_title(row["dataset"]),
            paper.method_title(job, row["method"]),
            row["split"],
            row["text"],
        ]
        for row in found
    ]
    return Table(
        title="Warnings of the fits",
        columns=["Dataset", "Method", "Split", "Warning"],
        align="llrw",
        blocks=[(None, rows)],
        notes=[f"{len(rows)} warnings." if rows else "No fit left a warning."],
        records=found,
    )
