"""Every warning that a fit left, spelled out."""

from workbench.papers.lee2016 import numbers as paper
from workbench.report.render import Table
from workbench.scores import WARNING_COLUMNS, read_table


def build(job, inputs):
    """Return the table. job: ``datasets``, ``methods``, ``ablations``; inputs: ``warnings``. It may be empty.

    The ablations follow in a block of their own: some are stopped early on purpose.
    """
    ablations = list(paper.ablations(job))
    rank = {name: i for i, name in enumerate(paper.in_order(job["datasets"], paper.DATASETS))}
    names = paper.in_order(job["methods"], paper.METHOD_TITLES) + ablations
    order = {name: i for i, name in enumerate(names)}
    found = [
        row
        for row in read_table(inputs["warnings"], WARNING_COLUMNS)
        if row["dataset"] in rank and row["method"] in order
    ]
    found.sort(key=lambda row: (rank[row["dataset"]], order[row["method"]], int(row["split"])))

    def rows(of_ablations):
        return [
            [
                paper.dataset_title(row["dataset"]),
                paper.method_title(job, row["method"]),
                row["split"],
                row["text"],
            ]
            for row in found
            if (row["method"] in ablations) == of_ablations
        ]

    main, varied = rows(False), rows(True)
    return Table(
        title="Warnings of the fits",
        columns=["Dataset", "Method", "Split", "Warning"],
        align="llrw",
        blocks=[(None, main)] + ([("Ablations", varied)] if varied else []),
        notes=[_count(len(main), len(varied))],
        records=found,
    )


def _count(main, ablations):
    if not main + ablations:
        return "No fit left a warning."
    return f"{main} warnings." + (f" {ablations} more of ablations." if ablations else "")
