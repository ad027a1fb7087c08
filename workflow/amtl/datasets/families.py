"""Regression tasks that are related in one known way, for each family of multi-task methods.

x ~ N(0, I) and y = x'w_t + noise. The weights W (d, T) of a family are

* ``shared-support``: N(0, 1) on a fifth of the features, the same for all tasks, and 0 elsewhere;
* ``partly-shared``: the same, but half of the features are each task's own;
* ``low-rank``: U V with rank 3;
* ``one-group``: a common vector plus small deviations;
* ``clusters``: the same in three groups;
* ``outliers``: one-group, but a share of the tasks are unrelated to all others;
* ``unrelated``: N(0, 1), independent;
* ``asymmetric``: the tasks of the second half are sums of two of the first half, which has a third of the
  noise;
* ``chain``: each task is the one before it plus a small step;
* ``tensor``: tasks are the cells of an array (T / 4, 4), and W (d, T / 4, 4) has rank 2;
* ``overlap``: each task uses a tenth of the features, a given share of which all tasks use; the weights are
  -1 or 1.

Each task's weights then get the same norm, `NORM`, so that all tasks have the same signal.
"""

from dataclasses import replace

import numpy as np

from amtl.errors import InputError, nearest
from amtl.random import generator
from amtl.splits import PARTS, Part, Split

# The norm of each task's weights: the standard deviation of x'w_t.
NORM = 5.0
RANK, TENSOR_RANK, CLUSTERS, MODE = 3, 2, 3, 4
# Standard deviation of a weight's deviation from its group, and of a step of the chain; weights have 1.
DEVIATION, STEP = 0.3, 0.4
# How many givers a hard task of the asymmetric family sums, and how much less noise an easy task has. With
# the noise of the other families no method learns the easy tasks, and there would be nothing to give.
GIVERS, QUIETER = 2, 3.0
# One of so many features is used by a task of the overlap family.
SPARSITY = 10


