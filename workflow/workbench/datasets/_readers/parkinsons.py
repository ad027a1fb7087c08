"""Reading the recordings of Parkinsons telemonitoring."""

import csv

import numpy as np

from amtl.errors import InputError
from workbench.datasets._common import require_finite

FILE = "parkinsons_updrs.data"
COLUMNS = (
    "subject# age sex test_time motor_UPDRS total_UPDRS "
    "Jitter(%) Jitter(Abs) Jitter:RAP Jitter:PPQ5 Jitter:DDP "
    "Shimmer Shimmer(dB) Shimmer:APQ3 Shimmer:APQ5 Shimmer:APQ11 Shimmer:DDA NHR HNR RPDE DFA PPE"
).split()
VOICE = slice(6, None)
# Recordings that are further apart, in days, belong to two sessions.
BREAK = 0.5


def sessions(rows, day):
    """Return the `rows` of one subject in groups: the recordings of one session."""
    rows = rows[np.argsort(day[rows], kind="stable")]
    return np.split(rows, np.flatnonzero(np.diff(day[rows]) > BREAK) + 1)


def read_table(path):
    """Return the numbers of the file (n, 22). Raises InputError that names the file and the row."""
    try:
        rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines(), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise InputError(f"{path}: not a csv file; it is damaged, get a fresh copy") from None
    if not rows or tuple(rows[0]) != tuple(COLUMNS):
        raise InputError(f"{path}: the first line has other columns; not the right file, get a fresh copy")
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(COLUMNS):
            raise InputError(
                f"{path}: line {number} has {len(row)} fields, expected {len(COLUMNS)}; get a fresh copy"
            )
        bad = next((text for text in row if not _is_number(text)), None)
        if bad is not None:
            raise InputError(f"{path}: line {number}: {bad!r} is not a number; get a fresh copy")
    if len(rows) == 1:
        raise InputError(f"{path}: no rows; the file is incomplete, get a fresh copy")
    table = np.array(rows[1:], dtype=float)
    require_finite(path, "the table", table)
    return table


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True
