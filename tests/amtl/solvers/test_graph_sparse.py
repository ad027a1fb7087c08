"""The graph over candidates: the same answers as with all pairs, and no array of all pairs."""

import numpy as np
import pytest
from scipy.sparse import issparse

from amtl.errors import InputError
from amtl.problem import MultiTaskProblem
from amtl.solvers import asymmetric, graph_sparse
from amtl.solvers.asymmetric import largest_useful_mu, solve_alternating, solve_asymmetric
from amtl.solvers.graph_b import graph_b_step, graph_violation
from amtl.solvers.graph_sparse import Candidates, largest_products
from helpers.problems import related_problem, single_task

ROWS = (40, 30, 8, 9, 50, 40, 30, 20, 10)


def weights(n_tasks=60, d=8, groups=4, seed=0):
    """Return related weights (d, T), with a task of zeros and two tasks that are copies."""
    rng = np.random.default_rng(seed)
    W = rng.normal(size=(d, groups))[:, np.arange(n_tasks) % groups] + 0.4 * rng.normal(size=(d, n_tasks))
    W[:, 5], W[:, 7] = 0.0, W[:, 11]
    return W


def best_graph(W, cost, lam):
    """Return the graph over candidates that are added until none is missing, and the number of passes."""
    candidates, B, passes = Candidates(W.shape[1]), None, 0
    while candidates.add(W, cost, lam, B)[0]:
        B, passes = candidates.best_graph(W, cost, lam, B)[0], passes + 1
    return B, passes


@pytest.mark.parametrize("block", [50, 1000, 10**6])
@pytest.mark.parametrize("level", [0.01, 0.3, 3.0])
def test_the_graph_is_that_of_all_pairs(monkeypatch, level, block):
    monkeypatch.setattr(graph_sparse, "BLOCK_ENTRIES", block)
    W = weights()
    cost = level * np.random.default_rng(1).uniform(0.5, 1.5, W.shape[1])
    cost[3] = np.inf
    B, passes = best_graph(W, cost, 0.7)
    H = W.T @ W
    # A start from another graph leads to the same one.
    assert graph_violation(H, np.where(np.isinf(cost), 1e9, cost), 0.7, B.toarray()) <= 1e-9
    assert B.nnz and passes > (level < 1.0) and not B[[3]].nnz
    expected = graph_b_step(H, cost, 0.7, None, W)
    independent = [t for t in range(W.shape[1]) if t not in (7, 11) and not expected[[7, 11], t].any()]
    assert B.toarray()[:, independent] == pytest.approx(expected[:, independent], abs=1e-9)


def test_no_candidate_is_missing_without_any_useful_edge():
    W = weights()
    assert Candidates(W.shape[1]).add(W, np.full(W.shape[1], 1e6), 1.0) == (0, 0.0)
    assert best_graph(W, np.full(W.shape[1], 1e6), 1.0)[0] is None


def test_without_a_coupling_there_are_no_edges():
    B, slope = Candidates(60).graph(weights(), np.full(60, 0.1), 0.0)
    assert not B.nnz and slope == 0.0


def test_without_numba_one_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr("amtl._compiled.numba", None)
    W, candidates = weights(), Candidates(60)
    candidates.add(W, np.full(60, 0.1), 1.0)
    with pytest.raises(InputError, match="numba"):
        candidates.best_graph(W, np.full(60, 0.1), 1.0)


@pytest.mark.parametrize("unit", [1e-70, 1e77])
def test_the_unit_of_the_weights_changes_nothing(unit):
    W = weights()
    cost = 0.3 * np.random.default_rng(1).uniform(0.5, 1.5, W.shape[1])
    B, slope = Candidates(W.shape[1]).graph(W, cost, 0.7)
    other, other_slope = Candidates(W.shape[1]).graph(unit * W, unit**2 * cost, 0.7)
    assert B.nnz and max(slope, other_slope) <= 1e-9
    assert other.toarray() == pytest.approx(B.toarray(), abs=1e-9)


def test_largest_products_are_those_of_the_gram_matrix(monkeypatch):
    monkeypatch.setattr(graph_sparse, "BLOCK_ENTRIES", 200)
    W = weights()
    H = W.T @ W
    np.fill_diagonal(H, 0.0)
    assert largest_products(W) == pytest.approx(H.max(axis=1))


