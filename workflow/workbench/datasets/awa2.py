"""Animals with Attributes 2: other images of the same 50 classes, with ResNet-101 features. Not in the paper.

AwA2-features.zip, or its unpacked folder Animals_with_Attributes2/Features/ResNet101, holds three texts
with a line per image: AwA2-features.txt (37,322 lines of 2,048 numbers), AwA2-labels.txt (the class, 1..50)
and AwA2-filenames.txt (CLASS_NUMBER.jpg). They are read line by line. The protocol is that of `awa`: 30
images of each class in every part, PCA to 500 on the training rows.
"""

import io
import os
import re
from pathlib import Path, PurePosixPath

from amtl.errors import InputError
from workbench.datasets._image_features import draw_split, feature_options
from workbench.datasets._readers import archives, features
from workbench.datasets._spec import DatasetSpec

IMAGES = 37_322

ARCHIVE = "AwA2-features.zip"
FOLDER = "Animals_with_Attributes2/Features/ResNet101"
NUMBERS, LABELS, NAMES = "AwA2-features.txt", "AwA2-labels.txt", "AwA2-filenames.txt"
CLASSES = 50
WIDTH = 2048
BLOCK = 1 << 20
MAX_LINE_BYTES = WIDTH * features.MAX_NUMBER_CHARACTERS
# Upper bound on the size of each text.
MAX_TEXT_BYTES = {
    NUMBERS: IMAGES * MAX_LINE_BYTES,
    LABELS: IMAGES * features.MAX_NUMBER_CHARACTERS,
    NAMES: IMAGES * 4 * features.MAX_NUMBER_CHARACTERS,
}


def files(options, index=None):
    """Return the archive."""
    return (ARCHIVE,)


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1) from what `read_features` wrote: 50 tasks on shared rows."""
    return draw_split("awa2", index, options, raw, seed, "Animals with Attributes 2, ResNet-101 features")


def read_features(source, class_list, array):
    """Read the archive or folder `source` into the file `array` as `DatasetSpec.read_features` says.

    class_list : not used; the names of the images hold the classes. The sha256 of a folder covers its three
    texts. Raises InputError that names the invalid text and line.
    """
    source = Path(source)
    reader = _Folder(source) if source.is_dir() else _Archive(source)
    classes, names = _labels(reader)
    content = features.write(source, _images(reader, names), WIDTH, lambda found: classes, array)
    return content, reader.read.describe(source) if source.is_dir() else None


def _labels(reader):
    """Return the names of the classes in the order of their numbers, and (class, image) of every line."""
    labels, files = list(reader.lines(LABELS)), list(reader.lines(NAMES))
    if len(labels) != len(files):
        raise InputError(
            f"{reader.path}: {LABELS} has {len(labels):,} lines and {NAMES} {len(files):,}; get a fresh copy"
        )
    name_of, names = {}, []
    for number, (label, file) in enumerate(zip(labels, files, strict=True), 1):
        where = f"{reader.path}: line {number:,}"
        label = label.strip().decode("utf-8", "replace")
        image = PurePosixPath(file.strip().decode("utf-8", "replace"))
        if not re.fullmatch(r"\d{1,9}", label) or not 1 <= int(label) <= CLASSES:
            raise InputError(
                f"{where} of {LABELS}: {label!r} is not a class of 1..{CLASSES}; get a fresh copy"
            )
        name_of_class, _, rest = image.stem.rpartition("_")
        expected = name_of.setdefault(int(label), name_of_class)
        if not name_of_class or not rest.isdecimal() or name_of_class != expected:
            raise InputError(
                f"{where} of {NAMES}: {image.name!r} is not the name of an image of class {label}, "
                f"{expected!r}; get a fresh copy"
            )
        names.append((name_of_class, image.stem))
    classes = [name_of[label] for label in sorted(name_of)]
    if len(set(classes)) != CLASSES:
        raise InputError(
            f"{reader.path}: {LABELS} has {len(set(classes))} classes, expected {CLASSES}; get a fresh copy"
        )
    return classes, names


def _images(reader, names):
    """Yield (class, image, numbers) of every image."""
    count = 0
    for count, line in enumerate(reader.lines(NUMBERS), 1):
        where = f"{reader.path}: line {count:,} of {NUMBERS}"
        if count > len(names):
            raise InputError(f"{where}: has no label; {LABELS} ends after {len(names):,}; get a fresh copy")
        yield *names[count - 1], features.parse(line, WIDTH, where)
    if count < len(names):
        raise InputError(
            f"{reader.path}: {NUMBERS} has {count:,} lines for {len(names):,} labels; "
            "it is damaged or incomplete, get a fresh copy"
        )


class _Folder:
    """The three texts in a folder."""

    def __init__(self, path):
        self.path = path
        self.read = features.RunningSum()

    def lines(self, name):
        """Yield the lines of the text `name`."""
        try:
            with open(self.path / name, "rb") as stream:
                archives.check_size(self.path / name, os.stat(stream.fileno()).st_size, MAX_TEXT_BYTES[name])
                for line in _lines(stream):
                    self.read.add(line)
                    yield line
        except OSError as error:
            raise InputError(
                f"{self.path / name}: cannot be read ({error.strerror}); get a fresh copy, or change "
                "its permissions"
            ) from None


class _Archive:
    """The three texts in the zip archive, read without unpacking it."""

    def __init__(self, path):
        self.path = path

    def lines(self, name):
        """Yield the lines of the text `name`."""
        with archives.open_member(self.path, f"{FOLDER}/{name}", MAX_TEXT_BYTES[name]) as stream:
            yield from _lines(io.BufferedReader(stream, BLOCK))


def _lines(stream):
    """Yield the lines of `stream`; a longer line than `MAX_LINE_BYTES` is cut, so that memory is bounded."""
    while line := stream.readline(MAX_LINE_BYTES):
        yield line


SPEC = DatasetSpec(
    name="awa2",
    title="AWA2, another set of images",
    order=110,
    kind="one-vs-rest",
    make_split=make_split,
    files=files,
    options=feature_options(IMAGES),
    read_features=read_features,
    splits_overlap=True,
)
