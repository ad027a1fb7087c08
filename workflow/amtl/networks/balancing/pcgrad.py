"""PCGrad (Yu et al., algorithm 1): each gradient is projected off the gradients that it conflicts with.

The others come in random order, and are taken as they were before any projection.

Oracle: equal weights if no two gradients conflict.
"""

import numpy as np

from amtl.networks.balancing._rule import Rule


def weigh(given, state, options):
    """Return the weights of the sum of the projected gradients."""
    G = given.gram
    n_tasks, squares = len(G), np.diag(G)
    # Row i of `C` holds the projected gradient i as a combination of the gradients.
    C, rows = np.eye(n_tasks), np.arange(n_tasks)
    orders = given.random.permuted(np.tile(rows, (n_tasks, 1)), axis=1)
    for others in orders.T:
        products = np.einsum("ij,ij->i", C, G[others])
        conflict = (products < 0.0) & (others != rows) & (squares[others] > 0.0)
        C[rows[conflict], others[conflict]] -= products[conflict] / squares[others[conflict]]
    return C.sum(axis=0), state


RULE = Rule(
    name="pcgrad",
    title="PCGrad",
    citation="T. Yu et al. Gradient surgery for multi-task learning. NeurIPS, 2020.",
    objective="g_i <- g_i - (g_i'g_j / ||g_j||^2) g_j for each j in random order with g_i'g_j < 0",
    weigh=weigh,
)
