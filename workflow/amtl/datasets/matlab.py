"""Reading variables from a MATLAB file, with errors that name the file and the variable."""

import numpy as np

from amtl.datasets.common import require_finite
from amtl.errors import InputError


def read(path, names):
    """Return the numeric variables `names` of the MATLAB v5 file `path`.

    Integers come as int64 and everything else as float64: the files hold uint8 and uint16, which
    overflow without a word in the first product or difference.
    Raises InputError for a damaged file, a missing variable, and NaN or infinite values.
    """
    from scipy.io import loadmat

    try:
        with open(path, "rb") as stream:
            content = loadmat(stream, variable_names=list(names))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; run the acquire step first") from None
    except Exception as error:  # scipy raises a dozen types on damaged files
        reason = " ".join(str(error).split())
        raise InputError(
            f"{path}: not a readable MATLAB v5 file ({type(error).__name__}: {reason}); "
            "it is damaged or incomplete, get a fresh copy"
        ) from None
    return {name: _numeric(path, name, content) for name in names}


def _numeric(path, name, content):
    if name not in content:
        raise InputError(f"{path}: variable {name!r} is missing; is this the right file?")
    values = content[name]
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "iuf":
        raise InputError(f"{path}: variable {name!r} is not a numeric array; is this the right file?")
    if values.dtype.kind in "iu":
        return values.astype(np.int64)
    require_finite(path, name, values)
    return values.astype(np.float64)


def task_offsets(path, name, starts, n_rows, n_tasks):
    """Return 0-based offsets (T + 1,) from the 1-based row `starts` of the tasks.

    Raises InputError, naming the task, unless every task has rows and all n_rows rows have a task.
    """
    starts = starts.ravel()
    if len(starts) != n_tasks:
        raise InputError(f"{path}: {name} has {len(starts)} entries, expected one per task: {n_tasks}")
    if starts[0] != 1:
        raise InputError(f"{path}: {name} starts at {starts[0]}, but rows are counted from 1 in this file")
    offsets = np.minimum(np.append(starts - 1, n_rows), n_rows).astype(np.int64)
    empty = np.flatnonzero(np.diff(offsets) <= 0)
    if len(empty):
        raise InputError(
            f"{path}: task {empty[0] + 1} has no rows by {name} ({n_rows} rows in all); get a fresh copy"
        )
    return offsets
