"""Synthetic data of section 4.1: twelve regressions in two groups, half of them easy, half of them noisy.

The paper's text has 30 rows per task in each part; the authors' released file has 30, 50 and 50.
"""

from amtl.datasets import two_groups
from workbench.datasets import _generated as generated
from workbench.datasets._common import PARTS, row_options

KIND = "regression"
# The weights that generated the data are known: the oracle can run.
TRUTH = True

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


def files(options, index=None):
    """No raw file is needed."""
    return ()


def splits(options, available):
    """As many splits as one likes."""
    return generated.UNLIMITED


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1): 12 tasks, 20 features and the constant."""
    rows = {part: [options[f"{part}_rows"]] * two_groups.TASKS for part in PARTS}
    noise = two_groups.per_task(options["noise_easy"], options["noise_hard"])
    note = f"Noise {options['noise_easy']:g} in the easy tasks, {options['noise_hard']:g} in the hard ones."
    return generated.generate("synthetic", index, seed, rows, noise, note)
