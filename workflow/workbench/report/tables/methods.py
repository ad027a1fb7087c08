"""What each method minimizes and who proposed it."""

from workbench.report._spec import OutputSpec
from workbench.report.render import Code, Table
from workbench.report.tables._rows import changes
from workbench.scores import METHOD_COLUMNS, read_table


def build(run, inputs):
    """Return the table. inputs : ``methods``."""
    ablations = {each.name: each for each in run.ablations}
    order = [*(each.name for each in run.methods), *ablations]
    found = [row for row in read_table(inputs["methods"], METHOD_COLUMNS) if row["method"] in order]
    found.sort(key=lambda row: (order.index(row["method"]), row["loss"]))
    # One row per method: the same objective for both losses is shown once.
    merged = {}
    for row in found:
        ablation = ablations.get(row["method"])
        objective = _differs(run, ablation) if ablation else Code(row["objective"])
        key = (row["method"], row["title"], objective, row["citation"])
        merged.setdefault(key, []).append(row["loss"])

    def rows(of_ablations):
        return [
            [title, ", ".join(losses), objective, citation]
            for (name, title, objective, citation), losses in merged.items()
            if (name in ablations) == of_ablations
        ]

    blocks = [(None, rows(False))] + ([("Ablations", rows(True))] if rows(True) else [])
    return Table(
        title="Methods",
        columns=["Method", "Loss", "Objective", "Citation"],
        align="llww",
        blocks=blocks,
        records=found,
    )


def _differs(run, ablation):
    return f"as {run.title(ablation.reference)}, with {changes(ablation)}"


SPEC = OutputSpec(label="Methods", section="Fits", order=30, make=build, reads=("methods",))
