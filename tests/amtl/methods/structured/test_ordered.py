"""TGL and cFSGL: tasks in an order."""

import numpy as np
import pytest
from scipy.linalg import solve_sylvester

from amtl.methods._fit import Context
from amtl.methods.controls import pooled
from amtl.methods.structured import cfsgl, tgl
from amtl.penalties import L21, ElasticNet, FusedSparseGroup, SparseGroup
from amtl.penalties._smoothing import smooth_rows
from amtl.penalties.fused import smoothed_rows
from amtl.solvers.proximal import minimize_composite, null_gradient
from helpers.problems import LOSS_KINDS, kind_id, linear_problem, related_problem
from helpers.reference_rows import check, parametrize

by_loss = pytest.mark.parametrize(("loss", "shared"), LOSS_KINDS, ids=[kind_id(kind) for kind in LOSS_KINDS])


def fit(method, problem, tolerance=1e-9, **params):
    found = method.fit(problem, params, Context(tolerance, 4000), {})
    assert found.converged, found.residual
    return found


@pytest.mark.parametrize("level", [0.0, 1e-12, 0.1, 1.0, 5.0, 100.0])
def test_smoothed_rows_are_optimal(level):
    rng = np.random.default_rng(0)
    W = np.vstack(
        [rng.normal(size=(4, 9)).cumsum(axis=1), np.round(rng.normal(size=(4, 9))), np.zeros((1, 9))]
    )
    V = smoothed_rows(W, np.full((len(W), 1), level))
    # W - V = R'v, with |v| <= level, and v at its bound where V jumps.
    v = np.cumsum(W - V, axis=1)
    assert v[:, -1] == pytest.approx(0.0, abs=1e-10)
    assert np.abs(v).max() <= level + 1e-9
    jumps = np.diff(V, axis=1)
    assert np.abs(v[:, :-1] * jumps + level * np.abs(jumps)).max() <= 1e-8 * max(level, 1.0)


def test_smoothed_rows_with_own_levels_and_of_one_task():
    W = np.random.default_rng(1).normal(size=(3, 6))
    level = np.array([[0.2], [1.0], [3.0]])
    each = [smoothed_rows(W[[j]], level[[j]])[0] for j in range(3)]
    assert smoothed_rows(W, level) == pytest.approx(np.array(each))
    assert smoothed_rows(W[:, :1], level) == pytest.approx(W[:, :1])


def test_compiled_and_plain_smoothing_give_the_same_bits():
    pytest.importorskip("numba")
    plain = smooth_rows.py_func
    rng = np.random.default_rng(4)
    W, level = rng.normal(size=(5, 12)).cumsum(axis=1), np.abs(rng.normal(size=5))
    compiled_V, plain_V = np.empty_like(W), np.empty_like(W)
    smooth_rows(W, level, compiled_V)
    plain(W, level, plain_V)
    assert np.array_equal(compiled_V, plain_V)


@pytest.mark.parametrize("weights", [(0.5, 0.7, 0.3), (0.0, 1.0, 1.0), (1.0, 2.0, 0.0), (1.0, 0.0, 1.0)])
def test_fused_dual_norm_is_where_the_proximal_point_leaves_zero(weights):
    penalty = FusedSparseGroup(1.0, *weights)
    G = np.random.default_rng(2).normal(size=(6, 5))
    for g, dual in zip(G, penalty.row_duals(G), strict=True):
        assert not penalty.shrunk(g[None, :], dual * (1 + 1e-9)).any()
        assert penalty.shrunk(g[None, :], dual * (1 - 1e-6)).any()
    tight = FusedSparseGroup(penalty.dual(G), *weights)
    assert tight.conjugate(G)[0] == pytest.approx(1.0)
    assert FusedSparseGroup(0.5 * penalty.dual(G), *weights).conjugate(G)[0] <= 0.5 + 1e-9


def test_fused_norm_without_differences_is_the_sparse_group_norm():
    W = np.random.default_rng(3).normal(size=(6, 5))
    fused, plain = FusedSparseGroup(2.0, 0.4, 0.0, 0.6), SparseGroup(2.0, 0.4)
    assert fused.value(W) == pytest.approx(plain.value(W))
    assert fused.prox(W, 0.3)[0] == pytest.approx(plain.prox(W, 0.3)[0])


