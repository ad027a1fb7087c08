"""WISDM users: who carries the phone, one task per user. A stand-in, not in the paper.

It has about as many classes and as few rows of each as the paper's AWA, which is not freely available. Its
numbers say nothing about AWA. A row is a window of ten seconds of a phone's accelerometer, described by 43
numbers. The activity of the window is not used. Of each of the 36 users 30 windows train, 15 validate and 15
test; the user with the fewest has 60. Windows that agree in every number count once.

A column that is the same in all windows is left out (XAVG, always 0). A missing value ('?', in three
columns) is replaced by the column's mean over the training rows. Then the columns are standardized by the
training rows.
"""

import re

import numpy as np

from amtl.errors import InputError
from workbench.datasets._common import row_options
from workbench.datasets._one_vs_rest import classes_split, draw_per_class, overlap_per_class
from workbench.datasets._spec import DatasetSpec

OPTIONS = row_options(30, 15, 15, "per user")

FILE = "WISDM_ar_v1.1_transformed.arff"
# A number of the window, the user, 43 features and the activity.
FIELDS = 46
MISSING = "?"


def files(options, index=None):
    """Return the one file."""
    return (FILE,)


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1): a task per user on shared rows, 42 features and the constant."""
    X, users = read_windows(raw[FILE])
    rows_of = {str(user): np.flatnonzero(users == user) for user in np.unique(users)}
    drawn = draw_per_class("wisdm-users", index, seed, rows_of, options)
    scale = fit_scale(X[drawn["train"][0]])
    rows = {part: (scale(X[chosen]), labels) for part, (chosen, labels) in drawn.items()}
    meta = {
        "source": f"Stand-in for many classes, not in the paper. WISDM: {len(rows_of)} users of a phone",
        "note": "Standardized by the training rows; a missing value is their mean.",
        "test_overlap": overlap_per_class(rows_of, options),
    }
    return classes_split("wisdm-users", index, rows_of, rows, meta)


def read_windows(path):
    """Return features (n, 42), NaN for a missing one, and users (n,) of the different windows.

    Raises InputError that names the invalid line of the file.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise InputError(f"{path}: not a text file; it is damaged, get a fresh copy") from None
    start = next((k for k, line in enumerate(lines, 1) if line.strip().lower() == "@data"), None)
    if start is None:
        raise InputError(f"{path}: no line '@data'; not the right file, get a fresh copy")
    windows = {}
    for number, line in enumerate(lines[start:], start + 1):
        if line.strip():
            user, values = _read_window(f"{path}: line {number}", line)
            windows.setdefault(values, user)
    if not windows:
        raise InputError(f"{path}: no windows follow '@data'; the file is incomplete, get a fresh copy")
    X = np.array([[np.nan if text == MISSING else float(text) for text in values] for values in windows])
    varies = np.array([len(set(column)) > 1 for column in zip(*windows, strict=True)])
    return X[:, varies], np.array(list(windows.values()))


def _read_window(where, line):
    """Return the user and the texts of the features that `line` holds."""
    fields = [field.strip() for field in line.split(",")]
    if len(fields) != FIELDS:
        raise InputError(f"{where} has {len(fields)} fields, expected {FIELDS}; get a fresh copy")
    values = tuple(fields[2:-1])
    if not re.fullmatch(r"\d{1,9}", fields[1]):
        raise InputError(f"{where}: {fields[1]!r} is not the number of a user; get a fresh copy")
    for text in (value for value in values if value != MISSING):
        try:
            finite = np.isfinite(float(text))
        except ValueError:
            finite = False
        if not finite:
            raise InputError(f"{where}: {text!r} is not a number; get a fresh copy")
    return int(fields[1]), values


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


SPEC = DatasetSpec(
    name="wisdm-users",
    title="WISDM users (stand-in for many classes, not AWA)",
    order=130,
    kind="one-vs-rest",
    make_split=make_split,
    files=files,
    options=OPTIONS,
    splits_overlap=True,
)
