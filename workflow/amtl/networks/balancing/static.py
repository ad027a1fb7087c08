"""Static weights: a fixed weight for each loss (survey, eq. 2.75).

Oracle: with a ratio of one these are equal weights.
"""

import numpy as np

from amtl.networks.balancing._rule import LOSSES, Rule
from amtl.random import generator


def static_weights(n_tasks, ratio, direction=0):
    """Return weights (T,) with mean one, the largest `ratio` times the smallest.

    Of two tasks the first has the larger weight if `ratio` is above one. The logarithms of three weights or
    more are a random direction, the one of this number.
    """
    if n_tasks == 1:
        return np.ones(1)
    if n_tasks == 2:
        logs = np.array([0.5, -0.5])
    else:
        logs = generator(0, "static weights", n_tasks, direction).normal(size=n_tasks)
        logs /= np.ptp(logs)
    weights = np.exp(np.log(ratio) * logs)
    return n_tasks * weights / weights.sum()


def weigh(given, state, options):
    """Return the weights that the options describe."""
    return static_weights(len(given.losses), options["ratio"], options["direction"]), state


RULE = Rule(
    name="static",
    title="Static weights",
    citation="J. Yu et al. Unleashing the power of multi-task learning. 2024. Equation (2.75).",
    objective="alpha fixed, chosen on validation rows",
    weigh=weigh,
    needs=LOSSES,
    weighs_heads=True,
    options={
        "ratio": {
            "type": "number",
            "exclusiveMinimum": 0,
            "default": 1.0,
            "description": "Largest weight relative to the smallest; of two tasks, the first one's weight "
            "relative to the second one's.",
        },
        "direction": {
            "type": "integer",
            "minimum": 0,
            "default": 0,
            "description": "Number of the random direction of the logarithms of three weights or more.",
        },
    },
)
