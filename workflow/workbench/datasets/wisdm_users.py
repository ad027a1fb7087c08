"""WISDM users: who carries the phone, one task per user. A stand-in, not in the paper.

It has about as many classes and as few rows of each as the paper's AWA, which is not freely available. Its
numbers say nothing about AWA. A row is a window of ten seconds of a phone's accelerometer, described by 43
numbers. The activity of the window is not used. Of each of the 36 users 30 windows train, 15 validate and 15
test; the user with the fewest has 60. Windows that agree in every number count once.

A column that is the same in all windows is left out (XAVG, always 0). A missing value ('?', in three
columns) is replaced by the column's mean over the training rows. Then the columns are standardized by the
training rows.
"""

import numpy as np

from workbench.datasets._common import fit_scale, row_options
from workbench.datasets._one_vs_rest import classes_split, draw_per_class, overlap_per_class
from workbench.datasets._readers.wisdm import FILE, read_windows
from workbench.datasets._spec import DatasetSpec

OPTIONS = row_options(30, 15, 15, "per user")


def files(options, index=None):
    """Return the one file."""
    return (FILE,)


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1): a task per user on shared rows, 42 features and the constant."""
    X, users, _ = read_windows(raw[FILE])
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
