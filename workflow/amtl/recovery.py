"""How well what was learned agrees with what generated the data: weights, support, groups, outlier tasks."""

import numpy as np

# An entry counts as zero up to this share of the largest one.
ZERO = 1e-6


def estimation_error(W, truth):
    """Return ||W - truth||_F / ||truth||_F of weights (p, T); NaN if the true ones are all zero."""
    size = np.linalg.norm(truth)
    return float(np.linalg.norm(W - truth) / size) if size > 0.0 else float("nan")


def f1(found, true):
    """Return the F1 score of boolean arrays, of precision and recall; NaN if no entry is true."""
    if not np.any(true):
        return float("nan")
    return float(2.0 * np.sum(found & true) / (np.sum(found) + np.sum(true)))


def support(W):
    """Return which entries of the weights W are not zero, up to `ZERO` of the largest one."""
    size = np.abs(W)
    return size > ZERO * size.max(initial=0.0)


def adjusted_rand(labels, others):
    """Return the adjusted Rand index of two groupings (T,): 1 if they are the same, 0 as expected by chance.

    L. Hubert and P. Arabie, Comparing partitions, Journal of Classification 2 (1985).
    """

    def pairs(labels, axis=None):
        counts = np.unique(labels, return_counts=True, axis=axis)[1]
        return float(np.sum(counts * (counts - 1) / 2))

    both, rows, columns = pairs(np.column_stack([labels, others]), 0), pairs(labels), pairs(others)
    all_pairs = len(labels) * (len(labels) - 1) / 2
    expected, most = rows * columns / max(all_pairs, 1.0), (rows + columns) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


def groups(relation, count):
    """Return `count` groups (T,) of tasks by hierarchical clustering with average linkage.

    relation : (T, T), larger for tasks that are closer to each other; its direction does not count.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    close = relation + relation.T
    distance = close.max() - close
    np.fill_diagonal(distance, 0.0)
    return fcluster(linkage(squareform(distance, checks=False), "average"), count, "maxclust")


def cosines(W):
    """Return the cosines (T, T) of the tasks' weights W (p, T); 0 for zero weights."""
    sizes = np.linalg.norm(W, axis=0)
    V = W / np.where(sizes > 0.0, sizes, 1.0)
    return V.T @ V


def correlations(covariance):
    """Return the correlations (T, T) of a covariance; 0 for tasks without variance."""
    sizes = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    sizes = np.where(sizes > 0.0, sizes, np.inf)
    return covariance / sizes[:, None] / sizes
