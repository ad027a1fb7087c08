"""Quadratic programs on the simplex, solved exactly by an active set."""

import numpy as np

# Ridge on the Hessian, relative to its largest diagonal entry, so that parallel gradients have one solution.
RIDGE = 1e-12
# A coordinate joins the active set if its derivative is lower than those in the set by more than this share.
OPTIMALITY = 1e-10


def minimize_on_simplex(A, b, start=None):
    """Return the w that minimizes w'Aw / 2 + b'w subject to w >= 0 and sum w = 1.

    A : (T, T), positive semi-definite. b : (T,). start : a feasible w, or None. The method is that of Wolfe
    (1976): minimize on the affine hull of the active coordinates, drop those that become negative, and add
    the coordinate with the lowest derivative until none is lower.
    """
    if len(b) == 1:
        return np.ones(1)
    if len(b) == 2:
        curvature = A[0, 0] - 2.0 * A[0, 1] + A[1, 1]
        slope = A[1, 1] - A[0, 1] + b[1] - b[0]
        first = min(max(slope / curvature, 0.0), 1.0) if curvature > 0.0 else float(slope > 0.0)
        return np.array([first, 1.0 - first])
    scale = max(float(np.abs(A).max()), float(np.abs(b).max()), np.finfo(float).tiny)
    A, b = A / scale + RIDGE * np.eye(len(b)), b / scale
    if start is None:
        w = np.zeros(len(b))
        w[np.argmin(np.diag(A) / 2.0 + b)] = 1.0
    else:
        w = start.copy()
    active = w > 0.0
    for _ in range(10 * len(b)):
        w, active = _on_active(A, b, w, active)
        slopes = A @ w + b
        level = slopes @ w
        lowest = int(np.argmin(np.where(active, np.inf, slopes)))
        if active.all() or slopes[lowest] >= level - OPTIMALITY * (1.0 + abs(level)):
            break
        active[lowest] = True
    return w


def _on_active(A, b, w, active):
    """Minimize on the active coordinates, and drop each that reaches zero on the way."""
    while True:
        places = np.flatnonzero(active)
        target = np.zeros(len(b))
        target[places] = _on_hull(A[np.ix_(places, places)], b[places])
        negative = np.flatnonzero(active & (target <= 0.0))
        if len(negative) == 0:
            return target, active
        fall = w[negative] - target[negative]
        steps = np.divide(w[negative], fall, out=np.zeros(len(negative)), where=fall > 0.0)
        step = float(steps.min())
        w = w + step * (target - w)
        dropped = negative[steps <= step]
        w[dropped], active = 0.0, active.copy()
        active[dropped] = False


def _on_hull(A, b):
    """Return the minimizer of w'Aw / 2 + b'w subject to sum w = 1."""
    n = len(b)
    system = np.zeros((n + 1, n + 1))
    system[:n, :n], system[:n, n], system[n, :n] = A, 1.0, 1.0
    return np.linalg.solve(system, np.append(-b, 1.0))[:n]
