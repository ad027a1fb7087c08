"""Bad input: what is wrong with a file, a result or a configuration, and what the error has to name."""

import bz2
import gzip
import re
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field

import h5py
import numpy as np
import yaml
from scipy.io import savemat

from helpers.made_up_files import (
    authors_content,
    classes_content,
    idx_bytes,
    libsvm_lines,
    save_v73,
    school_content,
    sentences,
    usps_images,
    window,
    write_arff,
    write_bz2,
    write_hdf5,
    write_sentences,
    write_zip_of,
)
from helpers.made_up_images import DECAF, awa2_files, awa_files, text, write_tar, write_tree, write_zip
from helpers.workflow_copy import RAW_FILE
from workbench.datasets import awa, awa2
from workbench.datasets._readers import conll

# Every dataset that reads a raw file, small; `synthetic` reads none and comes out the same whatever they do.
ROWS = {"train_rows": 1, "validation_rows": 1, "test_rows": 1}
DRAWN = {"train_rows": 200, "validation_rows": 150, "test_rows": 150, "components": 5}
DATASETS = {
    "synthetic": {},
    "synthetic-authors": {},
    "imbalanced-authors": {},
    "usps-authors": {},
    "imagenet-room": {},
    "school": {},
    "mnist": {"source": "idx", **DRAWN},
    "usps": DRAWN,
    "usps-libsvm": {"dataset": "usps", "source": "libsvm", **DRAWN},
    "conll-tags": {"tag_tokens": 60, **dict.fromkeys(ROWS, 20), "components": 5},
    "wisdm-users": ROWS,
    "awa": {"images": 150, **ROWS, "components": 5},
    "awa2": {"images": 150, **ROWS, "components": 5},
}
HEALTHY = "synthetic"
SETTINGS = {
    "run": {"datasets": list(DATASETS), "methods": ["mean", "stl"], "splits": 1, "grid_points": 6},
    "datasets": DATASETS,
    "data": {"folder": "data", "registry": "raw.yaml", "attempts": 1},
}
FILES = {
    "synthetic-authors": ["synthetic_dataset.mat"],
    "imbalanced-authors": ["synthetic_inbalance_1.mat"],
    "usps-authors": ["usps1.mat"],
    "imagenet-room": ["imagenet_room_1.mat"],
    "school": ["school_b.mat", "school_1_indexes.mat"],
    "mnist": [
        f"{half}-{what}" for half in ("train", "t10k") for what in ("images-idx3-ubyte", "labels-idx1-ubyte")
    ],
    "usps": ["usps.h5"],
    "usps-libsvm": ["usps.bz2", "usps.t.bz2"],
    "conll-tags": [conll.ARCHIVE],
    "wisdm-users": ["WISDM_ar_v1.1_transformed.arff"],
    "awa": [awa.ARCHIVE],
    "awa2": [awa2.ARCHIVE],
}
TREES = {awa.ARCHIVE: DECAF, awa2.ARCHIVE: awa2.FOLDER}


@dataclass(frozen=True)
class Case:
    """Something wrong with the raw files of a dataset.

    make : function of the data folder, which holds good files, that spoils one; it gives its name or path.
    told : what the one error names, in this order: files, variables, places and values.
    entry : {file: what the registry says of it besides its path}.
    """

    dataset: str
    what: str
    make: Callable
    told: tuple
    entry: dict = field(default_factory=dict)


def registry(entries=None):
    """Return a registry of the made-up files, none of which has a sum, with `entries` changed."""
    files = {}
    for name in (name for names in FILES.values() for name in names):
        files[name] = {"path": name, "unverified": True, "licence": "none", "citation": "none"}
        files[name] |= {"tree": TREES[name]} if name in TREES else {}
        files[name] |= (entries or {}).get(name, {})
    return {"files": files}


def write_good_files(folder):
    """Write good raw files of every dataset into `folder`."""
    folder.mkdir(parents=True)
    savemat(folder / "synthetic_dataset.mat", authors_content())
    savemat(folder / "synthetic_inbalance_1.mat", authors_content())
    savemat(folder / "usps1.mat", classes_content(10))
    save_v73(folder / "imagenet_room_1.mat", classes_content(20))
    for name, content in zip(FILES["school"], school_content(), strict=True):
        savemat(folder / name, content)
    for name, content in idx_contents().items():
        (folder / name).write_bytes(idx_bytes(content))
    images = usps_images()
    write_hdf5(folder / "usps.h5", images)
    for name, half in (("usps.bz2", "train"), ("usps.t.bz2", "test")):
        write_bz2(folder / name, b"".join(libsvm_lines(*images[half])))
    write_sentences(folder / conll.ARCHIVE, sentences())
    write_arff(folder / "WISDM_ar_v1.1_transformed.arff", windows())
    write_tar(folder / awa.ARCHIVE, awa_files(3))
    write_zip(folder / awa2.ARCHIVE, awa2_files(3))


