"""Sparse codes and the dictionaries of GO-MTL and SC-MTL: optimality, limits, descent."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.optimize import minimize

from amtl.methods._fit import Context
from amtl.methods.latent import _dictionary as latent
from amtl.methods.latent import go_mtl, sc_mtl
from amtl.solvers import dictionary
from amtl.solvers.codes import Ball, Codes, Lasso, quadratic_codes
from amtl.solvers.coupled_w import solve_coupled_w
from amtl.solvers.dictionary import _LStep, solve_constrained, solve_penalized
from amtl.solvers.dictionary_curvature import DictionaryInverse
from helpers.problems import LOSS_KINDS, linear_problem, rises


def make_problem(loss="squared", shared=False, intercept="feature", d=7, n_tasks=5, seed=0):
    """Tasks that mix two latent ones, with noise."""
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(d, 2)) @ rng.normal(size=(2, n_tasks)) + 0.2 * rng.normal(size=(d, n_tasks))

    sizes = 60 if shared else (40, 25, 60, 30, 12)[:n_tasks]
    return linear_problem(rng, weights, sizes, 1.0, loss, intercept=intercept)


def start(problem, k=2, seed=1):
    L = np.random.default_rng(seed).normal(size=(problem.n_features, k)) * problem.penalized[:, None]
    return L / np.linalg.norm(L, axis=0)


def random_systems(k, n_tasks=200, seed=0, rank=None):
    """Correlated systems, whose paths enter and leave often."""
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(n_tasks, rank or k + 3, k)) + 2.0 * rng.normal(size=(n_tasks, rank or k + 3, 1))
    G = A.transpose(0, 2, 1) @ A
    return G, np.einsum("tij,tj->it", G, rng.normal(size=(n_tasks, k))) + 0.5 * rng.normal(size=(k, n_tasks))


def violation(G, q, S, mu):
    """Distance of G s - q from -mu times a subgradient of ||s||_1, relative to q."""
    pull = q - np.einsum("tij,jt->it", G, S)
    off = np.where(S != 0.0, np.abs(pull - mu * np.sign(S)), np.maximum(np.abs(pull) - mu, 0.0))
    return float(np.max(off / np.abs(q).max(axis=0)))


def lasso_by_enumeration(G, q, mu):
    """The best among the stationary points of all 3^k sign patterns."""
    best, value = None, np.inf
    for signs in product((-1.0, 0.0, 1.0), repeat=len(q)):
        signs = np.array(signs)
        inside = signs != 0.0
        s = np.zeros(len(q))
        s[inside] = np.linalg.solve(G[np.ix_(inside, inside)], (q - mu * signs)[inside])
        if (s * signs >= 0.0).all() and 0.5 * s @ G @ s - q @ s + mu * np.abs(s).sum() < value:
            best, value = s, 0.5 * s @ G @ s - q @ s + mu * np.abs(s).sum()
    return best


@pytest.mark.parametrize("mu", [3.0, 0.3, 0.01])
def test_lasso_codes_match_enumeration_of_signs(mu):
    G, q = random_systems(3, 60)
    S, multiplier = quadratic_codes(G, q, Lasso(mu))
    expected = np.stack([lasso_by_enumeration(g, b, mu) for g, b in zip(G, q.T, strict=True)], axis=1)
    assert pytest.approx(expected, abs=1e-7) == S
    assert multiplier == pytest.approx(mu)


@pytest.mark.parametrize("k", [1, 2, 4, 10])
@pytest.mark.parametrize("level", [3.0, 0.3, 0.01])
def test_codes_satisfy_the_optimality_conditions(k, level):
    G, q = random_systems(k)
    S, _ = quadratic_codes(G, q, Lasso(level))
    assert violation(G, q, S, level) < 1e-7
    S, mu = quadratic_codes(G, q, Ball(level))
    assert violation(G, q, S, mu) < 1e-7
    length = np.abs(S).sum(axis=0)
    assert (length <= level * (1.0 + 1e-9)).all()
    # A positive multiplier means that the constraint is active.
    assert length[mu > 1e-6] == pytest.approx(level, rel=1e-9)


def test_guessed_signs_do_not_change_the_codes():
    G, q = random_systems(6)
    for penalty in (Lasso(0.5), Ball(0.5)):
        plain, _ = quadratic_codes(G, q, penalty)
        nearby, _ = quadratic_codes(G, q * 1.1 + 0.3, penalty)
        wrong = -np.ones_like(q)
        for guess in (plain, nearby, wrong):
            assert quadratic_codes(G, q, penalty, guess)[0] == pytest.approx(plain, abs=1e-6)


def test_singular_systems_have_finite_codes():
    G, q = random_systems(4, rank=2)
    q = np.einsum("tij,jt->it", G, q)
    S, _ = quadratic_codes(G, q, Lasso(0.1))
    assert np.isfinite(S).all() and violation(G, q, S, 0.1) < 1e-5


@pytest.mark.parametrize(("loss", "shared"), LOSS_KINDS)
@pytest.mark.parametrize("intercept", ["feature", "free"])
def test_codes_minimize_the_loss_of_every_task(loss, shared, intercept):
    """Against a general solver in split variables s = u - v; a free intercept is one more variable."""
    problem = make_problem(loss, shared, intercept)
    L, mu = start(problem, 3), 4.0
    codes = Codes(problem, L, Lasso(mu))
    assert codes.violation < 1e-7
    free = intercept == "free"
    for t in range(problem.n_tasks):
        single = problem.single(t)

        def value_and_slope(u, single=single):
            w = L @ (u[:3] - u[3:6])
            w[-1] += u[6]
            losses, gradient = single.losses_and_gradient(w[:, None])
            along = L.T @ gradient[:, 0]
            slope = np.concatenate([along + mu, mu - along, gradient[-1:, 0] * free])
            return losses[0] + mu * u[:6].sum(), slope

        bounds = [(0.0, None)] * 6 + [(None, None) if free else (0.0, 0.0)]
        found = minimize(value_and_slope, np.zeros(7), jac=True, bounds=bounds, options={"ftol": 1e-15})
        ours = codes.losses[t] + mu * np.abs(codes.S[:, t]).sum()
        assert ours <= found.fun * (1.0 + 1e-9)
        assert codes.S[:, t] == pytest.approx(found.x[:3] - found.x[3:6], abs=1e-3)


@pytest.mark.parametrize("shared", [False, True])
def test_the_l_step_inverts_its_operator(shared):
    problem = make_problem(shared=shared)
    rng = np.random.default_rng(3)
    S, V = rng.normal(size=(3, problem.n_tasks)), rng.normal(size=(problem.n_features, 3))
    ridge = np.array([0.5, 2.0, 1.0])
    if shared:
        kappa, (g, U) = problem.curvature(V @ S)
        H = kappa[:, None, None] * ((U * g) @ U.T)
    else:
        H = problem.curvature(None)
    image = sum(H[t] @ V @ np.outer(S[:, t], S[:, t]) for t in range(problem.n_tasks)) + V * ridge
    assert _LStep(problem, V @ S, S, ridge).solve(image) == pytest.approx(V, abs=1e-8)


def solve(kind, problem, L, **limits):
    if kind == "penalized":
        return solve_penalized(problem, L, 0.8, 0.8, **limits)
    return solve_constrained(problem, L, 1.2, **limits)


def inverse_and_gradient(kind, problem, L, start=None):
    """Return the inverse of phi's second derivatives at L and phi's gradient, within the constraint."""
    codes = Codes(problem, L, Lasso(0.8) if kind == "penalized" else Ball(1.2), start)
    slope = codes.gradient @ codes.S.T * problem.penalized[:, None]
    if kind == "penalized":
        return DictionaryInverse(problem, L, codes, np.full(2, 1.6)), slope + 1.6 * L
    along = (L * slope).sum(axis=0)
    return DictionaryInverse(problem, L, codes, np.maximum(-along, 1e-3), True), slope - L * along


@pytest.mark.parametrize("kind", ["penalized", "constrained"])
@pytest.mark.parametrize("intercept", ["feature", "free"])
@pytest.mark.parametrize("loss, shared", LOSS_KINDS)
def test_the_second_derivatives_are_those_of_finite_differences(kind, intercept, loss, shared):
    # At a minimum, where they are positive definite.
    problem = make_problem(loss, shared, intercept)
    found = solve(kind, problem, start(problem), tolerance=1e-8)
    assert found.converged
    L = found.W if kind == "penalized" else found.W / np.linalg.norm(found.W, axis=0)
    V = start(problem, seed=4)
    if kind == "constrained":
        V -= L * (L * V).sum(axis=0)
    inverse, _ = inverse_and_gradient(kind, problem, L)
    ends = []
    for step in (1e-5, -1e-5):
        M = L + step * V
        if kind == "constrained":
            M /= np.linalg.norm(M, axis=0)
        ends.append(inverse_and_gradient(kind, problem, M, found.state.codes)[1])
    change = (ends[0] - ends[1]) / 2e-5
    if kind == "constrained":
        change -= L * (L * change).sum(axis=0)
    np.testing.assert_allclose(inverse.solve(change), V, atol=2e-4)


@pytest.mark.parametrize("kind", ["penalized", "constrained"])
@pytest.mark.parametrize("n_tasks", [2, 5])
def test_inverse_is_positive_along_the_gradient_where_phi_is_not_convex(kind, n_tasks):
    problem = make_problem(n_tasks=n_tasks)
    for seed in range(10):
        L = start(problem, seed=seed)
        inverse, gradient = inverse_and_gradient(kind, problem, L)
        assert np.vdot(gradient, inverse.solve(gradient)) > 0.0


@pytest.mark.parametrize("kind", ["penalized", "constrained"])
@pytest.mark.parametrize("loss, shared", LOSS_KINDS)
def test_second_derivatives_take_over_near_the_minimum(kind, loss, shared, monkeypatch):
    problem = make_problem(loss, shared)
    L = solve(kind, problem, start(problem), tolerance=2e-3).W
    found = solve(kind, problem, L, tolerance=1e-8)
    monkeypatch.setattr(dictionary, "FOLLOWING_RESIDUAL", 1e-8)
    monkeypatch.setattr(dictionary, "FIXED_CODE_ITERATIONS", 1000)
    plain = solve(kind, problem, L, tolerance=1e-8)
    assert plain.converged and found.converged
    assert found.trace[-1] == pytest.approx(plain.trace[-1], rel=1e-10)
    assert found.iterations == len(found.trace) - 1 < plain.iterations
    assert np.all(np.diff(found.trace) <= 1e-12 * np.abs(found.trace[0]))


@pytest.mark.parametrize(("loss", "shared"), LOSS_KINDS)
@pytest.mark.parametrize("memory", [0, 20])
def test_objectives_never_rise(loss, shared, memory):
    problem = make_problem(loss, shared)
    runs = (
        solve_penalized(problem, start(problem), 2.0, 0.5, 1e-8, 60, memory),
        solve_constrained(problem, start(problem), 2.0, 1e-8, 60, memory),
    )
    for run in runs:
        assert run.iterations > 3
        assert not rises(run.trace)


@pytest.mark.parametrize(("loss", "shared"), LOSS_KINDS)
@pytest.mark.parametrize("intercept", ["feature", "free"])
def test_a_penalized_solution_is_stationary(loss, shared, intercept):
    problem, mu, lam = make_problem(loss, shared, intercept), 2.0, 0.5
    run = solve_penalized(problem, start(problem), mu, lam, 1e-9, 2000)
    L, S = run.W, run.state.codes.S
    assert run.converged
    W = run.state.codes.W
    losses, G = problem.losses_and_gradient(W)
    scale = np.abs(problem.null_gradient).max()
    assert np.abs(((G @ S.T) + 2.0 * lam * L) * problem.penalized[:, None]).max() < 1e-6 * scale
    pull = -(L.T @ G)
    assert np.abs(pull - mu * np.sign(S))[S != 0.0].max() < 1e-6 * scale
    assert np.abs(pull).max() < mu + 1e-6 * scale
    assert run.trace[-1] == pytest.approx(losses.sum() + mu * np.abs(S).sum() + lam * np.sum(L**2), rel=1e-12)
    if intercept == "free":
        assert not L[-1].any() and np.abs(G[-1]).max() < 1e-6 * scale
        assert pytest.approx((L @ S)[:-1], abs=1e-12) == W[:-1]


@pytest.mark.parametrize(("loss", "shared"), LOSS_KINDS)
def test_a_constrained_solution_is_stationary_within_its_bounds(loss, shared):
    problem, alpha = make_problem(loss, shared), 1.5
    run = solve_constrained(problem, start(problem), alpha, 1e-9, 2000)
    L, S = run.W / np.linalg.norm(run.W, axis=0), run.state.codes.S
    assert run.converged
    assert np.abs(S).sum(axis=0).max() <= alpha * (1.0 + 1e-9)
    assert pytest.approx(L @ S, abs=1e-10) == run.state.codes.W
    G = problem.losses_and_gradient(L @ S)[1]
    slope = G @ S.T
    along = (L * slope).sum(axis=0)
    scale = np.abs(problem.null_gradient).max()
    # Only a shorter column would not help: the gradient is along the column, and inwards.
    assert np.abs(slope - L * along).max() < 1e-6 * scale
    assert (along <= 1e-6 * scale).all()


def test_only_the_product_of_the_two_penalties_counts():
    """Scaling L against S: mu^2 lam is one parameter, which is why the grid has one strength."""
    problem = make_problem()
    first = solve_penalized(problem, start(problem), 2.0, 0.5, 1e-10, 3000)
    factor = 3.0
    second = solve_penalized(problem, start(problem) / factor, 2.0 / factor, 0.5 * factor**2, 1e-10, 3000)
    assert second.state.codes.W == pytest.approx(first.state.codes.W, abs=1e-5)
    assert second.trace[-1] == pytest.approx(first.trace[-1], rel=1e-10)


def test_limits_of_strong_and_weak_penalties():
    problem = make_problem()
    strong = solve_penalized(problem, start(problem), 1e6, 1e6)
    assert strong.converged and not strong.state.codes.W.any()
    loose = solve_constrained(problem, start(problem, 4), 1e3, 1e-9, 3000)
    ridge = solve_coupled_w(problem, np.eye(problem.n_tasks), 1e-9, tolerance=1e-9)
    full = solve_constrained(problem, np.eye(problem.n_features), 1e6, 1e-9, 3000)
    assert full.trace[-1] == pytest.approx(problem.losses(ridge.W).sum(), rel=1e-6)
    assert loose.trace[-1] >= full.trace[-1] * (1.0 - 1e-9)


def context_of(problem, seed=(0, "made", 1, "go-mtl")):
    init = solve_coupled_w(problem, np.eye(problem.n_tasks), 1.0).W
    return Context(1e-7, 2000, init=init, init_rho=1.0, seed=seed)


@pytest.mark.parametrize("method", [go_mtl, sc_mtl])
def test_the_best_start_is_kept_and_all_are_recorded(method):
    problem = make_problem(n_tasks=5)
    context = context_of(problem)
    for point in method.grid(problem, context, {"restarts": 4}, 12)[2::3]:
        fit = method.fit(problem, point.params, context, {"restarts": 4})
        assert len(fit.restarts) == 4
        assert fit.objective[-1] == min(fit.restarts)
        single = method.fit(problem, point.params, context, {"restarts": 1})
        assert fit.objective[-1] <= single.objective[-1] * (1.0 + 1e-4)


def test_starts_are_seeded_by_names_and_follow_the_tasks():
    problem = make_problem()
    first = list(latent.starts(problem, context_of(problem), 2, 3))
    assert all(np.linalg.norm(L, axis=0) == pytest.approx(1.0) for L in first)
    again = list(latent.starts(problem, context_of(problem), 2, 3))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    other = list(latent.starts(problem, context_of(problem, (0, "made", 2, "go-mtl")), 2, 3))
    assert np.array_equal(first[0], other[0]) and not np.array_equal(first[1], other[1])


@pytest.mark.parametrize(("n_tasks", "expected"), [(1, [1]), (2, [1]), (5, [2, 3, 4])])
def test_latent_tasks_are_fewer_than_tasks(n_tasks, expected):
    assert latent.sizes(make_problem(n_tasks=n_tasks)) == expected


@pytest.mark.parametrize("method", [go_mtl, sc_mtl])
def test_the_grid_runs_from_strong_to_weak_for_every_size(method):
    problem = make_problem()
    points = method.grid(problem, context_of(problem), {"restarts": 1}, 60)
    assert len(points) == 60
    name, sign = ("mu", -1.0) if method is go_mtl else ("alpha", 1.0)
    for k in (2, 3, 4):
        axis = [sign * point.params[name] for point in points if point.params["k"] == k]
        assert len(axis) == 20 and (np.diff(axis) > 0.0).all()


@pytest.mark.parametrize("method", [go_mtl, sc_mtl])
def test_neighbours_on_a_path_find_lower_objectives(method, monkeypatch):
    """The exchange is never worse than the starts alone, and better somewhere."""
    problem = make_problem(d=12, n_tasks=5, seed=3)
    context = Context(init=solve_coupled_w(problem, np.eye(5), 2.0).W, init_rho=2.0, seed=(0, "made"))
    objectives = {}
    for sweeps in (0, latent.SWEEPS):
        monkeypatch.setattr(latent, "SWEEPS", sweeps)
        points = method.grid(problem, context, {"restarts": 2}, 60)
        objectives[sweeps] = [
            method.fit(problem, p.params, replace(context, start=p.start), {}).objective[-1] for p in points
        ]
    alone, shared = np.array(objectives[0]), np.array(objectives[latent.SWEEPS])
    # Both are solved on from a residual of 1e-3, so a start that was slightly lower there may end higher.
    assert np.mean(shared <= alone * (1.0 + 1e-6)) > 0.9 and (shared < alone * (1.0 - 1e-3)).any()


def test_sizes_reach_one_below_the_number_of_tasks():
    def sizes(n_tasks, d=64):
        return latent.sizes(make_problem(d=d, n_tasks=n_tasks, shared=True))

    assert sizes(10) == [2, 3, 4, 6, 9] and sizes(12) == sizes(139) == [2, 3, 4, 6, 10]
    assert sizes(2) == [1] and sizes(3) == [2] and sizes(10, d=5) == [2, 3, 4, 5]
