"""The authors' released imbalanced data: five files, one per split (the spelling is theirs)."""

from workbench.datasets import _authors as authors

KIND = "regression"

OPTIONS = {}

NAMES = tuple(f"synthetic_inbalance_{index}.mat" for index in range(1, 6))


def files(options, index=None):
    """Return the raw file of split `index`, or of all splits."""
    return authors.files_of(NAMES, index)


def splits(options, available):
    """Return how many of the five files can be had, counted from the first one on."""
    return authors.count_available(NAMES, available)


def make_split(index, options, raw, seed):
    """Read split `index`: 12 tasks, 20 features and the constant. Nothing is drawn, `seed` is not used."""
    return authors.read_regression("imbalanced-authors", index, NAMES, raw)
