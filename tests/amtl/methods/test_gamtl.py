"""GAMTL: a graph for each group of features."""

import numpy as np
import pytest

from amtl.errors import InputError
from amtl.methods._fit import Context
from amtl.methods.graph import amtl, gamtl
from amtl.penalties import GroupedColumns
from amtl.solvers.coupled_w import solve_coupled_w
from amtl.solvers.graph_b import graph_violation
from amtl.solvers.proximal import null_gradient
from helpers.oracles import joint_objective
from helpers.problems import LOSS_KINDS, kind_id, options_of, related_problem, rises, single_task

by_loss = pytest.mark.parametrize(("loss", "shared"), LOSS_KINDS, ids=[kind_id(kind) for kind in LOSS_KINDS])


def fit(problem, lam, mu, nu, tolerance=1e-6, **given):
    context = Context(tolerance, 3000, init=single_task(problem), init_rho=4.0)
    found = gamtl.fit(problem, {"lam": lam, "mu": mu, "nu": nu}, context, options_of(gamtl.SPEC, **given))
    assert found.converged, found.residual
    return found


@by_loss
def test_one_group_without_its_norm_is_amtl(loss, shared):
    problem = related_problem(loss, shared)
    context = Context(1e-8, 500, init=single_task(problem), init_rho=4.0)
    expected = amtl.fit(problem, {"lam": 4.0, "mu": 1.0}, context, options_of(amtl.SPEC))
    found = fit(problem, 4.0, 1.0, 1e-12, 1e-9, feature_groups=1)
    assert found.objective[-1] == pytest.approx(expected.objective[-1], rel=1e-5)
    assert found.learned["group_graphs"][0] == pytest.approx(expected.B, abs=0.02)
    assert not rises(found.objective)


def test_objective_is_the_sum_over_the_groups():
    problem = related_problem(d=8)
    found = fit(problem, 4.0, 1.0, 0.5, feature_groups=2)
    graphs, W = found.learned["group_graphs"], found.W
    price = {"loss_price": 1.0 / problem.n}
    expected = problem.losses(W).sum()
    for graph, rows in zip(graphs, (slice(0, 4), slice(4, 8)), strict=True):
        part = np.zeros_like(W)
        part[rows] = W[rows]
        expected += (
            joint_objective(problem, part, graph, 4.0, 0.0, ridge=0.1, **price) - problem.losses(part).sum()
        )
        expected += (problem.losses(W) / problem.n) @ graph.sum(axis=1)
        expected += 0.5 * 2.0 * np.linalg.norm(W[rows], axis=0).sum()
    assert found.objective[-1] == pytest.approx(expected, rel=1e-9)


@by_loss
def test_expensive_edges_leave_single_task_learning_with_the_group_norm(loss, shared):
    problem = related_problem(loss, shared)
    found = fit(problem, 4.0, 1e9, 1e-9)
    assert not found.learned["group_graphs"].any()
    alone = solve_coupled_w(problem, np.eye(problem.n_tasks), 4.0, tolerance=1e-9)
    assert found.objective[-1] == pytest.approx(alone.trace[-1], rel=1e-6)


def test_a_strong_group_norm_leaves_no_weights():
    problem = related_problem(intercept="free")
    groups = gamtl.groups_of(2, 6)
    top = GroupedColumns(1.0, groups, 1.0).largest(null_gradient(problem))
    assert not fit(problem, 4.0, 1.0, 1.001 * top, feature_groups=2).W[:-1].any()
    assert fit(problem, 4.0, 1e9, 0.98 * top, feature_groups=2).W[:-1].any()


def test_the_graph_of_each_group_is_the_best_one_for_its_features():
    problem = related_problem(d=8)
    found = fit(problem, 4.0, 1.0, 0.5, feature_groups=2)
    cost = problem.losses(found.W) / problem.n
    for graph, rows in zip(found.learned["group_graphs"], (slice(0, 4), slice(4, 8)), strict=True):
        part = found.W[rows]
        assert graph.any() and graph_violation(part.T @ part, cost, 0.9 * 4.0, graph) < 1e-8
    first, second = found.learned["group_graphs"]
    assert not np.allclose(first, second)


def test_groups_are_consecutive_or_as_given():
    assert gamtl.groups_of(2, 5).tolist() == [0, 0, 0, 1, 1]
    assert gamtl.groups_of([7, 7, 2], 3).tolist() == [1, 1, 0]
    assert gamtl.groups_of(None, 3).tolist() == [0, 1, 2]
    for wrong in (0, 4, [1, 2]):
        with pytest.raises(InputError, match="feature_groups"):
            gamtl.groups_of(wrong, 3)
