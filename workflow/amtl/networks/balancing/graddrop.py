"""GradDrop (Chen et al., algorithm 1): each coordinate keeps the gradients of one sign, drawn at random.

The positive sign is drawn with the probability (1 + sum g / sum |g|) / 2. A share `leak` of what is dropped
is kept.

Oracle: equal weights where all gradients have the same sign.
"""

import numpy as np

from amtl.networks.balancing._rule import GRADIENTS, Rule


def weigh(given, state, options):
    """Return weights (T, P) of one where a gradient is kept, and of `leak` where it is dropped."""
    J = given.gradients
    size = np.abs(J).sum(axis=0)
    purity = 0.5 * (1.0 + np.divide(J.sum(axis=0), size, out=np.zeros(len(size)), where=size > 0.0))
    positive = purity > given.random.random(len(size))
    kept = np.where(positive, J > 0.0, J < 0.0)
    return np.where(kept, 1.0, options["leak"]), state


RULE = Rule(
    name="graddrop",
    title="GradDrop",
    citation="Z. Chen et al. Just pick a sign: optimizing deep multitask models with gradient sign dropout. "
    "NeurIPS, 2020.",
    objective="per coordinate, the sum of the gradients of one sign, drawn by the share of each sign",
    weigh=weigh,
    needs=GRADIENTS,
    options={
        "leak": {
            "type": "number",
            "minimum": 0,
            "maximum": 1,
            "default": 0.0,
            "description": "Share of a dropped gradient that is kept.",
        },
    },
)
