"""Image features from thousands of text files or gigabytes of text, written to one array.

The array is float32 (images, numbers). Its rows are sorted by class and then by the name of the image, in
whatever order they were read. Only one row at a time is in memory.
"""

import hashlib
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np

from amtl.errors import InputError

SECONDS_BETWEEN_PROGRESS_LINES = 5.0
# Upper bound on the characters of one number, with the separator after it.
MAX_NUMBER_CHARACTERS = 64


class RunningSum:
    """Checksum and size of the content of a folder, summed up while its files are read."""

    def __init__(self):
        self._sum, self._bytes = hashlib.sha256(), 0

    def add(self, content, label=""):
        """Add the bytes `content` of a file; the text `label` counts in the checksum only."""
        self._sum.update(label.encode() + content)
        self._bytes += len(content)

    def describe(self, folder):
        """Return name, sha256 and bytes of the `folder` that was read."""
        return {"name": f"{folder.name}/", "sha256": self._sum.hexdigest(), "bytes": self._bytes}


def parse(text, width, where):
    """Return the `width` numbers in the bytes `text`, separated by white space or commas, as float32.

    Raises InputError that begins with `where` unless the count is right and all numbers are finite.
    """
    try:
        with np.errstate(over="ignore"):  # a number that is too large becomes infinite and is refused below
            values = np.array(text.replace(b",", b" ").split(), dtype=np.float32)
    except ValueError as error:
        raise InputError(f"{where}: contains text that is not a number ({error}); get a fresh copy") from None
    if len(values) != width:
        raise InputError(f"{where}: holds {len(values):,} numbers, expected {width:,}; get a fresh copy")
    if not np.isfinite(values).all():
        number = int(np.flatnonzero(~np.isfinite(values))[0]) + 1
        raise InputError(f"{where}: number {number:,} is NaN or infinite; get a fresh copy")
    return values


def write(source, images, width, in_order, array):
    """Write the features of `images` to the file `array` (npy); return its header.

    source : the raw file or folder, for messages. images : iterable of (class, name of the image, float32
    (width,)). in_order : function of the set of classes, called after the last image, that returns the
    classes in their order.
    The header is images, width and classes: [class, number of rows] in the order of the rows.
    Raises InputError when an image occurs twice.
    """
    keys = []
    with TemporaryFile(dir=Path(array).parent) as unsorted:
        shown = time.monotonic()
        for name_of_class, image, values in images:
            unsorted.write(values.tobytes())
            keys.append((name_of_class, image))
            if time.monotonic() - shown > SECONDS_BETWEEN_PROGRESS_LINES:
                shown = time.monotonic()
                print(f"{source}: {len(keys):,} images", file=sys.stderr, flush=True)
        counts = Counter(name for name, _ in keys)
        classes = in_order(set(counts))
        rank = {name: k for k, name in enumerate(classes)}
        order = sorted(range(len(keys)), key=lambda row: (rank[keys[row][0]], keys[row][1]))
        for first, second in pairwise(order):
            if keys[first] == keys[second]:
                raise InputError(f"{source}: image {keys[first][1]!r} is there twice; get a fresh copy")
        with open(array, "wb") as target:
            head = {"descr": "<f4", "fortran_order": False, "shape": (len(keys), width)}
            np.lib.format.write_array_header_1_0(target, head)
            for row in order:
                unsorted.seek(4 * width * row)
                target.write(unsorted.read(4 * width))
    print(f"{source}: {len(keys):,} images of {len(classes)} classes read", file=sys.stderr)
    return {"images": len(keys), "width": width, "classes": [[name, counts[name]] for name in classes]}
