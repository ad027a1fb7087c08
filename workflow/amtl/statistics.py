"""Means over splits: confidence intervals, one-sided tests, and how many splits a test needs."""

import math
from dataclasses import dataclass

from amtl.errors import InputError, nearest

# 0.975 quantile of the normal distribution, rounded as usual in papers.
NORMAL_QUANTILE = 1.96

DESCRIPTIONS = {
    "t": "half width of the 95 % confidence interval over the splits by Student's t, t(0.975; n − 1) s/√n. "
    "Where splits share rows it is too narrow",
    "normal": "1.96 standard errors over the splits, 1.96 s/√n. With few splits it covers less than 95 %: "
    "88 % with five",
}
CORRECTED = (
    "half width of the 95 % confidence interval over the splits by Student's t. Where splits share rows, the "
    "standard error is that of the corrected resampled t test (Nadeau and Bengio, 2003)"
)
# A spread of at most so many times the largest value is of rounding: the values are the same.
ROUNDING = 1e-12
# With this probability a test of `splits_needed` splits finds an effect as large as the observed one.
POWER = 0.8
# More splits than this are not searched for.
MAX_SPLITS_NEEDED = 100_000
# The level at which a method is said to differ from another, and the possible results.
LEVEL = 0.05
BETTER, WORSE, UNCLEAR, ONE_SPLIT = "better", "worse", "no clear difference", "one split"


@dataclass(frozen=True)
class Interval:
    """Mean of `n` values, their standard deviation and the half width of the 95 % confidence interval.

    The variance has n - 1 in its denominator. For one value `sd`, `half`, `low` and `high` are None.
    overlap : as for `interval`.
    """

    n: int
    mean: float
    sd: float | None = None
    half: float | None = None
    overlap: float = 0.0

    @property
    def low(self):
        return None if self.half is None else self.mean - self.half

    @property
    def high(self):
        return None if self.half is None else self.mean + self.half

    def p_above(self, bound):
        """Return the p-value of the t test that the expected value exceeds `bound`; 1 for one value."""
        return self._p(self.mean - bound)

    def p_below(self, bound):
        """Return the p-value of the t test that the expected value lies below `bound`; 1 for one value."""
        return self._p(bound - self.mean)

    def _p(self, distance):
        if self.sd is None or distance == 0.0:
            return 1.0 if self.sd is None else 0.5
        error = self.sd * math.sqrt(1.0 / self.n + self.overlap)
        if error == 0.0:
            # Two error rates often differ by the same number by chance: they tell nothing about the spread.
            return 0.0 if distance > 0.0 and self.n > 2 else 1.0
        return _t_tail(distance / error, self.n - 1)


def interval(values, kind="t", overlap=0.0):
    """Return the Interval of a sequence of numbers.

    Parameters
    ----------
    values : iterable of float
        At least one number.
    kind : {"t", "normal"}
        Half width: Student's t quantile with n - 1 degrees of freedom times the standard error, or 1.96
        standard errors.
    overlap : float
        r = q / (1 - q), with q the correlation of the values of two splits; 0 for independent splits. The
        standard error is then s sqrt(1 / n + r), the corrected resampled t of Nadeau and Bengio, Inference
        for the generalization error, Machine Learning 52 (2003). They take for q the share of test rows that
        two splits have in common: if training and test rows are the whole pool, r is test by training rows.

    Raises
    ------
    InputError
        For an unknown `kind`.
    """
    _check_kind(kind)
    values = [float(value) for value in values]
    return _interval(values, max(map(abs, values)), kind, overlap)


def _check_kind(kind):
    if kind not in DESCRIPTIONS:
        raise InputError(f"unknown interval {kind!r}{nearest(kind, DESCRIPTIONS)}")


def _interval(values, largest, kind, overlap):
    """Return the `interval` of a list of numbers, which were computed from numbers up to `largest`."""
    n = len(values)
    mean = math.fsum(values) / n
    if n == 1:
        return Interval(1, mean)
    sd = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
    if sd <= ROUNDING * largest:
        sd = 0.0
    quantile = NORMAL_QUANTILE if kind == "normal" else _t_quantile(0.975, n - 1)
    return Interval(n, mean, sd, quantile * sd * math.sqrt(1.0 / n + overlap), overlap)


