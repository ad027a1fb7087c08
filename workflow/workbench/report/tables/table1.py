"""Table 1 of the paper: mean RMSE over tasks (regression) or multi-class error in % (classification)."""

from workbench.report.tables import _beside_paper as results


def build(job, inputs):
    """Return Table 1. job: ``datasets``, ``methods``, ``interval``; inputs: ``scores``."""
    return results.beside_paper("table1", "Table 1. Test error of each method", job, inputs)
