"""IMTL-G (Liu et al., eq. 6): the direction has the same projection on all gradients.

Oracle: (G alpha)_t / ||g_t|| is the same for all t; for two tasks alpha_t is proportional to 1 / ||g_t||.
Where the gradients depend on each other there may be no such direction. Then all weights are equal.
"""

import numpy as np

from amtl.networks.balancing._rule import Rule, among_nonzero
from amtl.networks.balancing._spectrum import solve_symmetric

# Projections that differ by more than this, relative to their size, are not equal.
UNEQUAL = 1e-6
# Sums of weights below this share of their size count as zero.
ZERO_SUM = 1e-12


def equal_projections(G):
    """Return the weights with sum one."""
    norms = np.sqrt(np.diag(G))
    # Of unit gradients, so that short ones count as much as long ones.
    C = G / np.outer(norms, norms)
    unit = solve_symmetric(C, np.ones(len(G)))
    weights = unit / norms
    total = weights.sum()
    unequal = np.abs(C @ unit - 1.0).max() > UNEQUAL
    if unequal or abs(total) <= ZERO_SUM * np.abs(weights).sum():
        return np.full(len(G), 1.0 / len(G))
    return weights / total


def weigh(given, state, options):
    """Return the weights of the direction."""
    return among_nonzero(given.gram, equal_projections), state


RULE = Rule(
    name="imtl-g",
    title="IMTL-G",
    citation="L. Liu et al. Towards impartial multi-task learning. ICLR, 2021.",
    objective="d'g_t / ||g_t|| equal for all t, sum alpha = 1",
    weigh=weigh,
)