def idx_contents():
    """Return {file: values} of MNIST's four files."""
    contents = {}
    for seed, half in enumerate(("train", "t10k")):
        rng = np.random.default_rng(seed)
        contents[f"{half}-images-idx3-ubyte"] = rng.integers(0, 256, (500, 28, 28))
        contents[f"{half}-labels-idx1-ubyte"] = rng.integers(0, 10, 500)
    return contents


def windows():
    return [window(user, 10.0 * user + k) for user in (1, 2, 3) for k in range(4)]


# What spoils a file: each function returns one that takes the data folder.


def bytes_of(name, change):
    """Return the function that changes the bytes of the file `name`."""

    def make(folder):
        path = folder / name
        path.write_bytes(change(path.read_bytes()))

    return make


def matlab(name, content, save=savemat, **changes):
    """Return the function that writes `content` with `changes`: values, or None to leave one out."""

    def make(folder):
        changed = {**content, **changes}
        save(folder / name, {key: value for key, value in changed.items() if value is not None})

    return make


def authors(name, n=(2, 3, 2), **changes):
    content = authors_content(n)
    changes = {key: change(content[key]) if callable(change) else change for key, change in changes.items()}
    return matlab(name, content, **changes)


def labelled(name, classes, save=savemat, **changes):
    content = classes_content(classes)
    changes = {key: change(content[key]) if callable(change) else change for key, change in changes.items()}
    return matlab(name, content, save, **changes)


def school(part, key, change):
    """Return the function that changes a variable of School's data (part 0) or indices (part 1)."""
    name, content = FILES["school"][part], school_content()[part]
    return matlab(name, content, **{key: change(content[key])})


def idx(name, change):
    return lambda folder: (folder / name).write_bytes(idx_bytes(change(idx_contents())))


def hdf5(change):
    return lambda folder: write_hdf5(folder / "usps.h5", change(usps_images()))


def hdf5_promise(folder):
    """Write an HDF5 file of a few kilobytes that says it holds terabytes."""
    with h5py.File(folder / "usps.h5", "w") as archive:
        for half in ("train", "test"):
            archive.create_dataset(f"{half}/data", (10**9, 256), np.float32, chunks=(1000, 256))
            archive.create_dataset(f"{half}/target", (10**9,), np.int32, chunks=(1000,))


def hdf5_of_text(folder):
    with h5py.File(folder / "usps.h5", "r+") as archive:
        del archive["train/data"]
        archive["train/data"] = np.full((7291, 256), b"0.5")


def matlab_promise(folder):
    """Write a MATLAB v7.3 file of a few kilobytes whose first variable is said to hold terabytes."""
    path = folder / "usps1.mat"
    save_v73(path, classes_content(10))
    with h5py.File(path, "r+") as archive:
        del archive["train_x"]
        archive.create_dataset("train_x", (87, 10**10), np.float64, chunks=(87, 100))


def libsvm(pattern, new):
    """Return the function that puts `new` in the first place of `pattern` in the text of usps.t.bz2."""
    return bytes_of(
        "usps.t.bz2", lambda packed: bz2.compress(re.sub(pattern, new, bz2.decompress(packed), count=1), 1)
    )


def with_label_0(packed):
    lines = bz2.decompress(packed).splitlines(keepends=True)
    lowered = (b"%d %s" % (int(line.split()[0]) - 1, line.split(maxsplit=1)[1]) for line in lines)
    return bz2.compress(b"".join(lowered), 1)


def link(name):
    """Return a member of a zip archive that is a symbolic link."""
    member = zipfile.ZipInfo(name)
    member.external_attr = 0o120777 << 16
    return member


def zipped(name, members, compression=zipfile.ZIP_STORED):
    return lambda folder: write_zip_of(folder / name, members, compression)


def tarred(name, content):
    """Return the function that puts a bad member before all others of AWA's archive."""

    def make(folder):
        others = {member: numbers for member, numbers in awa_files(1).items() if member != name}
        write_tar(folder / awa.ARCHIVE, {name: content, **others})

    return make


def tar_link(kind):
    member = tarfile.TarInfo(f"{DECAF}/beast+00/beast+00_0009.txt")
    member.type, member.linkname = kind, "/etc/hostname"
    return member


def tar_promise(folder):
    """Write a tar archive whose first member, one that nobody reads, is said to hold a terabyte."""
    member = tarfile.TarInfo("Animals_with_Attributes/README")
    member.size = 10**12
    (folder / awa.ARCHIVE).write_bytes(bz2.compress(member.tobuf()))


def tar_headers(folder):
    """Write a tar archive that begins with a header of 50 MB and goes on with zeros."""
    member = tarfile.TarInfo(IMAGE)
    member.pax_headers = {"comment": "x" * 50_000_000}
    (folder / awa.ARCHIVE).write_bytes(bz2.compress(member.tobuf(tarfile.PAX_FORMAT)))


