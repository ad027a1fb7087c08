"""Accelerated proximal gradient with the squared trace and (2,1)-norms, and MTFL on top of it."""

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import MultiTaskLasso

from amtl.methods._fit import Context
from amtl.methods.features import mtfl
from amtl.penalties.squared import SquaredNorm, shrink_squared
from amtl.solvers.proximal import duality_gap, minimize_composite
from helpers.problems import linear_problem, rises


def make_problem(loss="squared", shared=False, intercept="feature", sizes=(30, 12, 5, 40), d=6, seed=0):
    """Tasks whose weights share two directions."""
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(d, 2)) @ rng.normal(size=(2, len(sizes)))
    return linear_problem(rng, weights, sizes[0] if shared else sizes, 0.5, loss, intercept=intercept)


def solve(problem, gamma, by_rows=False, tolerance=1e-9):
    start = np.zeros((problem.n_features, problem.n_tasks))
    minimum = minimize_composite(problem, SquaredNorm(gamma, by_rows), start, tolerance, 5000)
    assert minimum.converged
    return minimum


@pytest.mark.parametrize("weight", [0.0, 0.05, 1.0, 30.0])
def test_shrinking_minimizes_its_objective(weight):
    rng = np.random.default_rng(3)
    for m in (1, 2, 5):
        s = rng.uniform(0.0, 3.0, size=m)
        ours = shrink_squared(s, weight)
        found = minimize(
            lambda x, s=s: 0.5 * np.sum((x - s) ** 2) + weight * x.sum() ** 2,
            s,
            bounds=[(0.0, None)] * m,
            options={"ftol": 1e-15, "gtol": 1e-12},
        )
        assert ours == pytest.approx(found.x, abs=1e-6)


def test_shrinking_zero_gives_zero():
    assert not shrink_squared(np.zeros(3), 2.0).any()
    penalty = SquaredNorm(2.0, by_rows=True)
    kept, value = penalty.prox(np.zeros((4, 3)), 1.0)
    assert not kept.any() and value == 0.0


@pytest.mark.parametrize("by_rows", [False, True])
def test_prox_returns_the_penalty_at_its_result(by_rows):
    penalty = SquaredNorm(0.7, by_rows)
    W = np.random.default_rng(4).normal(size=(6, 4))
    V, value = penalty.prox(W, 0.1)
    assert 0.0 < value == pytest.approx(penalty.value(V), rel=1e-12)


@pytest.mark.parametrize("by_rows", [False, True])
def test_the_gap_bounds_the_distance_to_the_minimum(by_rows):
    problem, penalty = make_problem(), SquaredNorm(0.7, by_rows)
    best = solve(problem, 0.7, by_rows).trace[-1]
    rng = np.random.default_rng(5)
    for size in (0.0, 0.1, 1.0):
        W = size * rng.normal(size=(problem.n_features, problem.n_tasks))
        above = problem.losses(W).sum() + penalty.value(W) - best
        assert duality_gap(problem, penalty, W) >= above * (1.0 - 1e-9)


@pytest.mark.parametrize("by_rows", [False, True])
@pytest.mark.parametrize("loss", ["squared", "logistic"])
@pytest.mark.parametrize("shared", [False, True])
def test_optimality_of_the_minimum(loss, shared, by_rows):
    """-G is 2 gamma Omega(W) times a subgradient of Omega: as large as it may be, and aligned with W."""
    problem = make_problem(loss, shared)
    W = solve(problem, 0.3, by_rows).W
    G = problem.losses_and_gradient(W)[1]
    norms = np.linalg.norm(W, axis=1) if by_rows else np.linalg.svd(W, compute_uv=False)
    dual = np.linalg.norm(G, axis=1).max() if by_rows else np.linalg.norm(G, 2)
    assert dual == pytest.approx(2.0 * 0.3 * norms.sum(), rel=1e-3)
    assert -np.vdot(W, G) == pytest.approx(2.0 * 0.3 * norms.sum() ** 2, rel=1e-4)


def proximal_trace_norm(problem, level, steps=20000):
    """Plain proximal gradient for sum_t F_t + level ||W||_*, in steps of 1 / L."""
    W = np.zeros((problem.n_features, problem.n_tasks))
    step = 1.0 / np.linalg.eigvalsh(problem.curvature(W)).max()
    for _ in range(steps):
        U, s, Vt = np.linalg.svd(W - step * problem.losses_and_gradient(W)[1], full_matrices=False)
        W = (U * np.maximum(s - step * level, 0.0)) @ Vt
    return W


