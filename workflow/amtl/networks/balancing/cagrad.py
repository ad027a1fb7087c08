"""CAGrad (Liu et al., eq. 4): the best worst-case progress near the mean gradient g_0 (survey, eq. 2.76).

The survey prints (2.76) with the opposite sign. The dual problem on the simplex is solved: at a given length
s of g_w it is a quadratic program, and s is the root of ||g_w(s)|| = s.

Oracle: the mean gradient for c = 0; the primal and the dual optimum are equal.
"""

import numpy as np

from amtl.networks.balancing._rule import Rule, among_nonzero
from amtl.networks.balancing._simplex import minimize_on_simplex

MAX_SEARCH_STEPS = 100
LENGTH_TOLERANCE = 1e-11
# Lengths of g_w below this share of the longest gradient count as zero: the tasks are Pareto stationary.
ZERO_LENGTH = 1e-8


def worst_case_weights(G, c, start=None):
    """Return the w on the simplex that minimizes g_w'g_0 + c ||g_0|| ||g_w||, or None if g_w is zero.

    start : w of a problem nearby, to begin the search there.
    """
    products = G.mean(axis=1)
    radius = c * np.sqrt(max(products.mean(), 0.0))
    longest = float(np.sqrt(np.diag(G).max()))
    w = np.full(len(G), 1.0 / len(G)) if start is None else start

    def gap(s):
        """Solve at the length s; return how much longer it is than the solution, which rises with s."""
        nonlocal w
        w = minimize_on_simplex(G * (radius / s), products, w)
        return (s - length_of(G, w)) / longest

    # First an interval with the root, around the length at the start.
    s = min(max(length_of(G, w), ZERO_LENGTH * longest), longest)
    at = gap(s)
    low, high, at_low, at_high = (s, None, at, None) if at < 0.0 else (None, s, None, at)
    while high is None:
        s = min(2.0 * s, 2.0 * longest)
        at = gap(s)
        low, high, at_low, at_high = (s, None, at, None) if at < 0.0 else (low, s, at_low, at)
    while low is None:
        s /= 2.0
        if s < ZERO_LENGTH * longest:
            return None
        at = gap(s)
        low, high, at_low, at_high = (s, high, at, at_high) if at < 0.0 else (None, s, None, at)
    side = 0
    for _ in range(MAX_SEARCH_STEPS):
        if high - low <= LENGTH_TOLERANCE * longest:
            break
        s = (low * at_high - high * at_low) / (at_high - at_low)
        at = gap(s)
        if abs(at) <= LENGTH_TOLERANCE:
            break
        # An end that stays twice counts half (the Illinois rule), so that both ends move.
        if at > 0.0:
            high, at_high = s, at
            at_low, side = (at_low / 2.0, 1) if side == 1 else (at_low, 1)
        else:
            low, at_low = s, at
            at_high, side = (at_high / 2.0, -1) if side == -1 else (at_high, -1)
    return w


def length_of(G, w):
    """Return the norm of the combination w of the gradients."""
    return float(np.sqrt(max(w @ G @ w, 0.0)))


def direction_weights(G, c, start=None):
    """Return the weights of d = g_0 + c ||g_0|| g_w / ||g_w||, and w to start the next search from."""
    mean = np.full(len(G), 1.0 / len(G))
    radius = c * length_of(G, mean)
    w = worst_case_weights(G, c, start) if radius > 0.0 else None
    # At a Pareto-stationary point no direction improves all tasks.
    if w is None:
        return mean, None
    return mean + radius / length_of(G, w) * w, w


def weigh(given, state, options):
    """Return the weights of the direction. state : w of the step before, where all tasks had a gradient."""
    after = None

    def solve(G):
        nonlocal after
        start = state if state is not None and len(state) == len(G) else None
        weights, after = direction_weights(G, options["c"], start)
        return weights

    return among_nonzero(given.gram, solve), after


RULE = Rule(
    name="cagrad",
    title="CAGrad",
    citation="B. Liu et al. Conflict-averse gradient descent for multi-task learning. NeurIPS, 2021.",
    objective="max_d min_t g_t'd subject to ||d - g_0|| <= c ||g_0||",
    weigh=weigh,
    options={
        "c": {
            "type": "number",
            "minimum": 0,
            "exclusiveMaximum": 1,
            "default": 0.4,
            "description": "Radius around the mean gradient, relative to its norm.",
        },
    },
)
