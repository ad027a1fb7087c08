"""Methods compared over many datasets: mean ranks, their critical difference, and a Bayesian test.

The ranks follow J. Demsar, Statistical comparisons of classifiers over multiple data sets, JMLR 7 (2006).
"""

import math
from dataclasses import dataclass

import numpy as np

LEVEL = 0.05
# Differences up to this many % of the other method's error count as equal.
EQUAL = 1.0
# Draws of `signed_rank`: the standard error of a probability is below 0.4 points.
DRAWS = 20_000
# The prior of `signed_rank` weighs as much as this share of one dataset.
PRIOR = 0.5


def complete_part(present):
    """Return the rows and columns of a part of `present` (n, m, bool) that is true everywhere.

    Columns are taken by how often they are true, with all rows that have all of them. Of these parts it is
    the one with the most entries, and of equally large ones that with the most rows.
    """
    counts = present.sum(axis=0)
    best = ([], [])
    for least in sorted(set(counts[counts > 0].tolist())):
        columns = np.flatnonzero(counts >= least)
        rows = np.flatnonzero(present[:, columns].all(axis=1))
        if (len(rows) * len(columns), len(rows)) > (len(best[0]) * len(best[1]), len(best[0])):
            best = (rows.tolist(), columns.tolist())
    return best


def mean_ranks(errors):
    """Return the mean rank (m,) of each column of `errors` (n, m); 1 is the smallest, equal ones share."""
    from scipy.stats import rankdata  # scipy.stats takes a second to import

    return rankdata(errors, axis=1).mean(axis=0)


@dataclass(frozen=True)
class Friedman:
    """The test that all methods are alike: the chi-squared statistic of Friedman and its p-value.

    f, p_f : the statistic and p-value of Iman and Davenport, which is less conservative.
    """

    chi2: float
    p: float
    f: float
    p_f: float


def friedman(errors):
    """Return the `Friedman` of `errors` (n, m), n datasets by m >= 3 methods; None if all are equal."""
    from scipy import stats

    n, m = errors.shape
    if (errors == errors[:, :1]).all():
        return None
    chi2, p = map(float, stats.friedmanchisquare(*errors.T))
    rest = n * (m - 1) - chi2
    if rest <= 1e-12 * n * m:
        return Friedman(chi2, p, math.inf, 0.0)
    f = (n - 1) * chi2 / rest
    return Friedman(chi2, p, f, float(stats.f.sf(f, m - 1, (m - 1) * (n - 1))))


def critical_difference(n, m, level=LEVEL):
    """Return the difference of mean ranks of m methods on n datasets that Nemenyi's test calls real."""
    from scipy.stats import studentized_range

    quantile = float(studentized_range.ppf(1.0 - level, m, np.inf)) / math.sqrt(2.0)
    return quantile * math.sqrt(m * (m + 1) / (6.0 * n))


def alike(ranks, difference):
    """Return the largest sets of methods whose mean ranks differ by less than `difference`.

    Each set is a pair (first, last) of places among the sorted `ranks`. Sets of one are left out, and so are
    sets within another one.
    """
    ordered, found = sorted(ranks), []
    for first, rank in enumerate(ordered):
        last = max(k for k, other in enumerate(ordered) if other - rank < difference or k == first)
        if last > first and (not found or last > found[-1][1]):
            found.append((first, last))
    return found


def signed_rank(differences, seed, equal=EQUAL, draws=DRAWS):
    """Return the probabilities that a method is better, practically equal and worse than another.

    The Bayesian signed-rank test: the distribution of differences over datasets has a Dirichlet process as
    its prior, and the sum of two differences drawn from it is compared with 2 `equal`. A. Benavoli, G.
    Corani, J. Demsar and M. Zaffalon, Time for a change, JMLR 18 (2017).

    Parameters
    ----------
    differences : sequence of float
        Error of the method minus that of the other in %, one for each dataset.
    seed : numpy.random.Generator
        Source of the draws.
    equal : float
        Half the width of the region of practical equality.
    draws : int
        Number of draws from the posterior.
    """
    z = np.concatenate([[0.0], np.asarray(differences, dtype=float)])
    weights = seed.dirichlet([PRIOR, *[1.0] * (len(z) - 1)], size=draws)
    sums = z[:, None] + z
    masses = [
        np.einsum("di,ij,dj->d", weights, _above(signed, 2.0 * equal), weights, optimize=True)
        for signed in (-sums, sums)
    ]
    better, worse = masses
    winner = np.argmax(np.column_stack([better, 1.0 - better - worse, worse]), axis=1)
    return tuple((np.bincount(winner, minlength=3) / draws).tolist())


def _above(values, bound):
    """Return 1 where values exceed the bound, 1/2 where they equal it."""
    return (values > bound) + 0.5 * (values == bound)
