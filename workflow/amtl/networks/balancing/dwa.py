"""Dynamic weight average (Liu et al., eq. 7): a loss that falls slowly gets a larger weight.

Losses are means over a period between two checks, in place of an epoch. The first two periods have equal
weights.

Oracle: equal weights if the temperature goes to infinity.
"""

import numpy as np

from amtl.networks.balancing._rule import LOSSES, Rule


def softmax(values):
    """Return exp(values) divided by its sum."""
    powers = np.exp(values - np.max(values))
    return powers / powers.sum()


def weigh(given, state, options):
    """Return T softmax_t(r_t / temperature), r_t the ratio of the last two mean losses."""
    n_tasks = len(given.losses)
    if len(given.history) < 2:
        return np.ones(n_tasks), state
    last, before = given.history[-1], given.history[-2]
    # A loss of zero has stopped to fall.
    ratios = np.divide(last, before, out=np.ones(n_tasks), where=before > 0.0)
    return n_tasks * softmax(ratios / options["temperature"]), state


RULE = Rule(
    name="dwa",
    title="DWA",
    citation="S. Liu, E. Johns, A. J. Davison. End-to-end multi-task learning with attention. CVPR, 2019.",
    objective="alpha_t = T softmax_t(r_t / tau), r_t = L_t(i - 1) / L_t(i - 2)",
    weigh=weigh,
    needs=LOSSES,
    weighs_heads=True,
    options={
        "temperature": {
            "type": "number",
            "exclusiveMinimum": 0,
            "default": 2.0,
            "description": "Temperature tau: the larger, the more equal the weights.",
        },
    },
)
