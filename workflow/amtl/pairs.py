"""What a task gains from learning together with one other task, for all pairs of tasks.

Two tasks s and t are mean-regularized ridge regressions: the minimum of

    S_s(w_s) + S_t(w_t) + rho (||w_s||^2 + ||w_t||^2) + c ||w_s - w_t||^2,

in closed form, with free intercepts. S_t is the squared loss, also for labels (-1 and 1). The ridge weight
rho is the best one of all tasks learned alone. The coupling c, from 0 (alone) up, is chosen for each receiver
and each giver. Both are chosen on the validation rows. Many tasks have too many pairs: then all this is about
a random sample of the tasks.
"""

from dataclasses import dataclass

import numpy as np

from amtl import random as seeds
from amtl.methods._grids import geometric, largest_curvature, ridge_grid
from amtl.metrics import auc
from amtl.problem import problem_from_part
from amtl.recovery import cosines
from amtl.splits import PARTS, Part

# Ridge weights and couplings that are tried.
RIDGES, COUPLINGS = 25, 6
# The couplings span so many decades below this multiple of the mean curvature of the tasks.
COUPLING_FACTOR, COUPLING_DECADES = 100.0, 5.0
# Of more features so many principal components of the training rows are used.
MAX_FEATURES = 300
# Of more tasks a sample of this size is taken.
MAX_TASKS = 300


@dataclass(frozen=True)
class Pairs:
    """What tasks gain from each other.

    tasks : (T,), the numbers of the tasks that the other arrays are about: all of them, or a sample.
    gains : (T, T); row s and column t is what t gains with s: its test RMSE alone minus that with s, in % of
        the RMSE alone. The diagonal is 0.
    alone : (T,), the RMSE alone. W : (d, T), the weights alone, the intercept last.
    """

    tasks: np.ndarray
    gains: np.ndarray
    alone: np.ndarray
    W: np.ndarray


def sample_of(n_tasks):
    """Return the numbers of at most `MAX_TASKS` of the tasks, ascending: the same ones at every call."""
    if n_tasks <= MAX_TASKS:
        return np.arange(n_tasks)
    return np.sort(seeds.generator(0, "sample of tasks", n_tasks).choice(n_tasks, MAX_TASKS, replace=False))


def pair_gains(split):
    """Return the `Pairs` of a `Split`."""
    tasks = sample_of(len(split.tasks))
    train, validation, test = map(_Moments, _problems(split, tasks))
    T, d = train.r.shape
    penalty = np.append(np.ones(d - 1), 0.0)
    rho, W = _best_alone(train, validation, penalty)
    alone = test.losses(W)
    # Losses of the receiver t with the giver s in row s: on validation rows, and on test rows.
    lowest, reached = (np.tile(losses, (T, 1)) for losses in (validation.losses(W), alone))
    high = COUPLING_FACTOR * float(np.trace(train.G, axis1=1, axis2=2).mean()) / d
    for coupling in geometric(high, high * 10.0**-COUPLING_DECADES, COUPLINGS):
        for pairs, weights in _coupled(train, rho, coupling, penalty):
            losses = validation.losses(weights, pairs[1])
            better = losses < lowest[pairs]
            lowest[pairs] = np.where(better, losses, lowest[pairs])
            reached[pairs] = np.where(better, test.losses(weights, pairs[1]), reached[pairs])
    alone, reached = np.sqrt(alone), np.sqrt(reached)
    gains = 100.0 * (alone - reached) / np.where(alone > 0.0, alone, 1.0)
    np.fill_diagonal(gains, 0.0)
    return Pairs(tasks, gains, alone, W)


def _best_alone(train, validation, penalty):
    """Return the ridge weight with the lowest mean RMSE on validation, and the weights (d, T)."""
    found = []
    for point in ridge_grid(largest_curvature(train.problem), RIDGES):
        rho = point.params["rho"]
        W = np.linalg.solve(train.G + rho * np.diag(penalty), train.r[:, :, None])[:, :, 0].T
        found.append((np.sqrt(validation.losses(W)).mean(), -rho, W))
    _, rho, W = min(found, key=lambda each: each[:2])
    return -rho, W


def _coupled(train, rho, coupling, penalty):
    """Yield ((givers, receivers), weights (d, count) of the receivers), every pair once either way."""
    H = train.G + (rho + coupling) * np.diag(penalty)
    inverse = np.linalg.inv(H)
    for s in range(len(H) - 1):
        others = np.arange(s + 1, len(H))
        # The weights of s are eliminated.
        pull = coupling * penalty[:, None] * inverse[s]
        left = H[others] - coupling * pull * penalty
        theirs = np.linalg.solve(left, (train.r[others] + pull @ train.r[s])[:, :, None])[:, :, 0].T
        own = inverse[s] @ (train.r[s][:, None] + coupling * penalty[:, None] * theirs)
        yield (np.full(len(others), s), others), theirs
        yield (others, np.full(len(others), s)), own


