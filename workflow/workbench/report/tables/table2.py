"""Table 2 of the paper: tasks with unequal numbers of training rows."""

from workbench.report.tables._beside_paper import spec

SPEC = spec("table2", "Table 2. Test error where tasks differ in training rows", "Table 2", 20)
