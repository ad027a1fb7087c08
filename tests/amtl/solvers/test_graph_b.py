"""The graph B-step against general solvers, on random shapes and on the degenerate ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from amtl.solvers.graph_b import graph_b_step, graph_violation
from helpers.oracles import bounded_least_squares, excess, is_graph
from helpers.problems import graph_steps

BOUNDED = settings(max_examples=150, derandomize=True, deadline=None)


def general_solver(W, cost, lam):
    """Every column by bounded L-BFGS, in units where each source's column has norm one."""
    n_tasks = W.shape[1]
    B = np.zeros((n_tasks, n_tasks))
    norms = np.linalg.norm(W, axis=0)
    for t in range(n_tasks):
        sources = np.flatnonzero((np.arange(n_tasks) != t) & (norms > 0.0))
        if len(sources) == 0 or norms[t] == 0.0:
            continue
        A, target = W[:, sources] / norms[sources], W[:, t] / norms[t]
        price = cost[sources] / (lam * norms[sources] * norms[t])

        b = bounded_least_squares(A, target, price)
        B[sources, t] = b * norms[t] / norms[sources]
    return B


def kkt_violation(W, cost, lam, B):
    """The largest violation in units where all tasks have norm one, from the definition."""
    norms = np.linalg.norm(W, axis=0)
    norms = np.where(norms > 0.0, norms, 1.0)
    worst = 0.0
    for s in range(len(B)):
        for t in range(len(B)):
            if s == t:
                continue
            slope = cost[s] / (2.0 * lam) - W[:, s] @ (W[:, t] - W @ B[:, t])
            slope /= norms[s] * norms[t]
            worst = max(worst, abs(slope) if B[s, t] > 0.0 else -slope)
    return worst


@BOUNDED
@given(graph_steps())
def test_against_a_general_solver(problem):
    W, cost, lam = problem
    H = W.T @ W
    B = graph_b_step(H, cost, lam)
    assert is_graph(B)
    assert kkt_violation(W, cost, lam, B) <= 1e-8
    assert excess(W, cost, lam, B, general_solver(W, cost, lam)) <= 1e-9


@BOUNDED
@given(graph_steps(), st.integers(0, 2**32 - 1))
def test_any_start_leads_to_the_same_objective(problem, seed):
    W, cost, lam = problem
    H, rng = W.T @ W, np.random.default_rng(seed)
    cold = graph_b_step(H, cost, lam)
    start = np.where(rng.random(H.shape) < 0.6, rng.exponential(size=H.shape), 0.0)
    for warm in (start, cold):
        kept = warm.copy()
        B = graph_b_step(H, cost, lam, warm)
        assert np.array_equal(warm, kept)
        assert is_graph(B)
        assert kkt_violation(W, cost, lam, B) <= 1e-8
        assert abs(excess(W, cost, lam, B, cold)) <= 1e-9


@BOUNDED
@given(graph_steps())
def test_a_task_receives_exactly_when_a_product_exceeds_half_the_price(problem):
    W, cost, lam = problem
    H = W.T @ W
    B = graph_b_step(H, cost, lam)
    norms = np.where(np.diag(H) > 0.0, np.sqrt(np.diag(H)), 1.0)
    gain = (H - (cost / (2.0 * lam))[:, None]) / np.outer(norms, norms)
    np.fill_diagonal(gain, 0.0)
    gain = gain.max(axis=0)
    assert not B[:, gain <= 0.0].any()
    assert B[:, gain > 1e-8].any(axis=0).all()


@BOUNDED
@given(graph_steps())
def test_an_edge_needs_a_product_above_half_its_price_where_no_product_is_negative(problem):
    W, cost, lam = problem
    W = np.abs(W)
    H = W.T @ W
    B = graph_b_step(H, cost, lam)
    assert not B[H <= (cost / (2.0 * lam))[:, None]].any()


def test_an_edge_with_a_negative_product_can_enter_after_another():
    """t = (w_1 + w_2) / 0.9 although w_2't < 0: single edges cannot be ruled out by their own product."""
    W = np.array([[1.0, 1.0, -0.1], [0.0, 1.0, -1.0]])
    B = graph_b_step(W.T @ W, np.zeros(3), 1.0)
    assert B[:, 0] == pytest.approx([0.0, 1.0 / 0.9, 1.0 / 0.9], rel=1e-8)