def _problems(split, tasks):
    """Yield the problems of `tasks` in the three parts of a split, on at most `MAX_FEATURES` features."""
    parts = {name: _rows_of(getattr(split, name), tasks) for name in PARTS}
    X = parts["train"].X[:, :-1]
    rotation, center = np.eye(X.shape[1]), np.zeros(X.shape[1])
    if X.shape[1] > MAX_FEATURES:
        center = X.mean(axis=0)
        rotation = np.linalg.svd(X - center, full_matrices=False)[2][:MAX_FEATURES].T
    for part in parts.values():
        rows = np.column_stack([(part.X[:, :-1] - center) @ rotation, np.ones(len(part.X))])
        reduced = Part(rows, part.y, part.offsets)
        yield problem_from_part(reduced, split.kind, len(tasks), "squared", intercept="free")


def _rows_of(part, tasks):
    """Return the part of `tasks` alone. Shared rows stay: those of other classes are in none of these."""
    if part.offsets is None:
        places = np.searchsorted(tasks, part.y)
        return Part(part.X, np.where(np.isin(part.y, tasks), places, -1.0))
    starts, ends = part.offsets[tasks], part.offsets[tasks + 1]
    rows = np.concatenate([np.arange(*place) for place in zip(starts, ends, strict=True)])
    return Part(part.X[rows], part.y[rows], np.append(0, np.cumsum(ends - starts)))


class _Moments:
    """The sums over rows that the squared loss needs: G (T, d, d), r (T, d), y'y and n (T,)."""

    def __init__(self, problem):
        self.problem, self.n = problem, problem.n
        if problem.shared:
            G = problem.X.T @ problem.X
            self.G = np.broadcast_to(G, (problem.n_tasks, *G.shape))
            self.r, self.yy = (problem.X.T @ problem.Y).T, np.sum(problem.Y**2, axis=0)
        else:
            self.G = np.array([x.T @ x for x in problem.X])
            self.r = np.array([x.T @ y for x, y in zip(problem.X, problem.Y, strict=True)])
            self.yy = np.array([y @ y for y in problem.Y])

    def losses(self, W, tasks=slice(None)):
        """Return the mean squared losses (count,) of `tasks` at weights W (d, count)."""
        fitted = np.einsum("td,td->t", W.T, (self.G[tasks] @ W.T[:, :, None])[:, :, 0])
        total = self.yy[tasks] - 2.0 * np.einsum("td,td->t", W.T, self.r[tasks]) + fitted
        return np.maximum(total, 0.0) / self.n[tasks]


@dataclass(frozen=True)
class Agreement:
    """How well a relation of tasks tells who gains from whom.

    spearman : rank correlation of the relation and the gains, over all ordered pairs of tasks.
    by_receiver : the same over the givers of one task, mean over the tasks; which tasks gain at all does not
        count.
    auc : probability that a pair that gains has a stronger relation than one that does not; NaN if all or
        none gain.
    """

    spearman: float
    by_receiver: float
    auc: float


def agreement(relation, gains):
    """Return the `Agreement` of a relation (T, T) and gains (T, T), from the row's task to the column's.

    A constant relation tells nothing: its correlation is 0 and its AUC 1/2.
    """
    pairs = ~np.eye(len(gains), dtype=bool)
    of_each = [
        _spearman(relation[others, t], gains[others, t]) for t, others in enumerate(pairs.T) if others.any()
    ]
    x, y = relation[pairs], gains[pairs]
    return Agreement(_spearman(x, y), float(np.mean(of_each)), auc(x, y > 0.0))


def _spearman(x, y):
    """Return Spearman's rank correlation, 0 if one of the two is constant."""
    from scipy.stats import rankdata  # scipy.stats takes a second to import

    a, b = (rankdata(each) - (len(each) + 1) / 2 for each in (x, y))
    size = np.linalg.norm(a) * np.linalg.norm(b)
    return float(a @ b / size) if size > 0.0 else 0.0


def nearest(W, count):
    """Return the graph (T, T) in which the `count` tasks with the largest cosines of weights give to each."""
    close = cosines(W)
    np.fill_diagonal(close, -np.inf)
    graph = np.zeros_like(close)
    givers = np.argsort(-close, axis=0, kind="stable")[: min(count, len(close) - 1)]
    graph[givers, np.arange(len(close))] = 1.0
    return graph