def tar_sparse(folder):
    """Write a tar archive whose first member has a list of holes that are no numbers."""
    member = tarfile.TarInfo(IMAGE)
    member.pax_headers = {"GNU.sparse.map": "one,two", "GNU.sparse.size": "1"}
    (folder / awa.ARCHIVE).write_bytes(bz2.compress(member.tobuf(tarfile.PAX_FORMAT)))


def matlab_crash(content):
    """Return a MATLAB v5 file with a type of numbers that there is not: scipy ends the process reading it."""
    assert content[176] == 2
    return content[:176] + b"\0" + content[177:]


def awa2_text(name, change):
    """Return the function that changes one of the three texts in AWA2's archive."""

    def make(folder):
        members = awa2_files(1)
        member = f"{awa2.FOLDER}/{name}"
        members[member] = change(members[member])
        write_zip(folder / awa2.ARCHIVE, members)

    return make


def awa2_folder_without_names(folder):
    (folder / awa2.ARCHIVE).unlink()
    members = awa2_files(1)
    del members[f"{awa2.FOLDER}/{awa2.NAMES}"]
    write_tree(folder, members)


NUMBERS = text(np.zeros(awa.WIDTH))
IMAGE = f"{DECAF}/beast+00/beast+00_0001.txt"
MNIST_TEST, MNIST_LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
CONTENT = {"sum_of": "content", "unverified": False, "sha256": "0" * 64}

