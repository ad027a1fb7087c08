"""What each method minimises and who proposed it."""

from workbench.papers.lee2016 import numbers as paper
from workbench.report.render import Code, Table
from workbench.scores import METHOD_COLUMNS, read_table


def build(job, inputs):
    """Return the table. job: ``methods``, ``ablations``; inputs: ``methods``."""
    ablations = paper.ablations(job)
    order = [*paper.in_order(job["methods"], paper.METHOD_TITLES), *ablations]
    found = [row for row in read_table(inputs["methods"], METHOD_COLUMNS) if row["method"] in order]
    found.sort(key=lambda row: (order.index(row["method"]), row["loss"]))
    # The same objective for both losses is one row.
    merged = {}
    for row in found:
        key = (row["method"] in ablations, row["title"], _minimises(row, ablations, job), row["citation"])
        merged.setdefault(key, []).append(row["loss"])

    def rows(of_ablations):
        return [
            [title, ", ".join(losses), objective, citation]
            for (ablation, title, objective, citation), losses in merged.items()
            if ablation == of_ablations
        ]

    blocks = [(None, rows(False))] + ([("Ablations", rows(True))] if rows(True) else [])
    return Table(
        title="Methods",
        columns=["Method", "Loss", "Minimises", "Citation"],
        align="llww",
        blocks=blocks,
        records=found,
    )


def _minimises(row, ablations, job):
    """Return the objective, or for an ablation in what it differs from the method that it varies."""
    ablation = ablations.get(row["method"])
    if ablation is None:
        return Code(row["objective"])
    return f"as {paper.method_title(job, ablation['reference'])}, with {paper.changes(ablation)}"