@pytest.mark.parametrize("loss", ["squared", "logistic"])
@pytest.mark.parametrize("fraction", [0.5, 0.05])
@pytest.mark.parametrize("screened", [3, 100])
def test_the_solution_is_that_of_all_pairs(monkeypatch, loss, fraction, screened):
    problem = related_problem(loss, n=ROWS)
    start = single_task(problem)
    price = 1.0 / problem.n
    mu = fraction * largest_useful_mu(problem, 0.9 * 4.0, start, price * problem.losses(start))
    given = {"loss_price": price, "ridge": 0.1, "tolerance": 1e-8, "max_iterations": 2000}
    # The objective is not convex: the same iteration on both leads to the same minimum.
    monkeypatch.setattr(asymmetric, "MAX_NEWTON_TASKS", 0)
    dense = solve_asymmetric(problem, 4.0, mu, start, **given)
    monkeypatch.setattr(asymmetric, "MAX_DENSE_GRAPH_TASKS", 0)
    monkeypatch.setattr(asymmetric, "MAX_ARRAY_TASKS", 0)
    monkeypatch.setattr(asymmetric, "MAX_SCREENED_TASKS", screened)
    sparse = solve_asymmetric(problem, 4.0, mu, start, **given)
    assert sparse.iterations == dense.iterations or screened < problem.n_tasks
    assert dense.converged and sparse.converged and sparse.state.B.nnz
    assert sparse.trace[-1] == pytest.approx(dense.trace[-1], rel=1e-6)
    assert sparse.state.B.toarray() == pytest.approx(dense.state.B, abs=1e-3)
    assert (np.diff(sparse.trace) <= 1e-12 * sparse.trace[0]).all()


def test_a_graph_that_misses_an_edge_has_not_converged(monkeypatch):
    """The pass over all pairs is the certificate: without it the weights look solved."""
    problem = related_problem(n=ROWS)
    start = single_task(problem)
    monkeypatch.setattr(asymmetric, "MAX_DENSE_GRAPH_TASKS", 0)
    monkeypatch.setattr(asymmetric, "MAX_SCREENED_TASKS", 1)
    price = np.full(problem.n_tasks, 1e-3)
    whole = solve_asymmetric(problem, 4.0, 1.0, start, fixed_price=price, ridge=0.1, max_iterations=2000)
    add = Candidates.add

    def forgetful(self, *arguments):
        return add(self, *arguments) if not len(self.sources) else (0, add(Candidates(9), *arguments)[1])

    monkeypatch.setattr(Candidates, "add", forgetful)
    found = solve_asymmetric(problem, 4.0, 1.0, start, fixed_price=price, ridge=0.1, max_iterations=2000)
    assert whole.converged
    assert not found.converged or found.trace[-1] == pytest.approx(whole.trace[-1], rel=1e-6)


def test_the_plain_alternation_on_many_tasks_is_the_one_on_few(monkeypatch):
    problem = related_problem(n=ROWS)
    start, price = single_task(problem), 1.0 / problem.n
    given = {"loss_price": price, "ridge": 0.1, "tolerance": 1e-9}
    few = solve_alternating(problem, 4.0, 1.0, start, 3, **given)
    monkeypatch.setattr(asymmetric, "MAX_DENSE_GRAPH_TASKS", 0)
    monkeypatch.setattr(asymmetric, "MAX_ARRAY_TASKS", 0)
    many = solve_alternating(problem, 4.0, 1.0, start, 3, **given)
    assert issparse(many.state.B) and isinstance(few.state.B, np.ndarray) and few.state.B.any()
    assert many.state.B.toarray() == pytest.approx(few.state.B, abs=1e-8)
    assert many.trace == pytest.approx(few.trace, rel=1e-12)


def test_the_graph_of_a_thousand_tasks_is_an_array_as_that_of_few(monkeypatch):
    problem = related_problem(n=ROWS)
    start, price = single_task(problem), 1.0 / problem.n
    monkeypatch.setattr(asymmetric, "MAX_DENSE_GRAPH_TASKS", 0)
    found = solve_asymmetric(problem, 4.0, 1.0, start, loss_price=price, ridge=0.1)
    assert isinstance(found.state.B, np.ndarray) and found.state.B.shape == (9, 9)


@pytest.mark.parametrize("screened", [500, 5000])
def test_many_tasks_make_no_array_of_all_pairs(monkeypatch, screened):
    """With T = 3,000 an array of all pairs takes 72 MB."""
    import tracemalloc

    rng = np.random.default_rng(0)
    base = rng.normal(size=(6, 30))
    Xs = list(rng.normal(size=(3000, 10, 6)))
    ys = [X @ base[:, t % 30] + rng.normal(size=10) for t, X in enumerate(Xs)]
    problem = MultiTaskProblem(Xs, ys, "squared")
    start = single_task(problem)
    monkeypatch.setattr(graph_sparse, "BLOCK_ENTRIES", 100_000)
    monkeypatch.setattr(asymmetric, "MAX_SCREENED_TASKS", screened)
    tracemalloc.start()
    price = 1.0 / problem.n
    mu = 0.5 * largest_useful_mu(problem, 9.0, start, price * problem.losses(start))
    found = solve_asymmetric(problem, 10.0, mu, start, loss_price=price, ridge=0.1, tolerance=1e-4)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.converged and found.state.B.nnz
    assert peak < 60e6
