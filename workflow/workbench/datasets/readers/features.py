"""Image features that lie in thousands of text files or gigabytes of text: read once, kept as one array.

The array is float32 (images, numbers), its rows in the order of the classes and, within a class, of the
images' names, whatever order they were read in. A json file beside it says which rows belong to which class
and which raw files were read. Neither reading nor drawing a split holds more than a part of it in memory.
"""

import json
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np

from amtl.errors import InputError
from workbench.datasets._common import require_index, row_options
from workbench.datasets._one_vs_rest import classes_split, components_option, draw_per_class, project_parts
from workbench.result_files import replacing

SECONDS_BETWEEN_PROGRESS_LINES = 5.0
# No number is written with more characters than this, the one between two numbers included.
CHARACTERS = 64
# As many random splits as one likes.
UNLIMITED = 1_000_000


def options(images):
    """Return the options of a dataset of 50 classes with `images` images in all."""
    return {
        **row_options(30, 30, 30, "per class"),
        **components_option(500),
        "images": {
            "type": "integer",
            "minimum": 1,
            "default": images,
            "description": "Images that the raw files must hold in all; another number counts as incomplete.",
        },
    }


def parse(text, width, where):
    """Return the `width` numbers in the bytes `text`, apart by white space or commas, as float32.

    Raises InputError that begins with `where` unless there are as many and all of them are finite.
    """
    try:
        with np.errstate(over="ignore"):  # too large is infinite, which is refused below
            values = np.array(text.replace(b",", b" ").split(), dtype=np.float32)
    except ValueError as error:
        raise InputError(f"{where}: not all of it is numbers ({error}); get a fresh copy") from None
    if len(values) != width:
        raise InputError(f"{where}: holds {len(values):,} numbers, expected {width:,}; get a fresh copy")
    if not np.isfinite(values).all():
        number = int(np.flatnonzero(~np.isfinite(values))[0]) + 1
        raise InputError(f"{where}: number {number:,} is NaN or infinite; get a fresh copy")
    return values


def write(source, images, width, in_order, array):
    """Write the features of `images` to the file `array` (npy); return what belongs in the header beside it.

    source : the raw file or folder, for messages. images : iterable of (class, name of the image, float32
    (width,)). in_order : function of the set of classes, called after the last image, that returns the
    classes in their order. Raises InputError when an image comes twice.
    """
    keys = []
    Path(array).parent.mkdir(parents=True, exist_ok=True)
    with TemporaryFile(dir=Path(array).parent) as unsorted, replacing(array) as temporary:
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
        with open(temporary, "wb") as target:
            head = {"descr": "<f4", "fortran_order": False, "shape": (len(keys), width)}
            np.lib.format.write_array_header_1_0(target, head)
            for row in order:
                unsorted.seek(4 * width * row)
                target.write(unsorted.read(4 * width))
    print(f"{source}: {len(keys):,} images of {len(classes)} classes read", file=sys.stderr)
    return {"images": len(keys), "width": width, "classes": {name: counts[name] for name in classes}}


def draw_split(dataset, index, options, paths, seed, what):
    """Draw split `index` (from 1) of `dataset`: a task per class on shared rows, components and the constant.

    paths : {"npy": the array, "json": its header}. what : the source, for the report.
    Raises InputError when the raw files held another number of images than the option says.
    """
    require_index(dataset, index, UNLIMITED)
    header = json.loads(Path(paths["json"]).read_text(encoding="utf-8"))
    try:
        X = np.load(paths["npy"], mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise InputError(
            f"{paths['npy']}: not a readable array ({error}); delete it and run the workflow again"
        ) from None
    if len(X) != header["images"]:
        raise InputError(
            f"{paths['npy']}: has {len(X):,} rows and {paths['json']} {header['images']:,} images; delete "
            "both and run the workflow again"
        )
    if header["images"] != options["images"]:
        raise InputError(
            f"{dataset}: {header['files'][0]['name']} holds {header['images']:,} images, expected "
            f"{options['images']:,}; get a complete copy, or set the option images if that is all you want"
        )
    edges = np.cumsum([0, *header["classes"].values()])
    rows_of = {name: np.arange(edges[k], edges[k + 1]) for k, name in enumerate(header["classes"])}
    drawn = draw_per_class(dataset, index, seed, rows_of, options)
    rows = {part: (X[chosen].astype(np.float64), labels) for part, (chosen, labels) in drawn.items()}
    rows = project_parts(dataset, rows, options["components"])
    meta = {
        "source": f"{what}: {header['images']:,} images of {len(rows_of)} classes",
        "files": [],
        "note": f"{options['components']} principal components of the training rows.",
    }
    return classes_split(dataset, index, rows_of, rows, meta)
