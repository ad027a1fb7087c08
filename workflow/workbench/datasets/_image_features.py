"""Datasets whose raw files hold image features that are read once, before any split is made (awa, awa2)."""

import numpy as np

from amtl.errors import InputError
from workbench.datasets import _one_vs_rest as one_vs_rest
from workbench.datasets._common import row_options


def feature_options(images):
    """Return the options of a dataset of 50 classes with `images` images in all."""
    return {
        **row_options(30, 30, 30, "per class"),
        **one_vs_rest.components_option(500),
        "images": {
            "type": "integer",
            "minimum": 1,
            "default": images,
            "description": "Images that the raw files must hold in all; another number counts as incomplete.",
        },
    }


def draw_split(dataset, index, options, features, seed, what):
    """Draw split `index` (from 1) of `dataset`: a task per class on shared rows, components and the constant.

    features : a `Features`. what : the source, for the report.
    Raises InputError when the number of images differs from the option.
    """
    header = features.header
    if header["images"] != options["images"]:
        raise InputError(
            f"{dataset}: {header['files'][0]['name']} holds {header['images']:,} images, expected "
            f"{options['images']:,}; get a complete copy, or set the option images to this number"
        )
    # Only the drawn rows are read into memory.
    X = np.load(features.array, mmap_mode="r", allow_pickle=False)
    rows_of = one_vs_rest.rows_in_order(dict(header["classes"]))
    drawn = one_vs_rest.draw_per_class(dataset, index, seed, rows_of, options)
    rows = {part: (X[chosen].astype(np.float64), labels) for part, (chosen, labels) in drawn.items()}
    rows = one_vs_rest.project_parts(dataset, rows, options["components"])
    meta = {
        "source": f"{what}: {header['images']:,} images of {len(rows_of)} classes",
        "note": f"{options['components']} principal components of the training rows.",
        "test_overlap": one_vs_rest.overlap_per_class(rows_of, options),
    }
    return one_vs_rest.classes_split(dataset, index, rows_of, rows, meta)