CASES = [
    Case(
        "synthetic-authors",
        "a MATLAB file that was cut short",
        bytes_of("synthetic_dataset.mat", lambda content: content[:3000]),
        ("synthetic_dataset.mat", "v5"),
    ),
    Case(
        "synthetic-authors",
        "first rows of the tasks counted from 0",
        authors("synthetic_dataset.mat", trindex=lambda v: v - 1),
        ("synthetic_dataset.mat", "trindex", "0", "1"),
    ),
    Case(
        "synthetic-authors",
        "row numbers that overflowed in uint8",
        authors("synthetic_dataset.mat", (2, 30, 2), valindex=lambda v: v.astype(np.uint8)),
        ("synthetic_dataset.mat", "task 9", "valindex", "row 241", "15"),
    ),
    Case(
        "synthetic-authors",
        "a test row copied from the training rows",
        authors(
            "synthetic_dataset.mat", test_x=lambda v: np.vstack([authors_content()["train_x"][3], v[1:]])
        ),
        ("synthetic_dataset.mat", "row 1", "test_x", "row 4", "train_x"),
    ),
    Case(
        "synthetic-authors",
        "NaN in the features",
        authors("synthetic_dataset.mat", train_x=lambda v: np.where(np.arange(24)[:, None] == 6, np.nan, v)),
        ("synthetic_dataset.mat", "NaN", "train_x", "row 7"),
    ),
    Case(
        "synthetic-authors",
        "a part without rows",
        authors("synthetic_dataset.mat", val_x=lambda v: v[:0], val_y=lambda v: v[:0]),
        ("synthetic_dataset.mat", "val_x", "shape (0, 20)"),
    ),
    Case(
        "imbalanced-authors",
        "a file with another checksum",
        authors("synthetic_inbalance_1.mat"),
        ("synthetic_inbalance_1.mat", "data/synthetic_inbalance_1.mat", "sha256", "00000"),
        {"synthetic_inbalance_1.mat": {"unverified": False, "sha256": "0" * 64}},
    ),
    Case(
        "imbalanced-authors",
        "a variable that is missing",
        authors("synthetic_inbalance_1.mat", val_y=None),
        ("synthetic_inbalance_1.mat", "'val_y'"),
    ),
    Case(
        "imbalanced-authors",
        "text in place of numbers",
        authors("synthetic_inbalance_1.mat", train_y="twelve"),
        ("synthetic_inbalance_1.mat", "'train_y'"),
    ),
    Case(
        "imbalanced-authors",
        "infinity among the targets",
        authors(
            "synthetic_inbalance_1.mat", val_y=lambda v: np.where(np.arange(36)[:, None] == 9, np.inf, v)
        ),
        ("synthetic_inbalance_1.mat", "NaN", "val_y", "row 10"),
    ),
    Case(
        "imbalanced-authors",
        "one target too few",
        authors("synthetic_inbalance_1.mat", test_y=lambda v: v[1:]),
        ("synthetic_inbalance_1.mat", "test_x", "shape (24, 20)", "23"),
    ),
    Case(
        "imbalanced-authors",
        "complex numbers",
        authors("synthetic_inbalance_1.mat", val_x=lambda v: v + 1j),
        ("synthetic_inbalance_1.mat", "'val_x'"),
    ),
    Case(
        "usps-authors",
        "labels counted from 0",
        labelled("usps1.mat", 10, train_y=lambda v: v - 1),
        ("usps1.mat", "label 0", "train_y", "0", "1"),
    ),
    Case(
        "usps-authors",
        "parts with other numbers of features",
        labelled("usps1.mat", 10, val_x=lambda v: v[:, 1:]),
        ("usps1.mat", "val_x", "29", "train_x", "30"),
    ),
    Case(
        "usps-authors",
        "a file of another size",
        labelled("usps1.mat", 10),
        ("usps1.mat", "1339444"),
        {"usps1.mat": {"bytes": 1_339_444}},
    ),
    Case(
        "usps-authors",
        "validation rows that are training rows",
        labelled("usps1.mat", 10, val_x=lambda v: classes_content(10)["train_x"][: len(v)]),
        ("usps1.mat", "row 1", "val_x", "row 1", "train_x"),
    ),
    Case(
        "usps-authors",
        "a small MATLAB file whose variable fills the memory",
        matlab_promise,
        ("usps1.mat", "'train_x'"),
    ),
    Case(
        "usps-authors",
        "an empty file",
        bytes_of("usps1.mat", lambda content: b""),
        ("usps1.mat", "v5"),
    ),
    Case(
        "imagenet-room",
        "a MATLAB v7.3 file that was cut short",
        bytes_of("imagenet_room_1.mat", lambda content: content[:4000]),
        ("imagenet_room_1.mat", "v7.3"),
    ),
    Case(
        "imagenet-room",
        "labels counted from 0 in MATLAB v7.3",
        labelled("imagenet_room_1.mat", 20, save_v73, test_y=lambda v: v - 1),
        ("imagenet_room_1.mat", "label 0", "test_y", "0", "1"),
    ),
    Case(
        "imagenet-room",
        "a class without images",
        labelled("imagenet_room_1.mat", 20, val_y=lambda v: np.where(v == 2, 3, v)),
        ("imagenet_room_1.mat", "class 2", "val_y"),
    ),
    Case(
        "imagenet-room",
        "text in place of numbers in MATLAB v7.3",
        labelled("imagenet_room_1.mat", 20, save_v73, test_x="many rooms"),
        ("imagenet_room_1.mat", "'test_x'"),
    ),
    Case(
        "imagenet-room",
        "a web page saved under the file's name",
        bytes_of("imagenet_room_1.mat", lambda content: b"<html>404 Not Found</html>"),
        ("imagenet_room_1.mat", "v5"),
    ),
    Case(
        "imagenet-room",
        "cells in place of a matrix",
        labelled("imagenet_room_1.mat", 20, val_x=lambda v: np.array([*v, "end"], dtype=object)),
        ("imagenet_room_1.mat", "'val_x'"),
    ),
    Case(
        "school",
        "indices counted from 0",
        school(1, "tr", lambda v: v.astype(int) - 1),
        ("school_1_indexes.mat", "tr", "row 0", "1", "556", "school_b.mat"),
    ),
    Case(
        "school",
        "features that overflowed in int8",
        school(0, "x", lambda v: np.where(v == 90, 200, v).astype(np.uint8).view(np.int8)),
        ("school_b.mat", "value -56", "row 1", "0..100"),
    ),
    Case(
        "school",
        "a pupil in training and in test",
        school(1, "tst", lambda v: np.where(v == 4, 3, v)),
        ("school_1_indexes.mat", "tr", "tst", "row 3"),
    ),
    Case(
        "school",
        "a pupil twice in training",
        school(1, "tr", lambda v: np.where(v == 2, 1, v)),
        ("school_1_indexes.mat", "tr", "row 1"),
    ),
    Case(
        "school",
        "fractions for indices",
        school(1, "tr", lambda v: v + 0.5),
        ("school_1_indexes.mat", "tr", "1.5"),
    ),
    Case(
        "school",
        "a matrix with rows and columns exchanged",
        school(0, "x", lambda v: v.T),
        ("school_b.mat", "shape (556, 28)", "28", "556"),
    ),
    Case(
        "mnist",
        "a gzip file that was cut short",
        bytes_of(MNIST_TEST, lambda content: gzip.compress(content)[:9000]),
        ("t10k-images-idx3-ubyte", "data/t10k-images-idx3-ubyte", "gzip"),
        {MNIST_TEST: {**CONTENT, "bytes": 392_016}},
    ),
    Case(
        "mnist",
        "a gzip file that unpacks to more than it should",
        bytes_of(MNIST_TEST, lambda content: gzip.compress(b"\0" * 50_000_000)),
        ("t10k-images-idx3-ubyte", "392016"),
        {MNIST_TEST: {**CONTENT, "bytes": 392_016}},
    ),
    Case(
        "mnist",
        "labels of other images",
        idx(MNIST_LABELS, lambda contents: contents[MNIST_LABELS][1:]),
        ("t10k-labels-idx1-ubyte", "499", "500"),
    ),
    Case(
        "mnist",
        "pixels that are not bytes",
        bytes_of(MNIST_TEST, lambda content: b"\0\0\x0d\x03" + content[4:]),
        ("t10k-images-idx3-ubyte", "00000d03", "00000803"),
    ),
    Case(
        "mnist",
        "test images that are training images",
        idx(MNIST_TEST, lambda contents: contents["train-images-idx3-ubyte"]),
        ("t10k-images-idx3-ubyte", "row 1", "row 1", "train-images-idx3-ubyte"),
    ),
    Case(
        "mnist",
        "labels counted from 1",
        idx(MNIST_LABELS, lambda contents: contents[MNIST_LABELS] + 1),
        ("t10k-labels-idx1-ubyte", "label 10", "1", "0"),
    ),
    Case(
        "usps",
        "an HDF5 file that was cut short",
        bytes_of("usps.h5", lambda content: content[:100_000]),
        ("usps.h5", "HDF5"),
    ),
    Case(
        "usps",
        "pixels on another scale",
        hdf5(lambda images: images | {"test": (255 * images["test"][0], images["test"][1])}),
        ("usps.h5", "row 1", "0..1"),
    ),
    Case(
        "usps",
        "digits with the label digit plus one",
        hdf5(lambda images: images | {"train": (images["train"][0], images["train"][1] + 1)}),
        ("usps.h5", "label 10", "1", "0"),
    ),
    Case(
        "usps",
        "a small HDF5 file that fills the memory",
        hdf5_promise,
        ("usps.h5", "(1000000000, 256)", "(7291, 256)"),
    ),
    Case(
        "usps",
        "text in place of numbers in HDF5",
        hdf5_of_text,
        ("usps.h5", "train/data"),
    ),
    Case(
        "usps",
        "an HDF5 file with other contents",
        hdf5(lambda images: {"train": images["train"]}),
        ("usps.h5", "test/data", "test/target"),
    ),
    Case(
        "usps-libsvm",
        "a line that is not in the format",
        libsvm(b" 2:", b" two:"),
        ("usps.t.bz2", "line 1", "'label index:value ...'"),
    ),
    Case(
        "usps-libsvm",
        "indices counted from 0",
        libsvm(b" 2:", b" 0:"),
        ("usps.t.bz2", "line 1", "1..256", "1"),
    ),
    Case(
        "usps-libsvm",
        "NaN in a line",
        libsvm(rb" 3:\S+", b" 3:nan"),
        ("usps.t.bz2", "NaN", "row 1"),
    ),
    Case(
        "usps-libsvm",
        "labels counted from 0 in a text",
        bytes_of("usps.t.bz2", with_label_0),
        ("usps.t.bz2", "label 0", "0", "1"),
    ),
    Case(
        "usps-libsvm",
        "a bzip2 file that unpacks to more than it should",
        bytes_of("usps.t.bz2", lambda packed: bz2.compress(b"\n" * 150_000_000, 9)),
        ("usps.t.bz2", "119,455,744"),
    ),
    Case(
        "usps-libsvm",
        "a bzip2 file that was cut short",
        bytes_of("usps.t.bz2", lambda packed: packed[:100_000]),
        ("usps.t.bz2", "bzip2"),
    ),
    Case(
        "conll-tags",
        "a file that is not a zip archive",
        bytes_of(conll.ARCHIVE, lambda content: b"Confidence NN B-NP\n"),
        ("conll2000.zip", "zip"),
    ),
    Case(
        "conll-tags",
        "a zip archive with a name outside it",
        zipped(conll.ARCHIVE, {"../../.profile": "x", conll.TRAINING: sentences()}),
        ("conll2000.zip", "../../.profile"),
    ),
    Case(
        "conll-tags",
        "a zip archive with a link",
        zipped(conll.ARCHIVE, {link("conll2000/test.txt"): "/etc/passwd", conll.TRAINING: sentences()}),
        ("conll2000.zip", "conll2000/test.txt", "link"),
    ),
    Case(
        "conll-tags",
        "a zip archive that unpacks to more than it should",
        zipped(conll.ARCHIVE, {conll.TRAINING: b"\n" * 150_000_000}, zipfile.ZIP_DEFLATED),
        ("conll2000.zip", "conll2000/train.txt", "150,000,000"),
    ),
    Case(
        "conll-tags",
        "a line with a field too few",
        zipped(conll.ARCHIVE, {conll.TRAINING: "word NN\n" + sentences()}),
        ("conll2000.zip", "train.txt", "line 1", "2"),
    ),
    Case(
        "conll-tags",
        "bytes that are not text in an archive",
        zipped(conll.ARCHIVE, {conll.TRAINING: b"\xff\xfe NN B-NP\n"}),
        ("conll2000.zip", "train.txt", "UTF-8"),
    ),
    Case(
        "wisdm-users",
        "an empty file",
        bytes_of("WISDM_ar_v1.1_transformed.arff", lambda content: b""),
        ("WISDM_ar_v1.1_transformed.arff", "line '@data'"),
    ),
    Case(
        "wisdm-users",
        "text in place of a number",
        bytes_of("WISDM_ar_v1.1_transformed.arff", lambda content: content.replace(b",20,", b",twenty,", 1)),
        ("WISDM_ar_v1.1_transformed.arff", "'twenty'"),
    ),
    Case(
        "wisdm-users",
        "a user who is a fraction",
        bytes_of("WISDM_ar_v1.1_transformed.arff", lambda content: content.replace(b"1,2,", b"1,1.5,", 1)),
        ("WISDM_ar_v1.1_transformed.arff", "line 8", "'1.5'"),
    ),
    Case(
        "wisdm-users",
        "infinity in a line",
        bytes_of("WISDM_ar_v1.1_transformed.arff", lambda content: content.replace(b",20,", b",inf,", 1)),
        ("WISDM_ar_v1.1_transformed.arff", "'inf'"),
    ),
    Case(
        "wisdm-users",
        "bytes that are not text",
        bytes_of(
            "WISDM_ar_v1.1_transformed.arff", lambda content: content.replace(b"Walking", b"\xff\xfe", 1)
        ),
        ("WISDM_ar_v1.1_transformed.arff",),
    ),
    Case(
        "wisdm-users",
        "a line with fields too few",
        bytes_of("WISDM_ar_v1.1_transformed.arff", lambda content: content + b"13,3,0.5\n"),
        ("WISDM_ar_v1.1_transformed.arff", "line 16", "3", "46"),
    ),
    Case(
        "awa",
        "a tar archive with a name outside it",
        tarred(f"{DECAF}/../../../../beast_0001.txt", NUMBERS),
        ("AwA-features-decaf.tar.bz2", "beast_0001.txt"),
    ),
    Case(
        "awa",
        "a tar archive with an absolute name",
        tarred("/etc/cron.d/beast_0001.txt", NUMBERS),
        ("AwA-features-decaf.tar.bz2", "/etc/cron.d/beast_0001.txt"),
    ),
    Case(
        "awa",
        "a tar archive with a link",
        tarred("link", tar_link(tarfile.SYMTYPE)),
        ("AwA-features-decaf.tar.bz2", "beast+00_0009.txt", "link"),
    ),
    Case(
        "awa",
        "a tar archive that unpacks to more than it should",
        tar_promise,
        ("AwA-features-decaf.tar.bz2", "1,000,000,001,024"),
    ),
    Case(
        "awa",
        "a tar archive with a header that fills the memory",
        tar_headers,
        ("AwA-features-decaf.tar.bz2", "16,777,216"),
    ),
    Case(
        "awa",
        "an image with one number too few",
        tarred(IMAGE, text(np.zeros(awa.WIDTH - 1))),
        ("AwA-features-decaf.tar.bz2", "beast+00_0001.txt", "4,095", "4,096"),
    ),
    Case(
        "awa2",
        "a zip archive with an absolute name",
        zipped(awa2.ARCHIVE, {"/etc/passwd": "x"}),
        ("AwA2-features.zip", "/etc/passwd"),
    ),
    Case(
        "awa2",
        "an unpacked folder in which a text is missing",
        awa2_folder_without_names,
        ("ResNet101/AwA2-filenames.txt",),
    ),
    Case(
        "awa2",
        "labels counted from 0 in an archive",
        awa2_text(awa2.LABELS, lambda content: content.replace(b"1\n", b"0\n", 1)),
        ("AwA2-features.zip", "line 1", "AwA2-labels.txt", "'0'", "1..50"),
    ),
    Case(
        "awa2",
        "fewer labels than images",
        awa2_text(awa2.LABELS, lambda content: content[2:]),
        ("AwA2-features.zip", "AwA2-labels.txt", "49", "AwA2-filenames.txt", "50"),
    ),
    Case(
        "awa2",
        "labels that unpack to more than they should",
        awa2_text(awa2.LABELS, lambda content: b"\n" * 5_000_000),
        ("AwA2-features.zip", "AwA2-labels.txt", "5,000,000"),
    ),
    Case(
        "awa2",
        "NaN among the features of an image",
        awa2_text(awa2.NUMBERS, lambda content: b"nan" + content[content.index(b" ") :]),
        ("AwA2-features.zip", "line 1", "AwA2-features.txt", "1", "NaN"),
    ),
    # Files on which the reading library crashes, or raises errors of other kinds.
    Case(
        "school",
        "a MATLAB file on which the library crashes",
        bytes_of("school_b.mat", matlab_crash),
        ("school_b.mat", "v5", "Crash"),
    ),
    Case(
        "awa",
        "a tar archive with a header without numbers",
        tar_sparse,
        ("AwA-features-decaf.tar.bz2", "tar.bz2"),
    ),
]


