"""One split of a dataset as plain data, and the checks that it must pass."""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from amtl.errors import InputError, nearest

KINDS = ("regression", "binary", "one-vs-rest")
# Tasks that no linear weights (d, T) predict: own rows with one of several classes, sentences with a label
# for each token (`amtl.two_mtl`), and tasks of unlike kinds on shared rows (`amtl.networks`).
LABEL_KINDS = ("multiclass", "sequence", "mixed")
# What may rank the fits of a split in place of the metric of its kind, and the kind it is for: the area under
# the ROC curve, and the F1 score of chunks.
RANKED_BY = {"auc_loss": "binary", "f1_loss": "sequence"}
PARTS = ("train", "validation", "test")
# No name of a task has these: tables and pictures could not show it.
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
# The name of the aggregate over tasks in score tables. No task may have it.
ALL_TASKS = "all"


@dataclass(frozen=True)
class Part:
    """The rows of one part (train, validation or test) of a split.

    Parameters
    ----------
    X : ndarray of shape (n, d), float64
        Features, the constant column last. For sequences texts, the columns of each token: word, tag.
    y : ndarray of shape (n,) or (n, T), float64
        Targets (regression), labels 0 or 1 (binary), task indices (one-vs-rest) or numbers of classes
        (multiclass and sequence). For mixed tasks one column for each.
    offsets : ndarray of shape (T + 1,), int, or None
        Rows ``offsets[t]:offsets[t + 1]`` belong to task t. None for one-vs-rest and mixed, where every task
        sees every row. For sequences they count sentences.
    sentences : ndarray of shape (S + 1,), int, or None
        For sequences, rows ``sentences[s]:sentences[s + 1]`` are the tokens of sentence s.
    """

    X: np.ndarray
    y: np.ndarray
    offsets: np.ndarray | None = None
    sentences: np.ndarray | None = None


@dataclass(frozen=True)
class Split:
    """Training, validation and test rows of one split of a dataset.

    Parameters
    ----------
    dataset, index : str, int
        Name of the dataset and number of the split. They seed the random starts of fits.
    kind : {"regression", "binary", "one-vs-rest", "multiclass", "sequence", "mixed"}
        Regression or binary tasks with own rows, one task per class on shared rows, tasks with own rows of
        several classes, or with own sentences, or numbers and classes of several tasks on shared rows.
    tasks : tuple of str
        Names of the T tasks.
    train, validation, test : Part
        The rows.
    refit : bool
        Whether to fit once more on train and validation together after tuning.
    ranked_by : {"", "auc_loss", "f1_loss"}
        What ranks fits, see `amtl.metrics.primary_metric` and `amtl.two_mtl.metrics`.
    truth : ndarray of shape (d, T) or None
        Weights that generated the data, on the columns of X.
    meta : dict
        Notes for the report: ``source``, ``note`` and, on generated data, ``difficulty`` ("easy" or "hard"
        for each task) and ``group`` (an int for each task). ``test_overlap`` is the expected share of the
        test rows that are also test rows of another given split, where splits draw from one pool.
        ``attributes`` is {name: [value of each task]}. ``outliers`` says of each task whether it is unrelated
        to all others. ``task_grid``, such as [64, 3], says that the tasks are the cells of a grid, the last
        index fastest, and ``feature_groups`` is the group of each feature, both for methods with options of
        these names. ``ordered`` is true if the tasks follow each other in time. ``classes`` are the names of
        the classes of multiclass tasks and sequences. ``outputs`` is for each mixed task its number of
        classes, 2 or more, or 0 for a number. ``loss_scales`` are factors on the tasks' losses, for networks.
        ``similarity`` (T, T) is the one that generated the data.
    """

    dataset: str
    index: int
    kind: str
    tasks: tuple[str, ...]
    train: Part
    validation: Part
    test: Part
    refit: bool = False
    ranked_by: str = ""
    truth: np.ndarray | None = None
    meta: dict[str, Any] = field(default_factory=dict)


def check_split(split: Split) -> None:
    """Raise InputError, which names the part and the task, unless `split` can be fitted and scored."""
    where = f"{split.dataset} split {split.index}"
    kinds = KINDS + LABEL_KINDS
    if split.kind not in kinds:
        raise InputError(f"{where}: unknown kind {split.kind!r}{nearest(split.kind, kinds)}")
    if split.ranked_by and RANKED_BY.get(split.ranked_by) != split.kind:
        known = " or ".join(f"for kind {kind} {name!r}" for name, kind in RANKED_BY.items())
        raise InputError(f"{where}: ranked_by is {split.ranked_by!r}; give '', or {known}")
    if split.kind == "mixed":
        outputs = split.meta.get("outputs", ())
        if len(outputs) != len(split.tasks) or not all(count == 0 or count >= 2 for count in outputs):
            raise InputError(
                f"{where}: kind mixed needs in meta['outputs'] for each of the {len(split.tasks)} tasks its "
                f"number of classes, or 0 for a number; got {list(outputs)}"
            )
    elif split.kind in LABEL_KINDS and len(split.meta.get("classes", ())) < 2:
        raise InputError(f"{where}: kind {split.kind} needs the names of two classes or more in meta")
    doubled = next((task for k, task in enumerate(split.tasks) if task in split.tasks[:k]), None)
    if doubled is not None:
        raise InputError(f"{where}: two tasks are called {doubled!r}; give each task its own name")
    for task in split.tasks:
        if not isinstance(task, str) or not task.strip() or CONTROLS.search(task):
            raise InputError(
                f"{where}: the task name {task!r} is empty or has control characters; rename the task"
            )
    if ALL_TASKS in split.tasks:
        raise InputError(
            f"{where}: a task is called {ALL_TASKS!r}, the name of the mean over tasks; rename the task"
        )
    width = split.train.X.shape[1] if split.train.X.ndim == 2 else None
    for name in PARTS:
        part = getattr(split, name)
        _check_part(part, f"{where}, {name} part", split, width)
    if split.truth is not None and split.truth.shape != (width, len(split.tasks)):
        raise InputError(
            f"{where}: the true weights have shape {split.truth.shape}; expected {(width, len(split.tasks))}"
        )