@by_loss
def test_tgl_without_neighbours_is_the_elastic_net(loss, shared):
    problem = related_problem(loss, shared, intercept="free")
    elastic = minimize_composite(problem, ElasticNet(3.0, 0.5), problem.null_weights, 1e-10, 4000)
    found = fit(tgl, problem, lam1=0.5, lam2=0.0, lam3=3.0)
    assert found.W == pytest.approx(elastic.W, abs=1e-3)
    assert found.objective[-1] == pytest.approx(elastic.trace[-1], rel=1e-8)


def test_tgl_without_the_group_norm_solves_a_sylvester_equation():
    rng = np.random.default_rng(4)
    problem = linear_problem(rng, rng.normal(size=(6, 5)), 40, intercept="feature")
    found = fit(tgl, problem, 1e-9, lam1=0.7, lam2=2.0, lam3=1e-4)
    A, Q = problem.X.T @ problem.X, 0.7 * np.eye(5) + 2.0 * tgl.chain(5)
    assert found.W == pytest.approx(solve_sylvester(A, Q, problem.X.T @ problem.Y), abs=1e-4)


def test_tgl_with_strong_coupling_has_one_weight_vector():
    problem = related_problem(intercept="free")
    found = fit(tgl, problem, 1e-7, lam1=0.5, lam2=1e4, lam3=0.1)
    one = pooled.fit(problem, {"rho": problem.n_tasks * 0.5}, Context(1e-9), {})
    # The intercepts stay the tasks' own.
    assert np.ptp(found.W[:-1], axis=1).max() < 1e-2
    assert np.linalg.norm(found.W[:-1] - one.W[:-1]) < 0.5 * np.linalg.norm(one.W[:-1])


@by_loss
def test_cfsgl_without_differences_is_the_sparse_group_lasso(loss, shared):
    problem = related_problem(loss, shared, intercept="free")
    plain = minimize_composite(problem, SparseGroup(4.0, 0.25), problem.null_weights, 1e-10, 4000)
    found = fit(cfsgl, problem, lam1=1.0, lam2=0.0, lam3=3.0)
    assert found.objective[-1] == pytest.approx(plain.trace[-1], rel=1e-8)


@pytest.mark.parametrize("method", [tgl, cfsgl], ids=["tgl", "cfsgl"])
def test_the_top_of_the_path_has_no_features_and_a_little_less_has(method):
    problem = related_problem(intercept="free")
    points = method.grid(problem, Context(init_rho=1.0), {}, 12)
    # Of the largest lam3 the point where the other strengths are the smallest.
    top = max((p.params for p in points), key=lambda p: (p["lam3"], -p["lam1"], -p["lam2"]))
    assert not fit(method, problem, **top).learned["support"].any()
    less = top | {key: value * 0.98 for key, value in top.items() if key == "lam3" or method is cfsgl}
    assert fit(method, problem, **less).learned["support"].any()


def test_largest_strength_of_the_group_norm_is_that_of_tgl():
    problem = related_problem(intercept="free")
    points = tgl.grid(problem, Context(init_rho=1.0), {}, 6)
    assert points[0].params["lam3"] == pytest.approx(L21(1.0).dual(null_gradient(problem)))


def test_cfsgl_recovers_jumps_in_time():
    rng = np.random.default_rng(5)
    truth = np.zeros((11, 8))
    truth[0], truth[1, :4], truth[2, 5:] = 1.0, 2.0, -1.5
    problem = linear_problem(rng, truth, [30] * 8, noise=0.3, intercept="free")
    found = fit(cfsgl, problem, 1e-8, lam1=2.0, lam2=6.0, lam3=2.0)
    jumps = np.abs(np.diff(found.W[:-1], axis=1)) > 1e-4
    assert jumps[1, 3] and jumps[2, 4] and jumps[:3].sum() <= 6
    assert found.learned["support"][:3].all()


@parametrize("tgl")
def test_tgl_reaches_the_reference(row, shared_data):
    check(row, shared_data, lambda problem, given, context: tgl.fit(problem, given, context, {}))


@parametrize("cfsgl", slow=["school"])
def test_cfsgl_reaches_the_reference(row, shared_data):
    check(row, shared_data, lambda problem, given, context: cfsgl.fit(problem, given, context, {}))
