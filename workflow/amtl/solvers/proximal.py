"""Accelerated proximal gradient, for losses with a penalty that has a simple proximal step.

    min_W  sum_t F_t(w_t) + penalty(W_p)

with W_p the penalized rows of W. The iteration is Beck and Teboulle's (2009). Its step size grows and
shrinks, and a restart replaces a step that would raise the objective (O'Donoghue and Candes 2015).
"""

import numpy as np

from amtl.solvers.quasi_newton import Minimum

# Factors on the step size after every step, and after a step that is too long.
STEP_GROWTH, STEP_SHRINKAGE = 1.1, 0.5
# A thousand halvings reach the smallest number: the loop ends whatever the values are.
MAX_SHRINKAGES = 1000
# Steps per iteration. The duality gap at its end costs about as much as a step.
STEPS_PER_ITERATION = 10
# Differences below this share of the objective are rounding.
ROUNDING_SHARE = 1e-13


class SquaredNorm:
    """The penalty gamma Omega(W)^2, with Omega the trace norm or, with `by_rows`, the (2,1)-norm.

    It equals min_D gamma tr(W'D^-1 W) over psd D with tr D <= 1; for the (2,1)-norm D is diagonal (Argyriou,
    Evgeniou, Pontil 2008, theorem 1).
    """

    def __init__(self, gamma, by_rows=False):
        self.gamma, self.by_rows = gamma, by_rows

    def _sizes(self, W):
        """Return the singular values or the row norms of W."""
        return np.linalg.norm(W, axis=1) if self.by_rows else np.linalg.svd(W, compute_uv=False)

    def value(self, W):
        """Return the penalty at W."""
        return self.gamma * float(self._sizes(W).sum()) ** 2

    def prox(self, W, step):
        """Return argmin_V ||V - W||_F^2 / 2 + step * penalty(V), and the penalty at V."""
        weight = step * self.gamma
        if self.by_rows:
            sizes = self._sizes(W)
            kept = shrink_squared(sizes, weight)
            V = W * np.divide(kept, sizes, out=np.zeros_like(sizes), where=sizes > 0.0)[:, None]
        else:
            U, s, Vt = np.linalg.svd(W, full_matrices=False)
            kept = shrink_squared(s, weight)
            V = (U * kept) @ Vt
        return V, self.gamma * float(kept.sum()) ** 2

    def gap(self, W, gradient):
        """Return the duality gap at W, an upper bound on the objective minus its minimum.

        gradient : G (p, T), the gradient of the losses at W.

        By Fenchel's inequality the gap is gamma Omega(W)^2 + Omega*(G)^2 / (4 gamma) + <W, G>. The dual norm
        Omega* is the largest singular value or row norm.
        """
        dual = float(self._sizes(gradient).max(initial=0.0))
        return self.value(W) + dual**2 / (4.0 * self.gamma) + float(np.vdot(W, gradient))


def shrink_squared(s, weight):
    """Return argmin_{x >= 0} ||x - s||^2 / 2 + weight (sum x)^2 for s >= 0 (m,)."""
    order = np.sort(s)[::-1]
    total = np.cumsum(order) / (1.0 + 2.0 * weight * np.arange(1, len(s) + 1))
    # The largest entries are kept, as many as stay positive.
    kept = np.flatnonzero(order > 2.0 * weight * total)
    return np.maximum(s - 2.0 * weight * total[kept[-1]], 0.0) if len(kept) else np.zeros_like(s)


def minimize_composite(problem, penalty, W, tolerance=1e-6, max_iterations=500):
    """Minimize sum_t F_t(w_t) + penalty(W_p). The objective never rises by more than rounding.

    Parameters
    ----------
    problem : MultiTaskProblem
        The losses.
    penalty : SquaredNorm or alike
        Has ``value``, ``prox`` and ``gap`` on the penalized rows.
    W : ndarray of shape (d, T)
        The starting point.
    tolerance : float
        Stop when the residual is at most this. The residual is the duality gap relative to the loss at zero
        weights or, if larger, the relative gradient of a free intercept.
    max_iterations : int
        Largest number of iterations, of `STEPS_PER_ITERATION` steps each.

    Returns
    -------
    quasi_newton.Minimum
        Its state is None.
    """
    p = int(problem.penalized.sum())

    def residual_at(W, gradient):
        gap = penalty.gap(W[:p], gradient[:p]) / problem.null_loss
        free = np.abs(gradient[p:]) / np.maximum(problem.gradient_scale, 1e-300)
        return max(gap, 0.0, float(free.max(initial=0.0)))

    loss, gradient = _loss(problem, W)
    value = loss + penalty.value(W[:p])
    trace, iterations, stuck = [value], 0, False
    residual = residual_at(W, gradient)
    # The first step shrinks until the quadratic model bounds the loss.
    step, momentum = 1.0, 1.0
    V, loss_V, gradient_V = W, loss, gradient
    while residual > tolerance and iterations < max_iterations and not stuck:
        for _ in range(STEPS_PER_ITERATION):
            W_new, value_new, gradient_new, step = _descend(problem, penalty, p, V, loss_V, gradient_V, step)
            if value_new > value + ROUNDING_SHARE * abs(value):
                # A step without momentum rises by rounding alone, so no lower value can be reached.
                stuck = momentum == 1.0
                V, momentum = W, 1.0
                loss_V, gradient_V = _loss(problem, V)
                continue
            following = 0.5 * (1.0 + np.sqrt(1.0 + 4.0 * momentum**2))
            V = W_new + (momentum - 1.0) / following * (W_new - W)
            loss_V, gradient_V = _loss(problem, V)
            W, value, gradient, momentum = W_new, value_new, gradient_new, following
            step *= STEP_GROWTH
        trace.append(value)
        iterations += 1
        residual = residual_at(W, gradient)
    return Minimum(W, None, trace, iterations, residual <= tolerance, residual)


def _loss(problem, W):
    losses, gradient = problem.losses_and_gradient(W)
    return float(losses.sum()), gradient


def _descend(problem, penalty, p, V, loss, gradient, step):
    """Return the proximal step from V, so short that the quadratic model bounds the loss from above."""
    for _ in range(MAX_SHRINKAGES):
        W = V - step * gradient
        W[:p], cost = penalty.prox(W[:p], step)
        loss_new, gradient_new = _loss(problem, W)
        move = W - V
        length = np.vdot(move, move)
        bound = loss + np.vdot(gradient, move) + length / (2.0 * step)
        # Where the difference of the losses is all rounding, the slope along the move decides.
        if loss_new <= bound or np.vdot(gradient_new - gradient, move) <= length / step:
            break
        step *= STEP_SHRINKAGE
    return W, loss_new + cost, gradient_new, step
