"""Measures of a graph, against values worked out by hand and against a plain computation."""

import numpy as np
import pytest

from amtl import graph_measures as graphs
from amtl.methods._fit import Context
from amtl.methods.graph import amtl as method
from helpers.problems import options_of, related_problem, single_task


def test_direction_and_share_count_weights():
    graph = np.array([[0.0, 3.0, 1.0], [1.0, 0.0, 0.0], [0.0, 5.0, 0.0]])
    forward = np.zeros((3, 3), dtype=bool)
    forward[0, 1] = forward[0, 2] = True
    assert graphs.direction(graph, forward) == pytest.approx((4 - 1) / 5)
    assert graphs.direction(graph, forward.T) == pytest.approx(-(4 - 1) / 5)
    assert graphs.direction(0 * graph, forward) == 0.0
    assert graphs.share(graph, forward) == pytest.approx(4 / 10)
    assert graphs.share(0 * graph, forward) is None


def test_cycles_are_found_in_any_order_of_tasks():
    graph = np.triu(np.ones((5, 5)), 1)
    assert graphs.is_acyclic(graph)
    order = [3, 1, 4, 0, 2]
    assert graphs.is_acyclic(graph[np.ix_(order, order)])
    assert graphs.is_acyclic(np.zeros((3, 3)))
    graph[4, 2] = 1e-9
    assert not graphs.is_acyclic(graph)


def swapped(graph, s, t):
    """Return the graph in which s and t give what the other gave, one entry after the other."""
    result = graph.copy()
    for u in range(len(graph)):
        if u not in (s, t):
            result[s, u], result[t, u] = graph[t, u], graph[s, u]
    result[s, t], result[t, s] = graph[t, s], graph[s, t]
    return result


def test_exchanging_what_two_tasks_give():
    generator = np.random.default_rng(0)
    W, graph = generator.normal(size=(4, 6)), generator.random((6, 6))
    np.fill_diagonal(graph, 0.0)
    for s, t in [(0, 1), (4, 2), (5, 3)]:
        other = swapped(graph, s, t)
        assert other.sum(axis=1)[[s, t]] == pytest.approx(graph.sum(axis=1)[[t, s]])
        assert not np.diag(other).any()
        plain = np.sum((W - W @ other) ** 2) - np.sum((W - W @ graph) ** 2)
        assert graphs.swap_change(W, graph, s, t) == pytest.approx(plain)


def test_pairs_of_the_theorem_by_hand():
    # Task 0 gives 1 to task 1, whose weights are the same: no residual. The exchange reverses the edge,
    # which fits as well, so the losses decide.
    W, graph = np.array([[2.0, 2.0]]), np.array([[0.0, 1.0], [0.0, 0.0]])
    change = graphs.swap_change(W, graph, 0, 1)
    assert change == pytest.approx(0.0)
    assert graphs.theorem_pairs(W, graph, np.array([1.0, 2.0])) == (1, 1, 1)
    # Weights 2 and 1 with the edge 0.5: exact one way (residual 4 of task 0), reversed 2.25 + 1.
    W, graph = np.array([[2.0, 1.0]]), np.array([[0.0, 0.5], [0.0, 0.0]])
    assert graphs.swap_change(W, graph, 0, 1) == pytest.approx(2.25 + 1.0 - 4.0)
    assert graphs.theorem_pairs(W, graph, np.array([2.0, 1.0])) == (1, 0, 0)
    assert graphs.theorem_pairs(W, graph, np.array([1.0, 1.0])) == (1, 1, 1)
    # Weights 1 and 2: reversing the edge raises the residual.
    W = np.array([[1.0, 2.0]])
    assert graphs.swap_change(W, graph, 0, 1) == pytest.approx(0.0 + 4.0 - (1.0 + 2.25))
    assert graphs.theorem_pairs(W, graph, np.array([2.0, 1.0])) == (1, 1, 0)
    assert graphs.theorem_pairs(W, 0 * graph, np.array([2.0, 1.0])) == (0, 0, 0)


def test_converged_fit_satisfies_the_theorem_and_exchanged_edges_do_not():
    problem = related_problem()
    context = Context(init=single_task(problem), init_rho=4.0)
    fit = method.fit(problem, {"lam": 4.0, "mu": 2.0}, context, options_of(method.SPEC))
    assert fit.converged and fit.B.any()
    losses = problem.mean_losses(fit.W)
    pairs, satisfied, _ = graphs.theorem_pairs(fit.W, fit.B, losses)
    assert pairs == satisfied > 0
    # The accurate tasks 0 and 1 exchange their edges with the noisy tasks 2 and 3.
    order = [2, 3, 0, 1, 4]
    pairs, satisfied, _ = graphs.theorem_pairs(fit.W, fit.B[np.ix_(order, order)], losses)
    assert satisfied < pairs
