"""Digits as one-vs-rest tasks: random parts of the images, and PCA fitted on the training rows alone."""

import numpy as np

from amtl.datasets.common import count_rows, with_constant
from amtl.errors import InputError
from amtl.split import Part, Split

DIGITS = tuple(str(digit) for digit in range(10))


def components_option(default):
    """Return the schema of the option that sets the number of principal components."""
    return {
        "components": {
            "type": "integer",
            "minimum": 1,
            "default": default,
            "description": "Principal components kept; fitted on the training rows.",
        }
    }


def draw(rng, dataset, n_images, sizes):
    """Return disjoint random index arrays of the given `sizes` out of `n_images` images.

    sizes : dict of part to its number of rows. Raises InputError when there are too few images.
    """
    wanted = sum(sizes.values())
    if wanted > n_images:
        options = " + ".join(f"{part}_rows" for part in sizes)
        raise InputError(
            f"{dataset}: {options} = {wanted} rows asked for, but there are {n_images} images; lower them"
        )
    order = rng.permutation(n_images)[:wanted]
    ends = np.cumsum(list(sizes.values()))
    return dict(zip(sizes, np.split(order, ends[:-1]), strict=True))


def digits_split(dataset, index, images, components, source, files, note):
    """Return a split of the ten digits.

    images : dict of part to (pixels (n, p) in [0, 1], labels (n,) digits 0..9).
    components : number of principal components of the training pixels that make the features.
    Raises InputError when a part lacks a digit, or has too few rows for the components.
    """
    for part, (_, labels) in images.items():
        missing = np.setdiff1d(np.arange(10), labels)
        if len(missing):
            raise InputError(
                f"{dataset} split {index}: no image of task {missing[0]} among the {len(labels)} rows drawn "
                f"for {part}; raise {part}_rows"
            )
    project = fit_projection(dataset, images["train"][0], components)
    parts = {
        name: Part(with_constant(project(pixels)), labels.astype(float))
        for name, (pixels, labels) in images.items()
    }
    meta = {"source": source, "files": files, "note": note, "rows": count_rows(parts)}
    return Split(dataset, index, "one-vs-rest", DIGITS, **parts, meta=meta)


def fit_projection(dataset, pixels, components):
    """Return the function that projects rows on the leading principal components of `pixels` (n, p).

    The sign of a component is free, and libraries have changed their choice between versions; here its
    entry of largest size is positive.
    """
    if components > min(pixels.shape):
        raise InputError(
            f"{dataset}: {components} components asked for, but {pixels.shape[0]} training rows with "
            f"{pixels.shape[1]} pixels give at most {min(pixels.shape)}; lower components or raise train_rows"
        )
    from sklearn.decomposition import PCA

    fitted = PCA(components, svd_solver="full").fit(pixels)
    axes = fitted.components_
    largest = axes[np.arange(components), np.argmax(np.abs(axes), axis=1)]
    axes = axes * np.sign(largest)[:, None]
    return lambda rows: (rows - fitted.mean_) @ axes.T
