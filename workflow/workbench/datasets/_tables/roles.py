"""What the columns of a table are for: tasks, target and features, and which rows are used."""

import hashlib
import re
from dataclasses import dataclass, field

import numpy as np

from amtl.errors import InputError, nearest
from amtl.splits import ALL_TASKS
from workbench.datasets._tables import columns as cols

# A number with more different values than this is no class.
MAX_CLASSES = 20
# Every part of a split needs a row of each task.
SMALLEST_TASK = 3
KINDS = {"regression": "regression", "binary": "binary", "classes": "one-vs-rest"}
MAX_NAMED = 5


@dataclass
class Roles:
    """A table as it was understood. n is the number of used rows.

    file : name of the file. kind : as in `Split`. rows (n,) : the used rows of the table. tasks : names.
    task (n,) : the number of each row's task; of one-vs-rest tasks the number of its class. y (n,) : targets
    as in `Part`. features, left_out : the columns that are used and those that are not, with their findings.
    notes : sentences. small : {task that is left out: number of its rows}.
    """

    file: str
    kind: str
    rows: np.ndarray
    tasks: list
    task: np.ndarray
    y: np.ndarray
    features: list = field(default_factory=list)
    left_out: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    small: dict = field(default_factory=dict)


def assign(table, options):
    """Return the `Roles` of a `RawTable`.

    options : those of the dataset. Raises InputError that names the column, the row or the task.
    """
    frame, file = table.frame, table.file
    task_name, target_name = task_and_target(table, options)
    target, labels, kind = target_of(table, options)
    usable = ~np.isnan(target)
    notes = [*table.notes]
    notes += _left_out_rows(~usable, f"the target {target_name!r}")
    names = labels
    if task_name:
        task, names = _codes(frame[task_name])
        notes += _similar(names)
        notes += _left_out_rows(usable & (task < 0), f"the task {task_name!r}")
        usable &= task >= 0
    else:
        task = np.where(usable, np.nan_to_num(target), -1).astype(int)
    features = _wanted(table, options)
    found = Roles(file, kind, np.flatnonzero(usable), names, task, target, notes=notes)
    _choose_features(found, frame, features, options)
    if options["missing"] == "drop":
        _drop_incomplete(found, frame)
    _drop_small(found, options)
    if kind == "binary":
        found.notes.append(f"Of the target, {labels[1]!r} counts as 1 and {labels[0]!r} as 0.")
    found.tasks = [_safe(name) for name in found.tasks]
    return found


def task_and_target(table, options):
    """Return the names of the columns of tasks (or an empty text) and of the target, which must exist."""
    target, task = options["target"], options["task"] or ""
    known = table.names
    if not target:
        raise InputError(
            f"{table.file}: which column is the target? Give it as target (make TARGET=...); the table has "
            f"{_some(known)}"
        )
    for key, name in (("target", target), ("task", task)):
        if name and name not in known:
            raise InputError(f"{table.file}: {key}: no column {name!r}{hint(name, known)}")
    if target == task:
        raise InputError(f"{table.file}: {target!r} is both task and target; name two columns")
    return task, target


