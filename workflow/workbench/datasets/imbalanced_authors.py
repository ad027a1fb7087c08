"""The authors' released imbalanced data: five files, one per split. File names keep the authors' spelling."""

from workbench.datasets import _authors as authors
from workbench.datasets._spec import DatasetSpec

NAMES = tuple(f"synthetic_inbalance_{index}.mat" for index in range(1, 6))


def make_split(index, options, raw, seed):
    """Read split `index`: 12 tasks, 20 features and the constant. Nothing is drawn, `seed` is not used."""
    return authors.read_regression("imbalanced-authors", index, NAMES, raw)


SPEC = DatasetSpec(
    name="imbalanced-authors",
    title="Imbalanced synthetic (authors' files)",
    order=90,
    kind="regression",
    make_split=make_split,
    splits=authors.splits_of(NAMES),
    files=authors.files_of(NAMES),
)
