"""Made-up features in the layouts of AWA and AWA2, at their real size: 50 classes, 4,096 or 2,048 numbers."""

import bz2
import io
import tarfile
import zipfile

import numpy as np

from workbench.datasets import awa, awa2

CLASSES = [f"beast+{k:02d}" for k in range(50)]
DECAF = "Animals_with_Attributes/Features/decaf"


def numbers(image, name_of_class, width):
    """Return the numbers of an image, around a centre that its class has, as they come back: float32."""
    centre = np.random.default_rng(CLASSES.index(name_of_class)).normal(size=width)
    values = centre + np.random.default_rng([image, CLASSES.index(name_of_class)]).normal(size=width)
    return np.array([f"{value:.4f}" for value in values], np.float32)


def awa_files(images, separator="\n"):
    """Return {name of the member: its bytes}: `images` images of each class, in no order of use."""
    return {
        f"{DECAF}/{name}/{name}_{image:04d}.txt": text(numbers(image, name, awa.WIDTH), separator)
        for image in range(images, 0, -1)
        for name in CLASSES
    }


def text(values, separator="\n"):
    return separator.join(f"{value:.4f}" for value in values).encode() + b"\n"


def class_list(names):
    return "".join(f"{k}\t{name}\n" for k, name in enumerate(names, 1)).encode()


def write_tar(path, members):
    """Write `members`, {name: bytes or TarInfo}, as a tar.bz2 archive."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with bz2.open(path, "wb", compresslevel=1) as stream, tarfile.open(fileobj=stream, mode="w|") as archive:
        for name, content in members.items():
            info = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
            if info is not content:
                info.size = len(content)
            archive.addfile(info, None if info is content else io.BytesIO(content))
    return path


def write_tree(folder, members):
    """Write `members` as files below `folder`."""
    for name, content in members.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def awa2_files(images):
    """Return {name of the member: its bytes} of AWA2's three texts."""
    rows = [(k, name, image) for k, name in enumerate(CLASSES, 1) for image in range(images)]
    return {
        f"{awa2.FOLDER}/{awa2.NUMBERS}": b"".join(
            text(numbers(i, name, awa2.WIDTH), " ") for _, name, i in rows
        ),
        f"{awa2.FOLDER}/{awa2.LABELS}": "".join(f"{k}\n" for k, _, _ in rows).encode(),
        f"{awa2.FOLDER}/{awa2.NAMES}": "".join(f"{name}_{10001 + i}.jpg\n" for _, name, i in rows).encode(),
    }


def write_zip(path, members):
    """Write `members` as a zip archive."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path