def _check_part(part, where, split, width):
    targets = (len(split.tasks),) if split.kind == "mixed" else ()
    if part.X.ndim != 2 or part.X.shape[1] != width or part.y.shape != (len(part.X), *targets):
        expected = f"(n, {targets[0]})" if targets else "(n,)"
        raise InputError(
            f"{where}: features have shape {part.X.shape} and targets {part.y.shape}; "
            f"expected (n, {width}) and {expected}"
        )
    if len(part.X) == 0:
        raise InputError(f"{where}: no rows; every part needs rows")
    kind, tasks = split.kind, split.tasks
    texts = kind == "sequence"
    if texts != (part.X.dtype.kind == "U"):
        raise InputError(f"{where}: features of kind {kind} must be {'texts' if texts else 'numbers'}")
    for what, values in (("features", part.X), ("targets", part.y)):
        if values.dtype.kind != "U" and not np.isfinite(values).all():
            row = int(np.argwhere(~np.isfinite(values))[0][0])
            raise InputError(f"{where}: NaN or infinite {what} in row {row}; clean the source file")
    n_tasks = len(tasks)
    if kind == "mixed":
        _check_classes(part.y, split, where)
        return
    if kind == "one-vs-rest":
        valid = np.arange(n_tasks)
        sizes = np.bincount(part.y[np.isin(part.y, valid)].astype(int), minlength=n_tasks)
    else:
        valid = np.array([0.0, 1.0]) if kind == "binary" else None
        if kind in LABEL_KINDS:
            valid = np.arange(len(split.meta["classes"]))
        sizes = _rows_per_task(part, where, n_tasks)
    if valid is not None and not np.isin(part.y, valid).all():
        bad = part.y[~np.isin(part.y, valid)][0]
        raise InputError(f"{where}: label {bad:g} is outside the classes {valid[0]:g}..{valid[-1]:g}")
    if (sizes <= 0).any():
        raise InputError(f"{where}: task {tasks[int(np.argmin(sizes))]!r} has no rows")


def _check_classes(y, split, where):
    """Raise InputError unless the classes of mixed tasks are whole numbers from 0."""
    for task, count, labels in zip(split.tasks, split.meta["outputs"], y.T, strict=True):
        bad = labels[~np.isin(labels, np.arange(count))] if count else ()
        if len(bad):
            raise InputError(
                f"{where}: task {task!r}: label {bad[0]:g} is outside the classes 0..{count - 1}"
            )


def _rows_per_task(part, where, n_tasks):
    """Return the rows or sentences of every task (T,); raise InputError unless each belongs to one task."""
    offsets, count = part.offsets, len(part.X)
    if part.sentences is not None:
        lengths = np.diff(part.sentences)
        if part.sentences[0] != 0 or part.sentences[-1] != count or (lengths <= 0).any():
            raise InputError(f"{where}: the offsets of the sentences do not match {count} tokens")
        count = len(lengths)
    if offsets is None or len(offsets) != n_tasks + 1 or offsets[0] != 0 or offsets[-1] != count:
        raise InputError(f"{where}: row offsets do not match {n_tasks} tasks and {count} rows")
    return np.diff(offsets)


def count_repeated(split: Split) -> dict[str, int]:
    """Return {part: number of its rows with a twin in an earlier part}, for validation and test.

    A twin is a row of the same task with the same target and the same features, up to a millionth of each
    feature's largest value (projected features carry rounding errors). Of sequences it is a sentence with the
    same tokens and labels.
    """
    rows_of = _sentence_rows if split.kind == "sequence" else _table_rows
    seen, repeated = set(), {}
    for name in PARTS:
        rows = rows_of(split, getattr(split, name))
        repeated[name] = sum(row in seen for row in rows)
        seen.update(rows)
    del repeated["train"]
    return repeated


def _table_rows(split, part):
    """Return the rows of a part as bytes, with the target and the task of each."""
    scale = np.abs(split.train.X).max(axis=0)
    scale[scale == 0] = 1.0
    tasks = np.zeros(len(part.y))
    if part.offsets is not None:
        tasks = np.repeat(np.arange(len(split.tasks)), np.diff(part.offsets))
    rounded = np.rint(part.X / scale * 1e6) + 0.0
    return [row.tobytes() for row in np.column_stack([rounded, part.y, tasks])]


def _sentence_rows(split, part):
    """Return the sentences of a part with the labels and the task of each."""
    tasks = np.repeat(np.arange(len(split.tasks)), np.diff(part.offsets))
    pairs = zip(part.sentences[:-1], part.sentences[1:], tasks, strict=True)
    return [(tuple(part.X[i:j].ravel()), part.y[i:j].tobytes(), int(task)) for i, j, task in pairs]