def target_of(table, options):
    """Return (values (n,) with NaN for missing ones, labels of its classes or None, kind as in `Split`)."""
    task, name = task_and_target(table, options)
    file, series, asked = table.file, table.frame[name], options["kind"]
    values = None if asked == "classes" else cols.numbers(file, series)
    if asked == "regression":
        if values is None:
            raise InputError(
                f"{file}: target {name!r} holds texts, so it cannot be regressed; name a column of numbers, "
                "or set kind: binary or kind: classes"
            )
        return values, None, "regression"
    numeric = cols.numbers(file, series) is not None if asked == "classes" else values is not None
    codes, labels = _codes(series)
    count = len(labels)
    if count < 2:
        raise InputError(
            f"{file}: target {name!r} has {'one value only' if count else 'no values'}; name another column"
        )
    kind = KINDS.get(asked)
    if kind is None:
        if count == 2:
            kind = "binary"
        elif not numeric or (not task and _is_class(values, count)):
            kind = "one-vs-rest"
        else:
            kind = "regression"
    if kind == "regression":
        if not task:
            raise InputError(
                f"{file}: which column names the tasks? A regression needs one: give it as task (make "
                f"TASK=...); the table has {_some([each for each in table.names if each != name])}"
            )
        return values, None, kind
    codes = np.where(codes < 0, np.nan, codes.astype(float))
    if kind == "binary":
        if count != 2:
            raise InputError(
                f"{file}: target {name!r} has {count} values ({_some(labels)}), so it is not binary; set "
                "kind: regression or kind: classes"
            )
        if not task:
            raise InputError(
                f"{file}: which column names the tasks? Target {name!r} has two classes: give task (make "
                "TASK=...), or set kind: classes for one task per class"
            )
        return codes, labels, kind
    if task:
        raise InputError(
            f"{file}: target {name!r} has {count} classes, which are the tasks, so task: {task!r} cannot "
            "name them; leave task out, or name a target with two values or with numbers"
        )
    if count > cols.MAX_LEVELS and options["kind"] == "auto":
        raise InputError(
            f"{file}: target {name!r} is a text with {count:,} different values; name another target, or set "
            "kind: classes if these are the classes"
        )
    return codes, labels, kind


def _is_class(values, count):
    present = values[~np.isnan(values)]
    return count <= MAX_CLASSES and (present == np.round(present)).all()


def _similar(names):
    """Return a note on names of tasks that differ in case only."""
    by_case = {}
    twins = [
        (by_case[each.casefold()], each)
        for each in names
        if by_case.setdefault(each.casefold(), each) != each
    ]
    return [f"Tasks {first!r} and {second!r} differ in case only." for first, second in twins[:MAX_NAMED]]


def _codes(series):
    """Return the codes (n,) of a column, -1 for missing values, and its names in their order."""
    found = cols.texts(series)
    names = list(found.dropna().unique())
    try:
        names.sort(key=float)
    except ValueError:
        names.sort(key=_natural)
    place = {name: k for k, name in enumerate(names)}
    return found.map(place).fillna(-1).to_numpy().astype(int), names


def _natural(name):
    """Return the key that sorts ``s2`` before ``s10``."""
    parts = re.split(r"(\d+)", name.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts], name


def _safe(name):
    """Return the name of a task; one name is taken by the mean over tasks."""
    return f"{name} (task)" if name == ALL_TASKS else name


def _wanted(table, options):
    """Return the names of the features that the user asks for, in the order of the table."""
    known = [name for name in table.frame if name not in (options["task"], options["target"])]
    dropped = _match(table.file, "drop", options["drop"], list(table.frame))
    given = options["features"]
    _match(table.file, "categorical", options["categorical"], known)
    wanted = known if given is None else _match(table.file, "features", given, known)
    named = set(options["split_by"].values()) if isinstance(options["split_by"], dict) else set()
    return [name for name in known if name in wanted and name not in dropped and name not in named]


def _match(file, key, patterns, known):
    """Return the names that `patterns` give; in a pattern * stands for any text."""
    found = set()
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        if pattern in known:
            found.add(pattern)
            continue
        form = ".*".join(map(re.escape, pattern.split("*")))
        matches = [name for name in known if "*" in pattern and re.fullmatch(form, name, re.DOTALL)]
        if not matches:
            raise InputError(f"{file}: {key}: no column {pattern!r}{hint(pattern, known)}")
        found.update(matches)
    return found


def _choose_features(found, frame, wanted, options):
    """Sort the wanted columns into features and those that are left out, with reasons."""
    named = set() if options["features"] is None else set(wanted)
    categorical = _match(found.file, "categorical", options["categorical"], list(frame))
    earlier = {}
    for name in wanted:
        column = cols.describe(found.file, frame[name], name in categorical)
        if column.kind in (cols.NUMBER, cols.CATEGORY):
            _compare(found, frame, column)
        reason = column.unusable or column.suspicious
        if column.unusable and (name in named or column.unusable.startswith(found.file)):
            problem = column.unusable
            raise InputError(
                problem if problem.startswith(found.file) else f"{found.file}: feature {name!r} {problem}"
            )
        if reason and name not in named:
            column.findings.insert(0, reason)
            found.left_out.append(column)
            continue
        found.features.append(column)
        if column.suspicious:
            column.findings.append(column.suspicious)
        twin = earlier.setdefault(_digest(frame[name]), name)
        if twin != name:
            column.findings.append(f"holds the same values as {twin!r}")
    if not found.features:
        reasons = "; ".join(f"{each.name} {each.findings[0]}" for each in found.left_out[:MAX_NAMED])
        raise InputError(f"{found.file}: no column is left as a feature{': ' + reasons if reasons else ''}")


