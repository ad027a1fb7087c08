"""Options, the constant column and the checks that datasets share."""

import numpy as np

from amtl.errors import InputError
from amtl.splits import PARTS


def with_constant(X):
    """Return `X` (n, d) as float64 (n, d + 1) with a column of ones last."""
    return np.column_stack([X, np.ones(len(X))])


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


def fraction_option(description):
    """Return the schema of the option that sets the share of the training rows held out for validation."""
    return {
        "validation_fraction": {
            "type": "number",
            "exclusiveMinimum": 0,
            "exclusiveMaximum": 1,
            "default": 0.25,
            "description": description,
        }
    }


LOSS_SCALE = {
    "loss_scale": {
        "type": "number",
        "exclusiveMinimum": 0,
        "default": 1.0,
        "description": "Factor on the loss of the last task in training; errors are measured without it.",
    },
}


def loss_scales(n_tasks, options):
    """Return the factors on the losses of all tasks: that of the option for the last one."""
    return [1.0] * (n_tasks - 1) + [options["loss_scale"]]


def count_held_out(fraction, rows):
    """Return how many of two or more `rows` are held out: about `fraction`, at least one, and not all."""
    return min(max(round(fraction * rows), 1), rows - 1)


def require_matching_rows(path, x_name, X, y_name, y):
    """Raise InputError unless `X` (n, d) and `y` (n,) have the same number of rows, and at least one."""
    if X.ndim != 2 or len(X) != len(y) or len(y) == 0:
        raise InputError(
            f"{path}: {x_name} has shape {X.shape} and {y_name} {len(y)} values; every part needs rows, "
            "the same number in both: get a fresh copy"
        )


def require_finite(path, name, values):
    """Raise InputError, naming the file, the variable and the first bad row, on NaN or infinite `values`."""
    bad = ~np.isfinite(values)
    if bad.any():
        row = int(np.argwhere(bad)[0][0])
        raise InputError(f"{path}: NaN or infinite value in {name}, row {row + 1}; get a clean copy")


def require_labels(path, name, labels, lowest, highest):
    """Raise InputError, naming the file and the row, unless all `labels` are integers in lowest..highest."""
    bad = ~np.isin(labels, np.arange(lowest, highest + 1))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        first = float(labels.min())
        shifted = abs(first - lowest) == 1
        hint = f"; they seem to be counted from {first:g}, not from {lowest}" if shifted else ""
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
            "the values have another scale, or overflowed a small integer type; get a clean copy"
        )


def require_disjoint(path, name, rows, path_of_others, name_of_others, others):
    """Raise InputError when a row of `rows` (n, d) equals one of `others` (m, d) in every number.

    Only for data in which two rows never agree by chance, so that an equal row is a copy.
    """
    place = {row.tobytes(): number for number, row in enumerate(np.ascontiguousarray(others), 1)}
    for number, row in enumerate(np.ascontiguousarray(rows), 1):
        if row.tobytes() in place:
            file = f" in {path_of_others}" if path_of_others != path else ""
            raise InputError(
                f"{path}: row {number} of {name} is row {place[row.tobytes()]} of {name_of_others}{file}; "
                "no row may be in two parts, get a clean copy"
            )


def fit_scale(train):
    """Return the function that fills in missing values and standardizes rows like the rows of `train` (n, d).

    A missing value is NaN. A column that does not vary is only centred.
    """
    known = ~np.isnan(train)
    mean = np.where(known, train, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, train, mean)
    spread = filled.std(axis=0)
    spread[spread == 0] = 1.0
    return lambda rows: (np.where(np.isnan(rows), mean, rows) - mean) / spread
