"""The joint problem of GAMTL: weights, and a graph for each group of features.

    min  sum_t F_t(w_t) + mu sum_t delta_t sum_g ||b_t^g,o||_1
         + lam ((1 - ridge) sum_g ||W_g - W_g B_g||_F^2 + ridge ||W_p||_F^2) + nu sum_t sum_g sqrt(|g|)
         ||w_t,g||

over W and graphs B_g >= 0 with zero diagonals, with W_g the rows of the features of group g; `asymmetric`
describes the prices delta_t. For given weights the graphs are independent of each other (`graph_b`); for
given graphs the weights solve a convex problem (`proximal`). The two alternate, and after a round the weights
go further in its direction if that is better. It is not convex in both.
"""

import numpy as np

from amtl.penalties import GroupedColumns
from amtl.solvers.graph_b import graph_b_step
from amtl.solvers.proximal import minimize_composite
from amtl.solvers.quasi_newton import Minimum

# A W-step is solved to this share of the gap before it.
STEP_SHARE = 0.001
# ... in at most this many iterations.
MAX_STEPS = 100
# Factor on the multiple of a round's step that is tried beyond it, after success and failure.
REACH_GROWTH = 2.0


def minimize_grouped(problem, groups, lam, mu, nu, price, ridge, W, tolerance=1e-6, max_iterations=500):
    """Alternate between graphs and weights.

    Parameters
    ----------
    problem : MultiTaskProblem
        The losses F_t.
    groups : ndarray of int of shape (p,)
        The group of each penalized feature, from 0.
    lam, mu, nu : float
        Strengths of the coupling, of the prices and of the norms of the groups.
    price : EdgePrice
        The prices of edges out of each task, and the tasks without such edges.
    ridge : float
        Share of lam that stays a plain ridge, in (0, 1).
    W : ndarray of shape (d, T)
        Weights to start from.
    tolerance : float
        Stop when the residual is at most this: the duality gap of the W-step at the best graphs of W,
        relative to the loss at zero weights.
    max_iterations : int
        Largest number of rounds.

    Returns
    -------
    quasi_newton.Minimum
        Its state is the graphs (groups, T, T).
    """
    n_tasks = problem.n_tasks
    # Computed here, the factors of the data are those of all the reweighted problems below.
    _ = problem.centred
    penalty = GroupedColumns(nu, groups, ridge * lam)
    coupling = (1.0 - ridge) * lam
    members = [np.flatnonzero(groups == g) for g in range(groups.max(initial=0) + 1)]

    def best_graphs(W, graphs):
        cost = mu * (price.fixed if price.factor is None else price.factor * problem.losses(W))
        if price.closed is not None:
            cost = np.where(price.closed, np.inf, cost)
        return np.array(
            [
                graph_b_step(W[rows].T @ W[rows], cost, coupling, B)
                for rows, B in zip(members, graphs, strict=True)
            ]
        )

    def w_step(W, graphs, tolerance, max_iterations):
        """Return the `Minimum` at given graphs, and the part of the objective that does not depend on W."""
        outgoing, apart = graphs.sum(axis=(0, 2)), np.eye(n_tasks) - graphs
        a, constant = np.ones(n_tasks), 0.0
        if price.factor is None:
            constant = mu * float(price.fixed @ outgoing)
        else:
            a = 1.0 + mu * price.factor * outgoing
        Q = coupling * np.matmul(apart, apart.transpose(0, 2, 1))
        return (
            minimize_composite(
                problem.reweighted(a), penalty, W, tolerance, max_iterations, coupling=Q[groups]
            ),
            constant,
        )

    def at(W, graphs):
        """Return (objective, best graphs, `Minimum` at them without any iteration)."""
        graphs = best_graphs(W, graphs)
        found, constant = w_step(W, graphs, tolerance, 0)
        return found.trace[-1] + constant, graphs, found

    value, graphs, found = at(W, np.zeros((len(members), n_tasks, n_tasks)))
    trace, iterations, reach = [value], 0, 1.0
    while found.residual > tolerance and iterations < max_iterations:
        before = found.W
        step, _ = w_step(before, graphs, max(STEP_SHARE * found.residual, STEP_SHARE * tolerance), MAX_STEPS)
        value, graphs, found = at(step.W, graphs)
        further = at(found.W + reach * (found.W - before), graphs)
        if further[0] < value:
            value, graphs, found = further
            reach *= REACH_GROWTH
        else:
            reach = max(reach / REACH_GROWTH, 1.0)
        trace.append(min(value, trace[-1]))
        iterations += 1
    return Minimum(found.W, graphs, trace, iterations, found.residual <= tolerance, found.residual)
