"""Made-up raw files in the layouts of the datasets other than archives of images, and how to write them."""

import bz2
import zipfile

import h5py
import numpy as np
from scipy.io import savemat

from workbench.datasets import usps
from workbench.datasets._readers import conll

# What the authors call a part, and their variable with the first row of each task.
AUTHORS_PARTS = {"train": "trindex", "val": "valindex", "test": "teindex"}


def authors_content(n=(2, 3, 2)):
    """Return the variables of the authors' regression files: 12 tasks, `n` rows of each in a part."""
    rng = np.random.default_rng(0)
    content = {}
    for (theirs, starts), rows in zip(AUTHORS_PARTS.items(), n, strict=True):
        content[f"{theirs}_x"] = rng.normal(size=(12 * rows, 20))
        content[f"{theirs}_y"] = rng.normal(size=(12 * rows, 1))
        content[starts] = np.arange(12, dtype=np.uint16)[:, None] * rows + 1
    return content


def classes_content(classes, rows=(4, 2, 3), width=30, seed=0):
    """Return the variables of the authors' files of classes, labels from 1: `rows` of each in a part."""
    content = {}
    for number, (part, size) in enumerate(zip(AUTHORS_PARTS, rows, strict=True)):
        rng = np.random.default_rng(seed + number)
        y = rng.permutation(np.repeat(np.arange(1, classes + 1), size))
        content[f"{part}_x"] = rng.normal(size=(len(y), width)) + y[:, None]
        content[f"{part}_y"] = y.astype(np.uint8)[:, None]
    return content


def school_content():
    """Return the variables of School's two files: four rows per school, of which three are trained on."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, (28, 4 * 139)).astype(np.uint8)
    x[3:5] = 90
    x[27] = 1
    data = {"x": x, "y": rng.integers(1, 70, (4 * 139, 1)).astype(np.uint8)}
    data["task_indexes"] = (np.arange(139, dtype=np.uint16) * 4 + 1)[:, None]
    rows = np.arange(1, 4 * 139 + 1, dtype=np.uint16).reshape(139, 4)
    index = {"tr": rows[:, :3].reshape(1, -1), "tst": rows[:, 3:].reshape(1, -1)}
    index["tr_indexes"] = (np.arange(139, dtype=np.uint16) * 3 + 1)[:, None]
    index["tst_indexes"] = (np.arange(139, dtype=np.uint16) + 1)[:, None]
    return data, index


def save_v73(path, content):
    """Write `content` as MATLAB -v7.3 does: HDF5 behind a header of 512 bytes, every array transposed."""
    with h5py.File(path, "w", userblock_size=512) as archive:
        for name, values in content.items():
            text = isinstance(values, str)
            stored = np.frombuffer(values.encode("utf-16-le"), np.uint16)[:, None] if text else values.T
            archive[name] = stored
            kinds = {"f": b"double", "u": b"uint8", "i": b"int32"}
            archive[name].attrs["MATLAB_class"] = np.bytes_(b"char" if text else kinds[values.dtype.kind])
    with open(path, "r+b") as stream:
        stream.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Sat Jan  1 2000".ljust(512, b" "))


SAVE = {"v5": savemat, "v7.3": save_v73}


def idx_bytes(values):
    """Return `values` in the idx format of unsigned bytes."""
    head = bytes([0, 0, 8, values.ndim]) + b"".join(size.to_bytes(4, "big") for size in values.shape)
    return head + values.astype(np.uint8).tobytes()


def usps_images():
    """Return {half: (pixels in [0, 1], digits)} with the number of images that USPS has."""
    rng = np.random.default_rng(0)
    images = {}
    for half, count in usps.IMAGES.items():
        pixels = rng.integers(0, 2001, (count, 256)) / 2000
        # The value 0 may be left out of a libsvm line.
        pixels[:, ::7] = 0.5
        images[half] = pixels, rng.integers(0, 10, count)
    return images


def write_hdf5(path, images):
    with h5py.File(path, "w") as archive:
        for half, (pixels, labels) in images.items():
            archive[f"{half}/data"] = pixels.astype(np.float32)
            archive[f"{half}/target"] = labels.astype(np.int32)
    return path


def libsvm_lines(pixels, labels):
    """Yield the lines of a libsvm file: the label is the digit plus one, pixels lie in [-1, 1]."""
    values = np.round(2 * pixels - 1, 6)
    for row, label in zip(values, labels, strict=True):
        pairs = (f"{column + 1}:{value:g}" for column, value in enumerate(row) if value)
        yield f"{label + 1} {' '.join(pairs)} \n".encode()


def write_bz2(path, content):
    path.write_bytes(bz2.compress(content, 1))


def write_zip_of(path, members, compression=zipfile.ZIP_STORED):
    """Write `members`, {name or ZipInfo: content}, as a zip archive."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def sentences(n=60):
    """Return text of the CoNLL-2000 task with `n` different tokens of each of two tags and one of a third."""
    lines = []
    for k in range(n):
        lines += [f"word{k} NN B-NP", f"go{chr(97 + k % 26)}es{k} VBZ B-VP", ""]
    return "\n".join([*lines, "ouch UH O"])


def write_sentences(path, text, member=conll.TRAINING):
    return write_zip_of(path, {member: text})


def window(user, value, missing=False, number=1):
    """Return a line of WISDM's file: a window of `user` whose features go up from `value`."""
    features = ["0.5", *[f"{value + column:g}" for column in range(41)], "0"]
    if missing:
        features[7] = "?"
    return ",".join([str(number), str(user), *features, "Walking"])


def write_arff(path, lines):
    text = "\n".join(["@relation r", "@attribute a numeric", "@DATA", *lines, ""])
    path.write_text(text, encoding="utf-8")
    return path
