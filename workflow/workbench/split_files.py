"""One split on disk: an npz file with the rows of its parts and a header in JSON."""

import json

import numpy as np

from amtl.splits import PARTS, Part, Split, check_split
from workbench.result_files import StaleResult, load_arrays, save_arrays

# The fields of a part that some kinds of split lack, and the fields of a split that are no arrays.
OFFSETS = ("offsets", "sentences")
HEADER = ("dataset", "index", "kind", "tasks", "refit", "ranked_by", "meta")


def save_split(path, job, split):
    """Check `split` and write it to `path` as the result of `job`."""
    check_split(split)
    arrays = {}
    for name in PARTS:
        part = getattr(split, name)
        arrays[f"X_{name}"] = part.X if part.sentences is not None else np.asarray(part.X, dtype=np.float64)
        arrays[f"y_{name}"] = np.asarray(part.y, dtype=np.float64)
        for field in OFFSETS:
            if getattr(part, field) is not None:
                arrays[f"{field}_{name}"] = np.asarray(getattr(part, field), dtype=np.int64)
    if split.truth is not None:
        arrays["truth"] = np.asarray(split.truth, dtype=np.float64)
    arrays["header"] = np.array(json.dumps({name: getattr(split, name) for name in HEADER}))
    save_arrays(path, job, arrays)


def load_split(path, digest=None):
    """Return the split at `path`; raise InputError that names the file when it is damaged.

    digest : of the PrepareJob that must have made it; None accepts any.
    """
    arrays = load_arrays(path, digest)
    try:
        header = json.loads(str(arrays["header"]))
        parts = {
            name: Part(
                arrays[f"X_{name}"],
                arrays[f"y_{name}"],
                **{field: arrays.get(f"{field}_{name}") for field in OFFSETS},
            )
            for name in PARTS
        }
        header["tasks"] = tuple(header["tasks"])
        split = Split(**header, **parts, truth=arrays.get("truth"))
    except (ValueError, KeyError, TypeError) as error:
        raise StaleResult(
            f"{path}: not a readable split ({type(error).__name__}: {error}); delete it and run the "
            "workflow again"
        ) from None
    check_split(split)
    return split
