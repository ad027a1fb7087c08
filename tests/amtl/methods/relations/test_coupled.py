"""Mean-, graph- and tree-regularized learning: their identities, their limits and the reference optima."""

import numpy as np
import pytest

from amtl.errors import InputError
from amtl.methods._fit import Context
from amtl.methods.controls import pooled
from amtl.methods.relations import graph_regularized, mean_regularized, tree_regularized
from amtl.methods.relations._coupling import fit_coupled, laplacian
from amtl.methods.single import stl
from helpers.problems import LOSS_KINDS, kind_id, options_of, related_problem, single_task
from helpers.reference_rows import check, parametrize

TIGHT = Context(tolerance=1e-9, max_iterations=500)
by_loss = pytest.mark.parametrize(("loss", "shared"), LOSS_KINDS, ids=[kind_id(kind) for kind in LOSS_KINDS])


def fit(method, problem, rho1, rho2, **given):
    context = Context(tolerance=1e-9, max_iterations=500, init=single_task(problem))
    found = method.fit(problem, {"rho1": rho1, "rho2": rho2}, context, options_of(method.SPEC, **given))
    assert found.converged
    return found


@by_loss
def test_without_coupling_the_tasks_are_alone(loss, shared):
    problem = related_problem(loss, shared)
    alone = stl.fit(problem, {"rho": 2.0}, TIGHT, {})
    for method in (mean_regularized, graph_regularized):
        assert fit(method, problem, 1e-12, 2.0).W == pytest.approx(alone.W, abs=1e-7)


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_strong_coupling_pools_the_tasks_with_their_summed_ridge(loss):
    problem = related_problem(loss)
    one = pooled.fit(problem, {"rho": problem.n_tasks * 0.5}, TIGHT, {})
    assert fit(mean_regularized, problem, 1e5, 0.5).W == pytest.approx(one.W, abs=1e-3)


@by_loss
def test_mean_regularized_is_a_common_vector_plus_own_ones(loss, shared):
    """The model w_t = w_0 + v_t with a ridge on each, solved as one problem in more features."""
    problem = related_problem(loss, shared, intercept="none")
    T, lam1, lam2 = problem.n_tasks, 3.0, 5.0
    rho1, rho2 = lam1**2 / (T * (lam1 + lam2)), lam1 * lam2 / (T * (lam1 + lam2))
    found = fit(mean_regularized, problem, rho1, rho2)
    # The best w_0 is a multiple of the mean; the penalty of the parts is that of the method.
    w0 = lam1 / (lam1 + lam2) * found.W.mean(axis=1, keepdims=True)
    parts = lam1 / T * np.sum((found.W - w0) ** 2) + lam2 * np.sum(w0**2)
    assert problem.losses(found.W).sum() + parts == pytest.approx(found.objective[-1], rel=1e-12)
    gradient = problem.losses_and_gradient(found.W)[1]
    assert gradient + 2.0 * lam1 / T * (found.W - w0) == pytest.approx(0.0, abs=1e-5)


@by_loss
def test_complete_graph_and_star_tree_are_mean_regularized(loss, shared):
    problem = related_problem(loss, shared)
    T, rho = problem.n_tasks, 3.0
    mean = fit(mean_regularized, problem, T * rho, 2.0)
    assert fit(graph_regularized, problem, rho, 2.0, graph="complete").W == pytest.approx(mean.W, abs=1e-7)
    mean = fit(mean_regularized, problem, T * rho / (T + 1), rho / (T + 1))
    star = fit(tree_regularized, problem, rho, rho, parents=[T] * T + [-1])
    assert star.W == pytest.approx(mean.W, abs=1e-7)
    assert star.objective[-1] == pytest.approx(mean.objective[-1], rel=1e-9)


def test_complete_graph_says_that_it_is_mean_regularized():
    problem = related_problem()
    same = [
        graph_regularized.same_as(problem, options_of(graph_regularized.SPEC, **given))
        for given in ({}, {"graph": "complete"}, {"graph": "complete", "edges": [[0, 1]]})
    ]
    assert same == [None, "mean-regularized", None]


