"""Classes as one-vs-rest tasks: random parts of the rows, and PCA fitted on the training rows alone."""

import numpy as np

from amtl.errors import InputError
from amtl.random import generator
from amtl.splits import PARTS, Part, Split
from workbench.datasets._common import with_constant

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

    sizes : {part: number of rows}. Raises InputError when there are too few images.
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


def draw_per_class(dataset, index, seed, rows_of, options):
    """Return {part: (rows, labels)}: from every class as many rows as `options` set for each part, disjoint.

    rows_of : {class: numbers of its rows}. Each class is drawn with a seed of its own that includes the class
        name, so the draw depends neither on the order nor on the size of the other classes.
    Raises InputError that names the class when it has too few rows.
    """
    sizes = [options[f"{part}_rows"] for part in PARTS]
    drawn = {part: [] for part in PARTS}
    for name, rows in rows_of.items():
        if sum(sizes) > len(rows):
            raise InputError(
                f"{dataset}: class {name!r} has {len(rows)} rows, but train_rows + validation_rows + "
                f"test_rows = {sum(sizes)} are asked for; lower them"
            )
        order = generator(seed, dataset, "split", index, name).permutation(len(rows))
        for part, chosen in zip(PARTS, np.split(order, np.cumsum(sizes))[:-1], strict=True):
            drawn[part].append(np.asarray(rows)[chosen])
    labels = {part: np.repeat(np.arange(len(rows_of)), size) for part, size in zip(PARTS, sizes, strict=True)}
    return {part: (np.concatenate(rows), labels[part]) for part, rows in drawn.items()}


def overlap_per_class(rows_of, options):
    """Return the expected share of the test rows of `draw_per_class` that another split tests too."""
    return float(np.mean([options["test_rows"] / len(rows) for rows in rows_of.values()]))


def rows_in_order(counts):
    """Return {class: numbers of its rows} for rows that lie class by class, from {class: number of rows}."""
    edges = np.cumsum([0, *counts.values()])
    return {name: np.arange(edges[k], edges[k + 1]) for k, name in enumerate(counts)}


def digits_split(dataset, index, images, components, meta):
    """Return a split of the ten digits.

    images : {part: (pixels (n, p) in [0, 1], labels (n,) digits 0..9)}.
    components : number of principal components of the training pixels that make the features.
    meta : of the split; a note on the pixels is added.
    Raises InputError when a part lacks a digit, or has too few rows for the components.
    """
    for part, (_, labels) in images.items():
        missing = np.setdiff1d(np.arange(10), labels)
        if len(missing):
            raise InputError(
                f"{dataset} split {index}: no image of task {missing[0]} among the {len(labels)} rows drawn "
                f"for {part}; raise {part}_rows"
            )
    rows = project_parts(dataset, images, components)
    note = f"Pixels in [0, 1], {components} principal components of the training rows."
    return classes_split(dataset, index, DIGITS, rows, {**meta, "note": note})


def classes_split(dataset, index, tasks, rows, meta, refit=False):
    """Return a split of shared rows, one task per class.

    rows : {part: (features (n, d), labels (n,), the number of the class from 0)}.
    """
    parts = {name: Part(with_constant(X), labels.astype(float)) for name, (X, labels) in rows.items()}
    return Split(dataset, index, "one-vs-rest", tuple(tasks), **parts, refit=refit, meta=meta)


def project_parts(dataset, rows, components):
    """Return `rows`, {part: (features, labels)}, on the leading principal components of the training rows."""
    project = fit_projection(dataset, rows["train"][0], components)
    return {part: (project(X), labels) for part, (X, labels) in rows.items()}


def fit_projection(dataset, X, components):
    """Return the function that projects rows on the leading principal components of `X` (n, p).

    The sign of a component is arbitrary, and libraries have changed their choice between versions. Here the
    entry of largest absolute value is positive.
    """
    if components > min(X.shape):
        raise InputError(
            f"{dataset}: {components} components asked for, but {X.shape[0]} training rows with "
            f"{X.shape[1]} columns give at most {min(X.shape)}; lower components or raise train_rows"
        )
    from sklearn.decomposition import PCA

    fitted = PCA(components, svd_solver="full").fit(X)
    axes = fitted.components_
    largest = axes[np.arange(components), np.argmax(np.abs(axes), axis=1)]
    axes = axes * np.sign(largest)[:, None]
    return lambda rows: (rows - fitted.mean_) @ axes.T
