"""The graph B-step of a symmetric graph: one non-negative weight for every pair of tasks.

    min_{B = B', B >= 0, diag B = 0}  cost' B 1 + lam ||W_p - W_p B||_F^2

with cost_s >= 0 the price of an edge out of task s. The objective depends on the weights through the Gram
matrix H = W_p'W_p. With u_st, s < t, the weight of a pair, the derivative by u_st divided by 2 lam is

    (H B + B H)_st - q_st,    q_st = 2 h_st - (cost_s + cost_t) / (2 lam),

The second derivative of two pairs that share a task is h_ab, with a and b the tasks that they do not share;
that of a pair with itself is h_ss + h_tt. The columns of B are not independent, and of thousands of pairs few
are edges. Newton steps in the positive pairs and in some of the pairs with a negative slope, projected onto u
>= 0 (Bertsekas 1982), find the edges and their weights together. Each step lowers the objective.
"""

import numpy as np
from scipy.linalg import cho_solve

from amtl.solvers.symmetric import factorize

# Tolerance on the gradient, in units in which the second derivative of a pair is one, and relative to the
# largest weight if that exceeds one.
PAIR_TOLERANCE = 1e-10
# Relative ridge that makes the weights unique if tasks are copies of each other.
PAIR_RIDGE = 1e-11
# Smallest number of pairs that may enter together, and the largest as a share of the number of tasks.
MIN_ENTERING_PAIRS, MAX_ENTERING_SHARE = 4, 0.5
# Number of times that a step is halved before it is cut at the first pair that reaches zero.
MAX_HALVINGS = 6
# Largest number of systems solved from a given graph. Near the solution a few are enough. Far away the exact
# graph is not needed: the next iteration starts from the graph that was reached. With weak prices and
# thousands of edges, 30 take three to four times as long and lead no further.
MAX_WARM_SYSTEMS = 10


def symmetric_graph_step(H, cost, lam, B=None, limit=MAX_WARM_SYSTEMS):
    """Return the optimal symmetric graph.

    Parameters
    ----------
    H, cost, lam
        As for `graph_b.graph_b_step`.
    B : ndarray of shape (T, T) or None
        A symmetric graph near the optimum to start from.
    limit : int
        Largest number of systems solved from B. From a graph far away the result may not be optimal, but it
        is never worse than B; check it with `symmetric_graph_violation`.

    Returns
    -------
    ndarray of shape (T, T)
    """
    if lam <= 0.0:
        return np.zeros_like(H)
    pairs = _Pairs(H, cost, lam)
    if B is None:
        start, limit = np.zeros(len(pairs.s)), 20 * len(H) + 100
    else:
        start = B[pairs.s, pairs.t]
    return pairs.graph(_projected_newton(pairs, start, limit))


def symmetric_graph_violation(H, cost, lam, B):
    """Return the largest violation of the optimality conditions at B, in the units of `PAIR_TOLERANCE`."""
    if lam <= 0.0:
        return 0.0
    pairs = _Pairs(H, cost, lam)
    u = B[pairs.s, pairs.t]
    gradient = (pairs.product(u) - pairs.q) / pairs.scale
    violation = np.where(u > 0.0, np.abs(gradient), np.maximum(-gradient, 0.0))
    return float(violation.max(initial=0.0) / u.max(initial=1.0))


def best_symmetric_graph(Wp, cost, lam, B=None):
    """Return (graph, violation) at the penalized weights Wp (d, T); see the two functions above."""
    H = Wp.T @ Wp
    B = symmetric_graph_step(H, cost, lam, B)
    return B, symmetric_graph_violation(H, cost, lam, B)


def largest_useful_symmetric_mu(problem, lam, W, price):
    """Return the mu above which no edge enters at the weights W: max 4 lam w_s'w_t / (delta_s + delta_t).

    price : (T,) delta_s at mu = 1. Pairs with a price of zero do not count: no mu keeps them out.
    """
    Wp = W * problem.penalized[:, None]
    H = Wp.T @ Wp
    both = price[:, None] + price
    usable = (both > 0.0) & (H > 0.0) & ~np.eye(len(H), dtype=bool)
    if not usable.any():
        return 1.0
    return float(np.max(4.0 * lam * H[usable] / both[usable]))


