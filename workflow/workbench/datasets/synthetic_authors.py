"""The authors' released synthetic data: one split of 30 training, 50 validation and 50 test rows per task."""

from workbench.datasets import _authors as authors

KIND = "regression"

OPTIONS = {}

NAMES = ("synthetic_dataset.mat",)


def files(options, index=None):
    """Return the raw file of split `index`, or of all splits."""
    return authors.files_of(NAMES, index)


def splits(options, available):
    """There is one released file."""
    return authors.count_available(NAMES, available)


def make_split(index, options, raw, seed):
    """Read split `index`: 12 tasks, 20 features and the constant. Nothing is drawn, `seed` is not used."""
    return authors.read_regression("synthetic-authors", index, NAMES, raw)