def _shared_support(rng, d, T, facts):
    W = np.zeros((d, T))
    rows = rng.permutation(d)[: max(d // 5, 1)]
    W[rows] = rng.standard_normal((len(rows), T))
    return W


def _partly_shared(rng, d, T, facts):
    W, size = np.zeros((d, T)), max(d // 10, 1)
    order = rng.permutation(d)
    W[order[:size]] = rng.standard_normal((size, T))
    for t in range(T):
        W[rng.choice(order[size:], size, replace=False), t] = rng.standard_normal(size)
    return W


def _low_rank(rng, d, T, facts):
    return rng.standard_normal((d, RANK)) @ rng.standard_normal((RANK, T))


def _clusters(rng, d, T, facts, count=CLUSTERS):
    group = np.arange(T) * count // T
    facts["group"] = (group + 1).tolist()
    return rng.standard_normal((d, count))[:, group] + DEVIATION * rng.standard_normal((d, T))


def _one_group(rng, d, T, facts):
    return _clusters(rng, d, T, facts, 1)


def _outliers(rng, d, T, facts):
    W, count = _one_group(rng, d, T, facts), round(facts["share"] * T)
    W[:, T - count :] = rng.standard_normal((d, count))
    facts["group"] = [1] * (T - count) + [2] * count
    facts["outliers"] = [False] * (T - count) + [True] * count
    return W


def _unrelated(rng, d, T, facts):
    return rng.standard_normal((d, T))


def _asymmetric(rng, d, T, facts):
    W, half = rng.standard_normal((d, T)), T // 2
    for t in range(half, T):
        givers = rng.choice(half, min(GIVERS, half), replace=False)
        W[:, t] = W[:, givers] @ rng.uniform(0.5, 1.0, len(givers))
    facts["difficulty"] = ["easy"] * half + ["hard"] * (T - half)
    return W


def _chain(rng, d, T, facts):
    facts["ordered"] = True
    steps = [rng.standard_normal(d), *(STEP * rng.standard_normal((T - 1, d)))]
    return np.cumsum(np.column_stack(steps), axis=1)


def _tensor(rng, d, T, facts):
    shape = (T // MODE, MODE)
    facts["task_grid"] = list(shape)
    factors = [rng.standard_normal((size, TENSOR_RANK)) for size in (d, *shape)]
    return np.einsum("jr,ar,br->jab", *factors).reshape(d, T)


def _overlap(rng, d, T, facts):
    size = max(round(d / SPARSITY), 1)
    common = round(facts["overlap"] * size)
    own = size - common
    if common + own * T > d:
        raise InputError(
            f"family overlap: {T} tasks with {own} features of their own do not fit into {d} features; give "
            "more features, fewer tasks or a larger overlap"
        )
    order, W = rng.permutation(d), np.zeros((d, T))
    for t in range(T):
        rows = [*order[:common], *order[common + own * t : common + own * (t + 1)]]
        W[rows, t] = rng.choice([-1.0, 1.0], size)
    return W


FAMILIES = {
    "shared-support": _shared_support,
    "partly-shared": _partly_shared,
    "low-rank": _low_rank,
    "one-group": _one_group,
    "clusters": _clusters,
    "outliers": _outliers,
    "unrelated": _unrelated,
    "asymmetric": _asymmetric,
    "chain": _chain,
    "tensor": _tensor,
    "overlap": _overlap,
}


def hidden_cells(rng, shape, share):
    """Return the numbers of cells of a grid (rows, columns) to be left out, one at most in a row.

    rng : generator. share : of all cells. At least half of the rows stay whole, so that every column keeps
    some cells.
    """
    rows, columns = shape
    count = min(round(share * rows * columns), rows // 2)
    return np.sort(rng.permutation(rows)[:count] * columns + rng.integers(columns, size=count))


def make_family(
    index,
    seed,
    *,
    family,
    tasks=16,
    features=30,
    train_rows=25,
    validation_rows=25,
    test_rows=100,
    noise=5.0,
    outliers=0.25,
    overlap=0.5,
    imbalance=1,
    hidden=0.0,
    new_weights=False,
):
    """Return split `index` of regression tasks of a family, with the weights that generated them.

    Parameters
    ----------
    index, seed : int
        Number of the split and base seed. The weights depend on the seed, the rows on both.
    family : str
        A key of `FAMILIES`.
    tasks, features : int
        Numbers of tasks T and of features. For ``tensor`` T is a multiple of 4. For ``overlap`` 2 tasks
        suffice.
    train_rows, validation_rows, test_rows : int
        Rows of each task.
    noise : float
        Standard deviation of the noise; an easy task of the family ``asymmetric`` has a third of it. x'w_t
        has the standard deviation 5.
    outliers : float
        Share of unrelated tasks in the family ``outliers``.
    overlap : float
        Share of a task's features that all tasks use, in the family ``overlap``.
    imbalance : int
        The second half of the tasks has so many times fewer training rows, two at least.
    hidden : float
        Share of the cells of the family ``tensor`` that are left out, chosen anew in each split. The tasks of
        the other cells have the same names, weights and rows as without.
    new_weights : bool
        Whether the weights depend on the split too, so that splits vary in what is to be learned.

    Raises
    ------
    InputError
        For an unknown family, or a number of tasks that it cannot have.
    """
    if family not in FAMILIES:
        raise InputError(f"unknown family {family!r}{nearest(family, FAMILIES)}")
    fewest = 2 if family == "overlap" else 4
    if tasks < fewest or (family == "tensor" and tasks % MODE):
        raise InputError(
            f"family {family}: {tasks} tasks; give {fewest} or more, for tensor a multiple of {MODE}"
        )
    given = {"share": outliers, "overlap": overlap}
    facts = {**given, "group": [1] * tasks, "difficulty": ["easy"] * tasks}
    drawn = generator(seed, "family", family, "weights", *([index] if new_weights else []))
    weights = FAMILIES[family](drawn, features, tasks, facts)
    weights = np.vstack([NORM * weights / np.linalg.norm(weights, axis=0), np.zeros(tasks)])
    quieter = QUIETER if "hard" in facts["difficulty"] else 1.0
    spread = [noise / (quieter if each == "easy" else 1.0) for each in facts["difficulty"]]
    many, few = tasks - tasks // 2, tasks // 2
    fewer_rows = min(max(round(train_rows / imbalance), 2), train_rows)
    if fewer_rows < train_rows:
        facts["difficulty"] = ["easy"] * many + ["hard"] * few
    rows = {"train": [train_rows] * many + [fewer_rows] * few}
    rows |= {"validation": [validation_rows] * tasks, "test": [test_rows] * tasks}
    parts = {
        part: _draw(generator(seed, "family", family, "split", index, part), weights, rows[part], spread)
        for part in PARTS
    }
    for key in given:
        del facts[key]
    meta = {
        "source": f"generated with seed {seed}: {tasks} tasks of the family {family}, noise {noise:g}",
        "note": f"{train_rows} training rows in the first half of the tasks, {fewer_rows} in the second.",
        **facts,
    }
    names = tuple(str(t + 1) for t in range(tasks))
    split = Split("family", index, "regression", names, **parts, truth=weights, meta=meta)
    if family != "tensor" or not hidden:
        return split
    rng = generator(seed, "family", family, "split", index, "hidden")
    return without_cells(split, hidden_cells(rng, meta["task_grid"], hidden))


def without_cells(split, hidden):
    """Return a split without the tasks of some cells; their places in the grid stay empty.

    split : its tasks fill the grid ``meta["task_grid"]`` in order. hidden : numbers of cells.
    """
    kept = np.setdiff1d(np.arange(len(split.tasks)), hidden)
    shape = split.meta["task_grid"]
    of_tasks = {
        key: [value[t] for t in kept]
        for key, value in split.meta.items()
        if key in ("group", "difficulty", "outliers")
    }
    positions = np.column_stack(np.unravel_index(kept, shape)).tolist()
    return replace(
        split,
        tasks=tuple(split.tasks[t] for t in kept),
        truth=None if split.truth is None else split.truth[:, kept],
        meta={**split.meta, **of_tasks, "task_grid": positions},
        **{part: _rows_of(getattr(split, part), kept) for part in PARTS},
    )


def _rows_of(part, tasks):
    """Return the `Part` of some tasks."""
    rows = [np.arange(part.offsets[t], part.offsets[t + 1]) for t in tasks]
    order = np.concatenate(rows)
    return Part(part.X[order], part.y[order], np.cumsum([0, *map(len, rows)]))


def _draw(rng, weights, rows, noise):
    """Draw a `Part` with `rows[t]` rows of task t and noise of standard deviation `noise[t]`."""
    X = np.column_stack([rng.standard_normal((sum(rows), len(weights) - 1)), np.ones(sum(rows))])
    task = np.repeat(np.arange(len(rows)), rows)
    y = np.sum(X * weights[:, task].T, axis=1) + np.array(noise)[task] * rng.standard_normal(len(X))
    return Part(X, y, np.concatenate([[0], np.cumsum(rows)]))
