"""Preconditioned L-BFGS, the iteration for every smooth problem of the library.

The preconditioner is an approximate inverse of the second derivatives. With memory 0 a step is a Newton step,
up to the accuracy of the preconditioner. The memory learns the curvature that an approximate preconditioner
misses.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

# A full Newton step is doubled while the function falls by more than this share of what its slope predicts. A
# step to the minimum of a quadratic function achieves half of the prediction.
MIN_STRAIGHT_SHARE = 0.8
# Largest multiple of a full Newton step.
MAX_STEP_FACTOR = 2.0**20


@dataclass
class Minimum:
    """The result of an iteration.

    Parameters
    ----------
    W : ndarray
        The last point.
    state : object
        The state of the function at `W`.
    trace : list of float
        Objective at the start and after every iteration.
    iterations : int
        Number of iterations.
    converged : bool
        Whether `residual` is at most the tolerance.
    residual : float
        Relative violation of the optimality conditions at `W`.
    fallback : bool
        Whether the usual iteration did not converge and another one finished.
    """

    W: np.ndarray
    state: object
    trace: list
    iterations: int
    converged: bool
    residual: float
    fallback: bool = False


class Kept:
    """Expensive objects that the iterates of one minimization share, such as Hessians and preconditioners.

    iterations : an object is made again after this number of iterations.
    """

    def __init__(self, iterations):
        self._iterations, self._made = iterations, {}

    def get(self, name, iteration, make):
        """Return the object `name` if it is recent enough at `iteration`, or a new one from `make()`."""
        found = self._made.get(name)
        if found is None or iteration - found[0] >= self._iterations:
            # The old one may be the largest array of all.
            found = None
            self._made.pop(name, None)
            found = self._made[name] = iteration, make()
        return found[1]


def minimize(function, W, tolerance=1e-6, max_iterations=500, memory=20):
    """Minimize a smooth function of W by preconditioned L-BFGS; its value never rises.

    Parameters
    ----------
    function : callable
        ``function(W, previous_state)`` returns (value, gradient, state). The state has ``residual``, the
        relative violation of the optimality conditions at W, and ``precondition(R)``, a symmetric positive
        definite approximate inverse Hessian applied to R.
    W : ndarray
        The starting point.
    tolerance : float
        Stop when the residual is at most this.
    max_iterations : int
        Largest number of iterations.
    memory : int
        Number of past steps that approximate the curvature; 0 for Newton's method.

    Returns
    -------
    Minimum
    """
    value, gradient, state = function(W, None)
    trace = [value]
    pairs = deque(maxlen=memory)
    iterations = 0
    while state.residual > tolerance and iterations < max_iterations:
        direction = -_apply_inverse(pairs, gradient, state)
        found = _line_search(function, W, value, gradient, direction, state)
        if found is not None and memory == 0:
            found = _lengthen(function, W, value, direction, np.vdot(gradient, direction), found)
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
    # Where numbers overflow: the largest of several residuals would leave out one that is no number.
    residual = np.inf if np.isnan(state.residual) else state.residual
    return Minimum(W, state, trace, iterations, residual <= tolerance, residual)


def _apply_inverse(pairs, gradient, state):
    """Apply the L-BFGS inverse: two-loop recursion around the preconditioner (Nocedal & Wright, alg. 7.4)."""
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
    """Backtrack from the full step until Armijo's condition holds; return None if no step does."""
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


def _lengthen(function, W, value, direction, slope, found):
    """Double the step while the function falls almost linearly along it.

    This happens where the preconditioner replaces a negative curvature by its absolute value.
    """
    size = 1.0
    while value - found[1] > MIN_STRAIGHT_SHARE * size * -slope and size < MAX_STEP_FACTOR:
        size *= 2.0
        W_new = W + size * direction
        longer = (W_new, *function(W_new, found[3]))
        if not longer[1] < found[1]:
            break
        found = longer
    return found
