"""Preconditioned L-BFGS: the one iteration behind every smooth problem of the library.

The preconditioner is an (approximate) inverse of the second derivatives. With memory 0 a step is therefore
one of Newton's method, to the accuracy of the preconditioner; the memory learns the curvature that an
approximate one ignores.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

# A full Newton step is doubled, up to a limit, where the function falls by more than this share of what its
# slope promises; a step to the minimum of a quadratic function falls by half of it.
MIN_STRAIGHT_SHARE = 0.8
MAX_STEP_FACTOR = 2.0**20


@dataclass
class Minimum:
    """Where the iteration ended: point, its state, and the account of how it got there.

    fallback : whether the way that is meant to get there did not, and another was taken.
    """

    W: np.ndarray
    state: object
    trace: list
    iterations: int
    converged: bool
    residual: float
    fallback: bool = False


def minimize(function, W, tolerance=1e-6, max_iterations=500, memory=20):
    """Minimize a smooth function of W (d, T), never letting it rise.

    function(W, previous_state) -> (value, gradient, state); state has ``residual`` (the scaled
    KKT violation at W) and ``precondition(R)`` (an approximate inverse Hessian applied to R,
    symmetric positive definite). Stops when the residual is at most `tolerance`.
    """
    value, gradient, state = function(W, None)
    trace = [value]
    pairs = deque(maxlen=memory)
    iterations = 0
    while state.residual > tolerance and iterations < max_iterations:
        direction = -_apply_inverse(pairs, gradient, state)
        found = _line_search(function, W, value, gradient, direction, state)
        if found is not None and memory == 0:
            found = _go_on(function, W, value, direction, np.vdot(gradient, direction), found)
        if found is None and pairs:
            pairs.clear()
            found = _line_search(function, W, value, gradient, -state.precondition(gradient), state)
        if found is None:
            break
        W_new, value_new, gradient_new, state = found
        step, change = W_new - W, gradient_new - gradient
        curvature = np.vdot(step, change)
        if curvature > max(1e-12 * np.linalg.norm(step) * np.linalg.norm(change), 1e-300):
            pairs.append((step, change, 1.0 / curvature))
        W, value, gradient = W_new, value_new, gradient_new
        trace.append(value)
        iterations += 1
    return Minimum(W, state, trace, iterations, state.residual <= tolerance, state.residual)


def _apply_inverse(pairs, gradient, state):
    """The two-loop recursion of L-BFGS around the preconditioner (Nocedal & Wright, alg. 7.4)."""
    q = gradient.copy()
    coefficients = []
    for step, change, inverse in reversed(pairs):
        alpha = inverse * np.vdot(step, q)
        q -= alpha * change
        coefficients.append(alpha)
    r = state.precondition(q)
    for (step, change, inverse), alpha in zip(pairs, reversed(coefficients), strict=True):
        r += (alpha - inverse * np.vdot(change, r)) * step
    return r


def _line_search(function, W, value, gradient, direction, state, attempts=25):
    """Backtrack from the full step until Armijo's condition holds; None when nothing decreases."""
    slope = np.vdot(gradient, direction)
    if not slope < 0.0:
        return None
    rounding = 1e-14 * abs(value)
    size = 1.0
    for _ in range(attempts):
        W_new = W + size * direction
        value_new, gradient_new, state_new = function(W_new, state)
        if value_new <= value + 1e-4 * size * slope + rounding:
            return W_new, value_new, gradient_new, state_new
        curvature = 2.0 * (value_new - value - size * slope) / size**2
        size = min(max(-slope / curvature, 0.1 * size), 0.5 * size) if curvature > 0 else 0.5 * size
    return None


def _go_on(function, W, value, direction, slope, found):
    """Double the full step, if that is what was found, as long as the function falls along it as if it had no
    curvature: Newton's method has taken the size of one that is negative."""
    size = 1.0
    while value - found[1] > MIN_STRAIGHT_SHARE * size * -slope and size < MAX_STEP_FACTOR:
        size *= 2.0
        W_new = W + size * direction
        longer = (W_new, *function(W_new, found[3]))
        if not longer[1] < found[1]:
            break
        found = longer
    return found
