"""Reading the pupils of School."""

import numpy as np

from amtl.errors import InputError
from workbench.datasets._common import require_range
from workbench.datasets._readers import matlab

DATA_FILE = "school_b.mat"
TASKS = 139
COLUMNS = 28
# Percentages of the school's pupils, 0-based: free school meals and the upper ability band.
SCHOOL_LEVEL = [3, 4]


def read_pupils(path):
    """Return features (15362, 28), scores (15362,) and the 0-based school of each row.

    The file holds the features as (28, 15362) unsigned bytes; `matlab.read` has widened them.
    """
    content = matlab.read(path, ["x", "y", "task_indexes"])
    X, y = content["x"].T.astype(np.float64), content["y"].ravel().astype(np.float64)
    if X.ndim != 2 or X.shape != (len(y), COLUMNS):
        raise InputError(
            f"{path}: x has shape {X.shape[::-1]}, expected {COLUMNS} rows and {len(y)} "
            "columns; get a fresh copy"
        )
    if (X[:, -1] != 1).any():
        raise InputError(
            f"{path}: the last column of x is not constant 1; not the right file, get a fresh copy"
        )
    require_range(path, "x", X, 0, 100)
    require_range(path, "y", y, 0, 100)
    offsets = matlab.task_offsets(path, "task_indexes", content["task_indexes"], len(y), TASKS)
    return X, y, np.repeat(np.arange(TASKS), np.diff(offsets))
