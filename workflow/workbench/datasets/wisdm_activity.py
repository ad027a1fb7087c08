"""WISDM activity: what a user of a phone does, a binary task for each user and activity.

A row is a window of ten seconds of the phone's accelerometer, described by 43 numbers (`wisdm-users` has the
same). A task asks whether a window of a user shows an activity. Users who lack an activity, or have few
windows of it, have no task for it. All tasks of a user have the same rows, and every activity is divided
alike. The classes are unequal, so fits are ranked by the area under the ROC curve. Missing values are
replaced by the column's mean over the training rows, and columns standardized by them.
"""

import numpy as np

from amtl.splits import Split
from workbench.datasets import _own_rows as own_rows
from workbench.datasets._readers.wisdm import ACTIVITIES, FILE, read_windows
from workbench.datasets._spec import DatasetSpec

OPTIONS = {
    "min_windows": {
        "type": "integer",
        "minimum": 3,
        "default": 10,
        "description": "Fewest windows with and without the activity that make a task of a user.",
    },
    **own_rows.OPTIONS,
}


def files(options, index=None):
    """Return the one file."""
    return (FILE,)


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1): a binary task per user and activity, 42 features and the constant."""
    X, users, activities = read_windows(raw[FILE])
    rows_of = {user: np.flatnonzero(users == user) for user in np.unique(users)}
    drawn = own_rows.divide_labels("wisdm-activity", index, seed, rows_of, activities, options)
    of_task = {}
    for user, own in rows_of.items():
        for activity in ACTIVITIES:
            count = int((activities[own] == activity).sum())
            if min(count, len(own) - count) >= options["min_windows"]:
                of_task[f"{user} {activity}"] = user, activity
    # The tasks of a user have the same rows, in the same parts.
    rows = {part: {task: own[user] for task, (user, _) in of_task.items()} for part, own in drawn.items()}
    parts = own_rows.make_parts(X, rows, lambda task, own: activities[own] == of_task[task][1])
    meta = {
        "source": f"WISDM: {len(X):,} windows of {len(np.unique(users))} users, {len(ACTIVITIES)} activities",
        "note": "Standardized by the training rows; a missing value is their mean. Ranked by the area under "
        "the ROC curve.",
        "test_overlap": own_rows.overlap(rows),
        "group": [ACTIVITIES.index(activity) + 1 for _, activity in of_task.values()],
    }
    return Split("wisdm-activity", index, SPEC.kind, tuple(of_task), **parts, ranked_by="auc_loss", meta=meta)


SPEC = DatasetSpec(
    name="wisdm-activity",
    title="WISDM activity",
    order=220,
    kind="binary",
    make_split=make_split,
    files=files,
    options=OPTIONS,
    splits_overlap=True,
)
