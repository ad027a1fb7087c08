"""Generated regressions that are related in one known way: the option ``family`` says how.

`amtl.datasets.families` defines the families. Each is what one family of methods assumes: a shared support,
low rank, groups of tasks, outlier tasks, no relation, easy tasks that help hard ones, a chain in time, an
array of tasks, supports that overlap by a given share.
"""

from amtl.datasets.families import FAMILIES, make_family
from workbench.datasets._common import row_options
from workbench.datasets._spec import DatasetSpec

OPTIONS = {
    "family": {
        "enum": list(FAMILIES),
        "default": "one-group",
        "description": "How the tasks are related.",
    },
    "tasks": {"type": "integer", "minimum": 2, "default": 16, "description": "Number of tasks."},
    "features": {
        "type": "integer",
        "minimum": 1,
        "default": 30,
        "description": "Number of features, without the constant.",
    },
    **row_options(25, 25, 100, "per task"),
    "noise": {
        "type": "number",
        "minimum": 0,
        "default": 5.0,
        "description": "Standard deviation of the noise; that of the signal is 5.",
    },
    "outliers": {
        "type": "number",
        "exclusiveMinimum": 0,
        "exclusiveMaximum": 1,
        "default": 0.25,
        "description": "Share of unrelated tasks in the family outliers.",
    },
    "overlap": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 0.5,
        "description": "Share of a task's features that all tasks use, in the family overlap.",
    },
    "imbalance": {
        "type": "integer",
        "minimum": 1,
        "default": 1,
        "description": "How many times fewer training rows the second half of the tasks has.",
    },
    "hidden": {
        "type": "number",
        "minimum": 0,
        "maximum": 0.125,
        "default": 0,
        "description": "Share of the cells of the family tensor that are left out, new ones in each split.",
    },
    "new_weights": {
        "type": "boolean",
        "default": False,
        "description": "Whether each split draws true weights of its own. Without, all splits share them.",
    },
}


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1) of the family."""
    return make_family(index, seed, **options)


SPEC = DatasetSpec(
    name="family",
    title="Family (generated)",
    order=15,
    kind="regression",
    make_split=make_split,
    options=OPTIONS,
    has_truth=True,
)
