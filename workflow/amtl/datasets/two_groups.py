"""Twelve regression tasks in two groups, half of them hard (Lee et al. 2016, sections 4.1 and 4.3).

The weights w are N(5, 1) on the features that the task's group uses and 0 elsewhere. x ~ N(0, I), and
y = x'w + noise.
"""

import numpy as np

from amtl.random import generator
from amtl.splits import PARTS, Part, Split

TASKS = 12
FEATURES = 20
# The first six tasks use only this many features, the others all of them.
FEATURES_OF_GROUP_1 = 10
GROUP = (1,) * 6 + (2,) * 6
# Within each group the first three tasks are the easy ones: less noise, or more rows.
DIFFICULTY = (("easy",) * 3 + ("hard",) * 3) * 2


def task_names():
    """Return the names of the tasks: "1" to "12"."""
    return tuple(str(task + 1) for task in range(TASKS))


def per_task(easy, hard):
    """Return one value per task: `easy` for the easy tasks and `hard` for the hard ones."""
    return [easy if difficulty == "easy" else hard for difficulty in DIFFICULTY]


def describe_tasks():
    """Return the meta of a split that tells the difficulty and the group of each task."""
    return {"difficulty": list(DIFFICULTY), "group": list(GROUP)}


def draw_weights(rng):
    """Draw weights (21, 12). The last row is the constant's, which is 0."""
    weights = rng.normal(5.0, 1.0, (FEATURES, TASKS))
    weights[FEATURES_OF_GROUP_1:, np.array(GROUP) == 1] = 0.0
    return np.vstack([weights, np.zeros(TASKS)])


def draw_part(rng, weights, rows, noise):
    """Draw a `Part` with `rows[t]` rows of task t and noise of standard deviation `noise[t]`."""
    X = np.column_stack([rng.standard_normal((sum(rows), FEATURES)), np.ones(sum(rows))])
    offsets = np.concatenate([[0], np.cumsum(rows)])
    task = np.repeat(np.arange(TASKS), rows)
    y = np.sum(X * weights[:, task].T, axis=1) + np.array(noise)[task] * rng.standard_normal(len(X))
    return Part(X, y, offsets)


def draw_split(name, index, seed, rows, noise, note):
    """Draw split `index` of the dataset `name`.

    The weights depend on (seed, name), the rows of a part on (seed, name, index, part). So all splits share
    their weights, and a longer training part leaves the test rows as they are.

    rows : {part: number of rows of each task}. noise : standard deviation of the noise of each task.
    """
    weights = draw_weights(generator(seed, name, "weights"))
    parts = {
        part: draw_part(generator(seed, name, "split", index, part), weights, rows[part], noise)
        for part in PARTS
    }
    meta = {
        "source": f"generated with seed {seed}: x ~ N(0, I), weights ~ N(5, 1), y = x'w + noise",
        "note": note,
        **describe_tasks(),
    }
    return Split(name, index, "regression", task_names(), **parts, truth=weights, meta=meta)
