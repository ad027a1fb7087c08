"""MGDA (Sener and Koltun, eq. 3; survey, eq. 2.81): the shortest vector in the convex hull of the gradients.

Oracle: (G beta)_t >= beta' G beta for all t. For two tasks there is a closed form. The direction is zero only
at a Pareto-stationary point.
"""

import numpy as np

from amtl.networks.balancing._rule import Rule
from amtl.networks.balancing._simplex import minimize_on_simplex


def weigh(given, state, options):
    """Return the weights of the shortest convex combination. state : those of the step before."""
    weights = minimize_on_simplex(given.gram, np.zeros(len(given.gram)), state)
    return weights, weights


RULE = Rule(
    name="mgda",
    title="MGDA",
    citation="O. Sener, V. Koltun. Multi-task learning as multi-objective optimization. NeurIPS, 2018.",
    objective="min_beta beta' G beta / 2 subject to beta >= 0 and sum beta = 1",
    weigh=weigh,
)
