"""Tasks with rows of their own: random parts within each task, features scaled by the training rows."""

import numpy as np

from amtl.errors import InputError
from amtl.random import generator
from amtl.splits import PARTS, Part
from workbench.datasets._common import count_held_out, fit_scale, fraction_option, with_constant

OPTIONS = {
    "test_fraction": {
        "type": "number",
        "exclusiveMinimum": 0,
        "exclusiveMaximum": 1,
        "default": 0.25,
        "description": "Share of each task's rows (or groups of rows) in the test part, at least one.",
    },
    **fraction_option("Share of each task's other rows (or groups) held out for validation, at least one."),
}


def divide(rng, units, options):
    """Return {part: numbers of units}: units 0 to `units` - 1 divided at random by the two fractions."""
    order = rng.permutation(units)
    tested = count_held_out(options["test_fraction"], units)
    test, rest = order[:tested], order[tested:]
    held_out = count_held_out(options["validation_fraction"], len(rest))
    found = {"train": rest[held_out:], "validation": rest[:held_out], "test": test}
    return {part: np.sort(numbers) for part, numbers in found.items()}


def divide_tasks(dataset, index, seed, groups_of, options):
    """Return {part: {task: rows}} with whole groups of each task's rows in one part.

    groups_of : {task: list of arrays of row numbers}, three groups or more. Each task is drawn with a seed of
    its own that includes its name.
    """
    found = {part: {} for part in PARTS}
    for task, groups in groups_of.items():
        drawn = divide(generator(seed, dataset, "split", index, task), len(groups), options)
        for part, numbers in drawn.items():
            found[part][task] = np.concatenate([groups[k] for k in numbers])
    return found


def divide_labels(dataset, index, seed, rows_of, labels, options):
    """Return {part: {name: rows}}: the rows of each name, such as a task, with every label divided alike.

    rows_of : {name: row numbers}. labels : of all rows. Labels of fewer than three rows of a name are left
    out.
    """
    found = {part: {} for part in PARTS}
    for name, rows in rows_of.items():
        rng = generator(seed, dataset, "split", index, name)
        alike = [rows[labels[rows] == label] for label in np.unique(labels[rows])]
        alike = [own for own in alike if len(own) >= len(PARTS)]
        if not alike:
            raise InputError(
                f"{dataset}: {name} has no label with {len(PARTS)} rows; leave it out, or give it more rows"
            )
        drawn = [divide(rng, len(own), options) for own in alike]
        for part in PARTS:
            own = [each[numbers[part]] for each, numbers in zip(alike, drawn, strict=True)]
            found[part][name] = np.sort(np.concatenate(own))
    return found


def make_parts(X, rows, y_of):
    """Return {part: Part} with standardized features and the constant column last.

    rows : {part: {task: rows of X}}. y_of : function (task, rows) -> targets.
    """
    used = np.concatenate([np.asarray(own) for own in rows["train"].values()])
    # A row of several tasks counts once.
    scale = fit_scale(X[np.unique(used)])
    parts = {}
    for part, of_task in rows.items():
        order = np.concatenate(list(of_task.values()))
        y = np.concatenate([y_of(task, own) for task, own in of_task.items()]).astype(float)
        parts[part] = Part(with_constant(scale(X[order])), y, np.cumsum([0, *map(len, of_task.values())]))
    return parts


def overlap(rows):
    """Return the expected share of the test rows of {part: {task: rows}} that another split tests too."""
    tested = [len(own) for own in rows["test"].values()]
    pools = [sum(len(of_task[task]) for of_task in rows.values()) for task in rows["test"]]
    return float(np.dot(tested, np.divide(tested, pools)) / sum(tested))
