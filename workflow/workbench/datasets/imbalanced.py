"""Imbalanced synthetic data of section 4.3: as `synthetic`, but the hard tasks have few training rows."""

from amtl.datasets.imbalanced import make_imbalanced
from workbench.datasets._common import row_options
from workbench.datasets._spec import DatasetSpec

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


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1): 12 tasks, 20 features and the constant."""
    return make_imbalanced(index, seed, **options)


SPEC = DatasetSpec(
    name="imbalanced",
    title="Imbalanced synthetic (generated)",
    order=80,
    kind="regression",
    make_split=make_split,
    options=OPTIONS,
    has_truth=True,
)