def locked(path):
    """Return the function that takes away all rights to a file or folder of the data folder."""
    return lambda folder: (folder / path).chmod(0)


def in_locked_folder(folder):
    (folder / "locked").mkdir()
    (folder / "usps.h5").rename(folder / "locked" / "usps.h5")
    (folder / "locked").chmod(0)


def awa_folder_locked(folder):
    (folder / awa.ARCHIVE).unlink()
    write_tree(folder, awa_files(1))
    (folder / DECAF / "beast+07").chmod(0)


def awa2_text_locked(folder):
    (folder / awa2.ARCHIVE).unlink()
    write_tree(folder, awa2_files(1))
    (folder / awa2.FOLDER / awa2.LABELS).chmod(0)


# Files and folders without read permission.
RIGHTS = [
    Case(
        "school",
        "a raw file without permission",
        locked("school_b.mat"),
        ("school_b.mat", "data/school_b.mat"),
    ),
    Case(
        "usps",
        "a folder of raw files without permission",
        in_locked_folder,
        ("usps.h5", "data/locked/usps.h5"),
        {"usps.h5": {"path": "locked/usps.h5"}},
    ),
    Case(
        "awa",
        "an unpacked folder without permission",
        awa_folder_locked,
        ("beast+07",),
    ),
    Case(
        "awa2",
        "a text in an unpacked folder without permission",
        awa2_text_locked,
        ("AwA2-labels.txt",),
    ),
]


