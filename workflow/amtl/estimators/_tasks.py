"""The rows that a user gives, in any of the forms that estimators take, as tasks.

Lists or dicts
    ``Xs[t]`` (n_t, d) and ``ys[t]`` (n_t,): a list in the order of the tasks, or a dict from their names.
Stacked
    ``X`` (n, d) and ``y`` (n,) with ``task`` (n,), the task of each row.
Shared rows
    ``X`` (n, d) without ``task``. A target of several columns has a task per column, labels of more than two
    classes a task per class, and anything else is a single task.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import column_or_1d
from sklearn.utils.validation import check_array, validate_data

from amtl.errors import InputError

# What `_dimensions` returns for a table whose rows have several lengths.
RAGGED = -1
# Stands for the targets where rows alone are validated; None is a user's mistake.
NO_TARGETS = object()


class Rows:
    """Validated rows.

    X : (n, d) float64, all rows. y : (n,) or (n, T). names : the T tasks. codes : (n,) the position of each
    row's task in `names`, or None for shared rows.
    """

    def __init__(self, X, y, names, codes):
        self.X, self.y, self.names, self.codes = X, y, names, codes


def is_collection(X):
    """Return whether `X` holds one array of rows per task: a dict, or a list or tuple with a table."""
    if isinstance(X, Iterator):
        raise InputError("X is an iterator; give a list of one table per task, a dict of them, or one table")
    if isinstance(X, Mapping):
        return not issparse(X)  # scipy's dok matrices are dicts
    return isinstance(X, (list, tuple)) and any(_dimensions(each) in (2, RAGGED) for each in X)


def _dimensions(each):
    shape = getattr(each, "shape", None)
    if shape is not None:
        return len(shape)
    try:
        return np.ndim(each)
    except ValueError:
        return RAGGED


def training_rows(estimator, X, y, task, numeric):
    """Return the `Rows` of a fit; sets ``n_features_in_`` and ``feature_names_in_`` of the estimator.

    numeric : whether targets are numbers. Raises ValueError, or TypeError for sparse arrays; it names
    the task where there is one, and the column.
    """
    if is_collection(X):
        _refuse_task_of_collection(task)
        return _from_collection(estimator, X, y, numeric)
    X, y = _validated(estimator, X, y, numeric, multi_output=True, ensure_min_samples=2)
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
        _check_names(names)
    else:
        if isinstance(ys, Mapping) or _length(ys) != len(Xs):
            given = "is a dict" if isinstance(ys, Mapping) else f"has {_length(ys)}"
            raise InputError(
                f"X has {len(Xs)} tasks, but y {given}; give a list of one target array per task"
            )
        names = list(range(len(Xs)))
    if not names:
        raise InputError("no tasks; give at least one")
    tables, targets = [], []
    for t, (name, X, y) in enumerate(zip(names, Xs, ys, strict=True)):
        X, y = _validated(estimator, X, y, numeric, name, reset=t == 0, ensure_min_samples=0)
        tables.append(X)
        targets.append(y)
    codes = np.repeat(np.arange(len(names)), [len(X) for X in tables])
    if not len(codes):
        raise InputError("no task has rows; give at least one row")
    # An empty array would change the type of labels.
    y = np.concatenate([y for y in targets if len(y)])
    return Rows(np.concatenate(tables), y, names, codes)


def rows_to_predict(estimator, X, task, names, needs_task):
    """Return (X (n, d), codes (n,) or None, how many rows each task of a list has, or None)."""
    if is_collection(X):
        _refuse_task_of_collection(task)
        if not needs_task:
            raise InputError(
                "X is a list of tasks, but the estimator was fitted to shared rows; give one table"
            )
        if isinstance(X, Mapping):
            keys, Xs = list(X), list(X.values())
        else:
            keys, Xs = names, list(X)
            if len(Xs) != len(names):
                raise InputError(f"X has {len(Xs)} tasks, but the estimator was fitted to {len(names)}")
        codes = _codes(keys, names)
        if not keys:
            raise InputError("no tasks; give at least one")
        tables = [
            _validated(estimator, each, NO_TARGETS, task=name, reset=False, ensure_min_samples=0)
            for name, each in zip(keys, Xs, strict=True)
        ]
        sizes = [len(each) for each in tables]
        return np.concatenate(tables), np.repeat(codes, sizes), (keys, sizes)
    X = _validated(estimator, X, NO_TARGETS, reset=False)
    if task is None:
        if needs_task and len(names) > 1:
            raise InputError(
                f"task is missing: the estimator was fitted to {len(names)} tasks; give the task of each "
                "row, or wrap the estimator in amtl.TaskColumn"
            )
        return X, np.zeros(len(X), dtype=int) if needs_task else None, None
    if not needs_task:
        raise InputError("task is given, but the estimator was fitted without it")
    return X, _codes(_labels(task, len(X)).tolist(), names), None


def _refuse_task_of_collection(task):
    if task is not None:
        raise InputError(
            "task is given together with a list of tasks; give X as one table, or leave out task"
        )


def _validated(estimator, X, y, numeric=False, task=None, **given):
    """Return what scikit-learn's `validate_data` returns. An error names the task and the place.

    y : the targets, or `NO_TARGETS`. task : name of the task in a list or dict, or None.
    """
    of = "" if task is None else f"task {task!r}: "
    if issparse(y):
        raise TypeError(f"{of}Sparse data was passed for y, but dense data is required; use y.toarray()")
    if y is not NO_TARGETS:
        # scikit-learn makes numbers of texts in an array of objects, not in one of texts.
        if numeric and _kind(y) in ("S", "U"):
            y = np.asarray(y, dtype=object)
        given.update(y=y, y_numeric=numeric)
    try:
        return validate_data(estimator, X, dtype=np.float64, **given)
    except (TypeError, ValueError) as error:
        place = _first_unusable(X, "X") or (_first_unusable(y, "y") if numeric or _kind(y) == "f" else "")
        kind = InputError if isinstance(error, ValueError) else TypeError
        raise kind(f"{of}{place}{error}") from None


def _first_unusable(table, what):
    """Return the first place whose value is no finite number, as text; "" if there is none."""
    try:
        values = np.asarray(table)
    except ValueError:
        lengths = [_length(row) for row in table]
        row = next((row for row, length in enumerate(lengths) if length != lengths[0]), None)
        return "" if row is None else f"row {row} of {what} has {lengths[row]} values, row 0 {lengths[0]}: "
    if values.ndim not in (1, 2) or np.iscomplexobj(values):
        return ""
    names = getattr(table, "columns", range(len(values.T)))
    for j, column in enumerate(values.T if values.ndim == 2 else [values]):
        try:
            bad = ~np.isfinite(column.astype(float))
        except (TypeError, ValueError):
            bad = [not _is_finite(value) for value in column]
        if np.any(bad):
            row = int(np.argmax(bad))
            place = f"row {row}" if values.ndim == 1 else f"column {names[j]!r}, row {row}"
            shown = f" has the text {column[row]!r}, encode it as numbers" if _is_text(column[row]) else ""
            return f"{what}, {place}{shown}: "
    return ""


def _kind(y):
    """Return the kind of numpy's type of `y`, such as "f"; "" for rows of different lengths."""
    try:
        return np.asarray(y).dtype.kind
    except ValueError:
        return ""


