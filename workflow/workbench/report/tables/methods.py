"""What each method minimizes and who proposed it."""

from workbench.report._spec import OutputSpec
from workbench.report.render import Code, Table
from workbench.report.tables._rows import changes, in_order, two_blocks
from workbench.scores import METHOD_COLUMNS, read_table


def build(run, inputs):
    """Return the table. inputs : ``methods``."""
    order = {"method": [each.name for each in (*run.methods, *run.ablations)]}
    found = in_order(read_table(inputs["methods"], METHOD_COLUMNS), order, "loss")
    rows = {False: [], True: []}
    # One row per method: the same objective for both losses is shown once.
    keys = [column for column in METHOD_COLUMNS if column != "loss"]
    for (name, title, objective, citation), same in found.groupby(keys, sort=False):
        method = run.method(name)
        ablation = method in run.ablations
        shown = f"as {run.title(method.reference)}, with {changes(method)}" if ablation else Code(objective)
        rows[ablation].append([title, ", ".join(same["loss"]), shown, citation])
    return Table(
        title="Methods",
        columns=["Method", "Loss", "Objective", "Citation"],
        align="llww",
        blocks=two_blocks(rows[False], "Ablations", rows[True]),
        records=found.to_dict("records"),
    )


SPEC = OutputSpec("Methods", "Fits", 30, build, reads=("methods",))
