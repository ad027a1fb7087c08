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

from amtl import seeds
from amtl.datasets.common import require_finite, require_index, require_labels, row_options
from amtl.datasets.one_vs_rest import components_option, digits_split, draw
from amtl.errors import InputError

KIND = "one-vs-rest"

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


def files(options, index=None):
    """Return the raw files of the chosen format."""
    return (HDF5_FILE,) if options["source"] == "hdf5" else tuple(LIBSVM_FILES.values())


def splits(options, available):
    """As many random splits as one likes."""
    return 1_000_000


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1): 10 tasks on shared rows, the components and the constant."""
    require_index("usps", index, splits(options, None))
    rng = seeds.generator(seed, "usps", "split", index)
    images = {}
    for half, parts in (("train", ["train"]), ("test", ["validation", "test"])):
        if options["source"] == "hdf5":
            pixels, labels = read_hdf5(raw[HDF5_FILE], half)
        else:
            pixels, labels = read_libsvm(raw[LIBSVM_FILES[half]], half)
        sizes = {part: options[f"{part}_rows"] for part in parts}
        for part, rows in draw(rng, "usps", len(labels), sizes).items():
            images[part] = (pixels[rows], labels[rows])
    source = "USPS: train drawn from the 7,291 training images, validation and test from the 2,007"
    note = f"Pixels in [0, 1], {options['components']} principal components of the training rows."
    return digits_split("usps", index, images, options["components"], source, [], note)


def read_hdf5(path, half):
    """Return pixels (n, 256) float64 in [0, 1] and labels (n,) int of the ``train`` or ``test`` half."""
    import h5py

    try:
        with h5py.File(path) as archive:
            pixels = archive[f"{half}/data"][:].astype(np.float64)
            labels = archive[f"{half}/target"][:]
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; run the acquire step first") from None
    except KeyError:
        raise InputError(f"{path}: {half}/data or {half}/target is missing; wrong file?") from None
    except Exception as error:  # h5py passes on whatever the HDF5 library says
        reason = " ".join(str(error).split())
        raise InputError(
            f"{path}: not a readable HDF5 file ({type(error).__name__}: {reason}); "
            "it is damaged or incomplete, get a fresh copy"
        ) from None
    return _checked(path, half, pixels, labels)


def read_libsvm(path, half):
    """Return pixels (n, 256) float64, mapped from [-1, 1] to [0, 1], and labels (n,) int, the digits.

    An index that a line leaves out has the value 0, as everywhere in this format.
    """
    try:
        with open(path, "rb") as stream:
            packed = stream.read(3) == b"BZh"
        with (bz2.open if packed else open)(path, "rb") as stream:
            lines = stream.read().splitlines()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; run the acquire step first") from None
    except (OSError, EOFError) as error:
        raise InputError(
            f"{path}: not a readable bzip2 file ({error}); it is damaged or incomplete, get a fresh copy"
        ) from None
    pixels = np.zeros((len(lines), PIXELS))
    labels = np.zeros(len(lines))
    for row, line in enumerate(lines):
        try:
            fields = line.replace(b":", b" ").split()
            if len(fields) % 2 == 0:
                raise ValueError(f"{len(fields)} numbers where a label and pairs should be")
            label, *values = fields
            columns = np.array(values[::2], dtype=int)
            if ((columns < 1) | (columns > PIXELS)).any():
                raise ValueError(f"an index is outside 1..{PIXELS}")
            labels[row] = float(label)
            pixels[row, columns - 1] = np.array(values[1::2], dtype=float)
        except ValueError as error:
            raise InputError(
                f"{path}: line {row + 1} is not 'label index:value ...' ({error}); "
                "the file is damaged or incomplete, get a fresh copy"
            ) from None
    require_labels(path, f"{half} labels", labels, 1, 10)
    return _checked(path, half, (pixels + 1.0) / 2.0, labels - 1)


def _checked(path, half, pixels, labels):
    if pixels.shape != (IMAGES[half], PIXELS) or labels.shape != (IMAGES[half],):
        raise InputError(
            f"{path}: pixels of shape {pixels.shape} and {len(labels)} labels in the {half} half, expected "
            f"({IMAGES[half]}, {PIXELS}) and {IMAGES[half]}; the file is incomplete or not the right one"
        )
    require_finite(path, f"{half} pixels", pixels)
    require_labels(path, f"{half} labels", labels, 0, 9)
    return pixels, labels.astype(int)
