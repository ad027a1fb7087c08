"""CMTL with hard clusters: every task is in one of k clusters, and near the mean of its cluster."""

import numpy as np

from amtl import random as seeds
from amtl.methods._options import RESTARTS
from amtl.methods._spec import MethodSpec
from amtl.methods.relations._sizes import AXES, extend_sizes, fit_from_best, hyperparameters, size_grid
from amtl.methods.single import stl
from amtl.solvers.clusters import minimize_clustered, partition


def _starts(problem, context, k, count):
    """Return weights and labels: those of the point before, and partitions of the single-task weights."""
    V = context.init * problem.penalized[:, None]
    k = min(k, problem.n_tasks)
    found = []
    if "clusters" in context.learned:
        found.append((context.warm, context.learned["clusters"]))
    for number in range(count):
        rng = seeds.generator(*context.seed, "start", k, number)
        found.append((context.init, partition(V, _spread_labels(V, k, rng), k)))
    return found


def _spread_labels(V, k, rng):
    """Return labels by the nearest of k columns that are far from each other (k-means++)."""
    distances = np.full(V.shape[1], np.inf)
    chosen = [int(rng.integers(V.shape[1]))]
    labels = np.zeros(V.shape[1], dtype=int)
    for cluster in range(k):
        if cluster:
            total = distances.sum()
            free = np.setdiff1d(np.arange(V.shape[1]), chosen)
            chosen.append(int(rng.choice(V.shape[1], p=distances / total) if total > 0.0 else free[0]))
        near = np.sum((V - V[:, [chosen[-1]]]) ** 2, axis=0)
        closer = near < distances
        labels[closer], distances = cluster, np.minimum(near, distances)
    # Duplicated columns may leave a cluster without a task of its own.
    labels[chosen] = np.arange(k)
    return labels


def fit(problem, params, context, options):
    """Minimize over W and the clusters, from several starts."""
    k = min(params["k"], problem.n_tasks)

    def solve(W, labels, tolerance, max_iterations):
        return minimize_clustered(
            problem, params["rho1"], params["rho2"], W, labels, k, tolerance, max_iterations
        )

    starts = _starts(problem, context, params["k"], options["restarts"])
    return fit_from_best(solve, starts, context, lambda minimum: {"clusters": _numbered(minimum.state)})


def _numbered(labels):
    """Return the labels with clusters numbered by their first task."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse]


SPEC = MethodSpec(
    name="cmtl-hard",
    title="Hard CMTL",
    order=465,
    citation="Zhou, Chen, Ye. Clustered multi-task learning via alternating structure optimization. NIPS "
    "2011.",
    objective="sum_t F_t(w_t) + rho1 sum_t ||w_t - mean of its cluster||^2 + rho2 ||W||_F^2, k clusters",
    grid=size_grid,
    fit=fit,
    extend=extend_sizes,
    hyperparameters=hyperparameters("clusters"),
    axes=AXES,
    options=RESTARTS,
    init=stl.SPEC,
    iterative=True,
    learns=("clusters",),
)
