"""Compare methods on arrays, for a notebook: the same splits for all, tuned on the training rows alone.

Only these functions return pandas DataFrames. pandas is imported when they are called.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from amtl.errors import InputError, nearest
from amtl.methods import find_methods, load_method
from amtl.methods._spec import MethodSpec
from amtl.model_selection import complete_options
from amtl.random import generator
from amtl.statistics import compare_with, interval

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("regression", "classification")
# Without tasks, whole numbers with at most so many values are classes.
MAX_CLASSES = 20
BASELINE = "stl"
# The errors of classes add up to that of all rows; other errors count once per task.
CLASS_ERROR = "class_error"
COLUMNS = ("method", "split", "task", "metric", "value", "n_train", "n_test")


def compare(
    X: Any,
    y: Any,
    task: Any = None,
    methods: Any = None,
    splits: Any = 5,
    *,
    kind: str = "auto",
    test_size: float = 0.25,
    random_state: int = 0,
    verbose: bool = False,
    **parameters: Any,
) -> "pd.DataFrame":
    """Return the test errors of methods on the same random splits, one row per method, split and task.

    The strengths of a method that is given by name are chosen by cross-validation within the training rows,
    by its estimator such as `AMTLRegressorCV`. The package pandas is needed.

    Parameters
    ----------
    X : array-like, list or dict
        The rows, as for the ``fit`` of the estimators: lists or dicts of one table per task, or one table
        with the task of each row, or rows that all tasks share.
    y : array-like, list or dict
        The targets.
    task : array-like of shape (n,), optional
        The task of each row.
    methods : list of str, MethodSpec or estimator, or dict from labels to these, optional
        By default all methods that apply, also the controls; with a task that lacks training rows, those that
        can borrow from other tasks. An estimator of this package gets the tasks, and
        so does a pipeline that routes them; any other one is fitted to each task alone.
    splits : int, splitter or iterable of (train, test)
        Number of random splits, drawn within each task and class; or those of a scikit-learn splitter, or
        pairs of row numbers. Tables of several tasks are one below the other. A task may have no training
        rows, if the methods can borrow from other tasks.
    kind : {"auto", "regression", "classification"}
        What `y` is. "auto": classes if it holds texts, two different values or, without tasks, at most 20
        different whole numbers; else numbers.
    test_size : float
        Share of each task's rows that is tested in a random split, at least one row. The only row of a task
        always trains.
    random_state : int
        Seed of splits, folds and random starts.
    verbose : bool
        Whether to print a line for each fit.
    **parameters
        Parameters of the estimators of all methods that are given by name, such as ``n_points=20``, ``cv=3``,
        ``scoring`` or ``standardize=False``. A method without the parameter is an error.

    Returns
    -------
    DataFrame
        With the columns method, split, task, metric, value, n_train and n_test (rows of the task). The metric
        is rmse; error, in %, of two classes; or class_error, in % of the rows of a class. `summarize` gives
        means and tests.

    Raises
    ------
    ValueError
        For input that cannot be used; the message names the task, the method or the argument.
    ImportError
        If pandas is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from amtl import compare, summarize
    >>> rng = np.random.default_rng(0)
    >>> Xs = [rng.normal(size=(20, 4)) for _ in range(3)]
    >>> ys = [X @ [1.0, -1.0, 0.0, 2.0] + rng.normal(size=20) for X in Xs]
    >>> frame = compare(Xs, ys, methods=["stl", "amtl"], splits=3, n_points=6, cv=3)
    >>> frame.shape
    (18, 7)
    >>> sorted(summarize(frame).index)
    ['amtl', 'stl']
    """
    pandas = _pandas()
    rows, numeric = _read(X, y, task, kind)
    pairs = _splits(rows, splits, numeric, test_size, random_state)
    lacking = rows.codes is not None and any(len(_without_rows(rows, train)) for train, _ in pairs)
    estimators = _estimators(methods, rows, numeric, random_state, parameters, lacking)
    records = []
    for index, (train, test) in enumerate(pairs, start=1):
        for label, estimator in estimators.items():
            predicted = _predict(label, estimator, rows, train, test)
            records += [(label, index, *each) for each in _errors(rows, numeric, train, test, predicted)]
            if verbose:
                print(f"split {index} of {len(pairs)}: {label}", flush=True)
    return pandas.DataFrame(records, columns=list(COLUMNS))


def summarize(frame: "pd.DataFrame", baseline: str | None = None) -> "pd.DataFrame":
    """Return the mean errors of a comparison, and which methods really differ from the baseline.

    Parameters
    ----------
    frame : DataFrame
        What `compare` returns, or some of its rows.
    baseline : str, optional
        The method that the others are compared with; "stl" if it took part.

    Returns
    -------
    DataFrame
        One row per method, the lowest error first. ``error``: mean over splits of the mean over tasks, or of
        the error of all classes, with its 95 % interval ``low`` to ``high``. ``difference``: minus that of
        the baseline on the same splits, below 0 if the method is better, with its interval, and in
        ``percent`` of the baseline's. ``p``: two-sided paired t test. ``result``: better, worse or no clear
        difference at 5 % by Holm's method. Splits share rows, so tests and intervals are those of the
        corrected resampled t test (Nadeau and Bengio, 2003). NaN where there is one split or no baseline.

    Raises
    ------
    ValueError
        For a missing column, or a baseline that is not in the frame.
    """
    missing = [name for name in COLUMNS if name not in frame]
    if missing:
        raise InputError(f"frame has no column {missing[0]!r}; give what amtl.compare returns")
    methods = list(dict.fromkeys(frame["method"]))
    if baseline is None:
        baseline = BASELINE if BASELINE in methods else ""
    elif baseline not in methods:
        raise InputError(f"no method {baseline!r} in frame; it has {', '.join(methods)}")
    errors = {method: _by_split(frame[frame["method"] == method]) for method in methods}
    sums = frame.groupby(["method", "split"])[["n_train", "n_test"]].sum()
    overlap = float((sums["n_test"] / sums["n_train"]).mean())
    rivals = {name: values for name, values in errors.items() if name != baseline}
    competing = {name: values for name, values in rivals.items() if not _is_control(name)}
    base = errors.get(baseline, {})
    compared = compare_with(rivals, base, overlap) | compare_with(competing, base, overlap)
    records = {}
    for name, values in errors.items():
        mean, each = interval(values.values(), overlap=overlap), compared.get(name)
        record = {"error": mean.mean, "low": mean.low, "high": mean.high}
        records[name] = record | {
            "difference": each and each.difference.mean,
            "difference_low": each and each.difference.low,
            "difference_high": each and each.difference.high,
            "percent": each and each.percent,
            "p": each.p if each and each.difference.half is not None else None,
            "result": each.verdict if each else "",
            "splits": mean.n,
        }
    found = _pandas().DataFrame.from_dict(records, orient="index").rename_axis("method")
    numbers = [name for name in found if name not in ("result", "splits")]
    return found.astype(dict.fromkeys(numbers, float)).sort_values("error", kind="stable")


def _pandas():
    try:
        import pandas
    except ImportError:
        raise ImportError(
            "amtl.compare returns a pandas DataFrame; install pandas: pip install pandas"
        ) from None
    return pandas


# --- the rows -------------------------------------------------------------------------------------------


def _read(X, y, task, kind):
    """Return (rows as the estimators read them, whether targets are numbers).

    Several classes are tasks on shared rows: then ``codes`` is None, ``names`` the classes, and ``y`` (n,).
    """
    from amtl.estimators import STLClassifier, STLRegressor
    from amtl.estimators._tasks import is_collection, training_rows

    if kind not in ("auto", *KINDS):
        raise InputError(f"unknown kind {kind!r}{nearest(kind, ('auto', *KINDS))}")
    numeric = kind == "regression"
    if kind == "auto":
        numeric = not _are_classes(y, task is not None, is_collection(X))
    reader = STLRegressor() if numeric else STLClassifier()
    rows = training_rows(reader, X, y, task, numeric=numeric)
    if not numeric:
        classes = np.unique(rows.y)
        if len(classes) > 2 and len(rows.names) == 1:
            rows.names, rows.codes = classes.tolist(), None
        elif rows.y.ndim == 2 or len(classes) != 2:
            raise InputError(
                f"y has {len(classes)} classes in {len(rows.names)} tasks; give two classes, one column of "
                'several classes without task, or kind="regression"'
            )
    return rows, numeric


def _are_classes(y, has_tasks, is_list):
    """Return whether targets are classes. What is wrong with them is found later."""
    if is_list:
        y = [value for each in (y.values() if isinstance(y, Mapping) else y) for value in np.ravel(each)]
    values = np.asarray(y)
    if values.dtype.kind not in "fiu":
        return True
    distinct = np.unique(values)
    if len(distinct) == 2:
        return True
    whole = np.isfinite(distinct).all() and (distinct == np.round(distinct)).all()
    return bool(not (has_tasks or is_list) and values.ndim == 1 and len(distinct) <= MAX_CLASSES and whole)


# --- the methods ----------------------------------------------------------------------------------------


def _estimators(methods, rows, numeric, seed, parameters, lacking=False):
    """Return {label: estimator}. lacking : whether a task has no training rows in some split."""
    from amtl.estimators import specs

    kind = "regression" if numeric else "one-vs-rest" if rows.codes is None else "binary"
    if numeric and rows.codes is None:
        kind = "one-vs-rest"  # the columns of y share their rows
    if methods is None:
        methods = [
            spec.name
            for spec in specs()
            if kind in spec.applies_to
            and not (lacking and spec.needs_rows({**complete_options(spec, {}), **parameters}))
        ]
    if isinstance(methods, (str, MethodSpec)) or hasattr(methods, "fit"):
        methods = [methods]
    if not isinstance(methods, Mapping):
        labels = [_label(method) for method in methods]
        twice = next((label for k, label in enumerate(labels) if label in labels[:k]), None)
        if twice is not None:
            raise InputError(f"methods: two are called {twice!r}; give a dict from labels to methods")
        methods = dict(zip(labels, methods, strict=True))
    if not methods:
        raise InputError("methods is empty; give at least one")
    return {label: _estimator(method, kind, numeric, seed, parameters) for label, method in methods.items()}


def _label(method):
    if isinstance(method, str):
        return method
    return method.name if isinstance(method, MethodSpec) else type(method).__name__


def _estimator(method, kind, numeric, seed, parameters):
    from sklearn.base import clone, is_classifier, is_regressor

    from amtl.estimators import make_estimator

    if isinstance(method, str):
        try:
            method = load_method(method)
        except InputError as error:
            raise InputError(f"methods: {error}; other models are given as estimators, not by name") from None
    if isinstance(method, MethodSpec):
        if method.needs_truth:
            raise InputError(
                f"methods: {method.name} needs the weights that generated the data; leave it out"
            )
        if kind not in method.applies_to:
            what = "tasks on shared rows" if kind == "one-vs-rest" else kind
            raise InputError(f"methods: {method.name} does not apply to {what}; leave it out")
        made = make_estimator(method, "RegressorCV" if numeric else "ClassifierCV")
        return made(**{"random_state": seed, **parameters})
    if not hasattr(method, "fit"):
        raise InputError(f"methods: {method!r} is neither the name of a method nor an estimator")
    if not (is_regressor if numeric else is_classifier)(method):
        what = KINDS[0] if numeric else KINDS[1]
        raise InputError(
            f"methods: {type(method).__name__} is not for {what}, as which y is read; give another method, "
            "or kind"
        )
    return clone(method)


# --- the splits -----------------------------------------------------------------------------------------


def _splits(rows, splits, numeric, test_size, seed):
    """Return [(train, test)], sorted positions of rows; every class has training rows in each split."""
    if not isinstance(splits, bool) and isinstance(splits, (int, np.integer)):
        if splits < 1:
            raise InputError(f"splits={splits}: give at least 1")
        if not 0.0 < test_size < 1.0:
            raise InputError(f"test_size={test_size}: give a share between 0 and 1")
        pairs = [_draw(rows, numeric, test_size, seed, index) for index in range(1, splits + 1)]
    else:
        pairs = _given(rows, splits, numeric)
    codes = _codes(rows, numeric)
    for index, (train, test) in enumerate(pairs, start=1):
        if not len(test):
            raise InputError(f"split {index} has no test rows; give tasks more rows, or other splits")
        if codes is not None and rows.codes is None:
            lacking = np.setdiff1d(codes, codes[train])
            if len(lacking):
                name = rows.names[lacking[0]]
                raise InputError(f"split {index}: class {name!r} has no training rows; give other splits")
    return pairs


def _without_rows(rows, train):
    """Return the positions of the tasks that have none of the rows `train`."""
    return np.setdiff1d(np.arange(len(rows.names)), rows.codes[train])


def _codes(rows, numeric):
    """Return the task or class of each row, or None where each row belongs to all tasks."""
    if rows.codes is None and not numeric:
        return np.searchsorted(rows.names, rows.y)
    return rows.codes


def _draw(rows, numeric, test_size, seed, index):
    """Draw the share `test_size` of each task's rows, or of its rows of each class."""
    rng = generator(seed, "compare", index)
    tested = np.zeros(len(rows.X), dtype=bool)
    groups = np.zeros(len(rows.X), dtype=int) if rows.codes is None else rows.codes
    if not numeric:
        groups = groups * len(np.unique(rows.y)) + np.unique(rows.y, return_inverse=True)[1]
    for group in np.unique(groups):
        own = rng.permutation(np.flatnonzero(groups == group))
        tested[own[: min(max(round(test_size * len(own)), 1), len(own) - 1)]] = True
    return np.flatnonzero(~tested), np.flatnonzero(tested)


