"""Reading WISDM's windows: ten seconds of a phone's accelerometer, described by 43 numbers."""

import re

import numpy as np

from amtl.errors import InputError

FILE = "WISDM_ar_v1.1_transformed.arff"
# A number of the window, the user, 43 features and the activity.
FIELDS = 46
MISSING = "?"
ACTIVITIES = ("Downstairs", "Jogging", "Sitting", "Standing", "Upstairs", "Walking")


def read_windows(path):
    """Return features (n, 42), NaN for a missing one, users (n,) and activities (n,) of the windows.

    Windows that agree in every number count once; a column that is the same in all windows is left out.
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
            values, labels = _read_window(f"{path}: line {number}", line)
            windows.setdefault(values, labels)
    if not windows:
        raise InputError(f"{path}: no windows follow '@data'; the file is incomplete, get a fresh copy")
    X = np.array([[np.nan if text == MISSING else float(text) for text in values] for values in windows])
    varies = np.array([len(set(column)) > 1 for column in zip(*windows, strict=True)])
    users, activities = zip(*windows.values(), strict=True)
    return X[:, varies], np.array(users), np.array(activities)


def _read_window(where, line):
    """Return the texts of the features that `line` holds, and (user, activity)."""
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
    if fields[-1] not in ACTIVITIES:
        raise InputError(f"{where}: {fields[-1]!r} is none of the six activities; get a fresh copy")
    return values, (int(fields[1]), fields[-1])
