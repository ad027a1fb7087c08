"""Measures of a learned graph B (T, T); entry (s, t) is the weight of the edge from task s to task t."""

import numpy as np


def direction(graph, forward):
    """Return the share of edge weight that goes forward minus the share that goes back, in [-1, 1].

    Parameters
    ----------
    graph : ndarray of shape (T, T)
        The graph.
    forward : ndarray of shape (T, T), bool
        True where an edge from s to t goes forward. The edges of its transpose go back; no other edges count.

    Returns
    -------
    float
        0 if no edge counts.
    """
    there, back = graph[forward].sum(), graph[forward.T].sum()
    return float((there - back) / (there + back)) if there + back > 0.0 else 0.0


def share(graph, counted):
    """Return the share of edge weight on the edges `counted` (T, T, bool), or None without edges."""
    total = graph.sum()
    return float(graph[counted].sum() / total) if total > 0.0 else None


def is_acyclic(graph):
    """Return whether no path of edges leads from a task back to itself."""
    edges = graph > 0.0
    left = np.arange(len(graph))
    while len(left):
        giving = edges[np.ix_(left, left)].any(axis=1)
        if giving.all():
            return False
        left = left[giving]
    return True


def swap_change(W, graph, s, t):
    """Return the change of ||W - W B||_F^2 when tasks s and t exchange their outgoing edges.

    Rows s and t of B are exchanged, and so are B_st and B_ts, which would otherwise land on the diagonal. So
    each of the two tasks gives in total what the other gave before, and B keeps a zero diagonal.

    Parameters
    ----------
    W : ndarray of shape (d, T)
        The penalized weights.
    graph : ndarray of shape (T, T)
        The graph B.
    s, t : int
        The tasks.
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


# Differences below this share of the larger loss, the penalty or the largest outgoing weight are rounding.
ROUNDING_SLACK = 1e-6


def theorem_pairs(W, graph, losses):
    """Return (pairs, satisfied, by loss) of Theorem 1 of Lee et al. (2016) on one fit.

    A pair (s, t) counts if s gives more than t. It satisfies the theorem if L_s <= L_t (counted in `by
    loss`), or if an exchange of their outgoing edges (`swap_change`) would raise ||W - W B||_F^2.

    At a local optimum B is optimal for W, so the exchange changes the objective by
    mu (o_s - o_t) (L_t - L_s) + lam (R' - R) >= 0. With o_s > o_t and L_s > L_t, R' must exceed R.

    Parameters
    ----------
    W, graph
        As for `swap_change`.
    losses : ndarray of shape (T,)
        The mean losses L_t.
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
