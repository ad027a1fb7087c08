"""The step of a symmetric graph against general solvers, on random shapes and on the degenerate ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from amtl.methods._fit import Context
from amtl.methods.graph import smtl
from amtl.methods.single import stl
from amtl.model_selection import tune
from amtl.solvers.asymmetric import solve_asymmetric
from amtl.solvers.graph_symmetric import (
    largest_useful_symmetric_mu,
    symmetric_graph_step,
    symmetric_graph_violation,
)
from amtl.splits import Part, Split
from helpers.oracles import bounded_least_squares, excess, graph_objective, joint_objective
from helpers.oracles import is_graph as is_any_graph
from helpers.problems import LOSS_KINDS, graph_steps, kind_id, related_problem, single_task

# Its tolerance is relative to the largest weight: with norms further apart it would hide the others.
STEPS = graph_steps(decades=1.0)
BOUNDED = settings(max_examples=80, derandomize=True, deadline=None)


def design(W):
    """Column (s, t) of A: what a weight of one for that pair takes from vec(W)."""
    d, n_tasks = W.shape
    s, t = np.triu_indices(n_tasks, 1)
    A = np.zeros((d, n_tasks, len(s)))
    A[:, t, np.arange(len(s))] = W[:, s]
    A[:, s, np.arange(len(s))] = W[:, t]
    return A.reshape(d * n_tasks, len(s)), s, t


def general_solver(W, cost, lam):
    """All pairs by bounded L-BFGS, in units where every column of the design has norm one."""
    A, s, t = design(W)
    B = np.zeros((W.shape[1], W.shape[1]))
    norms = np.linalg.norm(A, axis=0)
    used = norms > 0.0
    if not used.any():
        return B
    scale = np.linalg.norm(W)
    A, target, price = A[:, used] / norms[used], W.ravel() / scale, (cost[s] + cost[t])[used]
    price = price / (lam * norms[used] * scale)

    v = bounded_least_squares(A, target, price)
    B[s[used], t[used]] = v * scale / norms[used]
    return B + B.T


def kkt_violation(W, cost, lam, B):
    """The largest violation, pair by pair, from the definition: a pair's second derivative is one, and so
    is the largest weight if it is more."""
    worst = 0.0
    for s in range(len(B)):
        for t in range(s):
            curvature = W[:, s] @ W[:, s] + W[:, t] @ W[:, t]
            if curvature == 0.0:
                continue
            slope = (cost[s] + cost[t]) / (2.0 * lam)
            slope -= W[:, s] @ (W[:, t] - W @ B[:, t]) + W[:, t] @ (W[:, s] - W @ B[:, s])
            slope /= curvature
            worst = max(worst, abs(slope) if B[s, t] > 0.0 else -slope)
    return worst / B.max(initial=1.0)


def is_graph(B):
    return is_any_graph(B) and np.array_equal(B, B.T)


@BOUNDED
@given(STEPS)
def test_against_a_general_solver(problem):
    W, cost, lam = problem
    H = W.T @ W
    B = symmetric_graph_step(H, cost, lam)
    assert is_graph(B)
    assert kkt_violation(W, cost, lam, B) <= 1e-8
    assert excess(W, cost, lam, B, general_solver(W, cost, lam)) <= 1e-9


@BOUNDED
@given(STEPS, st.integers(0, 2**32 - 1))
def test_any_start_leads_to_the_same_objective(problem, seed):
    W, cost, lam = problem
    H, rng = W.T @ W, np.random.default_rng(seed)
    cold = symmetric_graph_step(H, cost, lam)
    start = np.triu(np.where(rng.random(H.shape) < 0.6, rng.exponential(size=H.shape), 0.0), 1)
    for warm in (start + start.T, cold):
        kept = warm.copy()
        B = symmetric_graph_step(H, cost, lam, warm, limit=1000)
        assert np.array_equal(warm, kept)
        assert is_graph(B)
        assert kkt_violation(W, cost, lam, B) <= 1e-8
        assert abs(excess(W, cost, lam, B, cold)) <= 1e-9


@BOUNDED
@given(STEPS)
def test_violation_is_that_of_the_definition(problem):
    W, cost, lam = problem
    H, rng = W.T @ W, np.random.default_rng(0)
    B = np.triu(np.where(rng.random(H.shape) < 0.5, rng.random(H.shape), 0.0), 1)
    B = B + B.T
    norms = np.sum(W**2, axis=0)
    # A task without weights has no edges.
    B[np.ix_(norms == 0.0, norms == 0.0)] = 0.0
    expected = max(kkt_violation(W, cost, lam, B * np.outer(norms > 0.0, norms > 0.0)), 0.0)
    found = symmetric_graph_violation(H, cost, lam, B * np.outer(norms > 0.0, norms > 0.0))
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("seed", range(10))
def test_against_nonnegative_least_squares(seed):
    """With more features than tasks the graph is unique: non-negative least squares on the whole design."""
    rng = np.random.default_rng(seed)
    d, n_tasks, lam = 12, 9, 0.7
    W, cost = rng.normal(size=(d, n_tasks)) + 1.0, rng.uniform(0.0, 5.0, n_tasks)
    A, s, t = design(W)
    L = np.linalg.cholesky(A.T @ A)
    q = A.T @ W.ravel() - (cost[s] + cost[t]) / (2.0 * lam)
    B = symmetric_graph_step(W.T @ W, cost, lam)
    assert B[s, t] == pytest.approx(nnls(L.T, np.linalg.solve(L, q))[0], abs=1e-9)
    assert 0 < np.count_nonzero(B) < n_tasks * (n_tasks - 1)


@pytest.mark.parametrize("spread", [1.0, 0.1, 0.001])
def test_many_almost_parallel_tasks_in_few_dimensions(spread):
    """Weights that differ little, as on School: H is singular and nearly of rank one."""
    rng = np.random.default_rng(0)
    W, cost = 1.0 + spread * rng.normal(size=(5, 60)), rng.uniform(0.0, 0.1, 60)
    H = W.T @ W
    for fraction in (10.0, 1.0, 0.1, 0.0):
        B = symmetric_graph_step(H, fraction * cost, 1.0)
        assert is_graph(B) and B.any() and kkt_violation(W, fraction * cost, 1.0, B) <= 1e-8
        near = W + 1e-3 * spread * rng.normal(size=W.shape)
        moved = symmetric_graph_step(near.T @ near, fraction * cost, 1.0, B, limit=1000)
        assert is_graph(moved) and kkt_violation(near, fraction * cost, 1.0, moved) <= 1e-8


def test_a_step_cut_by_its_limit_lowers_the_objective_and_has_a_violation():
    rng = np.random.default_rng(0)
    W, cost = 1.0 + 0.1 * rng.normal(size=(5, 30)), np.full(30, 0.01)
    H, start = W.T @ W, np.ones((30, 30)) - np.eye(30)
    whole = symmetric_graph_step(H, cost, 1.0, start, limit=1000)
    early = symmetric_graph_step(H, cost, 1.0, start, limit=3)
    values = [graph_objective(W, cost, 1.0, B) for B in (whole, early, start)]
    assert is_graph(early) and values[0] < values[1] < values[2]
    violation = symmetric_graph_violation(H, cost, 1.0, early)
    assert violation > 1e-3 and violation == pytest.approx(kkt_violation(W, cost, 1.0, early))


def test_two_tasks_by_hand():
    W = np.array([[1.0, 2.0], [0.0, 1.0]])
    B = symmetric_graph_step(W.T @ W, np.array([0.6, 1.0]), 0.5)
    # u = (2 w_1'w_2 - (cost_1 + cost_2) / (2 lam)) / (||w_1||^2 + ||w_2||^2).
    assert B == pytest.approx((4.0 - 1.6) / 6.0 * np.array([[0.0, 1.0], [1.0, 0.0]]))


def test_no_edges_without_gain():
    H = np.array([[4.0, 1.0], [1.0, 9.0]])
    assert not symmetric_graph_step(H, np.array([1.0, 1.0]), 0.0).any()
    assert not symmetric_graph_step(H, np.array([1e12, 1e12]), 1.0).any()
    assert not symmetric_graph_step(np.zeros((3, 3)), np.zeros(3), 1.0).any()
    assert symmetric_graph_step(np.ones((1, 1)), np.zeros(1), 1.0).tolist() == [[0.0]]
    assert symmetric_graph_violation(H, np.array([1.0, 1.0]), 0.0, np.ones((2, 2))) == 0.0


def test_violation_sees_a_missing_edge_and_a_wrong_weight():
    rng = np.random.default_rng(2)
    W, cost, lam = rng.normal(size=(8, 5)) + 1.0, np.full(5, 0.1), 1.0
    H = W.T @ W
    B = symmetric_graph_step(H, cost, lam)
    assert symmetric_graph_violation(H, cost, lam, B) <= 1e-10
    s, t = np.argwhere(B > 0.0)[0]
    for wrong in (0.0, 1.01 * B[s, t]):
        changed = B.copy()
        changed[s, t] = changed[t, s] = wrong
        assert symmetric_graph_violation(H, cost, lam, changed) > 1e-4


def test_permuting_tasks_permutes_the_graph():
    rng = np.random.default_rng(3)
    W, cost, order = rng.normal(size=(10, 7)) + 1.0, rng.uniform(0.0, 2.0, 7), rng.permutation(7)
    H = W.T @ W
    B = symmetric_graph_step(H, cost, 1.0)
    permuted = symmetric_graph_step(H[np.ix_(order, order)], cost[order], 1.0)
    assert permuted == pytest.approx(B[np.ix_(order, order)], abs=1e-9)


# SMTL: the joint problem over weights and a symmetric graph

LAM, MU_SHARE = 4.0, 0.1


by_data = pytest.mark.parametrize("kind", LOSS_KINDS, ids=kind_id)


def make_problem(loss="squared", shared=False, intercept="feature"):
    return related_problem(loss, shared, intercept=intercept, noise=1.0 if shared else None)


def fit(problem, lam, mu, ridge=0.1, variant="symmetric", tolerance=1e-6):
    context = Context(tolerance, 300, init=single_task(problem), init_rho=LAM)
    options = {"variant": variant, "delta": "train", "ridge": ridge}
    return smtl.fit(problem, {"lam": lam, "mu": mu}, context, options)


def useful_mu(problem, W, lam, ridge=0.1):
    return largest_useful_symmetric_mu(problem, (1.0 - ridge) * lam, W, problem.losses(W) / problem.n)


@pytest.mark.parametrize("intercept", ["feature", "free"])
@pytest.mark.parametrize("ridge", [0.0, 0.3])
@by_data
def test_solution_is_optimal_in_weights_and_graph(kind, ridge, intercept):
    problem = make_problem(*kind, intercept=intercept)
    mu = MU_SHARE * useful_mu(problem, single_task(problem), LAM, ridge)
    found = fit(problem, LAM, mu, ridge)
    W, B = found.W, found.B
    assert found.converged and is_graph(B) and 0 < np.count_nonzero(B)

    def value_at(W, B):
        return joint_objective(problem, W, B, LAM, mu, ridge, loss_price=1.0 / problem.n)

    value = value_at(W, B)
    assert found.objective[-1] == pytest.approx(value, rel=1e-10)
    step = 1e-6
    for s, t in zip(*np.triu_indices(5, 1), strict=True):
        more, less = B.copy(), B.copy()
        more[s, t] = more[t, s] = B[s, t] + step
        less[s, t] = less[t, s] = B[s, t] - step
        above = value_at(W, more)
        assert above >= value - 1e-9 * value
        if B[s, t] > 0.0:
            assert value_at(W, less) >= value - 1e-9 * value
    Wp, M = W * problem.penalized[:, None], np.eye(5) - B
    gradient = (1.0 + mu / problem.n * B.sum(axis=1)) * problem.losses_and_gradient(W)[1]
    gradient = gradient + 2.0 * LAM * (Wp @ ((1.0 - ridge) * M @ M + ridge * np.eye(5)))
    assert (np.linalg.norm(gradient, axis=0) <= 2e-6 * (1.0 + mu) * problem.gradient_scale).all()


@by_data
def test_it_is_the_best_symmetric_graph_and_no_better_than_any_graph(kind):
    problem = make_problem(*kind)
    start = single_task(problem)
    mu = MU_SHARE * useful_mu(problem, start, LAM)
    symmetric = fit(problem, LAM, mu).objective[-1]
    price = {"loss_price": 1.0 / problem.n, "ridge": 0.1}
    assert solve_asymmetric(problem, LAM, mu, start, **price).trace[-1] < symmetric
    assert symmetric < joint_objective(problem, start, np.zeros((5, 5)), LAM, mu, **price)


@by_data
def test_expensive_edges_give_single_task_ridge_with_rho_equal_lam(kind):
    problem = make_problem(*kind)
    found = fit(problem, 2.0, 1e9, tolerance=1e-9)
    assert found.converged and not found.B.any()
    assert found.W == pytest.approx(single_task(problem, 2.0), abs=1e-6)


@pytest.mark.parametrize("ridge", [0.0, 0.3])
@by_data
def test_edges_enter_just_below_the_largest_useful_mu(kind, ridge):
    problem = make_problem(*kind)
    W = single_task(problem)
    H, price = W.T @ W, problem.losses(W) / problem.n
    mu = useful_mu(problem, W, LAM, ridge)
    for factor, expected in ((1.001, 0), (0.999, 2)):
        B = symmetric_graph_step(H, factor * mu * price, (1.0 - ridge) * LAM)
        assert np.count_nonzero(B) == expected


def test_largest_useful_mu_without_a_price_or_a_product():
    problem, W = make_problem(), np.diag([1.0, 2.0, 3.0, 1.0, 1.0, 1.0, 1.0])[:, :5]
    assert largest_useful_symmetric_mu(problem, LAM, W, np.ones(5)) == 1.0
    assert largest_useful_symmetric_mu(problem, LAM, W + 1.0, np.zeros(5)) == 1.0


def test_no_path_of_the_grid_starts_above_the_threshold():
    problem = make_problem()
    context = Context(init=single_task(problem), init_rho=LAM)
    options = {"variant": "symmetric", "delta": "train", "ridge": 0.1}
    points = smtl.grid(problem, context, options, 60)
    largest = max(point.params["mu"] / point.params["lam"] for point in points)
    assert len(points) == 60
    assert largest == pytest.approx(useful_mu(problem, context.init, LAM) / LAM)


@by_data
def test_a_positive_semidefinite_graph_is_stl_to_the_last_bit(kind):
    """Tuned and refitted, with the same number of grid points."""
    loss, shared = kind
    kind = "one-vs-rest" if shared else "binary" if loss == "logistic" else "regression"

    def part(seed):
        rng = np.random.default_rng(seed)
        X = np.column_stack([rng.normal(size=(100, 4)), np.ones(100)])
        if shared:
            return Part(X, rng.permutation(np.repeat(np.arange(5.0), 20)))
        y = X.sum(axis=1) + rng.normal(size=100)
        return Part(X, y if kind == "regression" else (y > 0).astype(float), np.arange(0, 101, 20))

    split = Split("made", 1, kind, tuple("abcde"), part(0), part(1), part(2), refit=True)
    ours = tune(smtl.SPEC, split, loss, {"variant": "psd"}, 12)
    theirs = tune(stl.SPEC, split, loss, None, 12)
    assert not ours.fit.B.any() and ours.chosen == theirs.chosen
    assert ours.fit.W.tobytes() == theirs.fit.W.tobytes()
    assert [p["objective"] for p in ours.grid] == [p["objective"] for p in theirs.grid]
