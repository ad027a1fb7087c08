"""The authors' released USPS splits: 87 PCA features, classes balanced (100, 50 and 50 images of each digit).

How the images were scaled before the PCA is not published, so the numbers differ from those of `usps`.
"""

from amtl.splits import Part, Split
from workbench.datasets import _authors as authors
from workbench.datasets._common import count_rows, require_index, require_labels, with_constant
from workbench.datasets.readers import matlab

KIND = "one-vs-rest"

OPTIONS = {}

NAMES = tuple(f"usps{index}.mat" for index in range(1, 6))


def files(options, index=None):
    """Return the raw file of split `index`, or of all splits."""
    return authors.files_of(NAMES, index)


def splits(options, available):
    """Return how many of the files can be had, counted from the first one on."""
    return authors.count_available(NAMES, available)


def make_split(index, options, raw, seed):
    """Read split `index`: 10 digits, 87 features and the constant. Nothing is drawn, `seed` is not used."""
    require_index("usps-authors", index, len(NAMES))
    path = raw[NAMES[index - 1]]
    content = matlab.read(path, [f"{theirs}_{axis}" for _, theirs, _ in authors.PARTS for axis in "xy"])
    parts = {name: _part(path, content, theirs) for name, theirs, _ in authors.PARTS}
    authors.require_parts(path, content)
    meta = {
        "source": f"{NAMES[index - 1]} of the authors' release, as it is, with a constant column appended",
        "files": [],
        "note": "Features are the authors' own 87 principal components.",
        "rows": count_rows(parts),
    }
    tasks = tuple(str(digit) for digit in range(10))
    return Split("usps-authors", index, KIND, tasks, **parts, meta=meta)


def _part(path, content, theirs):
    X, y = authors.features_and_targets(path, content, theirs)
    require_labels(path, f"{theirs}_y", y, 1, 10)
    # Their labels are the digit plus one.
    return Part(with_constant(X), y - 1.0)
