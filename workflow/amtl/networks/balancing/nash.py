"""Nash-MTL (Navon et al., eq. 3): the bargaining solution, G alpha = 1 / alpha.

It is the minimum of alpha' G alpha / 2 - sum log alpha, a convex function, and found by Newton's method. A
direction that is longer than `max_norm` is shortened.

Oracle: for two tasks alpha_t = 1 / (||g_t|| sqrt(1 + cos)). Where a loss is multiplied by c, its weight is
divided by c, so the direction stays.
"""

import numpy as np

from amtl.networks.balancing._rule import Rule, among_nonzero

MAX_NEWTON_STEPS = 100
# Bound on Newton's decrement, which is scale free.
TOLERANCE = 1e-12
# Ridge relative to the unit diagonal: opposite gradients have no bargaining solution without it.
RIDGE = 1e-10


def bargaining_weights(G):
    """Return alpha > 0 with G alpha = 1 / alpha."""
    norms = np.sqrt(np.diag(G))
    # Unit gradients: the weights of the given ones are these, divided by the norms.
    C = G / np.outer(norms, norms) + RIDGE * np.eye(len(G))
    alpha = np.full(len(G), 1.0 / np.sqrt(max(C.sum(axis=1).max(), RIDGE)))
    value = _objective(C, alpha)
    for _ in range(MAX_NEWTON_STEPS):
        gradient = C @ alpha - 1.0 / alpha
        step = -np.linalg.solve(C + np.diag(1.0 / alpha**2), gradient)
        decrement = -float(gradient @ step)
        if decrement <= TOLERANCE**2:
            break
        falling = step < 0.0
        size = min(1.0, 0.99 * float(np.min(-alpha[falling] / step[falling]))) if falling.any() else 1.0
        while True:
            changed = alpha + size * step
            at = _objective(C, changed)
            if at <= value - 1e-4 * size * decrement or size < 1e-10 or decrement < 1e-14:
                break
            size /= 2.0
        alpha, value = changed, at
    return alpha / norms


def _objective(C, alpha):
    return float(alpha @ C @ alpha) / 2.0 - float(np.log(alpha).sum())


def weigh(given, state, options):
    """Return the weights of the direction."""

    def solve(G):
        alpha = bargaining_weights(G)
        length = np.sqrt(max(alpha @ G @ alpha, 0.0))
        return alpha * min(1.0, options["max_norm"] / length) if length > 0.0 else alpha

    return among_nonzero(given.gram, solve), state


RULE = Rule(
    name="nash",
    title="Nash-MTL",
    citation="A. Navon et al. Multi-task learning as a bargaining game. ICML, 2022.",
    objective="G alpha = 1 / alpha",
    weigh=weigh,
    options={
        "max_norm": {
            "type": "number",
            "exclusiveMinimum": 0,
            "default": 1.0,
            "description": "Largest norm of the direction.",
        },
    },
)
