"""Weights together with a partition of the tasks into k clusters.

    min_{W, partition}  sum_t F_t(w_t) + rho1 sum_t ||w_t - mean of its cluster||^2 + rho2 ||W||_F^2

W-steps, which are coupled, alternate with partitions of the columns of W. The objective never rises, and
there are finitely many partitions; the end is a local optimum.
"""

import numpy as np

from amtl.solvers.coupled_w import relative_gradient, solve_coupled_w
from amtl.solvers.quasi_newton import Minimum

# A task moves to another cluster if the squared distances fall by more than this share of their total.
ROUNDING_SHARE = 1e-12


def partition(W, labels, n_clusters):
    """Return the labels after moves of single tasks, each of which lowers the squared distances to the means.

    No cluster becomes empty. Where no single move helps, every task is nearest to its own mean (Hartigan).
    """
    labels = labels.copy()
    one = labels == np.arange(n_clusters)[:, None]
    sizes = one.sum(axis=1).astype(float)
    means = (W @ one.T) / np.maximum(sizes, 1.0)
    smallest = ROUNDING_SHARE * np.vdot(W, W)
    moved = True
    while moved:
        moved = False
        for t in range(W.shape[1]):
            own = labels[t]
            if sizes[own] < 2.0:
                continue
            distances = np.sum((W[:, t, None] - means) ** 2, axis=0)
            cost = sizes / (sizes + 1.0) * distances
            cost[own] = sizes[own] / (sizes[own] - 1.0) * distances[own]
            best = int(np.argmin(cost))
            if cost[best] >= cost[own] - smallest:
                continue
            for cluster, sign in ((own, -1.0), (best, 1.0)):
                sizes[cluster] += sign
                means[:, cluster] += sign * (W[:, t] - means[:, cluster]) / sizes[cluster]
            labels[t], moved = best, True
    return labels


def same_cluster(labels):
    """Return F F' (T, T), the projection onto vectors that are constant within clusters."""
    together = (labels[:, None] == labels).astype(float)
    return together / together.sum(axis=1)


def minimize_clustered(problem, rho1, rho2, W, labels, n_clusters, tolerance=1e-6, max_iterations=500):
    """Return the `quasi_newton.Minimum` from weights W and `labels` (T,); its state is the labels.

    An iteration is a W-step with the partition after it. The residual is the relative gradient for the
    partition, which is that of the weights.
    """
    ones, penalized = np.ones(problem.n_tasks), problem.penalized[:, None]
    identity = np.eye(problem.n_tasks)

    def coupling(labels):
        return (rho1 + rho2) * identity - rho1 * same_cluster(labels)

    def evaluate(W, labels):
        losses, gradient = problem.losses_and_gradient(W)
        WQ = (W * penalized) @ coupling(labels)
        residual = relative_gradient(gradient + 2.0 * WQ, problem, ones)
        return float(losses.sum() + np.vdot(WQ, W * penalized)), residual

    labels = partition(W * penalized, labels, n_clusters)
    value, residual = evaluate(W, labels)
    trace, iterations = [value], 0
    while residual > tolerance and iterations < max_iterations:
        step = solve_coupled_w(problem, coupling(labels), 1.0, W=W, tolerance=0.5 * tolerance)
        moved = partition(step.W * penalized, labels, n_clusters)
        value, residual = evaluate(step.W, moved)
        if not value < trace[-1] and (moved == labels).all():
            break
        W, labels = step.W, moved
        trace.append(value)
        iterations += 1
    return Minimum(W, labels, trace, iterations, residual <= tolerance, residual)