def _given(rows, splits, numeric):
    from sklearn.model_selection import check_cv

    try:
        found = list(check_cv(splits, rows.y, classifier=not numeric).split(rows.X, rows.y))
        return [(np.sort(np.asarray(train)), np.sort(np.asarray(test))) for train, test in found]
    except (TypeError, ValueError) as error:
        raise InputError(f"splits: {error}; give a number, a splitter, or pairs (train, test)") from None


# --- fits and errors ------------------------------------------------------------------------------------


def _predict(label, estimator, rows, train, test):
    """Return the predictions of the test rows (n,) or (n, T), fitted to all tasks or to each alone."""
    from sklearn.base import clone

    from amtl.estimators._base import MultiTaskEstimator

    X, y = rows.X, rows.y
    try:
        if rows.codes is None:
            return clone(estimator).fit(X[train], y[train]).predict(X[test])
        names, empty = np.array(rows.names)[rows.codes], _without_rows(rows, train)
        if len(empty) and isinstance(estimator, MultiTaskEstimator):
            # A column of tasks would not name those without rows.
            own = {name: train[rows.codes[train] == t] for t, name in enumerate(rows.names)}
            Xs, ys = ({name: values[part] for name, part in own.items()} for values in (X, y))
            return clone(estimator).fit(Xs, ys).predict(X[test], task=names[test])
        if _takes_task(estimator):
            return (
                clone(estimator).fit(X[train], y[train], task=names[train]).predict(X[test], task=names[test])
            )
        predicted = np.empty(len(y), dtype=y.dtype)
        for t in np.unique(rows.codes[test]):
            if t in empty:
                raise InputError(
                    f"task {rows.names[t]!r} has no training rows; leave out the task or the method"
                )
            own, tested = (part[rows.codes[part] == t] for part in (train, test))
            predicted[tested] = clone(estimator).fit(X[own], y[own]).predict(X[tested])
        return predicted[test]
    except ValueError as error:
        raise InputError(f"method {label!r}: {error}") from error