def shorten(path):
    path.write_bytes(path.read_bytes()[:-100])


def stored(name, dataset=None):
    """Return the function that cuts a result of an earlier run short, and takes away what was made of it."""

    def make(folder):
        shorten(folder.parent / "results" / name)
        if dataset:
            (folder.parent / "results" / "data" / dataset / "split1.npz").unlink()

    return make


# Results of an earlier run that were damaged since.
STORED = [
    Case(
        "wisdm-users",
        "a split of an earlier run that was cut short",
        stored("data/wisdm-users/split1.npz"),
        ("results/data/wisdm-users/split1.npz",),
    ),
    Case(
        "usps-authors",
        "a raw file of an earlier run that was cut short",
        stored("raw/usps1.mat", "usps-authors"),
        ("results/raw/usps1.mat",),
    ),
    Case(
        "awa",
        "features of an earlier run that were cut short",
        stored("features/awa.npy", "awa"),
        ("results/features/awa.npy",),
    ),
    Case(
        "awa2",
        "a header of features that was cut short",
        stored("features/awa2.json", "awa2"),
        ("results/features/awa2.json",),
    ),
]


# Every error says what to do with one of these words.
ADVICE = re.compile(
    r"\b(get|give|change|set|delete|replace|do not use|did you mean|correct|move|check|name|use|add|see)\b"
)


