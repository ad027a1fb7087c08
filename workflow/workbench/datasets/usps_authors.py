"""The authors' released USPS splits: 87 PCA features, classes balanced (100, 50 and 50 images of each digit).

How the images were scaled before the PCA is not published, so the numbers differ from those of `usps`.
"""

from amtl.splits import Part, Split
from workbench.datasets import _authors as authors
from workbench.datasets._common import require_labels, with_constant
from workbench.datasets._one_vs_rest import DIGITS
from workbench.datasets._readers import matlab
from workbench.datasets._spec import DatasetSpec

NAMES = tuple(f"usps{index}.mat" for index in range(1, 6))


def make_split(index, options, raw, seed):
    """Read split `index`: 10 digits, 87 features and the constant. Nothing is drawn, `seed` is not used."""
    path = raw[NAMES[index - 1]]
    rows = authors.read_parts(path, matlab.read(path, authors.variables("xy")))
    parts = {}
    for part, (X, y) in rows.items():
        require_labels(path, f"{authors.THEIR_PARTS[part]}_y", y, 1, 10)
        # Their labels are the digit plus one.
        parts[part] = Part(with_constant(X), y - 1.0)
    authors.require_disjoint_parts(path, rows)
    meta = {
        "source": authors.source_of(path),
        "note": "Features are the authors' own 87 principal components.",
    }
    return Split("usps-authors", index, SPEC.kind, DIGITS, **parts, meta=meta)


SPEC = DatasetSpec(
    name="usps-authors",
    title="USPS (authors' file)",
    order=50,
    kind="one-vs-rest",
    make_split=make_split,
    splits=authors.splits_of(NAMES),
    files=authors.files_of(NAMES),
    splits_overlap=True,
)