def paired(values, baseline, kind="t", overlap=0.0):
    """Return the Interval of ``values - baseline`` over the common splits, or None if there is none.

    values, baseline : dict from split to number. Pairing removes the variation that the splits share.
    kind, overlap : as for `interval`.
    """
    common = sorted(values.keys() & baseline.keys())
    if not common:
        return None
    _check_kind(kind)
    largest = max(abs(each[k]) for each in (values, baseline) for k in common)
    return _interval([values[k] - baseline[k] for k in common], largest, kind, overlap)


def ratio(values, baseline, kind="t"):
    """Return the Interval of ``values / baseline`` over common splits with a positive baseline, or None."""
    common = sorted(k for k in values.keys() & baseline.keys() if baseline[k] > 0)
    return interval([values[k] / baseline[k] for k in common], kind) if common else None


def splits_needed(distance, sd, level, overlap=0.0, power=POWER):
    """Return how many splits a one-sided t test needs to find an effect with probability `power`.

    The noncentral t is approximated by the usual sum of two quantiles of Student's t.

    Parameters
    ----------
    distance, sd : float
        The expected distance of the mean from the bound, positive on the side that the test is about, and the
        standard deviation over splits.
    level : float
        Level of the test.
    overlap : float
        As for `interval`. Above 0 even any number of splits may not suffice.

    Returns
    -------
    int or float
        infinity if no number up to `MAX_SPLITS_NEEDED` suffices.
    """

    def suffices(n):
        quantiles = _t_quantile(1.0 - level, n - 1) + _t_quantile(power, n - 1)
        return distance >= quantiles * sd * math.sqrt(1.0 / n + overlap)

    if distance <= 0.0 or not suffices(MAX_SPLITS_NEEDED):
        return math.inf
    # Two equal numbers tell nothing about the spread.
    low, high = 1 if sd > 0.0 else 2, MAX_SPLITS_NEEDED
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if suffices(middle) else (middle, high)
    return high


def holm_threshold(p_values, level):
    """Return the threshold of Holm's method: at `level` it rejects the p-values that do not exceed it.

    The method bounds the probability of any false rejection, whatever the dependence: S. Holm, A simple
    sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979).
    """
    for rejected, p in enumerate(sorted(p_values)):
        threshold = level / (len(p_values) - rejected)
        if p > threshold:
            return threshold
    return level


@dataclass(frozen=True)
class Comparison:
    """A method against the baseline. difference : Interval of its error minus the baseline's, in its unit.

    percent : the difference in % of the baseline's mean error. p : two-sided p-value, 1 for one split.
    verdict : `BETTER`, `WORSE`, `UNCLEAR` or `ONE_SPLIT`.
    """

    difference: Interval
    percent: float | None
    p: float
    verdict: str


def compare_with(errors, baseline, overlap):
    """Return {method: Comparison} of {method: {split: error}} with {split: error} of the baseline.

    overlap : as for `interval`. The verdicts are two-sided t tests at 5 %, by Holm's method over methods.
    """
    differences = {name: paired(values, baseline, "t", overlap) for name, values in errors.items()}
    differences = {name: each for name, each in differences.items() if each is not None}
    p_values = {
        name: min(2 * min(each.p_above(0.0), each.p_below(0.0)), 1.0) for name, each in differences.items()
    }
    threshold = holm_threshold(p_values.values(), LEVEL)
    mean = sum(baseline.values()) / len(baseline) if baseline else 0.0
    return {
        name: Comparison(
            each,
            100 * each.mean / mean if mean > 0 else None,
            p_values[name],
            _verdict(each, p_values[name] <= threshold),
        )
        for name, each in differences.items()
    }


def _verdict(each, is_clear):
    if each.half is None:
        return ONE_SPLIT
    return (BETTER if each.mean < 0 else WORSE) if is_clear and each.mean != 0 else UNCLEAR


def _t_tail(x, degrees):
    from scipy.special import stdtr  # scipy.stats takes a second to import

    return float(stdtr(degrees, -x))


def _t_quantile(probability, degrees):
    from scipy.special import stdtrit

    return float(stdtrit(degrees, probability))


def footnotes(kind, counts, corrected=False):
    """Return sentences that explain ± for intervals over `counts` (a list) numbers of splits.

    corrected : whether `interval` was given the overlap of the splits.
    """
    counts = sorted(set(counts))
    notes = []
    if counts and counts[-1] > 1:
        text = CORRECTED if corrected and kind == "t" else DESCRIPTIONS[kind]
        notes.append(f"±: {text}.")
    if 1 in counts:
        notes.append("A value without ± is of one split (n = 1), which gives no interval.")
    return notes