def test_learned_features_agree_with_a_trace_norm_solver_at_the_matching_level():
    problem, gamma = make_problem(sizes=(30, 22, 15, 40)), 2.0
    W = solve(problem, gamma, tolerance=1e-13).W
    sizes = np.linalg.svd(W, compute_uv=False)
    assert (sizes < 1e-6 * sizes[0]).any(), "some direction should be left out"
    level = 2.0 * gamma * sizes.sum()
    assert pytest.approx(proximal_trace_norm(problem, level), abs=1e-5) == W


def test_the_alternation_over_d_stays_at_the_minimum():
    """Argyriou, Evgeniou and Pontil's algorithm 1: D = (WW' + eps I)^(1/2) / tr(.), W by ridge."""
    problem, gamma, eps = make_problem(sizes=(30, 22, 15, 40)), 0.5, 1e-12
    H, g = problem.curvature(None), -problem.null_gradient
    W = solve(problem, gamma, tolerance=1e-12).W
    values, U = np.linalg.eigh(W @ W.T + eps * np.eye(len(W)))
    root = (U * np.sqrt(values)) @ U.T
    inverse = np.linalg.inv(root / np.trace(root))
    again = np.stack([np.linalg.solve(H[t] + 2.0 * gamma * inverse, g[:, t]) for t in range(4)], axis=1)
    assert again == pytest.approx(W, abs=1e-4)


def test_selected_features_agree_with_the_multi_task_lasso_at_the_matching_level():
    problem, gamma = make_problem(shared=True), 3.0
    W = solve(problem, gamma, by_rows=True, tolerance=1e-13).W
    level = 2.0 * gamma * np.linalg.norm(W, axis=1).sum()
    n = len(problem.X)
    lasso = MultiTaskLasso(alpha=level / (2.0 * n), fit_intercept=False, tol=1e-12, max_iter=100000)
    lasso.fit(problem.X, problem.Y)
    assert lasso.coef_.T == pytest.approx(W, abs=1e-5)


@pytest.mark.parametrize("by_rows", [False, True])
def test_free_intercept_is_not_penalized(by_rows):
    problem = make_problem(intercept="free")
    W = solve(problem, 1e9, by_rows, tolerance=1e-9).W
    assert np.abs(W[:-1]).max() < 1e-3
    assert W[-1] == pytest.approx([y.mean() for y in problem.Y], rel=1e-3)


def test_the_objective_falls_and_a_limit_is_reported():
    problem = make_problem("logistic")
    start = np.random.default_rng(1).normal(size=(problem.n_features, problem.n_tasks))
    finished = minimize_composite(problem, SquaredNorm(1e-3), start, 1e-9, 5000)
    assert finished.converged and not rises(finished.trace)
    cut = minimize_composite(problem, SquaredNorm(1e-3), start, 1e-9, 2)
    assert cut.iterations == 2 and not cut.converged and cut.residual > 1e-9
    assert cut.trace == finished.trace[:3]


def test_residual_is_the_gap_relative_to_the_loss_at_zero():
    problem, penalty = make_problem(), SquaredNorm(0.7)
    cut = minimize_composite(problem, penalty, np.zeros((6, 4)), 1e-9, 1)
    gap = duality_gap(problem, penalty, cut.W)
    at_zero = sum(np.sum(y**2) for y in problem.Y)
    assert cut.residual == pytest.approx(gap / at_zero, rel=1e-9) and cut.residual > 1e-9


def test_one_task_is_the_ridge_of_one_task():
    """||w||_* of one column is its norm, so MTFL of a single task is its ridge regression."""
    problem = make_problem(sizes=(25,))
    context = Context(1e-12, 5000, init=np.zeros((6, 1)))
    fit = mtfl.fit(problem, {"gamma": 4.0}, context, {"learn": "features"})
    X, y = problem.X[0], problem.Y[0]
    assert fit.W[:, 0] == pytest.approx(np.linalg.solve(X.T @ X + 4.0 * np.eye(6), X.T @ y), abs=1e-6)


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_a_fit_does_not_depend_on_the_fits_before_it(loss):
    used, factor = make_problem(loss, intercept="free"), np.array([1.0, 5.0, 2.0, 1.0])
    solve(used, 0.05, by_rows=True, tolerance=1e-4)
    fresh = [make_problem(loss, intercept="free") for _ in range(2)]
    for problem, other in ((used, fresh[0]), (used.reweighted(factor), fresh[1].reweighted(factor))):
        found, again = (solve(each, 0.7, by_rows=True, tolerance=1e-6) for each in (problem, other))
        assert np.array_equal(found.W, again.W) and found.trace == again.trace