@dataclass(frozen=True)
class Start:
    """Something that is wrong before any job can run.

    make : function of a copy of the project that spoils it.
    told : as in `Case`.
    """

    what: str
    make: Callable
    told: tuple


def key(path, value):
    """Return the function that sets the dotted key `path` of the configuration."""
    *sections, last = path.split(".")

    def change(config):
        for section in sections:
            config = config.setdefault(section, {})
        config[last] = value

    return lambda copy: copy.configure(change)


def entry(**given):
    """Return the function that changes the entry of the raw file in the registry; None takes a key away."""

    def make(copy):
        path = copy.root / "config" / "raw-files.yaml"
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        changed = {**content["files"][RAW_FILE], **given}
        content["files"][RAW_FILE] = {name: value for name, value in changed.items() if value is not None}
        path.write_text(yaml.safe_dump(content))

    return make


def written(name, content):
    def make(copy):
        path = copy.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    return make


def rights(name, mode):
    """Return the function that makes the folder or file `name` and sets its rights."""

    def make(copy):
        path = copy.root / name
        if not path.exists():
            path.mkdir(parents=True)
        path.chmod(mode)

    return make


def both(*functions):
    return lambda copy: [function(copy) for function in functions]


STARTS = [
    Start("an unknown key", key("run.gridpoints", 6), ("run.gridpoints", "'grid_points'")),
    Start("an unknown section", key("rum", {}), ("rum", "'run'")),
    Start(
        "an unknown dataset",
        key("run.datasets", ["syntetic"]),
        ("run.datasets", "'syntetic'", "'synthetic'"),
    ),
    Start("an unknown method", key("run.methods", ["amlt"]), ("run.methods", "'amlt'", "'amtl'")),
    Start("a word in place of a number", key("run.splits", "five"), ("run.splits", "'five'")),
    Start("a number that is not allowed", key("run.grid_points", 7), ("run.grid_points", "7", "6")),
    Start("a negative number", key("run.seed", -1), ("run.seed", "-1", "0")),
    Start(
        "a share above one",
        key("datasets.school.validation_fraction", 1.5),
        ("datasets.school.validation_fraction", "1.5"),
    ),
    Start(
        "a number that is not finite",
        key("run.tolerance", float("nan")),
        ("run.tolerance", "nan"),
    ),
    Start(
        "a name that YAML takes for a number",
        key("datasets", {2024: {"dataset": "mnist"}}),
        ("run.yaml", "line"),
    ),
    Start("a name in place of a list", key("run.datasets", "mnist"), ("run.datasets", "'mnist'", "list")),
    Start("an empty list", key("run.methods", []), ("run.methods", "[]")),
    Start("a section without content", key("run", None), ("config", "run", "mapping")),
    Start("a dataset twice", key("run.datasets", ["mnist", "mnist"]), ("run.datasets", "non-unique")),
    Start(
        "an unknown option of a method",
        key("methods.amtl.dleta", "train"),
        ("methods.amtl.dleta", "'delta'"),
    ),
    Start(
        "an unknown choice",
        key("datasets.mnist.source", "id"),
        ("datasets.mnist.source", "'bundled'", "'idx'"),
    ),
    Start(
        "a new entry of an unknown dataset",
        key("datasets.small", {"dataset": "minst"}),
        ("datasets.small.dataset", "'mnist'"),
    ),
    Start(
        "a loss that needs classes",
        key("datasets.school.loss", "logistic"),
        ("datasets.school.loss", "squared"),
    ),
    Start(
        "no method that can be used on a dataset",
        both(key("run.datasets", ["mnist"]), key("run.methods", ["oracle"])),
        ("run.methods", "oracle", "mnist", "run.datasets"),
    ),
    Start(
        "an ablation that is a method of the run",
        key("run.ablations", ["amtl"]),
        ("run.ablations", "'amtl'", "run.methods"),
    ),
    Start(
        "an unknown case of the benchmark",
        key("benchmark.cases", ["amtl-schol"]),
        ("benchmark.cases", "'amtl-school'"),
    ),
    Start(
        "a file in place of the data folder",
        key("data.folder", "run.yaml"),
        ("data.folder", "run.yaml", "file"),
    ),
    Start(
        "a missing data folder",
        key("data.folder", "nowhere"),
        ("data.folder", "nowhere"),
    ),
    Start(
        "a missing raw file with run.strict",
        both(key("run.strict", True), lambda copy: (copy.root / "data" / RAW_FILE).unlink()),
        ("run.strict", "synthetic_dataset.mat"),
    ),
    Start(
        "a missing registry",
        key("data.registry", "mine.yaml"),
        ("mine.yaml",),
    ),
    Start(
        "a registry in invalid YAML",
        written("config/raw-files.yaml", "files: [\n"),
        ("raw-files.yaml", "line 2"),
    ),
    Start("an unknown key in the registry", entry(sha265="0"), ("synthetic_dataset.mat.sha265", "'sha256'")),
    Start(
        "a checksum of another length",
        entry(sha256="abc"),
        ("synthetic_dataset.mat.sha256", "'abc'"),
    ),
    Start(
        "a file in the registry without a checksum",
        entry(sha256=None),
        ("synthetic_dataset.mat", "sha256", "md5", "git_blob"),
    ),
    Start(
        "a file in place of the folder of results",
        written("results", "x"),
        ("results: ",),
    ),
    Start(
        "a broken link in place of the folder of results",
        lambda copy: (copy.root / "results").symlink_to("nowhere"),
        ("results: ", "link"),
    ),
    Start(
        "a file in place of the folder of a dataset",
        written("results/fits/synthetic", "x"),
        ("results/fits/synthetic",),
    ),
    Start(
        "a missing configuration",
        lambda copy: (copy.root / "run.yaml").unlink(),
        ("run.yaml",),
    ),
    Start(
        "a configuration in invalid YAML",
        written("run.yaml", "run:\n  datasets: [mnist\n"),
        ("run.yaml", "line 3"),
    ),
    Start(
        "a repeated key",
        written("run.yaml", "run:\n  splits: 2\n  splits: 3\n"),
        ("run.yaml", "'splits'", "line 3"),
    ),
    Start(
        "a default configuration in invalid YAML",
        written("config/config.yaml", "run: [\n"),
        ("config/config.yaml", "line 2"),
    ),
    Start(
        "a configuration that is empty",
        written("run.yaml", ""),
        ("run.yaml",),
    ),
]

# A start of a user who has not all permissions.
START_RIGHTS = [
    Start(
        "a registry without permission",
        rights("config/raw-files.yaml", 0),
        ("raw-files.yaml", "Permission denied"),
    ),
    Start(
        "a data folder without permission",
        rights("data", 0),
        ("data.folder", "data", "permission"),
    ),
    Start(
        "results without permission",
        rights("results", 0o555),
        ("results: ", "--directory"),
    ),
    Start(
        "a working directory without permission",
        rights(".", 0o555),
        ("--directory",),
    ),
    Start(
        "a folder of a dataset's results without permission",
        rights("results/data/synthetic", 0o555),
        ("results/data/synthetic", "--directory"),
    ),
]
