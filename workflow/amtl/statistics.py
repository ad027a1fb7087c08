"""Means and 95 % confidence intervals over splits, also of paired differences and ratios."""

import math
from dataclasses import dataclass

from amtl.errors import InputError, nearest

# The 0.975 quantile of the normal distribution, rounded as in the paper.
NORMAL_QUANTILE = 1.96

DESCRIPTIONS = {
    "normal": "half width of the 95 % confidence interval over the splits, 1.96 s/√n as in the paper",
    "t": "half width of the 95 % confidence interval over the splits by Student's t, "
    "t(0.975; n − 1) s/√n, which is wider than the paper's 1.96 s/√n",
}


@dataclass(frozen=True)
class Interval:
    """Mean of `n` values, their standard deviation and the half width of the 95 % confidence interval.

    The variance has n - 1 in its denominator. For one value `sd`, `half`, `low` and `high` are None.
    """

    n: int
    mean: float
    sd: float | None = None
    half: float | None = None

    @property
    def low(self):
        return None if self.half is None else self.mean - self.half

    @property
    def high(self):
        return None if self.half is None else self.mean + self.half


def interval(values, kind="normal"):
    """Return the Interval of a sequence of numbers.

    Parameters
    ----------
    values : iterable of float
        At least one number.
    kind : {"normal", "t"}
        Half width: 1.96 s / sqrt(n) as in the paper, or Student's t quantile with n - 1 degrees of freedom
        for 1.96.

    Raises
    ------
    InputError
        For an unknown `kind`.
    """
    if kind not in DESCRIPTIONS:
        raise InputError(f"unknown interval {kind!r}{nearest(kind, DESCRIPTIONS)}")
    values = [float(value) for value in values]
    n = len(values)
    mean = math.fsum(values) / n
    if n == 1:
        return Interval(1, mean)
    sd = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
    return Interval(n, mean, sd, _quantile(kind, n) * sd / math.sqrt(n))


def _quantile(kind, n):
    if kind == "normal":
        return NORMAL_QUANTILE
    from scipy.stats import t  # a second of import that only this kind needs

    return float(t.ppf(0.975, n - 1))


def paired(values, baseline, kind="normal"):
    """Return the Interval of ``values - baseline`` over the common splits, or None if there is none.

    values, baseline : dict from split to number. Pairing removes the variation that the splits share.
    """
    common = sorted(values.keys() & baseline.keys())
    return interval([values[k] - baseline[k] for k in common], kind) if common else None


def ratio(values, baseline, kind="normal"):
    """Return the Interval of ``values / baseline`` over common splits with a positive baseline, or None."""
    common = sorted(k for k in values.keys() & baseline.keys() if baseline[k] > 0)
    return interval([values[k] / baseline[k] for k in common], kind) if common else None


def footnotes(kind, counts):
    """Return sentences that explain ± for intervals over `counts` (a list) numbers of splits."""
    counts = sorted(set(counts))
    notes = []
    if counts and counts[-1] > 1:
        notes.append(f"±: {DESCRIPTIONS[kind]}.")
    if 1 in counts:
        notes.append("A value without ± is of one split (n = 1), which gives no interval.")
    return notes
