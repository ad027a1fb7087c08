"""Splits that the paper's authors released: one MATLAB file per split."""

from functools import partial
from itertools import combinations

from amtl.datasets import two_groups
from amtl.errors import InputError
from amtl.splits import Part, Split
from workbench.datasets._common import require_disjoint, require_matching_rows, with_constant
from workbench.datasets._readers import matlab

# The authors' name of each part.
THEIR_PARTS = {"train": "train", "validation": "val", "test": "test"}
# Their variable with the first row of each task.
TASK_STARTS = {"train": "trindex", "validation": "valindex", "test": "teindex"}


def files_of(names):
    """Return the function `DatasetSpec.files` for the released files `names`, one per split."""
    return partial(_files, names)


def splits_of(names):
    """Return the function `DatasetSpec.splits` for the released files `names`.

    Split k is file k, so the available files count from the first one to the last before a gap.
    """
    return partial(_splits, names)


def _files(names, options, index=None):
    return names if index is None else names[index - 1 : index]


def _splits(names, options, available):
    return next((count for count, name in enumerate(names) if not available(name)), len(names))


def read_regression(dataset, index, names, raw):
    """Return split `index` of the released regression files `names`."""
    path = raw[names[index - 1]]
    content = matlab.read(path, [*variables("xy"), *TASK_STARTS.values()])
    rows = read_parts(path, content)
    require_disjoint_parts(path, rows)
    parts = {}
    for part, (X, y) in rows.items():
        starts = TASK_STARTS[part]
        offsets = matlab.task_offsets(path, starts, content[starts], len(X), two_groups.TASKS)
        parts[part] = Part(with_constant(X), y.astype(float), offsets)
    meta = {
        "source": source_of(path),
        "note": "Which tasks are easy and which group they form follows the paper's section 4.",
        **two_groups.describe_tasks(),
    }
    return Split(dataset, index, "regression", two_groups.task_names(), **parts, meta=meta)


def source_of(path):
    """Return where a split comes from that holds all rows of a released file as they are."""
    return f"{path.name} of the authors' release, as it is, with a constant column appended"


def variables(axes):
    """Return the names of the variables of all parts: ``train_x``, ``train_y``, ... for the axes "xy"."""
    return [f"{theirs}_{axis}" for theirs in THEIR_PARTS.values() for axis in axes]


def read_parts(path, content):
    """Return {part: (X (n, d), y (n,))} from the variables in `content`.

    Raises InputError unless all parts have rows and the same features.
    """
    parts = {}
    for part, theirs in THEIR_PARTS.items():
        X, y = content[f"{theirs}_x"], content[f"{theirs}_y"].ravel()
        require_matching_rows(path, f"{theirs}_x", X, f"{theirs}_y", y)
        width = content["train_x"].shape[1]
        if X.shape[1] != width:
            raise InputError(
                f"{path}: {theirs}_x has {X.shape[1]} features and train_x {width}; get a fresh copy"
            )
        parts[part] = X, y
    return parts


def require_disjoint_parts(path, parts):
    """Raise InputError when two of the `parts` that `read_parts` returned have a row in common."""
    for part, other in combinations(parts, 2):
        names = f"{THEIR_PARTS[other]}_x", f"{THEIR_PARTS[part]}_x"
        require_disjoint(path, names[0], parts[other][0], path, names[1], parts[part][0])
