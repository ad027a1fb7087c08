"""Features as numbers: filled in, one-hot, standardized and projected. All is learned on training rows."""

import contextlib
import ctypes

import numpy as np

from amtl.errors import InputError
from workbench.datasets._one_vs_rest import fit_projection
from workbench.datasets._tables import columns as cols


def encode(roles, frame, train, options):
    """Return (X (n, d + 1) of the used rows with a constant column last, notes).

    train : places of the training rows among the used rows. `frame` loses its columns on the way, so that
    the memory is free for X.
    """
    parts = [_columns_of(roles, frame, column, train) for column in roles.features]
    # Column by column, so that the memory of one is taken when that of the other is free.
    X = np.empty((len(roles.rows), sum(count for count, _, _ in parts) + 1), order="F")
    X[:, -1] = 1.0
    start, filled = 0, {}
    for column, (count, fill, missing) in zip(roles.features, parts, strict=True):
        fill(X[:, start : start + count])
        start += count
        del frame[column.name]
        if missing:
            filled[column.name] = missing
    _release_memory()
    notes = []
    if filled:
        notes.append(
            f"Features with missing values, {len(filled)}: filled in with the median of the training "
            "rows, of categories with the most frequent one."
        )
    if options["standardize"]:
        _standardize(X, train)
        notes.append("Features are standardized by the training rows.")
    if options["components"]:
        most = min(len(train), X.shape[1] - 1)
        if options["components"] > most:
            raise InputError(
                f"{roles.file}: components: {options['components']} asked for, but {len(train)} training "
                f"rows with {X.shape[1] - 1} features give at most {most}; lower it"
            )
        project = fit_projection(roles.file, X[train, :-1], options["components"])
        X = np.column_stack([project(X[:, :-1]), np.ones(len(X))])
        notes.append(f"{options['components']} principal components of the training rows.")
    return X, notes


def _release_memory():
    """Give the memory of freed columns back to the system; the C library of Linux keeps it otherwise."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def _columns_of(roles, frame, column, train):
    """Return (number of columns, function that fills them in, number of missing values) of a feature."""
    if column.kind == cols.NUMBER:
        return 1, lambda out: _fill_numbers(out, roles, frame, column, train), column.missing
    found = cols.texts(frame[column.name]).iloc[roles.rows].to_numpy()
    levels, counts = np.unique([each for each in found[train] if each is not None], return_counts=True)
    usual = levels[np.argmax(counts)] if len(levels) else None
    # Two categories are one column: the second one against the first.
    shown = levels[1:] if len(levels) == 2 else levels

    def fill(out):
        values = np.array([usual if each is None else each for each in found], dtype=object)
        for k, level in enumerate(shown):
            out[:, k] = values == level

    return len(shown), fill, column.missing


def _fill_numbers(out, roles, frame, column, train):
    values = cols.numbers(roles.file, frame[column.name])
    values = values if len(roles.rows) == len(values) else values[roles.rows]
    missing = np.isnan(values)
    if missing.any():
        known = values[train][~missing[train]]
        values = np.where(missing, np.median(known) if len(known) else 0.0, values)
    out[:, 0] = values


def _standardize(X, train):
    """Centre and scale the features in place; one that does not vary in the training rows is only centred."""
    for k in range(X.shape[1] - 1):
        known = X[train, k]
        spread = known.std()
        X[:, k] -= known.mean()
        # Rounding errors of a constant are no spread.
        if spread > 1e-12 * max(np.abs(known).max(), 1e-300):
            X[:, k] /= spread
