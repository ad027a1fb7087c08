"""Gains of pairs of tasks: the two-task fits, what they choose, and how a relation is compared with them."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from amtl import pairs
from amtl.datasets.families import make_family
from amtl.problem import problem_from_part
from amtl.splits import Part, Split


def moments(seed=0, T=4, d=5, n=12, shared=False):
    generator = np.random.default_rng(seed)
    X = np.column_stack(
        [generator.normal(size=(n * (1 if shared else T), d - 1)), np.ones(n * (1 if shared else T))]
    )
    offsets = None if shared else np.arange(T + 1) * n
    y = generator.integers(0, T, len(X)).astype(float) if shared else generator.normal(size=len(X)) + 3.0
    kind = "one-vs-rest" if shared else "regression"
    problem = problem_from_part(Part(X, y, offsets), kind, T, "squared", intercept="free")
    return problem, pairs._Moments(problem)


@pytest.mark.parametrize("shared", [False, True])
def test_losses_are_those_of_the_rows(shared):
    problem, found = moments(shared=shared)
    W = np.random.default_rng(1).normal(size=(problem.n_features, problem.n_tasks))
    assert found.losses(W) == pytest.approx(problem.mean_losses(W))
    assert found.losses(W[:, [2, 0]], np.array([2, 0])) == pytest.approx(problem.mean_losses(W)[[2, 0]])


@pytest.mark.parametrize("shared", [False, True])
def test_two_tasks_together_are_at_the_minimum_of_their_objective(shared):
    problem, found = moments(shared=shared)
    T, d, rho, c = problem.n_tasks, problem.n_features, 0.7, 1.9
    penalty = np.append(np.ones(d - 1), 0.0)
    weights = {}
    for (givers, receivers), W in pairs._coupled(found, rho, c, penalty):
        weights |= {(s, t): w for s, t, w in zip(givers, receivers, W.T, strict=True)}
    assert sorted(weights) == [(s, t) for s in range(T) for t in range(T) if s != t]
    for s, t in [(0, 1), (1, 0), (2, 3)]:
        own, other = weights[s, t], weights[t, s]
        gradient = found.G[t] @ own - found.r[t] + penalty * (rho * own + c * (own - other))
        assert np.abs(gradient).max() < 1e-9


def test_a_copy_of_a_task_helps_more_than_an_unrelated_task():
    generator = np.random.default_rng(0)
    w, other = generator.normal(size=(2, 10))

    def part(n):
        X = np.column_stack([generator.normal(size=(3 * n, 10)), np.ones(3 * n)])
        y = np.concatenate([X[:n, :10] @ w, X[n : 2 * n, :10] @ w, X[2 * n :, :10] @ other])
        return Part(X, y + generator.normal(size=3 * n), np.arange(4) * n)

    split = Split("made", 1, "regression", ("a", "b", "c"), part(15), part(50), part(500))
    found = pairs.pair_gains(split)
    copies, others = [found.gains[0, 1], found.gains[1, 0]], found.gains[[2, 2, 0, 1], [0, 1, 2, 2]]
    assert np.mean(copies) > 5.0 and min(copies) > max(others) and np.diag(found.gains).tolist() == [0.0] * 3
    assert found.W.shape == (11, 3) and found.alone.shape == (3,)


def test_a_task_alone_is_the_best_ridge_of_all_tasks():
    split = make_family(1, 0, family="unrelated", tasks=4, features=6)
    found = pairs.pair_gains(split)
    problems = list(pairs._problems(split, np.arange(4)))
    assert found.alone == pytest.approx(np.sqrt(problems[2].mean_losses(found.W)))
    train = pairs._Moments(problems[0])
    gradient = np.einsum("tde,et->dt", train.G, found.W) - train.r.T
    # rho w on the features and 0 on the constant, with one rho for all tasks.
    ratios = -gradient[:-1] / found.W[:-1]
    assert ratios == pytest.approx(np.full_like(ratios, ratios[0, 0])) and np.abs(gradient[-1]).max() < 1e-8


def test_classes_on_shared_rows_and_many_features_work():
    generator = np.random.default_rng(0)

    def part(n):
        y = np.arange(n) % 3.0
        X = np.column_stack([generator.normal(size=(n, 400)) + y[:, None], np.ones(n)])
        return Part(X, y)

    split = Split("made", 1, "one-vs-rest", ("a", "b", "c"), part(40), part(30), part(30))
    found = pairs.pair_gains(split)
    # 40 rows have 40 components.
    assert found.W.shape == (41, 3) and np.isfinite(found.gains).all() and (found.alone < 1.0).all()


@pytest.mark.parametrize("kind", ["regression", "one-vs-rest"])
def test_of_many_tasks_a_sample_is_taken_the_same_in_every_split(kind, monkeypatch):
    splits = [make_family(index, 0, family="clusters", tasks=8, features=6) for index in (1, 2)]
    if kind == "one-vs-rest":
        generator = np.random.default_rng(0)
        parts = [Part(generator.normal(size=(80, 6)), np.arange(80) % 8.0) for _ in range(3)]
        splits = [Split("made", index, kind, tuple("abcdefgh"), *parts) for index in (1, 2)]
    whole = pairs.pair_gains(splits[0])
    assert whole.tasks.tolist() == list(range(8))
    monkeypatch.setattr(pairs, "MAX_TASKS", 5)
    first, second = map(pairs.pair_gains, splits)
    assert len(set(first.tasks.tolist())) == 5 and first.tasks.tolist() == second.tasks.tolist()
    assert first.gains.shape == (5, 5) and first.W.shape == (len(whole.W), 5)
    # The tasks of the sample alone: the ridge weight that is best for them may be another.
    together = np.stack([whole.alone[first.tasks], first.alone])
    assert together[1] == pytest.approx(together[0], rel=0.2)
    chosen = [t for t in range(8) if t in first.tasks]
    train = next(iter(pairs._problems(splits[0], np.array(chosen))))
    each = next(iter(pairs._problems(splits[0], np.arange(8))))
    W = np.ones((each.n_features, 8))
    assert train.mean_losses(W[:, chosen]) == pytest.approx(each.mean_losses(W)[chosen])


def test_agreement_is_that_of_scipy_and_sklearn():
    generator = np.random.default_rng(0)
    relation, gains = generator.normal(size=(2, 6, 6))
    relation[relation < 0] = 0.0
    off = ~np.eye(6, dtype=bool)
    found = pairs.agreement(relation, gains)
    assert found.spearman == pytest.approx(spearmanr(relation[off], gains[off]).statistic)
    columns = [spearmanr(relation[off[:, t], t], gains[off[:, t], t]).statistic for t in range(6)]
    assert found.by_receiver == pytest.approx(np.mean(columns))
    assert found.auc == pytest.approx(roc_auc_score(gains[off] > 0, relation[off]))
    assert pairs.agreement(np.eye(6), gains) == pairs.Agreement(0.0, 0.0, 0.5)
    assert np.isnan(pairs.agreement(relation, -np.ones((6, 6))).auc)
    # Which tasks gain at all does not count within receivers.
    assert pairs.agreement(np.tile(np.arange(6.0), (6, 1)), gains + np.arange(6)).by_receiver == 0.0


def test_the_nearest_tasks_are_those_with_the_largest_cosines():
    W = np.array([[1.0, 0.9, 0.0, -1.0], [0.0, 0.1, 1.0, 0.0]])
    assert pairs.nearest(W, 1)[:, 0].tolist() == [0.0, 1.0, 0.0, 0.0]
    assert pairs.nearest(W, 1)[:, 3].tolist() == [0.0, 0.0, 1.0, 0.0]
    assert pairs.nearest(W, 9).sum(axis=0).tolist() == [3.0] * 4 and np.diag(pairs.nearest(W, 9)).sum() == 0.0
