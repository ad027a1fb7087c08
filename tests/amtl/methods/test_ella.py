"""ELLA: a dictionary learned one task at a time."""

import numpy as np
import pytest

from amtl.methods._fit import Context
from amtl.methods.latent import ella
from amtl.solvers.lifelong import Dictionary, without_intercept
from helpers.problems import LOSS_KINDS, kind_id, options_of, related_problem, single_task

by_loss = pytest.mark.parametrize(("loss", "shared"), LOSS_KINDS, ids=[kind_id(kind) for kind in LOSS_KINDS])


def fit(problem, k, mu, lam, **given):
    context = Context(init=single_task(problem), init_rho=4.0)
    return ella.fit(problem, {"k": k, "mu": mu, "lam": lam}, context, options_of(ella.SPEC, **given))


def models(n_tasks=6, p=4, seed=0):
    """Return theta (p, T) of rank two, and D (T, p, p)."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(size=(p, 2)) @ rng.normal(size=(2, n_tasks))
    X = rng.normal(size=(n_tasks, 10, p))
    return theta, X.transpose(0, 2, 1) @ X


def surrogate(learner, theta, D, mu, lam):
    rest = theta - learner.L @ learner.S
    quadratic = np.einsum("jt,tjk,kt->", rest, D, rest)
    return quadratic + mu * np.abs(learner.S).sum() + lam * np.sum(learner.L**2)


@by_loss
def test_a_column_for_each_task_without_penalties_gives_the_single_task_weights(loss, shared):
    problem = related_problem(loss, shared)
    found = fit(problem, problem.n_tasks, 1e-9, 1e-9)
    assert found.W == pytest.approx(single_task(problem), abs=1e-3)


@pytest.mark.parametrize("unit", [1e-3, 100.0])
def test_the_unit_of_the_targets_changes_only_the_unit_of_the_weights(unit):
    """In units `unit` times smaller L grows by unit^(1/3) and S by unit^(2/3), and the strengths follow."""
    theta, D = models()
    one, other = Dictionary(4, 3, 6, 0.5, 0.3), Dictionary(4, 3, 6, *(unit ** (4 / 3) * np.array([0.5, 0.3])))
    for t in range(6):
        one.learn(t, theta[:, t], D[t])
        other.learn(t, unit * theta[:, t], D[t])
    assert other.L @ other.S == pytest.approx(unit * (one.L @ one.S), rel=1e-6, abs=1e-9 * unit)


def test_the_dictionary_is_the_best_one_for_the_codes_so_far():
    theta, D = models()
    learner = Dictionary(4, 2, 6, 0.5, 0.3)
    for t in range(4):
        learner.learn(t, theta[:, t], D[t])
    seen, share = slice(0, 4), 0.3 * 4 / 6
    rest = theta[:, seen] - learner.L @ learner.S[:, seen]
    gradient = -2.0 * np.einsum("tjk,kt,it->ji", D[seen], rest, learner.S[:, seen]) + 2.0 * share * learner.L
    assert gradient == pytest.approx(0.0, abs=1e-8)


def test_more_passes_lower_the_surrogate_to_a_point_that_no_block_improves():
    theta, D = models()
    learner, values = Dictionary(4, 2, 6, 0.5, 0.3), []
    for _ in range(60):
        for t in range(6):
            learner.learn(t, theta[:, t], D[t])
        values.append(surrogate(learner, theta, D, 0.5, 0.3))
    assert values[-1] < values[0] and (np.diff(values) < 1e-9 * values[0]).all()
    # At the end every task keeps its codes.
    again = np.column_stack([learner.codes(theta[:, t], D[t]) for t in range(6)])
    assert again == pytest.approx(learner.S, abs=1e-2)


def test_an_earlier_task_is_not_seen_again():
    """What a task leaves is its system: rows that change afterwards change nothing."""
    theta, D = models()
    learners = [Dictionary(4, 2, 6, 0.5, 0.3) for _ in range(2)]
    for learner, changed in zip(learners, (False, True), strict=True):
        theta_now, D_now = theta.copy(), D.copy()
        for t in range(6):
            learner.learn(t, theta_now[:, t], D_now[t])
            if changed:
                theta_now[:, t], D_now[t] = 100.0, 0.0
    assert learners[0].L == pytest.approx(learners[1].L)


def test_a_task_that_comes_back_counts_once():
    theta, D = models()
    learner = Dictionary(4, 2, 6, 0.5, 0.3)
    for t in (0, 1, 2, 1, 0):
        learner.learn(t, theta[:, t], D[t])
    expected = sum(np.kron(np.outer(s, s), D[t]) for t, s in enumerate(learner.S.T[:3]))
    assert learner._A == pytest.approx(expected)


@by_loss
def test_free_intercepts_are_the_best_of_the_model(loss, shared):
    problem = related_problem(loss, shared, intercept="free")
    theta = single_task(problem)
    D = 0.5 * problem.hessians(theta)
    inner, slopes = without_intercept(theta, D)
    v = np.random.default_rng(1).normal(size=len(theta) - 1)
    for t in range(problem.n_tasks):
        whole = np.append(v, -slopes[t] @ v)
        assert whole @ D[t] @ whole == pytest.approx(v @ inner[t] @ v, rel=1e-6)
        for change in (-1e-3, 1e-3):
            other = np.append(v, -slopes[t] @ v + change)
            assert other @ D[t] @ other >= whole @ D[t] @ whole


def test_shared_directions_are_found():
    theta, D = models(n_tasks=8)
    learner = Dictionary(4, 2, 8, 0.01, 1e-4)
    for t in range(8):
        learner.learn(t, theta[:, t], D[t])
    assert learner.L @ learner.S == pytest.approx(theta, abs=0.2)
