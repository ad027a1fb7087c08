"""How much of a front of two losses gradient steps reach: with static weights, and with MGDA.

The concave front is that of Fonseca and Fleming (1995): L_1(x) = 1 - exp(-||x - a||^2) and L_2(x) = 1 -
exp(-||x + a||^2), with a of norm one; its Pareto set is the line from a to -a. The convex losses are those of
two linear regressions of the same weights.
"""

import numpy as np

from amtl.random import generator

DIMENSIONS, STARTS, STEPS, RATE = 5, 100, 3000, 0.05
# The Pareto set is divided into equal parts; starts lie around it.
PARTS, SPREAD = 10, 0.5
# The widest ratio of static weights, to both sides.
LARGEST_RATIO = 100.0
ROWS, NOISE = 50, 1.0


def mgda_shares(A, B):
    """Return the share of the first gradient in the shortest convex combination, for each row of A and B."""
    difference = A - B
    lengths = (difference**2).sum(axis=1)
    shares = np.divide(-(B * difference).sum(axis=1), lengths, out=np.full(len(A), 0.5), where=lengths > 0.0)
    return np.clip(shares, 0.0, 1.0)[:, None]


def static_shares(count):
    """Return the share of the first loss for `count` ratios, evenly spaced in their logarithm."""
    ratios = np.geomspace(1.0 / LARGEST_RATIO, LARGEST_RATIO, count)
    return (ratios / (1.0 + ratios))[:, None]


def descend(x, gradients, shares):
    """Return the ends of gradient descent from the rows of x; shares : function of both gradients."""
    for _ in range(STEPS):
        A, B = gradients(x)
        share = shares(A, B)
        x = x - RATE * (share * A + (1.0 - share) * B)
    return x


def concave_coverage(seed, name):
    """Return the share of the parts of the concave front that ``static`` weights or ``mgda`` reach, in %.

    Static weights have another ratio from each start.
    """
    a = np.full(DIMENSIONS, 1.0 / np.sqrt(DIMENSIONS))
    random = generator(seed, "concave front")
    places = random.uniform(-1.0, 1.0, size=(STARTS, 1))
    x = places * a + SPREAD * random.normal(size=(STARTS, DIMENSIONS)) / np.sqrt(DIMENSIONS)

    def gradients(x):
        return tuple(2.0 * np.exp(-((x - c) ** 2).sum(axis=1))[:, None] * (x - c) for c in (a, -a))

    fixed = random.permutation(static_shares(STARTS))
    ends = descend(x, gradients, mgda_shares if name == "mgda" else lambda A, B: fixed)
    return _coverage(ends @ a)


def stationary_gap(seed):
    """Return by how much the ends of MGDA on the convex losses miss the optimum of their weighted sum, in %.

    The largest of all starts, in % of the optimum. A point is weakly Pareto optimal if it minimizes a
    weighted sum of convex losses; the weights are those of MGDA there.
    """
    pair, w_of = _regressions(seed)
    random = generator(seed, "convex losses")
    ends = descend(random.normal(size=(STARTS, DIMENSIONS)), pair, mgda_shares)
    shares = mgda_shares(*pair(ends))[:, 0]
    losses = _losses(seed)
    gaps = []
    for x, share in zip(ends, shares, strict=True):
        value, best = (share * losses(w)[0] + (1.0 - share) * losses(w)[1] for w in (x, w_of(share)))
        gaps.append(100.0 * (value - best) / best)
    return max(gaps)


def _data(seed):
    random = generator(seed, "two regressions")
    X = [random.normal(size=(ROWS, DIMENSIONS)) for _ in range(2)]
    truth = random.normal(size=(2, DIMENSIONS))
    return [(Z, Z @ w + NOISE * random.normal(size=ROWS)) for Z, w in zip(X, truth, strict=True)]


def _losses(seed):
    data = _data(seed)
    return lambda w: [float(np.mean((X @ w - y) ** 2)) for X, y in data]


def _regressions(seed):
    """Return (function x -> both gradients, function share -> the minimum of the weighted sum)."""
    moments = [(X.T @ X / ROWS, X.T @ y / ROWS) for X, y in _data(seed)]

    def gradients(x):
        return tuple(2.0 * (x @ A - b) for A, b in moments)

    def minimum(share):
        (A, b), (C, d) = moments
        return np.linalg.solve(share * A + (1.0 - share) * C, share * b + (1.0 - share) * d)

    return gradients, minimum


def _coverage(places):
    """Return the share in % of equal parts of [-1, 1] that hold one of the places."""
    inside = np.clip(((np.asarray(places) + 1.0) / 2.0 * PARTS).astype(int), 0, PARTS - 1)
    return 100.0 * len(np.unique(inside)) / PARTS
