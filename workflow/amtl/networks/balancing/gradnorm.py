"""GradNorm (Chen et al., algorithm 1): weights that make the tasks learn at the same rate.

The target of alpha_t ||g_t|| is the mean over tasks times r_t^zeta. r_t is L_t / L_t(first step), relative to
its mean over tasks. A step follows the subgradient of the sum of absolute differences; it is divided by the
mean norm, so that the scale of all losses does not matter. Norms are those on the whole trunk.

Oracle: with zeta = 0 the weights go to equal alpha_t ||g_t||.
"""

import numpy as np

from amtl.networks.balancing._rule import Rule

# The smallest weight: a weight of zero could not grow again.
SMALLEST_WEIGHT = 1e-3


def start(n_tasks, options):
    """Return equal weights."""
    return np.ones(n_tasks)


def weigh(given, state, options):
    """Return the weights, and those after a step."""
    norms = np.sqrt(np.diag(given.gram))
    if not norms.any():
        return state, state
    first = given.first_losses
    rates = np.divide(given.losses, first, out=np.ones(len(state)), where=first > 0.0)
    rates = rates / rates.mean() if rates.any() else np.ones(len(state))
    weighted = state * norms
    target = weighted.mean() * rates ** options["zeta"]
    subgradient = norms * np.sign(weighted - target)
    changed = state - options["weights_rate"] * subgradient / norms.mean()
    changed = np.maximum(changed, SMALLEST_WEIGHT)
    return state, len(state) * changed / changed.sum()


RULE = Rule(
    name="gradnorm",
    title="GradNorm",
    citation="Z. Chen et al. GradNorm: gradient normalization for adaptive loss balancing. ICML, 2018.",
    objective="min_alpha sum_t | alpha_t ||g_t|| - mean_s alpha_s ||g_s|| r_t^zeta |, sum alpha = T",
    weigh=weigh,
    start=start,
    weighs_heads=True,
    options={
        "zeta": {
            "type": "number",
            "minimum": 0,
            "default": 1.5,
            "description": "How strongly a task that learns slowly is favoured; 0 for equal gradient norms.",
        },
        "weights_rate": {
            "type": "number",
            "exclusiveMinimum": 0,
            "default": 0.025,
            "description": "Learning rate of the weights.",
        },
    },
)
