"""The graph B-step: a non-negative weighted lasso of every task's weights on those of the other tasks.

    min_{B >= 0, diag B = 0}  cost' B 1 + lam ||W_p - W_p B||_F^2

with cost_s >= 0 the price of an edge out of task s. The columns are independent and depend on the weights
only through the Gram matrix H = W_p'W_p:

    min_{b >= 0, b_t = 0}  b'H b / 2 - q_t'b,     q_ts = h_ts - cost_s / (2 lam).

A column with no q_ts > 0 stays empty, and its first edge has q_ts > 0; later edges may enter with q_ts <= 0.
H is singular when d < T. An active-set method (Lawson & Hanson 1974, ch. 23) keeps the chosen weights
linearly independent. All unfinished columns pivot together, as one stack of small systems.
"""

import numpy as np

# Tolerance on the gradient, in units in which every task's weights have norm one.
EDGE_TOLERANCE = 1e-10
# Relative ridge that keeps systems with duplicated tasks solvable.
SOURCES_RIDGE = 1e-13


def graph_b_step(H, cost, lam, B=None, W=None):
    """Return the optimal graph.

    Parameters
    ----------
    H : ndarray of shape (T, T)
        Gram matrix of the penalized weights.
    cost : ndarray of shape (T,)
        Non-negative prices of outgoing edges; infinite for a task without any.
    lam : float
        Strength of the coupling; without it there are no edges.
    B : ndarray of shape (T, T) or None
        A graph to start from; its edges are tried first.
    W : ndarray of shape (d, T) or None
        The weights, W'W = H. They make products cheaper with more tasks than features.

    Returns
    -------
    ndarray of shape (T, T)
        Column t holds the incoming edges of task t.
    """
    n_tasks = len(H)
    if lam <= 0.0:
        return np.zeros((n_tasks, n_tasks))
    norm = np.sqrt(np.diag(H))
    usable = norm > 0.0
    scale = np.where(usable, norm, 1.0)
    # In units of scale the Gram matrix has a unit diagonal; c = scale_s b_s / scale_t below.
    C = H / np.outer(scale, scale)
    q = C - (cost / (2.0 * lam * scale))[:, None] / scale
    allowed = np.outer(usable, usable)
    np.fill_diagonal(allowed, False)
    ratio = scale[:, None] / scale
    start = np.zeros_like(C) if B is None else np.where(allowed, B * ratio, 0.0)
    return _active_set(C, q, allowed, start, None if W is None else W / scale) / ratio


def best_graph(Wp, cost, lam, B=None):
    """Return (graph, violation) at the penalized weights Wp (d, T); see the two functions around."""
    H = Wp.T @ Wp
    B = graph_b_step(H, cost, lam, B, Wp)
    return B, graph_violation(H, cost, lam, B, Wp)


def graph_violation(H, cost, lam, B, W=None):
    """Return the largest violation of the optimality conditions at B, in the units of `EDGE_TOLERANCE`.

    The other arguments are those of `graph_b_step`.
    """
    if lam <= 0.0:
        return 0.0
    norm = np.sqrt(np.diag(H))
    scale = np.where(norm > 0.0, norm, 1.0)
    gradient = (_times_gram(H, W, B) - H + (cost / (2.0 * lam))[:, None]) / np.outer(scale, scale)
    np.fill_diagonal(gradient, 0.0)
    violation = np.where(B > 0.0, np.abs(gradient), np.maximum(-gradient, 0.0))
    return float(violation.max(initial=0.0))


def _times_gram(H, W, B):
    """Return H B, computed as W'(W B) where that is cheaper."""
    return H @ B if W is None or len(H) <= 2 * len(W) else W.T @ (W @ B)


def _active_set(C, q, allowed, B, V=None):
    """Run the active-set iterations of all columns together; ties go to the lowest task index.

    V : weights with V'V = C, or None.
    """
    n_tasks = len(C)
    B = B.copy()
    passive = B > 0.0
    banned = np.zeros_like(passive)
    entering = np.full(n_tasks, -1)
    todo = np.arange(n_tasks)
    for _ in range(20 * n_tasks + 100):
        if len(todo) == 0:
            break
        z = _solve_passive(C, q[:, todo], passive[:, todo])
        b, inside = B[:, todo], passive[:, todo]
        outside = inside & (z <= 0.0)
        blocked = outside.any(axis=0)
        # A task that enters and leaves at once does so by rounding and is banned.
        new = entering[todo]
        rejected = (new >= 0) & outside[new, np.arange(len(todo))]
        banned[new[rejected], todo[rejected]] = True
        # Blocked columns move until the first weight reaches zero, and drop it.
        room = np.full_like(z, np.inf)
        np.divide(b, b - z, out=room, where=outside & (b > z))
        step = np.where(blocked, np.minimum(room.min(axis=0), 1.0), 1.0)
        b = np.where(blocked, np.maximum(b + step * (z - b), 0.0), z) * inside
        leaving = outside & ((room <= step) | (b <= 0.0))
        b[leaving] = 0.0
        passive[:, todo] = inside & ~leaving
        B[:, todo] = b
        # The other columns are optimal on their set: the task with the steepest ascent enters, or they are
        # done.
        ascent = q[:, todo] - _times_gram(C, V, b)
        ascent[~allowed[:, todo] | passive[:, todo] | banned[:, todo]] = -np.inf
        best = np.argmax(ascent, axis=0)
        enters = ~blocked & (ascent[best, np.arange(len(todo))] > EDGE_TOLERANCE)
        passive[best[enters], todo[enters]] = True
        entering[todo] = np.where(enters, best, -1)
        todo = todo[blocked | enters]
    return B


def _solve_passive(C, q, passive):
    """Solve C[P, P] z = q[P] for the set P of every column, as one stack of padded systems."""
    size = passive.sum(axis=0)
    width = int(size.max(initial=0))
    z = np.zeros_like(q)
    if width == 0:
        return z
    # The passive tasks of a column come first, by index; the padding solves 1 * z = 0.
    index = np.argsort(~passive, axis=0, kind="stable")[:width].T
    real = np.arange(width) < size[:, None]
    pair = real[:, :, None] & real[:, None, :]
    A = np.where(pair, C[index[:, :, None], index[:, None, :]], 0.0)
    np.einsum("tii->ti", A)[...] = np.where(real, 1.0 + SOURCES_RIDGE, 1.0)
    columns = np.arange(q.shape[1])[:, None]
    right = np.where(real, q[index, columns], 0.0)
    solution = np.linalg.solve(A, right[:, :, None])[:, :, 0]
    z[index, columns] = np.where(real, solution, 0.0)
    return z
