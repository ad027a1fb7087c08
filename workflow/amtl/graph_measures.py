"""Measures of a learned graph B (T, T), whose entry (s, t) says how much task t leans on task s."""

import numpy as np


def direction(graph, forward):
    """Return the share of edge weight that goes forward minus the share that goes back, in [-1, 1].

    forward : (T, T) bool, True where an edge from s to t goes forward; its transpose are the edges back, and
        all others do not count. 0 where no edge counts.
    """
    there, back = graph[forward].sum(), graph[forward.T].sum()
    return float((there - back) / (there + back)) if there + back > 0.0 else 0.0


def share(graph, counted):
    """Return the share of edge weight on the edges `counted` (T, T, bool); None without edges."""
    total = graph.sum()
    return float(graph[counted].sum() / total) if total > 0.0 else None


def is_acyclic(graph):
    """Say whether no path of edges leads from a task back to it."""
    edges = graph > 0.0
    left = np.arange(len(graph))
    while len(left):
        giving = edges[np.ix_(left, left)].any(axis=1)
        if giving.all():
            return False
        left = left[giving]
    return True


def swap_change(W, graph, s, t):
    """Return by how much ||W - W B||_F^2 changes when tasks s and t exchange what they give.

    Rows s and t of B are exchanged; the edge between the two, which would land on the diagonal, turns round
    instead: B_st and B_ts change places. So each of the two gives in all what the other gave before, and
    B stays a graph without loops.

    W : (d, T) the weights that the regulariser sees.
    """
    rest = W - W @ graph
    step = W[:, s] - W[:, t]
    others = np.ones(len(graph), dtype=bool)
    others[[s, t]] = False
    # Column u loses g_u (w_s - w_t); columns s and t, whose only changed entry is the other task, follow.
    g = graph[t, others] - graph[s, others]
    change = -2.0 * g @ (rest[:, others].T @ step) + (g @ g) * (step @ step)
    turned = graph[s, t] - graph[t, s]
    change += -2.0 * turned * (W[:, t] @ rest[:, s]) + turned**2 * (W[:, t] @ W[:, t])
    change += 2.0 * turned * (W[:, s] @ rest[:, t]) + turned**2 * (W[:, s] @ W[:, s])
    return float(change)


# Relative to the larger loss, the regulariser or the largest amount given: below this, rounding.
ROUNDING_SLACK = 1e-6


def theorem_pairs(W, graph, losses):
    """Return (pairs, satisfied, by loss) of Theorem 1 on one fit.

    A pair (s, t) counts if s gives more than t. It satisfies the theorem if L_s <= L_t, or if exchanging what
    the two give (`swap_change`) would raise ||W - W B||_F^2; `by loss` counts those that the first alone
    settles.

    At a local optimum B is optimal for W, and the exchange alters the objective by
    mu (o_s - o_t) (L_t - L_s) + lam (R' - R) >= 0: with o_s > o_t and L_s > L_t, R' must exceed R.
    """
    given = graph.sum(axis=1)
    regulariser = float(np.sum((W - W @ graph) ** 2))
    more = np.argwhere(given[:, None] - given[None, :] > ROUNDING_SLACK * given.max()).tolist()
    by_loss = satisfied = 0
    for s, t in more:
        if losses[s] <= losses[t] + ROUNDING_SLACK * max(losses[s], losses[t]):
            by_loss += 1
        elif swap_change(W, graph, s, t) > -ROUNDING_SLACK * regulariser:
            satisfied += 1
    return len(more), by_loss + satisfied, by_loss
