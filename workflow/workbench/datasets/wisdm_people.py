"""WISDM people: what a person with a phone does, one task per person with six activities.

A row is a window of ten seconds of the phone's accelerometer, described by 43 numbers (`wisdm-users` has the
same). Every activity of a person is divided alike; an activity with fewer than three windows of a person is
left out for that person. Missing values are replaced by the column's mean over the training rows, and columns
standardized by them.
"""

import numpy as np

from amtl.splits import Split
from workbench.datasets import _own_rows as own_rows
from workbench.datasets._readers.wisdm import ACTIVITIES, FILE, read_windows
from workbench.datasets._spec import DatasetSpec


def files(options, index=None):
    """Return the one file."""
    return (FILE,)


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1): a task per person, 42 features and the constant."""
    X, people, activities = read_windows(raw[FILE])
    rows_of = {str(each): np.flatnonzero(people == each) for each in np.unique(people)}
    rows = own_rows.divide_labels("wisdm-people", index, seed, rows_of, activities, options)
    codes = np.array([ACTIVITIES.index(each) for each in activities])
    parts = own_rows.make_parts(X, rows, lambda task, own: codes[own])
    meta = {
        "source": f"WISDM: {len(X):,} windows of {len(rows_of)} people, {len(ACTIVITIES)} activities",
        "note": "Standardized by the training rows; a missing value is their mean.",
        "test_overlap": own_rows.overlap(rows),
        "classes": list(ACTIVITIES),
    }
    return Split("wisdm-people", index, SPEC.kind, tuple(rows_of), **parts, meta=meta)


SPEC = DatasetSpec(
    name="wisdm-people",
    title="WISDM people",
    order=310,
    kind="multiclass",
    make_split=make_split,
    files=files,
    options={
        **own_rows.OPTIONS,
        "test_fraction": {**own_rows.OPTIONS["test_fraction"], "default": 0.5},
    },
    splits_overlap=True,
)
