"""Table 1 of the paper: mean RMSE over tasks (regression) or multi-class error in % (classification)."""

from workbench.report.tables._beside_paper import spec

SPEC = spec("table1", "Table 1. Test error of each method", "Table 1", 10)
