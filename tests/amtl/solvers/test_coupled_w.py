"""The coupled W-step against dense linear algebra, L-BFGS and scikit-learn."""

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from amtl.solvers import coupled_w
from amtl.solvers.coupled_w import MAX_DENSE_UNKNOWNS, CoupledInverse, solve_coupled_w, solve_towards
from amtl.solvers.couplings import Coupling
from helpers.problems import linear_problem, rises, task_rows

SMALL = {"d": 5, "n_tasks": 4}
# More unknowns than `MAX_DENSE_UNKNOWNS`, so own rows are solved iteratively.
LARGE = {"d": 26, "n_tasks": 40}


def make_problem(
    loss="squared", shared=False, d=5, n_tasks=4, n=12, intercept="feature", fit_loss="sum", seed=0
):
    """Random tasks with the constant column last; own rows number from n / 2 to 2 n."""
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(d, n_tasks))
    sizes = n if shared else rng.integers(n // 2, 2 * n, n_tasks)
    return linear_problem(rng, weights, sizes, 1.0, loss, fit_loss, intercept)


def make_coupling(kind, n_tasks, seed=0):
    """Q: the identity, a random full-rank matrix, two singular ones and the graph of AMTL."""
    rng = np.random.default_rng(seed)
    if kind == "identity":
        return np.eye(n_tasks)
    if kind == "full":
        A = rng.normal(size=(n_tasks, n_tasks))
        return A @ A.T / n_tasks
    if kind == "mean":
        return np.eye(n_tasks) - np.full((n_tasks, n_tasks), 1.0 / n_tasks)
    B = np.where(rng.random((n_tasks, n_tasks)) < 0.3, rng.random((n_tasks, n_tasks)), 0.0)
    np.fill_diagonal(B, 0.0)
    if kind == "singular graph":
        # Every column sums to one: equal weights cost nothing.
        B[(np.arange(n_tasks) + 1) % n_tasks, np.arange(n_tasks)] += 0.1
        B /= B.sum(axis=0)
    M = np.eye(n_tasks) - B
    return M @ M.T


COUPLINGS = ["identity", "full", "mean", "graph", "singular graph"]


def dense_system(problem, Hs, a, Q, lam):
    """The dT x dT matrix of the W-step's Hessian, tasks one after another."""
    d, n_tasks = problem.n_features, problem.n_tasks
    A = 2.0 * lam * np.kron(Q, np.diag(problem.penalized))
    for t in range(n_tasks):
        A[t * d : (t + 1) * d, t * d : (t + 1) * d] += a[t] * Hs[t]
    return A


def gram_and_moments(problem):
    """2 X_t'X_t and 2 X_t'y_t of the fit losses, by their definition."""
    pairs = [task_rows(problem, t) for t in range(problem.n_tasks)]
    Hs = [2.0 * problem.weight[t] * X.T @ X for t, (X, _) in enumerate(pairs)]
    return Hs, [2.0 * problem.weight[t] * X.T @ y for t, (X, y) in enumerate(pairs)]


def objective(problem, W, a, Q, lam):
    Wp = W * problem.penalized[:, None]
    return a @ problem.losses(W) + lam * np.trace(Wp @ Q @ Wp.T)


@pytest.mark.parametrize("intercept", ["feature", "free"])
@pytest.mark.parametrize("kind", COUPLINGS)
@pytest.mark.parametrize("shape", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("shared", [False, True], ids=["own", "shared"])
def test_squared_loss_against_a_dense_solve(shared, shape, kind, intercept):
    n = 60 if shape is LARGE else 12
    problem = make_problem("squared", shared, **shape, n=n, intercept=intercept)
    d, n_tasks = shape["d"], shape["n_tasks"]
    assert (d * n_tasks > MAX_DENSE_UNKNOWNS) == (shape is LARGE)
    Q, lam, a = make_coupling(kind, n_tasks), 3.0, np.random.default_rng(1).uniform(1.0, 2.0, n_tasks)
    Hs, moments = gram_and_moments(problem)
    right = np.concatenate([factor * moment for factor, moment in zip(a, moments, strict=True)])
    exact = np.linalg.solve(dense_system(problem, Hs, a, Q, lam), right).reshape(n_tasks, d).T
    found = solve_coupled_w(problem, Q, lam, a, tolerance=1e-10)
    assert found.converged and found.residual <= 1e-10
    assert found.W == pytest.approx(exact, abs=1e-7 * np.abs(exact).max())


@pytest.mark.parametrize("shared", [False, True], ids=["own", "shared"])
def test_squared_loss_is_solved_in_one_step_where_the_inverse_is_exact(shared):
    problem = make_problem(shared=shared)
    found = solve_coupled_w(problem, make_coupling("graph", 4), 2.0)
    assert found.iterations == 1 and found.residual < 1e-11


@pytest.mark.parametrize("kind", ["identity", "graph"])
@pytest.mark.parametrize("shared", [False, True], ids=["own", "shared"])
def test_fewer_rows_than_features(shared, kind):
    problem = make_problem(shared=shared, d=20, n=6)
    Q, lam, a = make_coupling(kind, 4), 0.5, np.ones(4)
    Hs, moments = gram_and_moments(problem)
    exact = np.linalg.solve(dense_system(problem, Hs, a, Q, lam), np.concatenate(moments)).reshape(4, 20).T
    found = solve_coupled_w(problem, Q, lam, tolerance=1e-10)
    assert found.converged
    assert found.W == pytest.approx(exact, abs=1e-7)


@pytest.mark.parametrize("shared", [False, True], ids=["own", "shared"])
@pytest.mark.parametrize("fit_loss", ["sum", "mean"])
def test_mean_loss_is_the_summed_loss_with_weights_of_one_over_n(shared, fit_loss):
    problem = make_problem(shared=shared, fit_loss=fit_loss)
    summed = make_problem(shared=shared)
    Q, lam = make_coupling("graph", 4), 0.3
    found = solve_coupled_w(problem, Q, lam, tolerance=1e-11)
    same = solve_coupled_w(summed, Q, lam, a=problem.weight, tolerance=1e-11)
    assert found.W == pytest.approx(same.W, rel=1e-8)


@pytest.mark.parametrize("intercept", ["feature", "free"])
@pytest.mark.parametrize("kind", COUPLINGS)
@pytest.mark.parametrize("shared", [False, True], ids=["own", "shared"])
def test_logistic_loss_against_a_general_optimizer(shared, kind, intercept):
    problem = make_problem("logistic", shared, n=20, intercept=intercept)
    Q, lam, a = make_coupling(kind, 4), 0.7, np.array([1.0, 1.5, 1.2, 3.0])
    shape = (5, 4)

    def function(flat):
        W = flat.reshape(shape)
        _, gradient = problem.losses_and_gradient(W)
        total = a * gradient + 2.0 * lam * (W * problem.penalized[:, None]) @ Q
        return objective(problem, W, a, Q, lam), total.ravel()

    other = minimize(
        function,
        np.zeros(20),
        jac=True,
        method="L-BFGS-B",
        options={"gtol": 1e-9, "ftol": 0, "maxiter": 5000},
    )
    found = solve_coupled_w(problem, Q, lam, a, tolerance=1e-9)
    assert found.converged
    assert found.trace[-1] == pytest.approx(objective(problem, found.W, a, Q, lam), rel=1e-13)
    assert found.trace[-1] <= other.fun + 1e-10 * abs(other.fun)
    assert found.W == pytest.approx(other.x.reshape(shape), abs=1e-5)


def test_logistic_loss_with_too_many_unknowns_for_one_factorization():
    problem = make_problem("logistic", **LARGE, n=60)
    Q, lam = make_coupling("singular graph", LARGE["n_tasks"]), 0.5
    found = solve_coupled_w(problem, Q, lam, tolerance=1e-8)
    _, gradient = problem.losses_and_gradient(found.W)
    gradient = gradient + 2.0 * lam * found.W @ Q
    scale = np.linalg.norm(problem.losses_and_gradient(np.zeros_like(found.W))[1], axis=0)
    assert found.converged and np.max(np.linalg.norm(gradient, axis=0) / scale) <= 1e-8


@pytest.mark.parametrize("shared", [False, True], ids=["own", "shared"])
def test_single_task_logistic_regression_is_that_of_scikit_learn(shared):
    problem, rho = make_problem("logistic", shared, n=40), 0.8
    found = solve_coupled_w(problem, np.eye(4), rho, tolerance=1e-10)
    assert found.converged
    for t in range(4):
        X, y = task_rows(problem, t)
        other = LogisticRegression(C=1.0 / (2.0 * rho), fit_intercept=False, tol=1e-12, max_iter=10000)
        assert found.W[:, t] == pytest.approx(other.fit(X, y).coef_[0], abs=1e-6)


@pytest.mark.parametrize("shared", [False, True], ids=["own", "shared"])
def test_free_intercept_logistic_regression_is_that_of_scikit_learn(shared):
    problem, rho = make_problem("logistic", shared, n=40, intercept="free"), 0.8
    found = solve_coupled_w(problem, np.eye(4), rho, tolerance=1e-10)
    assert found.converged
    for t in range(4):
        X, y = task_rows(problem, t)
        other = LogisticRegression(C=1.0 / (2.0 * rho), tol=1e-12, max_iter=10000).fit(X[:, :-1], y)
        assert found.W[:, t] == pytest.approx([*other.coef_[0], other.intercept_[0]], abs=1e-6)


# The inverse by itself

PATHS = {
    "shared": {"shared": True, **SMALL},
    "dense": {"shared": False, **SMALL},
    "iterative": {"shared": False, **LARGE, "n": 60},
    "blocks": {"shared": False, **SMALL},
}


@pytest.mark.parametrize("lam", [1e-3, 1.0, 1e4])
@pytest.mark.parametrize("intercept", ["feature", "free"])
@pytest.mark.parametrize("loss", ["squared", "logistic"])
@pytest.mark.parametrize("path", PATHS)
def test_inverse_times_hessian_is_the_identity(monkeypatch, path, loss, intercept, lam):
    # Here the Lanczos process runs to convergence.
    monkeypatch.setattr(coupled_w, "MAX_LANCZOS_STEPS", 1000)
    monkeypatch.setattr(coupled_w, "LANCZOS_TOLERANCE", 1e-8)
    problem = make_problem(loss, intercept=intercept, **PATHS[path])
    d, n_tasks = problem.n_features, problem.n_tasks
    rng = np.random.default_rng(3)
    Q = make_coupling("identity" if path == "blocks" else "graph", n_tasks)
    a, W = rng.uniform(1.0, 2.0, n_tasks), 0.3 * rng.normal(size=(d, n_tasks))
    curvature = problem.curvature(W)
    if problem.shared:
        kappa, (gamma, U) = curvature
        Hs = kappa[:, None, None] * ((U * gamma) @ U.T)
    else:
        Hs = curvature
    A = dense_system(problem, Hs, a, Q, lam)
    R = rng.normal(size=(d, n_tasks))
    V = CoupledInverse(problem, curvature, a, Coupling(Q), lam).solve(R)
    back = (A @ V.T.ravel()).reshape(n_tasks, d).T
    error = np.linalg.norm(back - R) / np.linalg.norm(R)
    assert error <= (1e-4 if intercept == "free" else 1e-5 if path == "iterative" else 1e-7)


@pytest.mark.parametrize("path", ["shared", "dense", "iterative"])
def test_inverse_is_symmetric_and_positive(path):
    problem = make_problem(**PATHS[path])
    rng = np.random.default_rng(4)
    n_tasks = problem.n_tasks
    inverse = CoupledInverse(
        problem,
        problem.curvature(None if not problem.shared else np.zeros((5, 4))),
        np.ones(n_tasks),
        Coupling(make_coupling("singular graph", n_tasks)),
        10.0,
    )
    R, S = rng.normal(size=(2, problem.n_features, n_tasks))
    assert np.vdot(R, inverse.solve(R)) > 0.0
    left, right = np.vdot(R, inverse.solve(S)), np.vdot(S, inverse.solve(R))
    bound = np.sqrt(np.vdot(R, inverse.solve(R)) * np.vdot(S, inverse.solve(S)))
    assert abs(left - right) <= (2.0 * coupled_w.LANCZOS_TOLERANCE if path == "iterative" else 1e-9) * bound


def test_the_coarse_space_saves_iterations_where_tasks_copy_each_other(monkeypatch):
    problem = make_problem(**LARGE, n=60)
    n_tasks, counts = LARGE["n_tasks"], {}
    Q, R = make_coupling("singular graph", n_tasks), np.random.default_rng(7).normal(size=(26, n_tasks))
    apply = CoupledInverse._operator
    for level in (coupled_w.MAX_COARSE_EIGENVALUE, 0.0):
        counts[level] = 0

        def count(self, V, response, level=level):
            counts[level] += 1
            return apply(self, V, response)

        monkeypatch.setattr(coupled_w, "MAX_COARSE_EIGENVALUE", level)
        monkeypatch.setattr(coupled_w, "MAX_LANCZOS_STEPS", 1000)
        monkeypatch.setattr(CoupledInverse, "_operator", count)
        CoupledInverse(problem, problem.curvature(R), np.ones(n_tasks), Coupling(Q), 1e5).solve(R)
    with_it, without = counts.values()
    assert with_it <= without / 2


@pytest.mark.parametrize("shape", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("shared", [False, True], ids=["own", "shared"])
def test_a_task_that_nothing_penalizes(shared, shape):
    """An isolated node of a graph Laplacian: its row and column of Q are zero."""
    n_tasks = shape["n_tasks"]
    problem = make_problem(shared=shared, **shape, n=120)
    Q = make_coupling("mean", n_tasks)
    Q[0] = Q[:, 0] = 0.0
    with np.errstate(invalid="raise", divide="raise"):
        found = solve_coupled_w(problem, Q, 2.0, tolerance=1e-9)
    X, y = task_rows(problem, 0)
    assert found.converged
    assert found.W[:, 0] == pytest.approx(np.linalg.lstsq(X, y, rcond=None)[0], abs=1e-6)


@pytest.mark.parametrize("shared", [False, True], ids=["own", "shared"])
def test_one_task_and_no_penalty(shared):
    problem = make_problem(shared=shared, n_tasks=1)
    X, y = task_rows(problem, 0)
    expected = np.linalg.lstsq(X, y, rcond=None)[0]
    for Q, lam in ((np.eye(1), 0.0), (np.zeros((1, 1)), 1.0)):
        with np.errstate(invalid="raise", divide="raise"):
            found = solve_coupled_w(problem, Q, lam, tolerance=1e-9)
        assert found.converged and found.W[:, 0] == pytest.approx(expected, abs=1e-7)


def test_solution_does_not_depend_on_the_start():
    problem, Q = make_problem("logistic", n=30), make_coupling("graph", 4)
    first = solve_coupled_w(problem, Q, 0.5, tolerance=1e-9)
    start = np.random.default_rng(5).normal(size=(5, 4))
    kept = start.copy()
    second = solve_coupled_w(problem, Q, 0.5, W=start, tolerance=1e-9)
    assert np.array_equal(start, kept)
    assert second.W == pytest.approx(first.W, abs=1e-7)
    again = solve_coupled_w(problem, Q, 0.5, W=first.W, tolerance=1e-8)
    assert again.iterations == 0 and again.converged and np.array_equal(again.W, first.W)


def test_too_few_iterations_are_not_converged():
    problem = make_problem("logistic", n=30)
    found = solve_coupled_w(problem, np.eye(4), 1e-3, tolerance=1e-12, max_iterations=2)
    assert not found.converged and found.iterations == 2 and found.residual > 1e-12
    assert len(found.trace) == 3


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_the_trace_never_rises(loss):
    problem = make_problem(loss, **LARGE, n=60)
    start = 3.0 * np.random.default_rng(6).normal(size=(LARGE["d"], LARGE["n_tasks"]))
    found = solve_coupled_w(problem, make_coupling("singular graph", LARGE["n_tasks"]), 0.2, W=start)
    assert len(found.trace) > 2 and not rises(found.trace)


# One task towards a given point


@pytest.mark.parametrize("intercept", ["feature", "free"])
@pytest.mark.parametrize("shared", [False, True], ids=["own", "shared"])
def test_towards_a_point_with_squared_loss(shared, intercept):
    problem = make_problem(shared=shared, intercept=intercept)
    prior, a, lam = np.array([1.0, -2.0, 0.5, 3.0, 7.0]), 1.7, 4.0
    for t in range(4):
        X, y = task_rows(problem, t)
        pull = lam * np.diag(problem.penalized)
        exact = np.linalg.solve(a * X.T @ X + pull, a * X.T @ y + pull @ prior)
        found = solve_towards(problem.single(t), a, lam, prior, np.zeros(5), tolerance=1e-10)
        assert found.converged and found.W[:, 0] == pytest.approx(exact, abs=1e-7)


@pytest.mark.parametrize("intercept", ["feature", "free"])
@pytest.mark.parametrize("shared", [False, True], ids=["own", "shared"])
def test_towards_a_point_with_logistic_loss(shared, intercept):
    problem = make_problem("logistic", shared, intercept=intercept)
    prior, a, lam = np.array([1.0, -2.0, 0.5, 3.0, 7.0]), 1.7, 0.6
    for t in range(4):
        alone = problem.single(t)
        found = solve_towards(alone, a, lam, prior, np.zeros(5), tolerance=1e-9)
        X, y = task_rows(problem, t)
        w = found.W[:, 0]
        slope = a * X.T @ (1.0 / (1.0 + np.exp(-X @ w)) - y) + 2.0 * lam * problem.penalized * (w - prior)
        assert found.converged and np.abs(slope).max() <= 1e-7


def test_a_strong_ridge_towards_a_point_reaches_it():
    problem, prior = make_problem(), np.arange(5.0)
    found = solve_towards(problem.single(0), 1.0, 1e9, prior, np.zeros(5))
    assert found.W[:, 0] == pytest.approx(prior, abs=1e-5)


@pytest.mark.parametrize("intercept", ["feature", "free"])
def test_large_blocks_are_factorized_to_the_same_solution(intercept, monkeypatch):
    problem = make_problem(**LARGE, intercept=intercept)
    Q = make_coupling("graph", problem.n_tasks)
    for coupling in (np.eye(problem.n_tasks), Q):
        inverted = solve_coupled_w(problem, coupling, 0.3, tolerance=1e-10)
        monkeypatch.setattr(coupled_w, "MAX_INVERTED_FEATURES", 0)
        factorized = solve_coupled_w(problem, coupling, 0.3, tolerance=1e-10)
        monkeypatch.undo()
        assert factorized.converged
        assert factorized.W == pytest.approx(inverted.W, rel=1e-7, abs=1e-9)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [1e-300, 1e200, 1e300])
def test_numbers_that_overflow_end_in_a_step_and_no_error(size):
    """Weights beyond all scores leave a logistic loss without curvature."""
    rng = np.random.default_rng(0)
    problem = linear_problem(rng, rng.normal(size=(6, 1)), (30,), 0.5, "logistic")
    curvature = np.zeros((1, 6, 6))
    inverse = CoupledInverse(problem, curvature, np.array([size]), Coupling(np.eye(1)), 1e-3)
    found = inverse.solve(size * rng.normal(size=(6, 1)))
    assert found.shape == (6, 1) and np.isfinite(found).all()