class _Pairs:
    """The step as a quadratic function of the weights u of all pairs s < t of tasks with nonzero weights."""

    def __init__(self, H, cost, lam):
        usable = np.flatnonzero(np.diag(H) > 0.0)
        s, t = np.triu_indices(len(usable), 1)
        self.s, self.t = usable[s], usable[t]
        self.H = H
        self.systems = 0
        self.q = 2.0 * H[self.s, self.t] - (cost[self.s] + cost[self.t]) / (2.0 * lam)
        self.scale = H[self.s, self.s] + H[self.t, self.t]

    def graph(self, u):
        B = np.zeros_like(self.H)
        B[self.s, self.t] = u
        return B + B.T

    def product(self, u):
        """Return the second derivatives applied to u."""
        HB = self.H @ self.graph(u)
        return (HB + HB.T)[self.s, self.t]

    def newton(self, free, gradient):
        """Return the Newton direction of the free pairs."""
        self.systems += 1
        # Match every end of a pair with every other end at the same task: these pairs share that task.
        ends = np.concatenate([self.s[free], self.t[free]])
        order = np.argsort(ends, kind="stable")
        pair, other = order % len(free), np.concatenate([self.t[free], self.s[free]])[order]
        count = np.bincount(ends, minlength=len(self.H))
        many = count[ends[order]]
        first = (np.cumsum(count) - count)[ends[order]]
        row = np.repeat(np.arange(len(order)), many)
        column = np.arange(len(row)) + np.repeat(first - (np.cumsum(many) - many), many)
        root = np.sqrt(self.scale[free])
        A = np.zeros((len(free), len(free)))
        A[pair[row], pair[column]] = self.H[other[row], other[column]]
        A /= root[:, None] * root
        np.einsum("ii->i", A)[...] = 1.0 + PAIR_RIDGE
        factor = factorize(A, overwrite=True)
        return cho_solve(factor, -gradient[free] / root, check_finite=False) / root


def _projected_newton(pairs, u, limit):
    """Minimize u'Pu / 2 - q'u over u >= 0 from u, with about `limit` solved systems at most.

    The pairs with the steepest slopes enter first. After a cut step fewer enter together: with many pairs
    that do not stay, systems are singular and their solutions far away. Ties go to the lowest pair.
    """
    n_tasks = len(pairs.H)
    most = allowance = max(MIN_ENTERING_PAIRS, int(MAX_ENTERING_SHARE * n_tasks))
    gradient = pairs.product(u) - pairs.q
    while pairs.systems < limit:
        slope = gradient / pairs.scale
        positive = u > 0.0
        tolerance = PAIR_TOLERANCE * u.max(initial=1.0)
        enters = np.flatnonzero(~positive & (slope < -tolerance))
        if len(enters) == 0 and np.abs(slope[positive]).max(initial=0.0) <= tolerance:
            break
        enters = enters[np.argsort(slope[enters], kind="stable")[:allowance]]
        free = np.union1d(np.flatnonzero(positive), enters)
        before = u
        u, gradient, whole = _step(pairs, u, gradient, free, limit)
        if u is before:
            break
        allowance = min(most, 2 * allowance) if whole else max(MIN_ENTERING_PAIRS, allowance // 4)
    return u


def _step(pairs, u, gradient, free, limit):
    """Return (u, gradient) after one step in the free pairs, and whether it was a whole Newton step.

    If halving does not help, the step ends at the first pair that reaches zero and continues without it, as
    in an active-set method, whose steps always lower the objective. If all progress is rounding, u is
    returned unchanged.
    """
    cut = False
    while len(free) and pairs.systems < limit:
        direction = np.zeros_like(u)
        direction[free] = pairs.newton(free, gradient)
        size = 1.0
        for _ in range(MAX_HALVINGS):
            new = np.maximum(u + size * direction, 0.0)
            change = new - u
            new_gradient = gradient + pairs.product(change)
            # The function is quadratic, so its change follows from the mean of the two slopes.
            if 0.5 * (gradient + new_gradient) @ change <= 1e-4 * (gradient @ change):
                return new, new_gradient, size == 1.0 and not cut
            size *= 0.5
        cut = True
        falling = free[direction[free] < 0.0]
        stuck = falling[u[falling] == 0.0]
        if len(stuck) == 0:
            room = -u[falling] / direction[falling]
            if room.min(initial=1.0) >= 1.0:
                break
            stuck = falling[room <= room.min()]
            new = np.maximum(u + room.min() * direction, 0.0)
            new[stuck] = 0.0
            gradient = gradient + pairs.product(new - u)
            u = new
        free = np.setdiff1d(free, stuck)
    return u, gradient, False
