"""School: exam scores in 139 London schools, one regression per school, Argyriou's ten splits.

The splits have a train and a test part (11,472 and 3,890 rows). Validation is held out of train, school by
school, by a seed of its own (the base seed and "school", "split", the index, "validation"). With
``refit: true`` the chosen parameters are fitted once more on all of train.
"""

import numpy as np

from amtl.errors import InputError
from amtl.random import generator
from amtl.splits import Part, Split
from workbench.datasets._common import count_held_out, fraction_option
from workbench.datasets._readers import matlab
from workbench.datasets._readers.school import COLUMNS, DATA_FILE, SCHOOL_LEVEL, TASKS, read_pupils
from workbench.datasets._spec import DatasetSpec

OPTIONS = {
    "columns": {
        "enum": [26, 28],
        "default": 26,
        "description": "26 leaves out the two numeric school-level columns (4 and 5), as the paper does; "
        "28 keeps all. Both include the constant.",
    },
    **fraction_option("Share of each school's training rows held out for validation, at least one row."),
    "refit": {
        "type": "boolean",
        "default": True,
        "description": "Fit once more on train and validation together after tuning.",
    },
}

INDEX_FILES = tuple(f"school_{index}_indexes.mat" for index in range(1, 11))


def files(options, index=None):
    """Return the data and the indices of split `index`, or of all splits."""
    return (DATA_FILE, *(INDEX_FILES if index is None else INDEX_FILES[index - 1 : index]))


def splits(options, available):
    """Return 10, the number of Argyriou's splits."""
    return len(INDEX_FILES)


def make_split(index, options, raw, seed):
    """Return split `index`: 139 tasks, 26 columns (or 28), the last one constant."""
    X, y, school = read_pupils(raw[DATA_FILE])
    if options["columns"] != COLUMNS:
        X = np.delete(X, SCHOOL_LEVEL, axis=1)
    path = raw[INDEX_FILES[index - 1]]
    content = matlab.read(path, ["tr", "tr_indexes", "tst", "tst_indexes"])
    train = _task_rows(path, content, "tr", school)
    test = _task_rows(path, content, "tst", school)
    common = np.intersect1d(np.concatenate(train), np.concatenate(test))
    if len(common):
        raise InputError(
            f"{path}: tr and tst have rows in common, as row {common[0] + 1}; get a fresh copy of the file"
        )
    for task, rows in enumerate(train):
        if len(rows) < 2:
            raise InputError(
                f"{path}: task {task + 1} has a single row in tr; it needs one to train and one to validate"
            )
    rng = generator(seed, "school", "split", index, "validation")
    fraction = options["validation_fraction"]
    kept, held_out = zip(*(hold_out(rng, rows, fraction) for rows in train), strict=True)
    parts = {
        name: _part(X, y, rows) for name, rows in (("train", kept), ("validation", held_out), ("test", test))
    }
    meta = {
        "source": f"School: Argyriou's split {index} of 10, {X.shape[1]} columns, the last one constant",
        "note": f"Validation is {fraction:g} of each school's training rows.",
    }
    tasks = tuple(str(task + 1) for task in range(TASKS))
    return Split("school", index, SPEC.kind, tasks, **parts, refit=options["refit"], meta=meta)


def hold_out(rng, rows, fraction):
    """Split two or more `rows` into (kept, held out) at random; both keep the order of `rows`."""
    chosen = np.zeros(len(rows), dtype=bool)
    chosen[rng.permutation(len(rows))[: count_held_out(fraction, len(rows))]] = True
    return rows[~chosen], rows[chosen]


def _task_rows(path, content, name, school):
    """Return the 0-based rows of each school in the part `name` of the index file."""
    rows = matlab.whole_numbers(path, name, content[name])
    if len(rows) == 0:
        raise InputError(f"{path}: {name} is empty; every part of a split needs rows, get a fresh copy")
    bad = (rows < 1) | (rows > len(school))
    if bad.any():
        raise InputError(
            f"{path}: {name} holds row {rows[bad][0]}, but rows are counted from 1 to {len(school)}; "
            f"get it and {DATA_FILE} from one source"
        )
    numbers, times = np.unique(rows, return_counts=True)
    if (times > 1).any():
        twice = numbers[times > 1][0]
        raise InputError(f"{path}: {name} holds row {twice} more than once; get a fresh copy of the file")
    starts = f"{name}_indexes"
    offsets = matlab.task_offsets(path, starts, content[starts], len(rows), TASKS)
    rows = rows - 1
    misplaced = np.flatnonzero(school[rows] != np.repeat(np.arange(TASKS), np.diff(offsets)))
    if len(misplaced):
        row = rows[misplaced[0]]
        raise InputError(
            f"{path}: {name} gives row {row + 1} to a task other than {school[row] + 1}, its own; "
            f"get it and {DATA_FILE} from one source"
        )
    return np.split(rows, offsets[1:-1])


def _part(X, y, rows):
    order = np.concatenate(rows)
    return Part(X[order], y[order], np.cumsum([0, *map(len, rows)]))


SPEC = DatasetSpec(
    name="school",
    title="School",
    order=60,
    kind="regression",
    make_split=make_split,
    splits=splits,
    files=files,
    options=OPTIONS,
    splits_overlap=True,
)
