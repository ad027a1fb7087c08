"""Tables of a user, written for tests, and the splits that are made of them."""

from pathlib import Path

import numpy as np

from helpers.datasets import load, options_of
from workbench.datasets import table as own


def regression_rows(tasks=3, rows=12, seed=0):
    """Return the columns of a small regression: task, two features and a target."""
    rng = np.random.default_rng(seed)
    names = [f"s{t + 1}" for t in range(tasks) for _ in range(rows)]
    a, b = rng.normal(size=(2, tasks * rows)).round(3)
    target = (2 * a - b + np.repeat(np.arange(tasks), rows) + 0.1 * rng.normal(size=len(a))).round(3)
    return {"task": names, "a": a, "b": b, "y": target}


def lines(columns, delimiter=",", decimal="."):
    """Return the lines of a text file with these columns."""
    rows = zip(*columns.values(), strict=True)
    cells = [list(columns), *([str(cell) for cell in row] for row in rows)]
    return [
        delimiter.join(cell.replace(".", decimal) if k else cell for cell in row)
        for k, row in enumerate(cells)
    ]


def write(path, columns, **form):
    """Write a text file with these columns and return its path."""
    path.write_text("\n".join(lines(columns, **form)) + "\n", encoding="utf-8")
    return path


def options(path, **given):
    """Return the options of a table at `path`: task ``task`` and target ``y``, unless `given` differs."""
    return options_of("table", **{"table": str(path), "task": "task", "target": "y", **given})


def split_of(path, index=1, seed=0, **given):
    """Return a split of the table at `path`."""
    chosen = options(path, **given)
    chosen["kind"] = {"one-vs-rest": "classes"}.get(kind := own.kind_of(chosen), kind)
    return load("table").make_split(index, chosen, {Path(path).name: Path(path)}, seed)
