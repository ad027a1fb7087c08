"""Parkinsons telemonitoring with two tasks on the same recordings: the motor and the total UPDRS score.

The features are 16 measures of the voice, age and sex. Whole sessions are in one part, so the test part asks
about the same people at other times. The time of a recording is not a feature: the targets are interpolated
in time. Features are standardized by the training rows. Both tasks have a copy of all rows.
"""

import numpy as np

from amtl.random import generator
from amtl.splits import PARTS, Split
from workbench.datasets import _own_rows as own_rows
from workbench.datasets._common import LOSS_SCALE, loss_scales
from workbench.datasets._readers.parkinsons import COLUMNS, FILE, VOICE, read_table, sessions
from workbench.datasets._spec import DatasetSpec

TASKS = {"motor": "motor_UPDRS", "total": "total_UPDRS"}

OPTIONS = {**own_rows.OPTIONS, **LOSS_SCALE}


def files(options, index=None):
    """Return the one file."""
    return (FILE,)


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1): two regressions on the same rows, the constant column last."""
    table = read_table(raw[FILE])
    column = {name: table[:, k] for k, name in enumerate(COLUMNS)}
    subject, day = column["subject#"].astype(int), column["test_time"]
    groups = [
        rows for number in np.unique(subject) for rows in sessions(np.flatnonzero(subject == number), day)
    ]
    name = "parkinsons-targets"
    drawn = own_rows.divide(generator(seed, name, "split", index), len(groups), options)
    chosen = {part: np.concatenate([groups[k] for k in drawn[part]]) for part in PARTS}
    rows = {part: dict.fromkeys(TASKS, chosen[part]) for part in PARTS}
    X = np.column_stack([table[:, VOICE], column["age"], column["sex"]])
    parts = own_rows.make_parts(X, rows, lambda task, own: column[TASKS[task]][own])
    meta = {
        "source": f"Parkinsons: {len(table):,} recordings, two scores, whole sessions in one part",
        "note": "Standardized by the training rows. The time of a recording is not a feature.",
        "test_overlap": options["test_fraction"],
        "loss_scales": loss_scales(len(TASKS), options),
    }
    return Split(name, index, SPEC.kind, tuple(TASKS), **parts, meta=meta)


SPEC = DatasetSpec(
    name="parkinsons-targets",
    title="Parkinsons with two scores",
    order=420,
    kind="regression",
    make_split=make_split,
    files=files,
    options=OPTIONS,
    splits_overlap=True,
)
