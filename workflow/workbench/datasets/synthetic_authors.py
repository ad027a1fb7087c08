"""The authors' released synthetic data: one split of 30 training, 50 validation and 50 test rows per task."""

from workbench.datasets import _authors as authors
from workbench.datasets._spec import DatasetSpec

NAMES = ("synthetic_dataset.mat",)


def make_split(index, options, raw, seed):
    """Read split `index`: 12 tasks, 20 features and the constant. Nothing is drawn, `seed` is not used."""
    return authors.read_regression("synthetic-authors", index, NAMES, raw)


SPEC = DatasetSpec(
    name="synthetic-authors",
    title="Synthetic (authors' file)",
    order=20,
    kind="regression",
    make_split=make_split,
    splits=authors.splits_of(NAMES),
    files=authors.files_of(NAMES),
)
