"""How often verdicts are wrong where the truth is known: run as a script for many repetitions.

    PYTHONPATH=workflow:tests python -m helpers.coverage 10000

Each case draws results whose true effect lies on the bound of the claim, the worst case: then both
"reproduced" and "contradicted" are wrong, and together they may come out in 5 % of the runs.
"""

import sys
from functools import partial

import numpy as np

from amtl.statistics import interval
from workbench.papers.hypotheses import above, at_least, every, some, within
from workbench.papers.verdicts import CONTRADICTED, REPRODUCED, Part, conclude, judge

# Correlation of the effects of methods on one split, which share the rows and one method.
SHARED = 0.5


def correlated(rng, splits, count):
    """Return effects (count, splits) of standard deviation 1 and correlation `SHARED` within a split."""
    common, own = rng.normal(size=splits), rng.normal(size=(count, splits))
    return np.sqrt(SHARED) * common + np.sqrt(1.0 - SHARED) * own


def one_comparison(rng, splits):
    return [judge("p", interval(rng.normal(size=splits)))]


def no_effect(rng, splits):
    """Two methods that differ by exactly the margin."""
    return [judge("p", interval(1.0 + 0.3 * rng.normal(size=splits)), within, 1.0)]


def ten_parts(rng, splits):
    """A claim about ten datasets or methods, with independent results."""
    return [judge(str(k), interval(each)) for k, each in enumerate(rng.normal(size=(10, splits)))]


def _of(effects, combine):
    found = [interval(each) for each in effects]
    return [Part("p", combine([above(each, 0.0) for each in found]), found[0])]


def best_of_nine(rng, splits):
    return _of(correlated(rng, splits, 8), every)


def some_of_ten(rng, splits):
    return _of(correlated(rng, splits, 10), some)


def two_of_twelve(rng, splits):
    """Twelve tasks on the bound: neither "at least two lie above" nor "at most one does" may be concluded."""
    return _of(correlated(rng, splits, 12), lambda statements: at_least(2, statements))


def two_of_twelve_with_one_true(rng, splits):
    """One of the twelve lies far above the bound, one on it and the others far below."""
    effects = correlated(rng, splits, 12) + np.array([9.0, 0.0, *[-9.0] * 10])[:, None]
    return _of(effects, lambda statements: at_least(2, statements))


CASES = {
    "one comparison": one_comparison,
    "no effect, at the margin": no_effect,
    "ten parts must hold": ten_parts,
    "best of nine methods": best_of_nine,
    "some of ten classes": some_of_ten,
    "at least two of twelve tasks": two_of_twelve,
    "the same, one task certain, one on the bound": two_of_twelve_with_one_true,
}
# (rows of the pool, training rows, rows of the pool of test rows or None for the same pool, test rows): about
# a fortieth of School, a fifth of the bundled MNIST and a tenth of USPS.
POOLS = {
    "School": (384, 287, None, 97),
    "MNIST": (1000, 200, None, 100),
    "USPS": (729, 100, 201, 50),
}


def from_a_pool(rng, splits, name, effect, corrected=True):
    """Two methods with the same expected error, on splits of one pool, which is drawn anew each time."""
    pool, n_train, test_pool, n_test = POOLS[name]
    difference = effect(rng, pool + (test_pool or 0))
    values = []
    for _ in range(splits):
        rows = rng.permutation(pool)
        tested = pool + rng.permutation(test_pool)[:n_test] if test_pool else rows[-n_test:]
        values.append(difference(rows[:n_train], tested))
    overlap = n_test / ((test_pool or pool) - n_test)
    return [judge("p", interval(values, overlap=overlap if corrected else 0.0))]


def fitted(rng, rows):
    """Return the difference in test error of least squares on five features and on five others.

    The two halves of the features have the same distribution and the same weights.
    """
    X = rng.normal(size=(rows, 10))
    y = X.sum(axis=1) + rng.normal(size=rows)

    def error(half, train, test):
        A = X[train][:, half]
        w = np.linalg.solve(A.T @ A, A.T @ y[train])
        return np.mean((y[test] - X[test][:, half] @ w) ** 2)

    return lambda *parts: error(slice(5), *parts) - error(slice(5, 10), *parts)


def memorised(rng, rows):
    """Return a difference to which each training row adds as much noise as a test row.

    That is against the assumption of Nadeau and Bengio that the choice of training rows hardly matters.
    """
    noise = rng.normal(size=(2, rows))
    return lambda train, test: noise[0, train].mean() + noise[1, test].mean()


def rates(make, splits, repetitions, seed=0):
    """Return the shares (reproduced, contradicted) of the verdicts on `make(rng, splits)`."""
    rng = np.random.default_rng(seed)
    verdicts = [conclude(make(rng, splits)).verdict for _ in range(repetitions)]
    return tuple(verdicts.count(each) / repetitions for each in (REPRODUCED, CONTRADICTED))


def main(repetitions):
    cases = dict(CASES)
    for name in POOLS:
        for effect, corrected in ((fitted, True), (fitted, False), (memorised, True)):
            facts = {"name": name, "effect": effect, "corrected": corrected}
            label = f"rows shared as in {name}, {effect.__name__}, {'corrected' if corrected else 'plain t'}"
            cases[label] = partial(from_a_pool, **facts)
    print(f"{repetitions:,} repetitions; % reproduced, % contradicted, % both")
    for label, make in cases.items():
        for splits in (5, 10) if "School" in label else (5, 30):
            found = rates(make, splits, repetitions)
            numbers = " ".join(f"{100 * each:6.2f}" for each in (*found, sum(found)))
            print(f"{label:50} n = {splits:2} {numbers}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