def test_graphs_have_the_edges_of_their_names():
    problem = related_problem()
    T = problem.n_tasks
    # Tasks 0 and 1, and 2, 3 and 4, point in nearly the same direction.
    init = np.eye(7)[:, [0, 0, 1, 1, 1]] + 0.01 * np.arange(35).reshape(7, 5)
    context = Context(init=init)

    def edges(name, **given):
        found = graph_regularized.GRAPHS[name](problem, context, options_of(graph_regularized.SPEC, **given))
        return {(s, t) for s, t, _ in found}

    assert len(edges("complete")) == T * (T - 1) // 2
    assert edges("chain") == {(0, 1), (1, 2), (2, 3), (3, 4)}
    assert edges("ring") == edges("chain") | {(4, 0)}
    assert (0, 1) in edges("nearest-weights", neighbours=1)
    assert all((s < 2) == (t < 2) for s, t in edges("nearest-weights", neighbours=1))
    assert edges("nearest-weights", neighbours=9) == edges("complete")
    assert all(sum(t in edge for edge in edges("nearest-features", neighbours=2)) >= 2 for t in range(T))


def test_given_edges_count_with_their_weights():
    problem = related_problem()
    ring = fit(graph_regularized, problem, 3.0, 1.0, graph="ring")
    given = fit(graph_regularized, problem, 6.0, 1.0, edges=[[t, (t + 1) % 5, 0.5] for t in range(5)])
    assert given.W == pytest.approx(ring.W, abs=1e-7)


@pytest.mark.parametrize(
    ("method", "given"),
    [
        (graph_regularized, {"edges": [[0, 9]]}),
        (graph_regularized, {"edges": [[1, 1]]}),
        (graph_regularized, {"edges": [[0, 1, -1.0]]}),
        (tree_regularized, {"parents": [5, 5, 5]}),
        (tree_regularized, {"parents": [5, 5, 5, 5, 1, -1]}),
        (tree_regularized, {"parents": [5, 5, 5, 5, 5, 6, 5]}),
    ],
)
def test_impossible_graphs_and_trees_are_errors(method, given):
    with pytest.raises(InputError):
        fit(method, related_problem(), 1.0, 1.0, **given)


def test_clustered_tree_joins_tasks_that_point_the_same_way():
    V = np.array([[1.0, 5.0, 0.0, 0.1], [0.1, 0.2, 1.0, 3.0]])
    shared = tree_regularized.ancestors(4, tree_regularized.clustered_tree(V))
    pairs = shared @ shared.T
    assert pairs[0, 1] == pairs[2, 3] == 2.0 and pairs[0, 2] == 1.0


@parametrize("mean")
def test_mean_regularized_reaches_the_reference(row, shared_data):
    check(row, shared_data, lambda problem, given, context: mean_regularized.fit(problem, given, context, {}))


@parametrize("graph_chain", "graph_ring")
def test_graph_regularized_reaches_the_reference(row, shared_data):
    def solve(problem, given, context):
        T = problem.n_tasks
        edges = {"edges": [[t, (t + 1) % T] for t in range(T)] + [[t, (t + 3) % T, 0.5] for t in range(T)]}
        graph = {"graph": "chain"} if row["method"] == "graph_chain" else edges
        return graph_regularized.fit(problem, given, context, options_of(graph_regularized.SPEC, **graph))

    check(row, shared_data, solve)


@parametrize("tree")
def test_tree_regularized_reaches_the_reference(row, shared_data):
    def solve(problem, given, context):
        Q = tree_regularized.tree_coupling(np.array(given["Lambda"]), given["rho"], given["rho"])
        return fit_coupled(problem, Q, context)

    check(row, shared_data, solve)


def test_laplacian_sums_the_squared_differences_of_the_edges():
    W, edges = np.random.default_rng(0).normal(size=(3, 4)), [(0, 1, 2.0), (3, 1, 0.5)]
    expected = sum(weight * np.sum((W[:, s] - W[:, t]) ** 2) for s, t, weight in edges)
    assert np.trace(W @ laplacian(4, edges) @ W.T) == pytest.approx(expected)
