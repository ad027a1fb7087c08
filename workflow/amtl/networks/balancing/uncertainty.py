"""Uncertainty weighting (Kendall et al.): losses divided by a learned noise variance.

s_t is the logarithm of the variance of task t. It is trained with the network, by Adam at the same learning
rate. The survey's eq. (2.78) lacks the terms s_t / 2, without which all weights go to zero.

Oracle: at a constant loss L_t, s_t goes to log L_t (regression) or log 2 L_t (classification).
"""

import numpy as np

from amtl.networks.balancing._rule import LOSSES, Rule
from amtl.networks.optimizer import Adam


def start(n_tasks, options):
    """Return (s, the optimizer's state): s = 0."""
    return np.zeros(n_tasks), None


def weigh(given, state, options):
    """Return exp(-s_t), half of it for a squared loss, and s after a step."""
    s, moments = state
    weights = np.exp(-s) * np.where(given.regression, 0.5, 1.0)
    adam = Adam(len(s), given.learning_rate, moments)
    s = s.copy()
    adam.step(s, 0.5 - weights * given.losses)
    return weights, (s, adam.moments)


RULE = Rule(
    name="uncertainty",
    title="Uncertainty weighting",
    citation="A. Kendall, Y. Gal, R. Cipolla. Multi-task learning using uncertainty. CVPR, 2018.",
    objective="min_s sum_t exp(-s_t) L_t + s_t / 2 (classification), exp(-s_t) L_t / 2 + s_t / 2 (numbers)",
    weigh=weigh,
    start=start,
    needs=LOSSES,
    weighs_heads=True,
)
