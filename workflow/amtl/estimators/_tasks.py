"""The rows that a user gives, in any of the forms that estimators take, as tasks.

Lists or dicts
    ``Xs[t]`` (n_t, d) and ``ys[t]`` (n_t,): a list in the order of the tasks, or a dict from their names.
Stacked
    ``X`` (n, d) and ``y`` (n,) with ``task`` (n,), the task of each row.
Shared rows
    ``X`` (n, d) without ``task``. A target of several columns has a task per column, labels of more than two
    classes a task per class, and anything else is a single task.
"""

from collections.abc import Mapping

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import column_or_1d
from sklearn.utils.validation import check_array, validate_data

from amtl.errors import InputError


class Rows:
    """Validated rows.

    X : (n, d) float64, all rows. y : (n,) or (n, T). names : the T tasks. codes : (n,) the position of each
    row's task in `names`, or None for shared rows.
    """

    def __init__(self, X, y, names, codes):
        self.X, self.y, self.names, self.codes = X, y, names, codes


def is_collection(X):
    """Return whether `X` holds one array of rows per task: a dict, or a list or tuple of tables."""
    if isinstance(X, Mapping):
        return not issparse(X)  # scipy's dok matrices are dicts
    return isinstance(X, (list, tuple)) and len(X) > 0 and all(_dimensions(each) == 2 for each in X)


def _dimensions(each):
    shape = getattr(each, "shape", None)
    if shape is not None:
        return len(shape)
    try:
        return np.ndim(each)
    except ValueError:  # ragged
        return 0


def training_rows(estimator, X, y, task, numeric):
    """Return the `Rows` of a fit; sets ``n_features_in_`` and ``feature_names_in_`` of the estimator.

    numeric : whether targets are numbers. Raises ValueError, which names the task where there is one.
    """
    if is_collection(X):
        if task is not None:
            raise InputError(
                "task is given together with a list of tasks; give X as one table, or leave out task"
            )
        return _from_collection(estimator, X, y, numeric)
    X, y = validate_data(
        estimator, X, y, dtype=np.float64, y_numeric=numeric, multi_output=True, ensure_min_samples=2
    )
    if y.ndim == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=not numeric or not estimator._takes_shared_rows)
    if task is None:
        if y.ndim == 2:
            return Rows(X, y, list(range(y.shape[1])), None)
        return Rows(X, y, [0], np.zeros(len(X), dtype=int))
    if y.ndim == 2:
        raise InputError("y has several columns, which are the tasks; leave out task, or give one column")
    names, codes = np.unique(_labels(task, len(X)), return_inverse=True)
    return Rows(X, y, names.tolist(), codes)


def _from_collection(estimator, Xs, ys, numeric):
    if isinstance(Xs, Mapping):
        if not isinstance(ys, Mapping) or Xs.keys() != ys.keys():
            raise InputError("X is a dict, so y must be a dict with the same tasks")
        names, Xs, ys = list(Xs), list(Xs.values()), [ys[name] for name in Xs]
    else:
        if _length(ys) != len(Xs):
            raise InputError(
                f"X has {len(Xs)} tasks, but y has {_length(ys)}; give one target array per task"
            )
        names = list(range(len(Xs)))
    if not names:
        raise InputError("no tasks; give at least one")
    tables, targets = [], []
    for t, (name, X, y) in enumerate(zip(names, Xs, ys, strict=True)):
        try:
            X, y = validate_data(
                estimator, X, y, reset=t == 0, dtype=np.float64, y_numeric=numeric, ensure_min_samples=1
            )
        except ValueError as error:
            raise InputError(f"task {name!r}: {error}") from None
        tables.append(X)
        targets.append(y)
    codes = np.repeat(np.arange(len(names)), [len(X) for X in tables])
    return Rows(np.concatenate(tables), np.concatenate(targets), names, codes)


def rows_to_predict(estimator, X, task, names, needs_task):
    """Return (X (n, d), codes (n,) or None, how many rows each task of a list has, or None)."""
    if is_collection(X):
        if task is not None:
            raise InputError(
                "task is given together with a list of tasks; give X as one table, or leave out task"
            )
        if isinstance(X, Mapping):
            keys, Xs = list(X), list(X.values())
        else:
            keys, Xs = names, list(X)
            if len(Xs) != len(names):
                raise InputError(f"X has {len(Xs)} tasks, but the estimator was fitted to {len(names)}")
        codes = _codes(keys, names)
        tables = []
        for name, each in zip(keys, Xs, strict=True):
            try:
                tables.append(
                    validate_data(estimator, each, reset=False, dtype=np.float64, ensure_min_samples=0)
                )
            except ValueError as error:
                raise InputError(f"task {name!r}: {error}") from None
        sizes = [len(each) for each in tables]
        return np.concatenate(tables), np.repeat(codes, sizes), (keys, sizes)
    X = validate_data(estimator, X, reset=False, dtype=np.float64)
    if task is None:
        if needs_task and len(names) > 1:
            raise InputError(
                f"task is missing: the estimator was fitted to {len(names)} tasks; give the task of each row"
            )
        return X, np.zeros(len(X), dtype=int) if needs_task else None, None
    if not needs_task:
        raise InputError("task is given, but the estimator was fitted without it")
    return X, _codes(_labels(task, len(X)).tolist(), names), None


def _codes(tasks, names):
    position = {name: t for t, name in enumerate(names)}
    unknown = next((task for task in tasks if task not in position), None)
    if unknown is not None:
        raise InputError(f"unknown task {unknown!r}; the estimator was fitted to {_some(names)}")
    return np.array([position[task] for task in tasks], dtype=int)


def _labels(task, n):
    task = check_array(task, ensure_2d=False, dtype=None, ensure_all_finite="allow-nan", input_name="task")
    if task.shape != (n,):
        raise InputError(f"task has shape {task.shape}, but X has {n} rows; give one task per row")
    if task.dtype.kind == "O":
        missing = [value is None or value != value for value in task]
        if not any(missing) and len({type(value) for value in task}) > 1:
            raise InputError("task mixes values of several types; make them all texts or all numbers")
    else:
        missing = np.isnan(task) if task.dtype.kind == "f" else [False]
    if np.any(missing):
        raise InputError(f"task is missing in row {int(np.argmax(missing))}; give the task of each row")
    return task


def _length(values):
    try:
        return len(values)
    except TypeError:
        return 0


def _some(names, most=5):
    shown = ", ".join(repr(name) for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
