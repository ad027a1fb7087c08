"""A table of the user's own: one row per observation, columns for the task, the target and the features.

The file is CSV, TSV, Parquet, Excel, ARFF or npz. A regression or a binary target needs a column of tasks,
each task has its own rows. A target with several classes and no column of tasks gives one task per class on
shared rows. All that is learned from rows is learned from training rows: medians that replace missing values,
categories, scales and principal components. Columns that cannot be features, or should not be, are left out
and named: dates, identifiers, texts, constants and copies of the target.
"""

import numpy as np

from workbench.datasets._common import fraction_option
from workbench.datasets._spec import DatasetSpec
from workbench.datasets._tables import divide, encode, read, roles

COLUMNS = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
OPTIONS = {
    "table": {
        "type": ["string", "null"],
        "minLength": 1,
        "default": None,
        "examples": ["patients.csv"],
        "description": "Path of the table, relative to the working directory or absolute.",
    },
    "task": {
        "type": ["string", "null"],
        "minLength": 1,
        "default": None,
        "examples": ["subject"],
        "description": "Column that names the task of a row; none for one task per class.",
    },
    "target": {
        "type": ["string", "null"],
        "minLength": 1,
        "default": None,
        "examples": ["motor_UPDRS"],
        "description": "Column of the target.",
    },
    "features": {
        **COLUMNS,
        "type": ["array", "string", "null"],
        "minItems": 1,
        "default": None,
        "examples": [["age", "Shimmer*"]],
        "description": "Columns of the features, a name or a list; * stands for any text. By default all "
        "other columns that can be used.",
    },
    "drop": {
        **COLUMNS,
        "type": ["array", "string"],
        "default": [],
        "examples": [["total_UPDRS"]],
        "description": "Columns that are not used; * stands for any text.",
    },
    "categorical": {
        **COLUMNS,
        "type": ["array", "string"],
        "default": [],
        "examples": [["zone"]],
        "description": "Columns of numbers, or of texts with many values, that are categories.",
    },
    "kind": {
        "enum": ["auto", *roles.KINDS],
        "default": "auto",
        "description": "What the target is. auto decides by its values and by whether there is a task.",
    },
    "split_by": {
        "type": ["string", "object"],
        "default": "fraction",
        "examples": [{"group": "clinic"}],
        "description": "How rows are divided into the parts. fraction: at random within each task. "
        "{group: COLUMN}: whole groups at random. {time: COLUMN}: the last rows of each task are the test "
        "part. {column: COLUMN}: as the column says, train, validation or test. The last two give one split.",
    },
    "test_fraction": {
        "type": "number",
        "exclusiveMinimum": 0,
        "exclusiveMaximum": 1,
        "default": 0.25,
        "description": "Share of each task's rows in the test part, at least one row.",
    },
    **fraction_option("Share of each task's other rows held out for validation, at least one row."),
    "refit": {
        "type": "boolean",
        "default": True,
        "description": "Fit once more on train and validation together after tuning.",
    },
    "missing": {
        "enum": ["impute", "drop"],
        "default": "impute",
        "description": "Missing features: impute fills in the median of the training rows, or the most "
        "frequent category; drop leaves out the row. Rows without a target are always left out.",
    },
    "standardize": {
        "type": "boolean",
        "default": True,
        "description": "Centre and scale each feature by the training rows.",
    },
    "components": {
        "type": ["integer", "null"],
        "minimum": 1,
        "default": None,
        "examples": [20],
        "description": "Principal components of the features to use, fitted on the training rows; null for "
        "the features themselves.",
    },
    "center_target": {
        "type": "boolean",
        "default": True,
        "description": "Of a regression, subtract the mean of the training targets. The constant column "
        "then holds what a task differs from that mean, which the penalty shrinks.",
    },
    "min_rows": {
        "type": "integer",
        "minimum": 1,
        "default": roles.SMALLEST_TASK,
        "description": "A task (or class) with fewer rows is small; three is the least, one for each part.",
    },
    "small_tasks": {
        "enum": ["drop", "error"],
        "default": "drop",
        "description": "What happens to small tasks: drop leaves them out and names them.",
    },
}


def kind_of(options):
    """Return the kind of the dataset; with ``kind: auto`` the target in the file decides."""
    if options["kind"] != "auto":
        return roles.KINDS[options["kind"]]
    table = read.read(path_of(options), [options["target"], options["task"]])
    return roles.target_of(table, options)[2]


def splits(options, available):
    """Return 1 where the table alone says which rows are in which part."""
    rule, _ = divide.rule_of(options)
    return 1 if rule in ("time", "column") else 1_000_000


def make_split(index, options, raw, seed):
    """Return split `index` (from 1) of the table, the only file in `raw`."""
    (path,) = raw.values()
    table = read.read(path)
    found = roles.assign(table, options)
    return make_parts(found, table.frame, options, index, seed)


def make_parts(found, frame, options, index, seed):
    """Return the split of a table whose columns have been understood. found : its `Roles`."""
    from amtl.splits import PARTS, Part, Split

    rows = divide.divide(found, frame, options, index, seed)
    X, notes = encode.encode(found, frame, rows["train"], options)
    y = found.y
    if found.kind == "regression" and options["center_target"]:
        mean = float(y[rows["train"]].mean())
        y = y - mean
        notes.append(f"The mean of the training targets, {mean:g}, is subtracted from the target.")
    parts = {}
    for part in PARTS:
        offsets = None
        if found.kind != "one-vs-rest":
            counts = np.bincount(found.task[rows[part]], minlength=len(found.tasks))
            offsets = np.concatenate([[0], np.cumsum(counts)])
        parts[part] = Part(X[rows[part]], y[rows[part]], offsets)
    meta = {
        "source": f"{found.file}: {len(found.rows):,} rows, target {options['target']}",
        "note": " ".join([*found.notes, *notes]) or "All columns are used as they are.",
        "table": facts(found),
    }
    if splits(options, None) > 1:
        meta["test_overlap"] = len(rows["test"]) / len(found.rows)
    return Split("table", index, found.kind, tuple(found.tasks), **parts, refit=options["refit"], meta=meta)


def facts(found):
    """Return what the report shows of the columns, as plain data."""
    columns = [
        {"name": each.name, "use": use, "kind": each.kind, "missing": each.missing}
        | {"distinct": each.distinct, "findings": each.findings}
        for use, several in (("feature", found.features), ("left out", found.left_out))
        for each in several
    ]
    return {"columns": columns, "small": found.small}


def path_of(options):
    """Return the path of the table."""
    from pathlib import Path

    return Path(options["table"]).expanduser()


SPEC = DatasetSpec(
    name="table",
    title="Own table",
    order=140,
    kind="regression",
    kind_of=kind_of,
    make_split=make_split,
    splits=splits,
    options=OPTIONS,
    own_files=("table",),
    splits_overlap=True,
)
