"""Imbalanced synthetic data of section 4.3: as `synthetic`, but the hard tasks are hard for want of rows."""

from amtl.datasets import two_groups
from workbench.datasets import _generated as generated
from workbench.datasets._common import PARTS, row_options

KIND = "regression"
# The weights that generated the data are known: the oracle can run.
TRUTH = True

_ROWS = row_options(500, 50, 50, "per task")

OPTIONS = {
    "train_rows": {**_ROWS["train_rows"], "description": "Training rows of each of tasks 1-3 and 7-9."},
    "train_rows_small": {
        **_ROWS["train_rows"],
        "default": 5,
        "description": "Training rows of each of tasks 4-6 and 10-12.",
    },
    "validation_rows": _ROWS["validation_rows"],
    "test_rows": _ROWS["test_rows"],
    "noise": {
        "type": "number",
        "minimum": 0,
        "default": 50.0,
        "description": "Standard deviation of the noise in every task.",
    },
}


def files(options, index=None):
    """No raw file is needed."""
    return ()


def splits(options, available):
    """As many splits as one likes."""
    return generated.UNLIMITED


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1): 12 tasks, 20 features and the constant."""
    large, small = options["train_rows"], options["train_rows_small"]
    rows = {part: [options[f"{part}_rows"]] * two_groups.TASKS for part in PARTS}
    rows["train"] = two_groups.per_task(large, small)
    noise = [options["noise"]] * two_groups.TASKS
    note = f"{large} training rows in the easy tasks, {small} in the hard; noise {options['noise']:g} in all."
    return generated.generate("imbalanced", index, seed, rows, noise, note)
