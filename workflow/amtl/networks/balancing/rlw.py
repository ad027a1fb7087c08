"""Random loss weighting (Lin et al., section 3.1, normal distribution): new weights in every step.

Oracle: the mean over many draws is equal weights.
"""

from amtl.networks.balancing._rule import LOSSES, Rule
from amtl.networks.balancing.dwa import softmax


def weigh(given, state, options):
    """Return T times the softmax of T standard normal numbers."""
    n_tasks = len(given.losses)
    return n_tasks * softmax(given.random.normal(size=n_tasks)), state


RULE = Rule(
    name="rlw",
    title="RLW",
    citation="B. Lin et al. Reasonable effectiveness of random weighting. TMLR, 2022.",
    objective="alpha = T softmax(N(0, I)), drawn in every step",
    weigh=weigh,
    needs=LOSSES,
    weighs_heads=True,
)
