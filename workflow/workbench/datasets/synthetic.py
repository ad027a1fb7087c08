"""Synthetic data of section 4.1: twelve regressions in two groups, half of them easy, half of them noisy.

The paper's text has 30 rows per task in each part; the authors' released file has 30, 50 and 50.
"""

from amtl.datasets.synthetic import make_synthetic
from workbench.datasets._common import row_options
from workbench.datasets._spec import DatasetSpec

OPTIONS = {
    **row_options(30, 30, 30, "per task"),
    "noise_easy": {
        "type": "number",
        "minimum": 0,
        "default": 5.0,
        "description": "Standard deviation of the noise in tasks 1-3 and 7-9.",
    },
    "noise_hard": {
        "type": "number",
        "minimum": 0,
        "default": 25.0,
        "description": "Standard deviation of the noise in tasks 4-6 and 10-12.",
    },
}


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1): 12 tasks, 20 features and the constant."""
    return make_synthetic(index, seed, **options)


SPEC = DatasetSpec(
    name="synthetic",
    title="Synthetic (generated)",
    order=10,
    kind="regression",
    make_split=make_split,
    options=OPTIONS,
    has_truth=True,
)
