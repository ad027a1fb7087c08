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
            "maximum": 10_000_000,
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
        other = lowest - labels.min() if labels.min() in (lowest - 1, lowest + 1) else 0
        hint = f"; they seem to be counted from {lowest - other:g}, not from {lowest}" if other else ""
        raise InputError(
            f"{path}: label {labels[row]:g} in {name}, row {row + 1}, is outside the classes "
            f"{lowest}..{highest}{hint}; get a clean copy"
        )


def require_range(path, name, values, lowest, highest):
    """Raise InputError, naming the file and the row, unless all `values` (n,) or (n, d) lie in the range."""
    bad = (values < lowest) | (values > highest)
    if bad.any():
        place = tuple(np.argwhere(bad)[0])
        raise InputError(
            f"{path}: value {values[place]:g} in {name}, row {place[0] + 1}, is outside {lowest}..{highest}; "
            "it has another scale, or was kept in too small a type of integer: get a clean copy"
        )


def require_disjoint(path, name, rows, path_of_others, name_of_others, others):
    """Raise InputError when a row of `rows` (n, d) is one of `others` (m, d), too, number for number.

    For data of which it is known that rows never agree by chance, so that one that is there twice was copied.
    """
    place = {row.tobytes(): number for number, row in enumerate(np.ascontiguousarray(others), 1)}
    for number, row in enumerate(np.ascontiguousarray(rows), 1):
        if row.tobytes() in place:
            raise InputError(
                f"{path}: row {number} of {name} is row {place[row.tobytes()]} of {name_of_others}, too"
                + (f", in {path_of_others}" if path_of_others != path else "")
                + "; no row may be in two parts, get a clean copy"
            )
