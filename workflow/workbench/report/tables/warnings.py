"""Every warning of every fit, in words."""

from workbench.report._spec import OutputSpec
from workbench.report.render import Table
from workbench.report.tables._rows import in_order, two_blocks
from workbench.scores import WARNING_COLUMNS, read_table


def build(run, inputs):
    """Return the table; it may be empty. inputs : ``warnings``.

    The ablations follow in a block of their own: some are stopped early on purpose.
    """
    methods = [each.name for each in (*run.methods, *run.ablations)]
    order = {"dataset": [each.name for each in run.datasets], "method": methods}
    found = in_order(read_table(inputs["warnings"], WARNING_COLUMNS), order, "split")
    rows = {False: [], True: []}
    for dataset, split, name, text in found.itertuples(index=False):
        method = run.method(name)
        rows[method in run.ablations].append([run.dataset(dataset).title, method.title, str(split), text])
    main, ablations = rows.values()
    count = f"Warnings: {len(main)}" + (f", and {len(ablations)} of ablations." if ablations else ".")
    return Table(
        title="Warnings of the fits",
        columns=["Dataset", "Method", "Split", "Warning"],
        align="llrw",
        blocks=two_blocks(main, "Ablations", ablations),
        notes=[count if len(found) else "No warnings."],
        records=found.to_dict("records"),
    )


SPEC = OutputSpec("Warnings", "Fits", 20, build, reads=("warnings",))