def _compare(found, frame, column):
    """Compare a feature with the target, on the rows that have both."""
    rows = found.rows
    series = frame[column.name]
    if column.kind == cols.NUMBER:
        values = cols.numbers(found.file, series)[rows]
        known = ~np.isnan(values)
    else:
        values, _ = _codes_of_category(series)
        values = values[rows].astype(float)
        known = values >= 0
    target = found.y[rows]
    cols.compare_with_target(column, values[known], target[known], found.kind != "regression")


def _codes_of_category(series):
    import pandas as pd

    codes, names = pd.factorize(cols.texts(series), use_na_sentinel=True)
    return codes, names


def _digest(series):
    import pandas as pd

    return hashlib.sha256(pd.util.hash_pandas_object(series, index=False).to_numpy().tobytes()).digest()


def _left_out_rows(bad, what):
    count = int(bad.sum())
    return [f"Rows without a value of {what}, left out: {count:,}."] if count else []


def _drop_incomplete(found, frame):
    """Leave out the rows in which a feature is missing."""
    whole = np.ones(len(frame), dtype=bool)
    for column in found.features:
        if column.missing:
            whole &= cols.texts(frame[column.name]).notna().to_numpy()
    kept = found.rows[whole[found.rows]]
    if len(kept) < len(found.rows):
        found.notes.append(f"Rows with a missing feature, left out: {len(found.rows) - len(kept):,}.")
    found.rows = kept


def _drop_small(found, options):
    """Leave out the tasks with too few rows, or refuse them; cut the codes and targets to the used rows."""
    smallest = max(options["min_rows"], SMALLEST_TASK)
    counts = np.bincount(found.task[found.rows], minlength=len(found.tasks))
    kept = np.flatnonzero(counts >= smallest)
    what, several = ("class", "classes") if found.kind == "one-vs-rest" else ("task", "tasks")
    small = {found.tasks[k]: int(counts[k]) for k in np.flatnonzero(counts < smallest)}
    if small and options["small_tasks"] == "error":
        named = _some([f"{name!r} has {count}" for name, count in small.items()])
        raise InputError(
            f"{found.file}: {several} with fewer than {smallest} rows, {len(small)} of {len(counts)}: "
            f"{named}; lower min_rows, or set small_tasks: drop"
        )
    if len(kept) < 2:
        most = int(counts.max(initial=0))
        raise InputError(
            f"{found.file}: {'no' if len(kept) == 0 else 'only one'} {what} has {smallest} or more rows (the "
            f"largest has {most}), but two are needed; name another column than "
            f"{options['task'] or options['target']!r}, or lower min_rows"
        )
    if small:
        named = _some([f"{name} ({count})" for name, count in small.items()])
        found.notes.append(
            f"{several.capitalize()} with fewer than {smallest} rows, left out with their rows: {named}."
        )
    found.small = small
    new = np.full(len(found.tasks), -1)
    new[kept] = np.arange(len(kept))
    found.rows = found.rows[new[found.task[found.rows]] >= 0]
    found.task = new[found.task[found.rows]]
    found.y = found.y[found.rows] if found.kind != "one-vs-rest" else found.task.astype(float)
    found.tasks = [found.tasks[k] for k in kept]


def hint(name, known):
    """Return the nearest of the known columns, or some of them."""
    found = nearest(name, known)
    return found if "did you mean" in found else f"; the table has {_some(known)}"


def _some(names):
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(map(str, names[:MAX_NAMED])) + more
