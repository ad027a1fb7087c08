"""Table 2 of the paper: tasks with unequal numbers of training rows."""

from workbench.report.tables import _beside_paper as results


def build(job, inputs):
    """Return Table 2. job: ``datasets``, ``methods``, ``interval``; inputs: ``scores``."""
    return results.beside_paper(
        "table2", "Table 2. Test error where tasks differ in training rows", job, inputs
    )