def _takes_task(estimator):
    """Return whether a fit takes the tasks: an estimator of this package, or a pipeline with one."""
    from sklearn import get_config
    from sklearn.utils.metadata_routing import get_routing_for_object
    from sklearn.utils.validation import has_fit_parameter

    if has_fit_parameter(estimator, "task"):
        return True
    # A pipeline hands the tasks on only where routing is enabled.
    routed = get_config()["enable_metadata_routing"]
    return routed and bool(get_routing_for_object(estimator).consumes("fit", ["task"]))


def _errors(rows, numeric, train, test, predicted):
    """Yield (task, metric, value, n_train, n_test) of every task with test rows."""
    y, codes = rows.y[test], _codes(rows, numeric)
    if codes is None:
        for t, name in enumerate(rows.names):
            yield name, "rmse", _rmse(predicted[:, t] - y[:, t]), len(train), len(test)
        return
    metric = "rmse" if numeric else "error" if rows.codes is not None else CLASS_ERROR
    for t, name in enumerate(rows.names):
        own = codes[test] == t
        if own.any():
            truth, ours = y[own], predicted[own]
            value = _rmse(ours - truth) if numeric else 100.0 * float(np.mean(ours != truth))
            yield name, metric, value, int((codes[train] == t).sum()), int(own.sum())


def _rmse(residuals):
    return float(np.sqrt(np.mean(residuals**2)))


def _by_split(records):
    """Return {split: error} of the rows of one method."""
    found = {}
    for split, each in records.groupby("split"):
        weights = each["n_test"] if (each["metric"] == CLASS_ERROR).all() else None
        found[split] = float(np.average(each["value"], weights=weights))
    return found


def _is_control(name):
    return name in find_methods() and load_method(name).control