@BOUNDED
@given(graph_steps())
def test_violation_is_that_of_the_definition(problem):
    W, cost, lam = problem
    H, rng = W.T @ W, np.random.default_rng(0)
    B = np.where(rng.random(H.shape) < 0.5, rng.random(H.shape), 0.0)
    np.fill_diagonal(B, 0.0)
    expected = max(kkt_violation(W, cost, lam, B), 0.0)
    assert graph_violation(H, cost, lam, B) == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_against_nonnegative_least_squares(seed):
    """With H positive definite the step is NNLS on its Cholesky factor, and B is unique."""
    rng = np.random.default_rng(seed)
    d, n_tasks, lam = 12, 9, 0.7
    W, cost = rng.normal(size=(d, n_tasks)) + 1.0, rng.uniform(0.0, 5.0, n_tasks)
    H = W.T @ W
    B = graph_b_step(H, cost, lam)
    for t in range(n_tasks):
        others = np.arange(n_tasks) != t
        L = np.linalg.cholesky(H[np.ix_(others, others)])
        q = H[others, t] - cost[others] / (2.0 * lam)
        assert B[others, t] == pytest.approx(nnls(L.T, np.linalg.solve(L, q))[0], abs=1e-9)
    assert 0 < np.count_nonzero(B) < n_tasks * (n_tasks - 1)


def test_many_tasks_in_few_dimensions():
    rng = np.random.default_rng(0)
    W, cost, lam = rng.normal(size=(5, 80)) + 1.0, rng.uniform(0.0, 0.1, 80), 1.0
    B = graph_b_step(W.T @ W, cost, lam)
    assert is_graph(B) and kkt_violation(W, cost, lam, B) <= 1e-8
    # The active tasks of a column are linearly independent, so no more than d.
    assert np.count_nonzero(B, axis=0).max() <= 5


def test_copies_of_one_task_explain_each_other():
    rng = np.random.default_rng(1)
    w = rng.normal(size=(6, 1))
    W = np.hstack([w, w, w, 2.0 * w])
    B = graph_b_step(W.T @ W, np.zeros(4), 1.0)
    assert is_graph(B) and np.abs(W - W @ B).max() <= 1e-8
    dear = graph_b_step(W.T @ W, np.array([1.0, 1.0, 1.0, 0.1]) * np.sum(w**2), 1.0)
    # Only the cheap task gives, and the price shrinks what it gives: b = (w'v - price / 2) / v'v, v = 2 w.
    assert (dear[:3, :3] == 0.0).all() and dear[3, :3] == pytest.approx((2.0 - 0.05) / 4.0)


def test_two_tasks_by_hand():
    W = np.array([[1.0, 2.0], [0.0, 1.0]])
    B = graph_b_step(W.T @ W, np.array([0.6, 1.0]), 0.5)
    # b_ts = (w_s'w_t - cost_t / (2 lam)) / ||w_t||^2.
    assert B == pytest.approx(np.array([[0.0, (2.0 - 0.6) / 1.0], [(2.0 - 1.0) / 5.0, 0.0]]))


def test_no_edges_without_gain():
    H = np.array([[4.0, 1.0], [1.0, 9.0]])
    assert not graph_b_step(H, np.array([1.0, 1.0]), 0.0).any()
    assert not graph_b_step(H, np.array([1e12, 1e12]), 1.0).any()
    assert not graph_b_step(np.zeros((3, 3)), np.zeros(3), 1.0).any()
    assert graph_b_step(np.ones((1, 1)), np.zeros(1), 1.0).tolist() == [[0.0]]
    assert graph_violation(H, np.array([1.0, 1.0]), 0.0, np.ones((2, 2))) == 0.0


def test_violation_sees_a_missing_edge_and_a_wrong_weight():
    rng = np.random.default_rng(2)
    W, cost, lam = rng.normal(size=(8, 5)) + 1.0, np.full(5, 0.1), 1.0
    H = W.T @ W
    B = graph_b_step(H, cost, lam)
    assert graph_violation(H, cost, lam, B) <= 1e-10
    s, t = np.argwhere(B > 0.0)[0]
    for wrong in (0.0, 1.01 * B[s, t]):
        changed = B.copy()
        changed[s, t] = wrong
        assert graph_violation(H, cost, lam, changed) > 1e-4


def test_permuting_tasks_permutes_the_graph():
    rng = np.random.default_rng(3)
    W, cost, order = rng.normal(size=(10, 7)) + 1.0, rng.uniform(0.0, 2.0, 7), rng.permutation(7)
    H = W.T @ W
    B = graph_b_step(H, cost, 1.0)
    permuted = graph_b_step(H[np.ix_(order, order)], cost[order], 1.0)
    assert permuted == pytest.approx(B[np.ix_(order, order)], abs=1e-10)
