"""Every warning of every fit, in words."""

from workbench.report._spec import OutputSpec
from workbench.report.render import Table
from workbench.scores import WARNING_COLUMNS, read_table


def build(run, inputs):
    """Return the table; it may be empty. inputs : ``warnings``.

    The ablations follow in a block of their own: some are stopped early on purpose.
    """
    datasets = [each.name for each in run.datasets]
    order = [each.name for each in (*run.methods, *run.ablations)]
    ablations = [each.name for each in run.ablations]
    found = [
        row
        for row in read_table(inputs["warnings"], WARNING_COLUMNS)
        if row["dataset"] in datasets and row["method"] in order
    ]
    found.sort(
        key=lambda row: (datasets.index(row["dataset"]), order.index(row["method"]), int(row["split"]))
    )

    def rows(of_ablations):
        return [
            [run.dataset(row["dataset"]).title, run.method(row["method"]).title, row["split"], row["text"]]
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
        return "No warnings."
    return f"Warnings: {main}" + (f", and {ablations} of ablations." if ablations else ".")


SPEC = OutputSpec(label="Warnings", section="Fits", order=20, make=build, reads=("warnings",))
