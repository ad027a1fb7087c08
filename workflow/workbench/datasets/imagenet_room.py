"""ImageNet-Room: twenty kinds of room as one-vs-rest tasks, 30 to 1,000 training images each (section 4.3).

Split k is the authors' file imagenet_room_k.mat, MATLAB v5 or v7.3, labels 1..20. Its variables are the three
parts, train_x to test_y, or only x and y. In the second case the parts are drawn by the paper's rule: 20
images of each class are test, all others train. The paper does not say where its validation images come from;
here a share of each class's training images is held out, and the chosen parameters are fitted once more on
all of them. Features wider than `components` are reduced by PCA on the training rows.
"""

import numpy as np

from amtl.errors import InputError
from amtl.random import generator
from amtl.splits import PARTS
from workbench.datasets import _authors as authors
from workbench.datasets._common import (
    count_held_out,
    fraction_option,
    require_labels,
    require_matching_rows,
)
from workbench.datasets._one_vs_rest import classes_split, components_option, project_parts
from workbench.datasets._readers import matlab
from workbench.datasets._spec import DatasetSpec

OPTIONS = {
    **components_option(500),
    "test_rows": {
        "type": "integer",
        "minimum": 1,
        "default": 20,
        "description": "Test images of each class, where the file holds the images without their parts.",
    },
    **fraction_option(
        "Share of each class's training images held out to validate, at least one, where the file holds the "
        "images without their parts."
    ),
}

NAMES = tuple(f"imagenet_room_{index}.mat" for index in range(1, 6))
CLASSES = 20


def make_split(index, options, raw, seed):
    """Return split `index`: 20 tasks on shared rows, the components and the constant."""
    path = raw[NAMES[index - 1]]
    variables = authors.variables("xy")
    content = matlab.read(path, [], optional=[*variables, "x", "y"])
    undivided = content.keys() == {"x", "y"}
    if undivided:
        X, y = content["x"], content["y"].ravel()
        require_matching_rows(path, "x", X, "y", y)
        rng = generator(seed, "imagenet-room", "split", index)
        test_rows, fraction = options["test_rows"], options["validation_fraction"]
        rows = divide(rng, path, X.astype(float), _classes(path, "y", y), test_rows, fraction)
        source = f"{path.name} of the authors' release, divided by the rule of the paper"
        note = f"{test_rows} test images a class, {fraction:g} of the others validate"
    else:
        matlab.require_variables(path, variables, content)
        rows = {
            part: (X.astype(float), _classes(path, f"{authors.THEIR_PARTS[part]}_y", y))
            for part, (X, y) in authors.read_parts(path, content).items()
        }
        source, note = f"{path.name} of the authors' release, its parts as they are", "Parts as released"
    if rows["train"][0].shape[1] > options["components"]:
        rows = project_parts("imagenet-room", rows, options["components"])
        note += f"; {options['components']} principal components of the training rows"
    tasks = [str(label) for label in range(1, CLASSES + 1)]
    meta = {"source": source, "note": f"{note}."}
    return classes_split("imagenet-room", index, tasks, rows, meta, refit=undivided)


def divide(rng, path, X, labels, test_rows, fraction):
    """Return {part: (features, labels)} drawn from `X` (n, d) and `labels` (n,).

    `test_rows` rows of each class are test. Of the others about `fraction` validate, at least one, and at
    least one trains. Every part keeps the order of the rows.
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
        held_out = count_held_out(fraction, left)
        part_of[rows[:test_rows]] = PARTS.index("test")
        part_of[rows[test_rows : test_rows + held_out]] = PARTS.index("validation")
    return {part: (X[part_of == k], labels[part_of == k]) for k, part in enumerate(PARTS)}


def _classes(path, name, y):
    """Return the classes (n,) from 0 of the labels `y` (n,), which must be 1..20, each at least once."""
    require_labels(path, name, y, 1, CLASSES)
    missing = np.setdiff1d(np.arange(1, CLASSES + 1), y)
    if len(missing):
        raise InputError(f"{path}: no image of class {missing[0]} in {name}; get a fresh copy")
    return y.astype(int) - 1


SPEC = DatasetSpec(
    name="imagenet-room",
    title="ImageNet-Room",
    order=100,
    kind="one-vs-rest",
    make_split=make_split,
    splits=authors.splits_of(NAMES),
    files=authors.files_of(NAMES),
    options=OPTIONS,
    splits_overlap=True,
)