def _is_text(value):
    return isinstance(value, (str, bytes))


def _is_finite(value):
    try:
        return bool(np.isfinite(float(value)))
    except (TypeError, ValueError):
        return False


def _codes(tasks, names):
    position = {name: t for t, name in enumerate(names)}
    unknown = next((task for task in tasks if task not in position), None)
    if unknown is not None:
        raise InputError(f"unknown task {unknown!r}; the estimator was fitted to {_some(names)}")
    return np.array([position[task] for task in tasks], dtype=int)


def _check_names(names):
    """Raise InputError unless an array holds the names of tasks as they are."""
    if None in names or any(isinstance(name, tuple) for name in names) or np.array(names).tolist() != names:
        raise InputError(f"the tasks are called {_some(names)}; make the names all texts or all numbers")


def _labels(task, n):
    if np.ndim(task) == 0:
        raise InputError("task is a single value; give the task of each row")
    task = check_array(task, ensure_2d=False, dtype=None, ensure_all_finite="allow-nan", input_name="task")
    if task.shape != (n,):
        raise InputError(f"task has shape {task.shape}, but X has {n} rows; give one task per row")
    check_labels(task, "task", "give the task of each row")
    return task


def check_labels(labels, what, advice):
    """Raise InputError for missing labels, and for texts among numbers."""
    if labels.dtype.kind == "O":
        missing = [_is_missing(value) for value in labels]
        if not any(missing) and len({type(value) for value in labels}) > 1:
            raise InputError(f"{what} mixes values of several types; make them all texts or all numbers")
    else:
        missing = np.isnan(labels) if labels.dtype.kind == "f" else [False]
    if np.any(missing):
        raise InputError(f"{what} is missing in row {int(np.argmax(missing))}; {advice}")


def _is_missing(value):
    try:
        return value is None or bool(value != value)
    except (TypeError, ValueError):
        return True  # pandas' NA has no truth value


def _length(values):
    try:
        return len(values)
    except TypeError:
        return 0


def _some(names, most=5):
    shown = ", ".join(repr(name) for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
