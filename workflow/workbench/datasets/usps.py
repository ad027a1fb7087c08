"""USPS digits: 1000 training, 500 validation and 500 test images, PCA to 87, ten one-vs-rest tasks.

Train is drawn from the 7,291 training images; validation and test are drawn, disjoint, from the 2,007 test
images (the paper's protocol). Each split is a new random draw without regard to the digit.

source: hdf5
    One file with train/data, train/target, test/data, test/target; pixels in [0, 1], labels are the digits.
source: libsvm
    Two text files (plain or bzip2) of ``label index:value ...``; pixels in [-1, 1], mapped to [0, 1], labels
    are the digit plus one. The same images in the same order: splits agree up to rounding.
"""

import bz2

import numpy as np

from amtl.errors import InputError
from amtl.random import generator
from workbench.datasets._common import (
    require_disjoint,
    require_finite,
    require_labels,
    require_range,
    row_options,
)
from workbench.datasets._one_vs_rest import components_option, digits_split, draw
from workbench.datasets._spec import DatasetSpec

OPTIONS = {
    "source": {
        "enum": ["hdf5", "libsvm"],
        "default": "hdf5",
        "description": "Format of the raw file: usps.h5, or usps.bz2 and usps.t.bz2; the same images.",
    },
    **row_options(1000, 500, 500, "in all"),
    **components_option(87),
}

HDF5_FILE = "usps.h5"
LIBSVM_FILES = {"train": "usps.bz2", "test": "usps.t.bz2"}
IMAGES = {"train": 7291, "test": 2007}
PIXELS = 256
# Upper bound on the size of a libsvm text with this many images.
MAX_TEXT_BYTES = IMAGES["train"] * PIXELS * 64


def files(options, index=None):
    """Return the raw files of the chosen format."""
    return (HDF5_FILE,) if options["source"] == "hdf5" else tuple(LIBSVM_FILES.values())


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1): 10 tasks on shared rows, the components and the constant."""
    rng = generator(seed, "usps", "split", index)
    if options["source"] == "hdf5":
        paths, read = dict.fromkeys(IMAGES, raw[HDF5_FILE]), read_hdf5
    else:
        paths, read = {half: raw[name] for half, name in LIBSVM_FILES.items()}, read_libsvm
    halves = {half: read(paths[half], half) for half in IMAGES}
    require_disjoint(
        *(paths["test"], "the test images", halves["test"][0]),
        *(paths["train"], "the train images", halves["train"][0]),
    )
    drawn = {}
    for half, parts in (("train", ["train"]), ("test", ["validation", "test"])):
        pixels, labels = halves[half]
        sizes = {part: options[f"{part}_rows"] for part in parts}
        for part, rows in draw(rng, "usps", len(labels), sizes).items():
            drawn[part] = pixels[rows], labels[rows]
    meta = {
        "source": "USPS: train drawn from the 7,291 training images, validation and test from the 2,007",
        "test_overlap": options["test_rows"] / IMAGES["test"],
    }
    return digits_split("usps", index, drawn, options["components"], meta)


def read_hdf5(path, half):
    """Return pixels (n, 256) float64 in [0, 1] and labels (n,) int of the ``train`` or ``test`` half."""
    import h5py

    try:
        with h5py.File(path) as archive:
            stored = archive[f"{half}/data"], archive[f"{half}/target"]
            shapes = tuple(getattr(each, "shape", None) for each in stored)
            # Checked before reading: the header of a small file can declare more than the memory holds.
            _check_shapes(path, half, *shapes)
            pixels, labels = (each[:] for each in stored)
            if pixels.dtype.kind not in "iuf" or labels.dtype.kind not in "iuf":
                raise InputError(
                    f"{path}: {half}/data or {half}/target does not hold numbers; "
                    "not the right file, get a fresh copy"
                )
    except InputError:
        raise
    except KeyError:
        raise InputError(
            f"{path}: {half}/data or {half}/target is missing; not the right file, get a fresh copy"
        ) from None
    except Exception as error:  # h5py raises errors of many kinds on damaged files
        reason = " ".join(str(error).split())
        raise InputError(
            f"{path}: not a readable HDF5 file ({type(error).__name__}: {reason}); "
            "it is damaged or incomplete, get a fresh copy"
        ) from None
    pixels = pixels.astype(np.float64)
    require_finite(path, f"{half} pixels", pixels)
    require_range(path, f"{half} pixels", pixels, 0, 1)
    return pixels, _digits(path, half, labels, 0)


def read_libsvm(path, half):
    """Return pixels (n, 256) float64, mapped from [-1, 1] to [0, 1], and labels (n,) int, the digits.

    An index that a line leaves out has the value 0, as everywhere in this format.
    """
    try:
        with open(path, "rb") as stream:
            packed = stream.read(3) == b"BZh"
        with (bz2.open if packed else open)(path, "rb") as stream:
            content = stream.read(MAX_TEXT_BYTES + 1)
    except (OSError, EOFError) as error:
        raise InputError(
            f"{path}: not a readable bzip2 file ({error}); it is damaged or incomplete, get a fresh copy"
        ) from None
    if len(content) > MAX_TEXT_BYTES:
        raise InputError(
            f"{path}: more than {MAX_TEXT_BYTES:,} bytes of text; not the right file, get a fresh copy"
        )
    lines = content.splitlines()
    pixels = np.zeros((len(lines), PIXELS))
    labels = np.zeros(len(lines))
    for row, line in enumerate(lines):
        try:
            fields = line.replace(b":", b" ").split()
            if len(fields) % 2 == 0:
                raise ValueError(f"{len(fields)} numbers instead of a label and pairs")
            label, *values = fields
            columns = np.array(values[::2], dtype=int)
            if ((columns < 1) | (columns > PIXELS)).any():
                raise ValueError(f"an index is outside 1..{PIXELS}, counted from 1")
            if len(set(columns)) < len(columns):
                raise ValueError("an index is given twice")
            labels[row] = float(label)
            pixels[row, columns - 1] = np.array(values[1::2], dtype=float)
        except (ValueError, OverflowError) as error:
            raise InputError(
                f"{path}: line {row + 1} is not 'label index:value ...' ({error}); "
                "the file is damaged or incomplete, get a fresh copy"
            ) from None
    _check_shapes(path, half, pixels.shape, labels.shape)
    require_finite(path, f"{half} pixels", pixels)
    require_range(path, f"{half} pixels", pixels, -1, 1)
    return (pixels + 1.0) / 2.0, _digits(path, half, labels, 1)


def _check_shapes(path, half, pixels, labels):
    expected = (IMAGES[half], PIXELS), (IMAGES[half],)
    if (pixels, labels) != expected:
        raise InputError(
            f"{path}: pixels of shape {pixels} and labels of shape {labels} in the {half} half, expected "
            f"{expected[0]} and {expected[1]}; not the right file, get a fresh copy"
        )


def _digits(path, half, labels, zero):
    """Return the digits (n,) int; the label `zero` means 0."""
    require_labels(path, f"{half} labels", labels, zero, zero + 9)
    return labels.astype(int) - zero


SPEC = DatasetSpec(
    name="usps",
    title="USPS",
    order=40,
    kind="one-vs-rest",
    make_split=make_split,
    files=files,
    options=OPTIONS,
    splits_overlap=True,
)
