"""Step sizes of the stochastic updates.

The weights w of a task climb its objective by one row of every task at a time,

    g = sum_s a_s grad log P(y_si | x_si, w) - decay * w,    w <- w + eta * g  (elementwise),

where a_s = A_ts n_s / n for n = mean(n_1, ..., n_T) updates a pass: the mean of n g is then the gradient of
the objective, whatever the numbers of rows n_s. After every second update eta <- v * eta, where v is the
ratio of the last two steps of each weight, cut to [low, high] and 1 where the first one is 0. The ratio
estimates an eigenvalue of the Jacobian of the update, and so the curvature along each weight (3.16 to 3.18).
"""

from dataclasses import dataclass

from amtl.errors import InputError, nearest

# Largest ratio of step sizes, and the share to which the smallest ratios shrink them by the end of a run.
ALPHA, SHRINKAGE = 0.9999, 0.05
RULES = ("bounded", "printed", "smallest", "first-order")


@dataclass(frozen=True)
class StepRule:
    """Bounds of the ratio v, and the rate of decay 1 / (1 + rate * k) of the step of update k."""

    low: float
    high: float
    rate: float = 0.0


def make_rule(name, n_updates, rate=0.0, shrinkage=SHRINKAGE):
    """Return the `StepRule` of a run of `n_updates` updates.

    shrinkage : share to which the smallest ratios shrink the steps over all updates.

    name : {"bounded", "printed", "smallest", "first-order"}
        `bounded` cuts v to [beta, ALPHA] with beta = shrinkage^(2 / n_updates); from some
        60,000 updates on beta is above ALPHA, and v = beta. `printed` only bounds it
        below by beta, as in the paper, and may diverge. `smallest` is v = beta, the case of Theorem 3.1.
        `first-order` keeps v = 1 and divides the step of update k by 1 + rate * k.
    """
    low = shrinkage ** (2.0 / max(n_updates, 2))
    if name == "bounded":
        return StepRule(low, max(ALPHA, low))
    if name == "printed":
        return StepRule(low, float("inf"))
    if name == "smallest":
        return StepRule(low, low)
    if name == "first-order":
        return StepRule(1.0, 1.0, rate)
    raise InputError(f"unknown step rule {name!r}{nearest(name, RULES)}")
