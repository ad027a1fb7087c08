"""Splits that the paper's authors released: one MATLAB file per split."""

from amtl.datasets import two_groups
from amtl.errors import InputError
from amtl.splits import Part, Split
from workbench.datasets._common import count_rows, require_disjoint, require_index, with_constant
from workbench.datasets.readers import matlab

# Our name of a part, theirs, and their variable with the first row of each task.
PARTS = (("train", "train", "trindex"), ("validation", "val", "valindex"), ("test", "test", "teindex"))


def files_of(names, index):
    """Return the file of split `index` alone, or all `names` when `index` is None."""
    return names if index is None else names[index - 1 : index]


def count_available(names, available):
    """Return how many files there are, counted from the first one on: split k is file k."""
    for count, name in enumerate(names):
        if not available(name):
            return count
    return len(names)


def read_regression(dataset, index, names, raw):
    """Return split `index` of the released regression files `names`."""
    require_index(dataset, index, len(names))
    path = raw[names[index - 1]]
    variables = [name for _, theirs, starts in PARTS for name in (f"{theirs}_x", f"{theirs}_y", starts)]
    content = matlab.read(path, variables)
    parts = {name: _part(path, content, theirs, starts) for name, theirs, starts in PARTS}
    require_parts(path, content)
    meta = {
        "source": f"{names[index - 1]} of the authors' release, as it is, with a constant column appended",
        "files": [],
        "note": "Which tasks are easy and which group they form follows the paper's section 4.",
        "rows": count_rows(parts),
        **two_groups.notes(),
    }
    return Split(dataset, index, "regression", two_groups.names(), **parts, meta=meta)


def require_parts(path, content):
    """Raise InputError unless the parts have the same features and no row in common."""
    widths = {theirs: content[f"{theirs}_x"].shape[-1] for _, theirs, _ in PARTS}
    for theirs, width in widths.items():
        if width != widths["train"]:
            raise InputError(
                f"{path}: {theirs}_x has {width} features and train_x {widths['train']}; get a fresh copy"
            )
    names = [f"{theirs}_x" for theirs in widths]
    for k, name in enumerate(names):
        for other in names[:k]:
            require_disjoint(path, name, content[name], path, other, content[other])


def features_and_targets(path, content, theirs):
    """Return X (n, d) and y (n,) of their part `theirs`; raise InputError unless the rows agree."""
    X, y = content[f"{theirs}_x"], content[f"{theirs}_y"].ravel()
    if X.ndim != 2 or len(X) != len(y) or len(y) == 0:
        raise InputError(
            f"{path}: {theirs}_x has shape {X.shape} and {theirs}_y {len(y)} values; every part needs rows, "
            "the same number in both: get a fresh copy"
        )
    return X, y


def _part(path, content, theirs, starts):
    X, y = features_and_targets(path, content, theirs)
    offsets = matlab.task_offsets(path, starts, content[starts], len(X), two_groups.TASKS)
    return Part(with_constant(X), y.astype(float), offsets)
