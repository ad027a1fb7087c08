"""The generator of the synthetic and the imbalanced data (Lee et al. 2016, sections 4.1 and 4.3)."""

import numpy as np

from amtl import random as seeds
from amtl.datasets import two_groups
from amtl.splits import Part, Split
from workbench.datasets._common import PARTS, count_rows, require_index, with_constant

FEATURES = 20
# A generator never runs out of splits.
UNLIMITED = 1_000_000


def true_weights(rng):
    """Draw weights (21, 12): N(5, 1) on the features of the task's group, 0 elsewhere and on the constant."""
    weights = rng.normal(5.0, 1.0, (FEATURES, two_groups.TASKS))
    weights[10:, np.array(two_groups.GROUP) == 1] = 0.0
    return np.vstack([weights, np.zeros(two_groups.TASKS)])


def generate(dataset, index, seed, rows, noise, note):
    """Return split `index` of a generated dataset.

    dataset : name that seeds the draws: the true weights depend on (seed, dataset), the rows of a part on
        (seed, dataset, index, part), so a longer training part leaves the test rows as they are.
    rows : dict of part to the number of rows of each task.
    noise : standard deviation of the noise of each task.
    """
    require_index(dataset, index, UNLIMITED)
    weights = true_weights(seeds.generator(seed, dataset, "weights"))
    parts = {
        part: _draw(seeds.generator(seed, dataset, "split", index, part), weights, rows[part], noise)
        for part in PARTS
    }
    meta = {
        "source": f"generated with seed {seed}: x ~ N(0, I), weights ~ N(5, 1), y = x'w + noise",
        "files": [],
        "note": note,
        "rows": count_rows(parts),
        **two_groups.notes(),
    }
    return Split(dataset, index, "regression", two_groups.names(), **parts, truth=weights, meta=meta)


def _draw(rng, weights, rows, noise):
    X = with_constant(rng.standard_normal((sum(rows), FEATURES)))
    offsets = np.concatenate([[0], np.cumsum(rows)])
    task = np.repeat(np.arange(two_groups.TASKS), rows)
    y = np.sum(X * weights[:, task].T, axis=1) + np.array(noise)[task] * rng.standard_normal(len(X))
    return Part(X, y, offsets)
