"""Every fast path against the plain reference, on difficult random problems: tasks with fewer rows
than features, repeated or constant features, copies of tasks, tasks that are fitted without a loss."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amtl.problem import MultiTaskProblem
from amtl.solvers import coupled_w
from amtl.solvers.asymmetric import largest_useful_mu, solve_alternating, solve_asymmetric
from amtl.solvers.coupled_w import relative_gradient, solve_coupled_w
from helpers.oracles import joint_objective, joint_violation

ACCURACY = 1e-6
HARD = ("plain", "few rows", "repeated feature", "constant feature", "copied task", "no loss")


@st.composite
def problems(draw):
    """A small random problem of a random kind: loss, shared rows or own, and its difficulty."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    loss, shared = draw(st.sampled_from(["squared", "logistic"])), draw(st.booleans())
    hard, d, n_tasks = draw(st.sampled_from(HARD)), draw(st.integers(2, 8)), draw(st.integers(2, 6))
    low, high = (2, d + 1) if hard == "few rows" else (d + 2, 4 * d + 1)
    sizes = rng.integers(low, high, n_tasks)
    sizes = np.full(n_tasks, sizes[0]) if shared else sizes
    base = rng.normal(size=(d, 1))
    W = base + 0.5 * rng.normal(size=(d, n_tasks))
    X = [np.column_stack([rng.normal(size=(n, d - 1)), np.ones(n)]) for n in sizes]
    X = [X[0]] * n_tasks if shared else X
    if d > 2 and hard in ("repeated feature", "constant feature"):
        for x in X:
            x[:, 0] = x[:, 1] if hard == "repeated feature" else 1.0
    noise = np.where(np.arange(n_tasks) == 0, 0.0 if hard == "no loss" else 0.3, 0.3 + rng.random(n_tasks))
    Y = [x @ w + s * rng.normal(size=len(x)) for x, w, s in zip(X, W.T, noise, strict=True)]
    if hard == "copied task":
        X[1], Y[1] = X[0], Y[0]
    Y = [(y > 0.0).astype(float) for y in Y] if loss == "logistic" else Y
    return MultiTaskProblem(X[0], np.stack(Y, axis=1), loss) if shared else MultiTaskProblem(X, Y, loss)


@pytest.fixture(params=["default", "iterative"], scope="module")
def path(request):
    """The solver path for the problem's size, or that for large problems; exact Hessians from the start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coupled_w, "SCALED_GRAM_ITERATIONS", 0)
        if request.param == "iterative":
            patch.setattr(coupled_w, "MAX_DENSE_UNKNOWNS", 0)
        yield request.param


def coupling_of(problem, seed):
    B = np.random.default_rng(seed).random((problem.n_tasks, problem.n_tasks)) * 0.4
    np.fill_diagonal(B, 0.0)
    M = np.eye(problem.n_tasks) - B
    return 0.9 * M @ M.T + 0.1 * np.eye(problem.n_tasks)


def reference(problem, Q, lam, a):
    """Newton's method on the whole dT x dT system, with the exact Hessians."""
    d, n_tasks = problem.n_features, problem.n_tasks
    W, steps = np.zeros((d, n_tasks)), 1 if problem.loss == "squared" else 60

    def value_at(W):
        return float(a @ problem.losses(W) + lam * np.trace(W @ Q @ W.T))

    for _ in range(steps):
        gradient = a * problem.losses_and_gradient(W)[1] + 2.0 * lam * W @ Q
        A = 2.0 * lam * np.kron(Q, np.eye(d))
        shared_squared = problem.shared and problem.loss == "squared"
        if shared_squared:
            kappa, (g, U) = problem.curvature(W)
            H = kappa[:, None, None] * ((U * g) @ U.T)
        else:
            H = problem.hessians(W) if problem.shared else problem.curvature(W)
        for t in range(n_tasks):
            A[t * d : (t + 1) * d, t * d : (t + 1) * d] += a[t] * H[t]
        step = np.linalg.solve(A, gradient.T.ravel()).reshape(n_tasks, d).T
        size, before = 1.0, value_at(W)
        while problem.loss == "logistic" and value_at(W - size * step) > before and size > 1e-6:
            size *= 0.5
        W = W - size * step
    return value_at(W)


@settings(max_examples=60, deadline=None)
@given(problem=problems(), lam=st.sampled_from([1e-2, 1.0, 100.0]), seed=st.integers(0, 99))
def test_weight_step(path, problem, lam, seed):
    Q = coupling_of(problem, seed)
    a = np.random.default_rng(seed).uniform(1.0, 3.0, problem.n_tasks)
    found = solve_coupled_w(problem, Q, lam, a)
    gradient = a * problem.losses_and_gradient(found.W)[1] + 2.0 * lam * found.W @ Q
    assert found.converged
    assert relative_gradient(gradient, problem, a) <= ACCURACY
    assert found.trace[-1] <= reference(problem, Q, lam, a) * (1.0 + ACCURACY) + 1e-9


@settings(max_examples=60, deadline=None)
@given(problem=problems(), lam=st.sampled_from([0.1, 1.0, 10.0]), share=st.sampled_from([0.5, 0.1, 0.02]))
def test_joint_problem(path, problem, lam, share):
    """The result satisfies the optimality conditions, which are repeated here, and the plain alternation that
    starts from it does not improve it."""
    start = solve_coupled_w(problem, np.eye(problem.n_tasks), lam).W
    price = 1.0 / (problem.n * problem.weight)
    mu = share * largest_useful_mu(problem, 0.9 * lam, start, price * problem.losses(start))
    keys = {"lam": lam, "mu": mu, "ridge": 0.1, "loss_price": price}
    found = solve_asymmetric(problem, W=start, max_iterations=2000, **keys)
    assert found.converged
    B = found.state.B
    assert joint_violation(problem, found.W, B, **keys) <= 2.0 * ACCURACY
    assert joint_objective(problem, found.W, B, **keys) == pytest.approx(found.trace[-1], rel=1e-9)
    further = solve_alternating(problem, W=found.W, rounds=20, tolerance=1e-9, **keys)
    assert further.trace[-1] >= found.trace[-1] * (1.0 - ACCURACY)
