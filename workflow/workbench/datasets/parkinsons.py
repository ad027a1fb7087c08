"""Parkinsons telemonitoring: the UPDRS score of 42 subjects from recordings of their voice.

A row is one recording, described by 16 measures of the voice; six recordings or so are made in one session,
once a week for half a year. With ``tasks: subjects`` each subject is a task, and whole sessions are in one
part, as their recordings have nearly the same target. With ``tasks: months`` the tasks are six periods of 30
days in order; whole subjects are in one part, so the test part asks about people who were never seen. Age and
sex are features there. The time of a recording is not a feature: the targets are interpolated in time.
Features are standardized by the training rows.
"""

import numpy as np

from amtl.random import generator
from amtl.splits import PARTS, Split
from workbench.datasets import _own_rows as own_rows
from workbench.datasets._readers.parkinsons import COLUMNS, FILE, VOICE, read_table, sessions
from workbench.datasets._spec import DatasetSpec

PERIODS, DAYS = 6, 30

OPTIONS = {
    "tasks": {
        "enum": ["subjects", "months"],
        "default": "subjects",
        "description": "What a task is: one of 42 subjects, or one of six periods of 30 days, in order.",
    },
    "target": {
        "enum": ["motor_UPDRS", "total_UPDRS"],
        "default": "motor_UPDRS",
        "description": "The score to predict.",
    },
    **own_rows.OPTIONS,
}


def files(options, index=None):
    """Return the one file."""
    return (FILE,)


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1): 42 or six regression tasks, the constant column last."""
    table = read_table(raw[FILE])
    column = {name: table[:, k] for k, name in enumerate(COLUMNS)}
    subject, day, y = column["subject#"].astype(int), column["test_time"], column[options["target"]]
    name, meta = "parkinsons", {}
    if options["tasks"] == "subjects":
        X = table[:, VOICE]
        numbers = np.unique(subject)
        groups_of = {str(number): sessions(np.flatnonzero(subject == number), day) for number in numbers}
        rows = own_rows.divide_tasks(name, index, seed, groups_of, options)
        sex = {str(number): column["sex"][subject == number][0] for number in numbers}
        meta["attributes"] = {"sex": ["female" if sex[task] else "male" for task in groups_of]}
        what = "a task per subject, whole sessions in one part"
    else:
        X = np.column_stack([table[:, VOICE], column["age"], column["sex"]])
        period = np.clip(day // DAYS, 0, PERIODS - 1).astype(int)
        people = np.unique(subject)
        drawn = own_rows.divide(generator(seed, name, "months", "split", index), len(people), options)
        rows = {
            part: {
                str(k + 1): np.flatnonzero(np.isin(subject, people[drawn[part]]) & (period == k))
                for k in range(PERIODS)
            }
            for part in PARTS
        }
        meta["ordered"] = True
        what = f"a task per {DAYS} days, whole subjects in one part"
    parts = own_rows.make_parts(X, rows, lambda task, own: y[own])
    meta |= {
        "source": f"Parkinsons telemonitoring: {len(y):,} recordings, {options['target']}, {what}",
        "note": "Standardized by the training rows. The time of a recording is not a feature.",
        "test_overlap": options["test_fraction"],
    }
    return Split(name, index, SPEC.kind, tuple(rows["train"]), **parts, meta=meta)


SPEC = DatasetSpec(
    name="parkinsons",
    title="Parkinsons",
    order=210,
    kind="regression",
    make_split=make_split,
    files=files,
    options=OPTIONS,
    splits_overlap=True,
    attributes=lambda options: ("sex",) if options["tasks"] == "subjects" else (),
)
