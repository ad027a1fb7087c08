"""School by year: the exam scores of `school`, one regression for each school and year.

The tasks are the cells of an array of schools by three years, which `meta["task_grid"]` says. Schools
without enough pupils in some year are left out. Pupils are divided at random within each cell. The features
are those of `school` with 26 columns, without the three columns that say the year.
"""

import numpy as np

from amtl.datasets.families import hidden_cells, without_cells
from amtl.random import generator
from amtl.splits import Part, Split
from workbench.datasets import _own_rows as own_rows
from workbench.datasets._readers.school import DATA_FILE, SCHOOL_LEVEL, read_pupils
from workbench.datasets._spec import DatasetSpec

YEARS = slice(0, 3)

OPTIONS = {
    "min_pupils": {
        "type": "integer",
        "minimum": 3,
        "default": 15,
        "description": "Fewest pupils in every year of a school that is kept.",
    },
    "hidden": {
        "type": "number",
        "minimum": 0,
        "maximum": 0.16,
        "default": 0,
        "description": "Share of the cells that are left out, one year at most of a school, new ones in each "
        "split.",
    },
    **own_rows.OPTIONS,
}


def files(options, index=None):
    """Return the file of pupils."""
    return (DATA_FILE,)


def make_split(index, options, raw, seed):
    """Draw split `index` (from 1): schools x 3 regression tasks, 23 columns, the last one constant."""
    X, y, school = read_pupils(raw[DATA_FILE])
    year = X[:, YEARS].argmax(axis=1)
    cells = {
        number: [np.flatnonzero((school == number) & (year == k)) for k in range(3)]
        for number in np.unique(school)
    }
    kept = {number: own for number, own in cells.items() if min(map(len, own)) >= options["min_pupils"]}
    groups_of = {
        f"{number + 1}, year {k + 1}": list(own[k][:, None]) for number, own in kept.items() for k in range(3)
    }
    rows = own_rows.divide_tasks("school-years", index, seed, groups_of, options)
    X = np.delete(X, [*range(3), *SCHOOL_LEVEL], axis=1)
    parts = {}
    for part, of_task in rows.items():
        order = np.concatenate(list(of_task.values()))
        parts[part] = Part(X[order], y[order], np.cumsum([0, *map(len, of_task.values())]))
    meta = {
        "source": f"School: {len(kept)} schools with {options['min_pupils']} pupils or more in every year",
        "note": f"{X.shape[1]} columns, the last one constant.",
        "test_overlap": own_rows.overlap(rows),
        "task_grid": [len(kept), 3],
    }
    split = Split("school-years", index, SPEC.kind, tuple(groups_of), **parts, meta=meta)
    if not options["hidden"]:
        return split
    rng = generator(seed, "school-years", "split", index, "hidden")
    return without_cells(split, hidden_cells(rng, meta["task_grid"], options["hidden"]))


SPEC = DatasetSpec(
    name="school-years",
    title="School by year",
    order=230,
    kind="regression",
    make_split=make_split,
    files=files,
    options=OPTIONS,
    splits_overlap=True,
)
