"""Landmine detection: 29 fields, one task each: is it a mine or clutter?

A row is an object in the radar image of a field, described by nine numbers. The first 15 fields are foliated,
the others bare, which `meta["group"]` says. Six rows of a hundred are mines, so fits are ranked by the area
under the ROC curve. Mines and clutter of each field are divided alike. Features are standardized by the
training rows. An object that is listed twice counts once.
"""

import numpy as np

from amtl.errors import InputError
from amtl.splits import Split
from workbench.datasets import _own_rows as own_rows
from workbench.datasets._common import require_finite, require_labels
from workbench.datasets._readers import matlab
from workbench.datasets._spec import DatasetSpec

FILE = "LandmineData.mat"
FIELDS, FEATURES = 29, 9
FOLIATED = 15


def files(options, index=None):
    """Return the one file."""
    return (FILE,)


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1): 29 binary tasks, nine features and the constant."""
    X, y, field = read_objects(raw[FILE])
    names = tuple(str(number + 1) for number in range(FIELDS))
    rows_of = {name: np.flatnonzero(field == number) for number, name in enumerate(names)}
    rows = own_rows.divide_labels("landmine", index, seed, rows_of, y, options)
    parts = own_rows.make_parts(X, rows, lambda task, own: y[own])
    meta = {
        "source": f"Landmine: {len(y):,} objects in {FIELDS} fields, {int(y.sum())} of them mines",
        "note": "Standardized by the training rows. Ranked by the area under the ROC curve.",
        "test_overlap": own_rows.overlap(rows),
        "group": [1 if number < FOLIATED else 2 for number in range(FIELDS)],
    }
    return Split("landmine", index, SPEC.kind, names, **parts, ranked_by="auc_loss", meta=meta)


def read_objects(path):
    """Return features (n, 9), labels (n,) in {0, 1} and the 0-based field of each row (n,)."""
    content = matlab.read_cells(path, ["feature", "label"])
    for name, cells in content.items():
        if len(cells) != FIELDS:
            raise InputError(f"{path}: {name} has {len(cells)} cells, expected {FIELDS}; get a fresh copy")
    labels = [cell.ravel() for cell in content["label"]]
    for number, (X, y) in enumerate(zip(content["feature"], labels, strict=True), 1):
        if X.shape != (len(y), FEATURES):
            raise InputError(
                f"{path}: field {number} has features of shape {X.shape} and {len(y)} labels, expected "
                f"(n, {FEATURES}) and n; get a fresh copy"
            )
        require_finite(path, f"feature {number}", X)
        require_labels(path, f"label {number}", y, 0, 1)
    field = np.repeat(np.arange(FIELDS), [len(y) for y in labels])
    X, y = np.concatenate(content["feature"]), np.concatenate(labels)
    _, first = np.unique(X, axis=0, return_index=True)
    first = np.sort(first)
    return X[first], y[first], field[first]


SPEC = DatasetSpec(
    name="landmine",
    title="Landmine",
    order=200,
    kind="binary",
    make_split=make_split,
    files=files,
    options={
        **own_rows.OPTIONS,
        "test_fraction": {**own_rows.OPTIONS["test_fraction"], "default": 0.5},
    },
    splits_overlap=True,
)
