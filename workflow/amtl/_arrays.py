"""Checks of the arrays of a problem: one error that names the task and says what to do."""

import numpy as np

from amtl.errors import InputError

# Larger or smaller values overflow or vanish when they are squared and summed.
LARGEST_SIZE, SMALLEST_SIZE = 1e100, 1e-100


def checked_arrays(X, Y, loss):
    """Return X and Y as float64 arrays, or lists of them; raise InputError for unusable ones.

    X : list of T arrays (n_t, d), or array (n, d). Y : list of T arrays (n_t,), or array (n, T).
    """
    if not isinstance(X, list):
        X, Y = _checked(X, Y, "", columns=True)
        _check_values(X, Y, loss, "")
        return X, Y
    if len(X) != len(Y) or not X:
        raise InputError(f"{len(X)} arrays of features and {len(Y)} of targets; give one of each per task")
    pairs = [_checked(x, y, f"task {t}: ", columns=False) for t, (x, y) in enumerate(zip(X, Y, strict=True))]
    width = pairs[0][0].shape[1]
    for t, (x, y) in enumerate(pairs):
        if x.shape[1] != width:
            raise InputError(f"task {t}: {x.shape[1]} features, but task 0 has {width}")
        _check_values(x, y, loss, f"task {t}: ")
    return [x for x, _ in pairs], [y for _, y in pairs]


def _checked(x, y, where, columns):
    try:
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{where}features or targets are no array of numbers ({error})") from None
    if x.ndim != 2:
        raise InputError(f"{where}features have shape {x.shape}; expected (n, d)")
    if y.ndim != 1 + columns or len(y) != len(x):
        expected = f"({len(x)}, T)" if columns else f"({len(x)},)"
        raise InputError(f"{where}targets have shape {y.shape}; expected {expected} for {len(x)} rows")
    return x, y


def _check_values(x, y, loss, where):
    check_finite_sizes(x, "features", where)
    check_finite_sizes(y, "targets", where)
    if loss == "logistic" and not ((y == 0.0) | (y == 1.0)).all():
        bad = y[(y != 0.0) & (y != 1.0)].flat[0]
        raise InputError(f"{where}label {bad:g}; the logistic loss takes labels 0 and 1")


def cannot_be_squared(sizes):
    """Return where the squares of sizes (absolute values) overflow or vanish."""
    return (sizes > LARGEST_SIZE) | ((sizes > 0.0) & (sizes < SMALLEST_SIZE))


def check_finite_sizes(values, what, where="", names=None):
    """Raise InputError for NaN, and for columns whose squares overflow or vanish.

    values : (n,) or (n, d). what, where : what the error calls them. names : those of the columns, or None.
    """
    sizes = np.abs(values).max(axis=0, initial=0.0)
    if not np.isfinite(sizes).all():
        row = int(np.argwhere(~np.isfinite(values))[0][0])
        raise InputError(f"{where}NaN or infinite {what} in row {row}; impute or drop them")
    bad = cannot_be_squared(sizes)
    if bad.any():
        j = int(np.argmax(bad))
        column = f" in column {j if names is None else repr(names[j])}" if values.ndim == 2 else ""
        raise InputError(
            f"{where}the largest of the {what}{column} is {np.atleast_1d(sizes)[j]:.0e}, "
            "too far from 1 to be squared; rescale them"
        )
