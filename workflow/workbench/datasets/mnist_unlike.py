"""MNIST with unlike tasks on the same images: the digit, its parity, whether it is at least 5, and the ink.

The digit has ten classes, parity and "at least 5" have two, and the ink is the mean of the pixels, a number.
Means of 2 x 2 pixels are the features. Sources as for `workbench.datasets.mnist`; the parts have different
images.
"""

import numpy as np

from amtl.errors import InputError
from amtl.random import generator
from amtl.splits import PARTS, Part, Split
from workbench.datasets._common import LOSS_SCALE, loss_scales, row_options, with_constant
from workbench.datasets._readers import digits
from workbench.datasets._spec import DatasetSpec

TASKS = ("digit", "odd", "at least 5", "ink")
POOL = 2

OPTIONS = {**digits.SOURCE_OPTION, **row_options(2000, 750, 1250, "in all"), **LOSS_SCALE}


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1): four tasks on shared rows, the constant column last."""
    rng = generator(seed, "mnist-unlike", "split", index)
    images = digits.divide_images(rng, options["source"], raw)
    X, y = {}, {}
    for part, (pixels, labels) in images.items():
        count = options[f"{part}_rows"]
        if count > len(labels):
            raise InputError(
                f"mnist-unlike: {part}_rows = {count}, but there are {len(labels)} images for it; lower it"
            )
        pixels, labels = pixels[:count], labels[:count].astype(float)
        X[part] = digits.pooled_pixels(pixels.reshape(count, 28, 28), POOL)
        y[part] = np.column_stack([labels, labels % 2, labels >= 5, pixels.mean(axis=1) / 255.0])
    X = digits.varying(X)
    parts = {part: Part(with_constant(X[part]), y[part]) for part in PARTS}
    meta = {
        **digits.describe(options["source"]),
        "note": "Means of 2 x 2 pixels in [0, 1]. Errors in % of that of the best constant prediction.",
        "outputs": [10, 2, 2, 0],
        "loss_scales": loss_scales(len(TASKS), options),
    }
    return Split("mnist-unlike", index, SPEC.kind, TASKS, **parts, meta=meta)


SPEC = DatasetSpec(
    name="mnist-unlike",
    title="MNIST with unlike tasks",
    order=410,
    kind="mixed",
    make_split=make_split,
    files=digits.files,
    options=OPTIONS,
    splits_overlap=True,
)
