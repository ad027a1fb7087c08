"""What every dataset does to its arrays."""

import numpy as np

from amtl.errors import InputError

PARTS = ("train", "validation", "test")


def with_constant(X):
    """Return `X` (n, d) as float64 (n, d + 1) with a column of ones last."""
    return np.column_stack([X, np.ones(len(X))])


def count_rows(parts):
    """Return the number of rows of each part, for a split's meta."""
    return {name: len(part.X) for name, part in parts.items()}


def row_options(train, validation, test, unit):
    """Return the schema of the options that set the size of each part."""
    return {
        f"{part}_rows": {
            "type": "integer",
            "minimum": 1,
            "default": size,
            "description": f"Rows of the {part} part, {unit}.",
        }
        for part, size in zip(PARTS, (train, validation, test), strict=True)
    }


def require_index(dataset, index, count):
    """Raise InputError unless `index` is one of the splits 1..`count`."""
    if not 1 <= index <= count:
        raise InputError(f"{dataset}: there is no split {index}, only 1..{count}; lower run.splits")


def require_finite(path, name, values):
    """Raise InputError, naming the file, the variable and the first bad row, on NaN or infinite `values`."""
    bad = ~np.isfinite(values)
    if bad.any():
        row = int(np.argwhere(bad)[0][0])
        raise InputError(f"{path}: NaN or infinite value in {name}, row {row + 1}; get a clean copy")


def require_labels(path, name, labels, lowest, highest):
    """Raise InputError, naming the file and the row, unless all `labels` lie in lowest..highest."""
    bad = ~np.isin(labels, np.arange(lowest, highest + 1))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise InputError(
            f"{path}: label {labels[row]:g} in {name}, row {row + 1}, is outside the classes "
            f"{lowest}..{highest}; get a clean copy"
        )
