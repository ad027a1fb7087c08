"""ImageNet-Room: twenty kinds of room as one-vs-rest tasks, 30 to 1,000 training images each (section 4.3).

Split k is the authors' file imagenet_room_k.mat, MATLAB v5 or v7.3, labels 1..20. Its variables are the three
parts, train_x to test_y, or only x and y. In the second case the parts are drawn by the paper's rule: 20
images of each class are test, all others train. The paper does not say where its validation images come from;
here a share of each class's training images is held out, and the chosen parameters are fitted once more on
all of them. Features wider than `components` are reduced by PCA on the training rows.
"""

import numpy as np

from amtl import random as seeds
from amtl.errors import InputError
from workbench.datasets import _authors as authors
from workbench.datasets._common import PARTS, require_index, require_labels
from workbench.datasets._one_vs_rest import classes_split, components_option, project_parts
from workbench.datasets.readers import matlab

KIND = "one-vs-rest"

OPTIONS = {
    **components_option(500),
    "test_rows": {
        "type": "integer",
        "minimum": 1,
        "default": 20,
        "description": "Test images of each class, where the file holds the images without their parts.",
    },
    "validation_fraction": {
        "type": "number",
        "exclusiveMinimum": 0,
        "exclusiveMaximum": 1,
        "default": 0.25,
        "description": "Share of each class's training images held out to validate, at least one, where the "
        "file holds the images without their parts.",
    },
}

NAMES = tuple(f"imagenet_room_{index}.mat" for index in range(1, 6))
CLASSES = 20


def files(options, index=None):
    """Return the raw file of split `index`, or of all splits."""
    return authors.files_of(NAMES, index)


def splits(options, available):
    """Return how many of the five files can be had, counted from the first one on."""
    return authors.count_available(NAMES, available)


def make_split(index, options, raw, seed):
    """Return split `index`: 20 tasks on shared rows, the components and the constant."""
    require_index("imagenet-room", index, len(NAMES))
    name = NAMES[index - 1]
    path = raw[name]
    variables = [f"{theirs}_{axis}" for _, theirs, _ in authors.PARTS for axis in "xy"]
    content = matlab.read(path, [], optional=[*variables, "x", "y"])
    undivided = not content.keys() & set(variables) and {"x", "y"} <= content.keys()
    if undivided:
        images = _labelled(path, content["x"], content["y"], "x", "y")
        rng = seeds.generator(seed, "imagenet-room", "split", index)
        rows = divide(rng, path, *images, options["test_rows"], options["validation_fraction"])
        source = f"{name} of the authors' release, divided by the rule of the paper"
        held_out = options["validation_fraction"]
        note = f"{options['test_rows']} test images a class, {held_out:g} of the others validate"
    else:
        rows = {}
        for part, theirs, _ in authors.PARTS:
            for variable in (f"{theirs}_x", f"{theirs}_y"):
                if variable not in content:
                    raise InputError(
                        f"{path}: variable {variable!r} is missing; not the right file, get a fresh copy"
                    )
            rows[part] = _labelled(
                path, content[f"{theirs}_x"], content[f"{theirs}_y"], f"{theirs}_x", f"{theirs}_y"
            )
        source, note = f"{name} of the authors' release, its parts as they are", "Parts as released"
    widths = {X.shape[1] for X, _ in rows.values()}
    if len(widths) > 1:
        raise InputError(f"{path}: the parts have {sorted(widths)} features; get a fresh copy")
    if max(widths) > options["components"]:
        rows = project_parts("imagenet-room", rows, options["components"])
        note += f"; {options['components']} principal components of the training rows"
    meta = {"source": source, "files": [], "note": f"{note}."}
    tasks = [str(label) for label in range(1, CLASSES + 1)]
    return classes_split("imagenet-room", index, tasks, rows, meta, refit=undivided)


def divide(rng, path, X, labels, test_rows, fraction):
    """Return {part: (features, labels)}: `test_rows` rows of each class, and of the others about `fraction`
    to validate, at least one, and at least one to train. Every part keeps the order of the rows.
    """
    part_of = np.full(len(X), PARTS.index("train"))
    for label in range(CLASSES):
        rows = rng.permutation(np.flatnonzero(labels == label))
        left = len(rows) - test_rows
        if left < 2:
            raise InputError(
                f"{path}: class {label + 1} has {len(rows)} images, but {test_rows} to test, one to "
                "validate and one to train are needed; lower test_rows"
            )
        held_out = min(max(round(fraction * left), 1), left - 1)
        part_of[rows[:test_rows]] = PARTS.index("test")
        part_of[rows[test_rows : test_rows + held_out]] = PARTS.index("validation")
    return {part: (X[part_of == k], labels[part_of == k]) for k, part in enumerate(PARTS)}


def _labelled(path, X, y, x_name, y_name):
    """Return features (n, d) and classes (n,) from 0; raise InputError unless they belong together."""
    y = y.ravel()
    if X.ndim != 2 or len(X) != len(y) or len(y) == 0:
        raise InputError(
            f"{path}: {x_name} has shape {X.shape} and {y_name} {len(y)} values; every part needs rows, "
            "the same number in both: get a fresh copy"
        )
    require_labels(path, y_name, y, 1, CLASSES)
    missing = np.setdiff1d(np.arange(1, CLASSES + 1), y)
    if len(missing):
        raise InputError(f"{path}: no image of class {missing[0]} in {y_name}; get a fresh copy")
    return X.astype(float), y.astype(int) - 1
