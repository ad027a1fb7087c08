"""The joint problem of AMTL over weights and graph: optimality, limits, symmetries, plain alternation."""

import numpy as np
import pytest
from scipy.optimize import minimize, nnls

from amtl.methods._fit import Context
from amtl.methods.graph import amtl, amtl_curriculum, amtl_imbalanced, amtl_noloss, smtl
from amtl.problem import MultiTaskProblem
from amtl.solvers import asymmetric, coupled_w, graph_b
from amtl.solvers.asymmetric import largest_useful_mu, solve_alternating, solve_asymmetric
from amtl.solvers.coupled_w import MAX_DENSE_UNKNOWNS
from amtl.solvers.quasi_newton import Minimum
from helpers.oracles import (
    graph_slopes,
    joint_objective,
    outgoing_factor,
    slopes_by_differences,
    weight_violation,
)
from helpers.problems import options_of, permuted, related_problem, rises, single_task, task_rows

LAM = 4.0


def prices(problem, kind):
    """Keyword arguments for a loss price of 1 / n_t, or for a constant price."""
    if kind == "loss":
        return {"loss_price": 1.0 / problem.n}
    return {"fixed_price": np.linspace(1.0, 2.0, problem.n_tasks)}


def middle_mu(problem, W, kind, fraction=0.1):
    """Return a mu at which some edges are in use."""
    price = problem.losses(W) / problem.n if kind == "loss" else prices(problem, kind)["fixed_price"]
    return fraction * largest_useful_mu(problem, LAM, W, price)


def reduced_function(monkeypatch, *arguments, **keywords):
    """Return phi, W -> (value, gradient, state), as `solve_asymmetric` hands it to its minimizer at first."""
    handed = []

    def take(function, W, *rest):
        handed.append(function)
        return Minimum(W, None, [], 0, True, 0.0)

    with monkeypatch.context() as patch:
        patch.setattr(asymmetric, "minimize", take)
        solve_asymmetric(*arguments, **keywords)
    return handed[0]


SHAPES = {"own": False, "shared": True}
PROBLEMS = [
    pytest.param({"loss": loss, "shared": shared}, id=f"{loss}-{name}")
    for loss in ("squared", "logistic")
    for name, shared in SHAPES.items()
]


@pytest.mark.parametrize("intercept", ["feature", "free"])
@pytest.mark.parametrize("ridge", [0.0, 0.3])
@pytest.mark.parametrize("kind", ["loss", "fixed"])
@pytest.mark.parametrize("data", PROBLEMS)
def test_gradient_with_the_graph_eliminated(monkeypatch, data, kind, ridge, intercept):
    problem = related_problem(**data, intercept=intercept)
    start = single_task(problem)
    mu = middle_mu(problem, start, kind)
    phi = reduced_function(monkeypatch, problem, LAM, mu, start, ridge=ridge, **prices(problem, kind))
    W = start + 0.05 * np.random.default_rng(1).normal(size=start.shape)
    value, gradient, state = phi(W, None)
    assert state.B.any() and not state.B.all()
    assert value == pytest.approx(
        joint_objective(problem, W, state.B, LAM, mu, ridge, **prices(problem, kind)), rel=1e-12
    )
    slopes = slopes_by_differences(lambda V: phi(V, None)[0], W)
    assert gradient == pytest.approx(slopes, abs=1e-6 * np.abs(slopes).max())


@pytest.mark.parametrize("intercept", ["feature", "free"])
@pytest.mark.parametrize("ridge", [0.0, 0.3])
@pytest.mark.parametrize("kind", ["loss", "fixed"])
@pytest.mark.parametrize("data", PROBLEMS)
def test_solution_is_optimal_in_weights_and_graph(data, kind, ridge, intercept):
    problem = related_problem(**data, intercept=intercept)
    start = single_task(problem)
    given = {"lam": LAM, "mu": middle_mu(problem, start, kind), "ridge": ridge, **prices(problem, kind)}
    found = solve_asymmetric(problem, W=start, **given)
    B = found.state.B
    assert found.converged and found.residual <= 1e-6
    assert (B >= 0.0).all() and not np.diag(B).any() and B.any()
    assert weight_violation(problem, found.W, B, **given) <= 1e-6
    slopes = graph_slopes(problem, found.W, B, **given)
    assert slopes.min() >= -1e-6 and np.abs(slopes[B > 0.0]).max() <= 1e-6
    assert found.trace[-1] == pytest.approx(joint_objective(problem, found.W, B, **given), rel=1e-10)


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_many_tasks_with_rows_of_their_own(loss):
    """More unknowns than one factorization takes: conjugate gradients and an inverse that is used again."""
    problem = related_problem(loss, n=(40, 12, 30, 8) * 8, d=25)
    assert problem.n_tasks * problem.n_features > MAX_DENSE_UNKNOWNS
    start = single_task(problem)
    given = {"lam": LAM, "mu": middle_mu(problem, start, "loss"), "ridge": 0.1, **prices(problem, "loss")}
    found = solve_asymmetric(problem, W=start, **given)
    B, trace = found.state.B, np.array(found.trace)
    assert found.converged and B.any()
    assert weight_violation(problem, found.W, B, **given) <= 1e-6
    slopes = graph_slopes(problem, found.W, B, **given)
    assert slopes.min() >= -1e-6 and np.abs(slopes[B > 0.0]).max() <= 1e-6
    assert not rises(trace)


def test_residual_covers_the_graph_as_well(monkeypatch):
    """With a graph step that stops short, weights that are optimal for its graph are no solution."""
    problem = related_problem()
    start = single_task(problem)
    price = prices(problem, "fixed")
    mu = middle_mu(problem, start, "fixed")
    exact = graph_b.graph_b_step
    monkeypatch.setattr(graph_b, "graph_b_step", lambda *arguments: 0.99 * exact(*arguments))
    found = solve_asymmetric(problem, LAM, mu, start, **price, max_iterations=50)
    assert not found.converged and 1e-4 < found.residual < 1e-1


@pytest.mark.parametrize("fraction", [0.3, 0.01])
@pytest.mark.parametrize("kind", ["loss", "fixed"])
@pytest.mark.parametrize("data", PROBLEMS)
def test_the_objective_never_rises(data, kind, fraction):
    problem = related_problem(**data)
    start = single_task(problem, 0.1)
    mu = middle_mu(problem, start, kind, fraction)
    found = solve_asymmetric(problem, LAM, mu, start, **prices(problem, kind), max_iterations=60)
    trace = np.array(found.trace)
    assert found.fallback or len(trace) == found.iterations + 1 > 2
    assert not rises(trace)


# Newton's method on the function with the graph eliminated


@pytest.mark.parametrize("path", ["dense", "iterative"])
@pytest.mark.parametrize("intercept", ["feature", "free"])
@pytest.mark.parametrize("kind", ["loss", "fixed"])
@pytest.mark.parametrize("data", PROBLEMS)
def test_preconditioner_gives_the_newton_step(monkeypatch, data, kind, intercept, path):
    """At a minimum the preconditioner undoes the second derivatives of phi, the graph's response included."""
    if path == "iterative":
        monkeypatch.setattr(coupled_w, "MAX_DENSE_UNKNOWNS", 0)
    monkeypatch.setattr(coupled_w, "SCALED_GRAM_ITERATIONS", 0)
    monkeypatch.setattr(coupled_w, "LANCZOS_TOLERANCE", 1e-10)
    monkeypatch.setattr(coupled_w, "MAX_LANCZOS_STEPS", 500)
    problem = related_problem(**data, intercept=intercept)
    start = single_task(problem)
    given = {"mu": middle_mu(problem, start, kind), "ridge": 0.1, **prices(problem, kind)}
    found = solve_asymmetric(problem, LAM, W=start, tolerance=1e-8, **given)
    assert found.converged and found.state.B.any()
    phi = reduced_function(monkeypatch, problem, LAM, W=start, **given)
    _, gradient, state = phi(found.W, None)
    # So small that no edge enters or leaves on the way.
    R = 1e-5 * np.linalg.norm(problem.null_gradient) * np.random.default_rng(5).normal(size=found.W.shape)
    V = state.precondition(R)
    ahead, behind = (phi(found.W + sign * V, state) for sign in (1.0, -1.0))
    assert ((ahead[2].B > 0.0) == (state.B > 0.0)).all() and ((behind[2].B > 0.0) == (state.B > 0.0)).all()
    assert (ahead[1] - behind[1]) / 2.0 == pytest.approx(R, abs=2e-3 * np.abs(R).max())


def test_newton_needs_a_tenth_of_the_weight_steps_of_the_alternation_at_strong_coupling():
    problem = related_problem(n=(30, 8, 25, 6))
    start = single_task(problem)
    mu = middle_mu(problem, start, "loss", 0.02)
    given = {"lam": 5.0 * LAM, "mu": mu, "ridge": 0.02, **prices(problem, "loss")}
    plain = solve_alternating(problem, W=start, rounds=3000, **given)
    found = solve_asymmetric(problem, W=start, **given)
    assert found.converged and not found.fallback
    assert 10 * found.iterations <= plain.iterations


def test_the_quasi_newton_fallback_is_reported(monkeypatch):
    problem = related_problem()
    start = single_task(problem)
    given = {"lam": LAM, "mu": middle_mu(problem, start, "loss"), **prices(problem, "loss")}
    exact = solve_asymmetric(problem, W=start, **given)
    assert exact.converged and not exact.fallback

    class Lame(asymmetric.GraphResponse):
        """Wrong second derivatives, with which Newton's method makes no progress."""

        @property
        def stiffness(self):
            return 1e-9 * super().stiffness

    monkeypatch.setattr(asymmetric, "GraphResponse", Lame)
    found = solve_asymmetric(problem, W=start, max_iterations=60, **given)
    assert found.fallback and found.converged
    assert found.trace[-1] == pytest.approx(exact.trace[-1], rel=1e-6)


# The plain alternation of the paper's Algorithm 1


def dense_weight_step(problem, B, lam, mu, ridge=0.0, **price):
    """The exact weights of squared loss at fixed B: one dT x dT system."""
    d, n_tasks = problem.n_features, problem.n_tasks
    a = outgoing_factor(B, mu, **price)
    M = np.eye(n_tasks) - B
    A = lam * np.kron((1.0 - ridge) * M @ M.T + ridge * np.eye(n_tasks), np.diag(problem.penalized))
    right = []
    for t in range(n_tasks):
        X, y = task_rows(problem, t)
        block = slice(t * d, (t + 1) * d)
        A[block, block] += a[t] * problem.weight[t] * X.T @ X
        right.append(a[t] * problem.weight[t] * X.T @ y)
    return np.linalg.solve(A, np.concatenate(right)).reshape(n_tasks, d).T


def graph_step(problem, W, lam, mu, ridge=0.0, loss_price=None, fixed_price=None):
    """The exact graph at fixed weights: non-negative least squares, column by column (needs d >= T)."""
    price = fixed_price if loss_price is None else loss_price * problem.losses(W)
    Wp = W * problem.penalized[:, None]
    B = np.zeros((problem.n_tasks, problem.n_tasks))
    for t in range(problem.n_tasks):
        others = np.arange(problem.n_tasks) != t
        L = np.linalg.cholesky(Wp[:, others].T @ Wp[:, others])
        q = Wp[:, others].T @ Wp[:, t] - mu * price[others] / (2.0 * (1.0 - ridge) * lam)
        B[others, t] = nnls(L.T, np.linalg.solve(L, q))[0]
    return B


@pytest.mark.parametrize("kind", ["loss", "fixed"])
@pytest.mark.parametrize("ridge", [0.0, 0.3])
@pytest.mark.parametrize("shared", SHAPES.values(), ids=SHAPES)
def test_agrees_with_the_plain_alternation(shared, ridge, kind):
    problem = related_problem(shared=shared)
    start = single_task(problem)
    given = {"lam": LAM, "mu": middle_mu(problem, start, kind), "ridge": ridge, **prices(problem, kind)}
    plain = solve_alternating(problem, W=start, rounds=3000, tolerance=1e-7, **given)
    found = solve_asymmetric(problem, W=start, tolerance=1e-7, **given)
    assert plain.converged and found.converged and plain.state.B.any()
    assert plain.iterations > found.iterations
    assert found.trace[-1] == pytest.approx(plain.trace[-1], rel=1e-9)
    assert found.W == pytest.approx(plain.W, abs=1e-3 * np.abs(plain.W).max())
    assert found.state.B == pytest.approx(plain.state.B, abs=1e-3)


@pytest.mark.parametrize("intercept", ["feature", "free"])
@pytest.mark.parametrize("kind", ["loss", "fixed"])
@pytest.mark.parametrize("shared", SHAPES.values(), ids=SHAPES)
def test_the_alternation_step_by_step(shared, kind, intercept):
    """The alternation as printed, against exact steps."""
    problem = related_problem(shared=shared, intercept=intercept)
    start = W = single_task(problem)
    given = {"lam": LAM, "mu": middle_mu(problem, W, kind), "ridge": 0.1, **prices(problem, kind)}
    plain = solve_alternating(problem, W=start, rounds=4, tolerance=1e-10, **given)
    for k in range(4):
        assert plain.trace[k] == pytest.approx(
            joint_objective(problem, W, graph_step(problem, W, **given), **given), rel=1e-9
        )
        W = dense_weight_step(problem, graph_step(problem, W, **given), **given)
    assert plain.iterations == 4 and not plain.converged
    assert plain.W == pytest.approx(W, abs=1e-7 * np.abs(W).max())
    assert plain.state.B == pytest.approx(graph_step(problem, W, **given), abs=1e-7)


@pytest.mark.parametrize("kind", ["loss", "fixed"])
@pytest.mark.parametrize("data", PROBLEMS)
def test_more_rounds_of_the_alternation_continue_fewer_rounds(data, kind):
    problem = related_problem(**data)
    start = single_task(problem, 0.1)
    given = {"lam": LAM, "mu": middle_mu(problem, start, kind, 0.01), **prices(problem, kind)}
    runs = [solve_alternating(problem, W=start, rounds=rounds, **given) for rounds in (0, 1, 3, 12)]
    for fewer, more in zip(runs[:-1], runs[1:], strict=True):
        assert len(fewer.trace) == fewer.iterations + 1 and more.trace[: len(fewer.trace)] == fewer.trace
        assert not fewer.converged and fewer.residual > 1e-6
    assert [run.iterations for run in runs] == [0, 1, 3, 12]
    trace = np.array(runs[-1].trace)
    assert not rises(trace)
    # The residual that it reports is the joint one, not that of the W-step it just took.
    B = runs[-1].state.B
    violation = weight_violation(problem, runs[-1].W, B, **given)
    assert runs[-1].residual == pytest.approx(violation, rel=1e-6)


def test_the_alternation_ends_where_it_has_converged():
    problem = related_problem()
    start = single_task(problem)
    found = solve_alternating(problem, LAM, 1e9, start, rounds=50, loss_price=1.0 / problem.n)
    assert found.converged and found.iterations == 0 and not found.state.B.any()


# Limits


@pytest.mark.parametrize("lam", [0.0, 1e-9])
@pytest.mark.parametrize("kind", ["loss", "fixed"])
@pytest.mark.parametrize("shared", SHAPES.values(), ids=SHAPES)
def test_no_coupling_leaves_unregularized_single_tasks(shared, kind, lam):
    problem = related_problem(shared=shared)
    W = single_task(problem)
    found = solve_asymmetric(problem, lam, 1.0, W, **prices(problem, kind), tolerance=1e-9)
    assert found.converged and not found.state.B.any()
    for t in range(problem.n_tasks):
        X, y = task_rows(problem, t)
        assert found.W[:, t] == pytest.approx(np.linalg.lstsq(X, y, rcond=None)[0], abs=1e-6)


@pytest.mark.parametrize("ridge", [0.0, 0.1, 0.9])
@pytest.mark.parametrize("kind", ["loss", "fixed"])
@pytest.mark.parametrize("data", PROBLEMS)
def test_expensive_edges_give_single_task_ridge_with_rho_equal_lam(data, kind, ridge):
    problem = related_problem(**data)
    start = single_task(problem, 0.01)
    found = solve_asymmetric(problem, LAM, 1e9, start, **prices(problem, kind), ridge=ridge, tolerance=1e-9)
    assert found.converged and not found.state.B.any()
    assert found.W == pytest.approx(single_task(problem), abs=1e-6)


def test_a_ridge_share_bounds_the_weights_of_tasks_with_few_rows():
    problem = related_problem(n=(3, 2, 4, 3), d=10)
    lam, ridge = 1e-2, 0.1
    start = single_task(problem, lam)
    found = solve_asymmetric(problem, lam, 1e-3, start, loss_price=1.0 / problem.n, ridge=ridge)
    assert np.isfinite(found.W).all()
    # The objective can only fall from the start, and its last term alone is ridge lam ||W||^2.
    first = problem.losses(start).sum() + lam * np.sum(start**2)
    assert ridge * lam * np.sum(found.W**2) <= first


@pytest.mark.parametrize("data", PROBLEMS)
def test_one_task_is_ridge_regression(data):
    problem = related_problem(**data, n=(30,))
    found = solve_asymmetric(problem, LAM, 1.0, np.zeros((7, 1)), loss_price=np.ones(1), tolerance=1e-9)
    assert found.converged and found.state.B.tolist() == [[0.0]]
    assert found.W == pytest.approx(single_task(problem), abs=1e-6)


# Symmetries


@pytest.mark.parametrize("kind", ["loss", "fixed"])
@pytest.mark.parametrize("data", PROBLEMS)
def test_permuting_tasks_permutes_weights_and_graph(data, kind):
    problem = related_problem(**data)
    order = np.array([3, 0, 4, 1, 2])
    start = single_task(problem)
    mu = middle_mu(problem, start, kind)
    price = prices(problem, kind)
    first = solve_asymmetric(problem, LAM, mu, start, **price, tolerance=1e-9)
    price = {key: value[order] for key, value in price.items()}
    second = solve_asymmetric(permuted(problem, order), LAM, mu, start[:, order], **price, tolerance=1e-9)
    assert first.converged and second.converged and first.state.B.any()
    assert second.W == pytest.approx(first.W[:, order], abs=1e-6)
    assert second.state.B == pytest.approx(first.state.B[np.ix_(order, order)], abs=1e-6)


@pytest.mark.parametrize("kind", ["loss", "fixed"])
@pytest.mark.parametrize("shared", SHAPES.values(), ids=SHAPES)
def test_scaling_the_targets_scales_the_weights(shared, kind):
    """With y -> c y and W -> c W every loss and product grows by c^2. So does a price that is a loss: lam and
    mu stay. A constant price does not: mu has to grow by c^2."""
    problem, c = related_problem(shared=shared), 30.0
    Y = c * problem.Y if shared else [c * y for y in problem.Y]
    scaled = MultiTaskProblem(problem.X, Y)
    start = single_task(problem)
    mu = middle_mu(problem, start, kind)
    first = solve_asymmetric(problem, LAM, mu, start, **prices(problem, kind), tolerance=1e-9)
    mu = mu if kind == "loss" else c**2 * mu
    second = solve_asymmetric(scaled, LAM, mu, c * start, **prices(problem, kind), tolerance=1e-9)
    assert first.converged and second.converged and first.state.B.any()
    assert second.W == pytest.approx(c * first.W, abs=1e-6 * c)
    assert second.state.B == pytest.approx(first.state.B, abs=1e-6)
    assert second.trace[-1] == pytest.approx(c**2 * first.trace[-1], rel=1e-9)


@pytest.mark.parametrize("kind", ["loss", "fixed"])
@pytest.mark.parametrize("shared", SHAPES.values(), ids=SHAPES)
def test_a_free_intercept_takes_up_any_shift_of_the_targets(shared, kind):
    shift = np.array([50.0, -20.0, 3.0, 0.0, 100.0])
    problem = related_problem(shared=shared, intercept="free")
    Y = problem.Y + shift if shared else [y + s for y, s in zip(problem.Y, shift, strict=True)]
    shifted = MultiTaskProblem(problem.X, Y, intercept="free")
    start = single_task(problem)
    moved = start.copy()
    moved[-1] += shift
    mu = middle_mu(problem, start, kind)
    first = solve_asymmetric(problem, LAM, mu, start, **prices(problem, kind), tolerance=1e-9)
    second = solve_asymmetric(shifted, LAM, mu, moved, **prices(problem, kind), tolerance=1e-9)
    assert first.converged and second.converged and first.state.B.any()
    assert second.W[:-1] == pytest.approx(first.W[:-1], abs=1e-6)
    assert second.W[-1] == pytest.approx(first.W[-1] + shift, abs=1e-6)
    assert second.state.B == pytest.approx(first.state.B, abs=1e-6)


# The scale of mu


@pytest.mark.parametrize("intercept", ["feature", "free"])
@pytest.mark.parametrize("kind", ["loss", "fixed"])
@pytest.mark.parametrize("data", PROBLEMS)
def test_largest_useful_mu_is_where_the_first_edge_enters(data, kind, intercept):
    problem = related_problem(**data, intercept=intercept)
    W = single_task(problem)
    mu = middle_mu(problem, W, kind, 1.0)
    for factor, edges in ((1.0001, 0), (0.999, 1)):
        found = solve_asymmetric(problem, LAM, factor * mu, W, **prices(problem, kind), max_iterations=0)
        assert found.iterations == 0 and np.array_equal(found.W, W)
        assert np.count_nonzero(found.state.B) == edges


def test_largest_useful_mu_leaves_out_edges_that_are_free_or_useless():
    problem = related_problem(n=(20, 20, 20), d=3)
    W = np.array([[1.0, 2.0, -1.0], [0.0, 1.0, -5.0], [0.0, 0.0, 0.0]])
    price = np.array([0.0, 4.0, 2.0])
    # Only w_1'w_0 = 2 counts: task 0 has a price of zero, task 2 has negative products.
    assert largest_useful_mu(problem, 3.0, W, price) == pytest.approx(2.0 * 3.0 * 2.0 / 4.0)
    assert largest_useful_mu(problem, 3.0, W, np.zeros(3)) == 1.0
    assert largest_useful_mu(problem, 3.0, np.zeros((3, 3)), price) == 1.0


# The methods: each minimizes the objective that it prints


def summed_losses(problem, W):
    return np.array([np.sum((y - x @ w) ** 2) for x, y, w in zip(problem.X, problem.Y, W.T, strict=True)])


def literal_objective(problem, W, B, params, ridge, price):
    """sum_t F_t + mu sum_t price_t ||b_t^o||_1 + the coupling, from the rows."""
    S = summed_losses(problem, W)
    fit_losses = S / problem.n if problem.fit_loss == "mean" else S
    coupled = (1.0 - ridge) * np.sum((W - W @ B) ** 2) + ridge * np.sum(W**2)
    return fit_losses.sum() + params["mu"] * (price @ B.sum(axis=1)) + params["lam"] * coupled


METHODS = [
    pytest.param(amtl_noloss, None, id="amtl-noloss"),
    pytest.param(amtl, 1.0, id="amtl"),
    *(pytest.param(amtl_imbalanced, sigma, id=f"amtl-imbalanced-{sigma}") for sigma in (1.0, 1.5, 2.0)),
]


@pytest.mark.parametrize("delta", ["train", "validation"])
@pytest.mark.parametrize("fit_loss", ["sum", "mean"])
@pytest.mark.parametrize(("method", "sigma"), METHODS)
def test_a_method_minimizes_its_objective(method, sigma, fit_loss, delta):
    problem = related_problem(fit_loss=fit_loss)
    rho = 0.2 if fit_loss == "mean" else LAM
    start = single_task(problem, rho)
    validation_loss, ridge = np.array([1.0, 2.0, 30.0, 20.0, 0.5]), 0.2

    def price(W):
        if method is amtl_noloss:
            return np.ones(problem.n_tasks)
        if delta == "validation":
            return problem.n ** (1.0 - sigma) * validation_loss
        return problem.n ** (-sigma) * summed_losses(problem, W)

    params = {"lam": rho, "mu": 0.1 * largest_useful_mu(problem, rho, start, price(start))}
    if method is amtl_imbalanced:
        params["sigma"] = sigma
    context = Context(1e-8, init=start, init_rho=rho, validation_loss=validation_loss)
    options = options_of(method.SPEC, fit_loss=fit_loss, delta=delta, ridge=ridge)
    fit = method.fit(problem, params, context, options)
    assert fit.converged and fit.B.any()

    def value(W, B):
        return literal_objective(problem, W, B, params, ridge, price(W))

    best = value(fit.W, fit.B)
    assert fit.objective[-1] == pytest.approx(best, rel=1e-9)
    # No small change of the weights, of the edges or of both lowers it.
    rng = np.random.default_rng(0)
    for _ in range(20):
        W = fit.W + 1e-3 * rng.normal(size=fit.W.shape)
        B = fit.B * (1.0 + 1e-3 * rng.normal(size=fit.B.shape))
        for near in ((W, fit.B), (fit.W, B), (W, B)):
            assert value(*near) >= best * (1.0 - 1e-12)


@pytest.mark.parametrize("fit_loss", ["sum", "mean"])
@pytest.mark.parametrize("ridge", [0.0, 0.2])
def test_imbalanced_as_printed_scales_the_loss_in_both_places(ridge, fit_loss):
    """sum_t (1 + mu ||b_t^o||_1) n_t^-1/2 F_t(w_t) + lam ..., against a generic solver over W and B >= 0."""
    problem = related_problem(n=(40, 12, 30), d=4, fit_loss=fit_loss)
    c, divisor = problem.n**-0.5, problem.n if fit_loss == "mean" else 1.0
    lam = 0.1 if fit_loss == "mean" else 1.0
    d, n_tasks = problem.n_features, problem.n_tasks
    edges = ~np.eye(n_tasks, dtype=bool)

    def value(W, B):
        losses = c * summed_losses(problem, W) / divisor
        coupled = (1.0 - ridge) * np.sum((W - W @ B) ** 2) + ridge * np.sum(W**2)
        return (1.0 + mu * B.sum(axis=1)) @ losses + lam * coupled

    def split(x):
        B = np.zeros((n_tasks, n_tasks))
        B[edges] = x[d * n_tasks :]
        return x[: d * n_tasks].reshape(d, n_tasks), B

    start = single_task(problem, lam)
    price = c * summed_losses(problem, start) / divisor
    mu = 0.1 * largest_useful_mu(problem, lam, start, price)
    context = Context(1e-8, init=start, init_rho=lam)
    options = options_of(amtl_imbalanced.SPEC, fit_loss=fit_loss, ridge=ridge, scaled="loss")
    fit = amtl_imbalanced.fit(problem, {"sigma": 0.5, "lam": lam, "mu": mu}, context, options)
    assert fit.converged and fit.B.any()
    assert fit.objective[-1] == pytest.approx(value(fit.W, fit.B), rel=1e-9)
    found = minimize(
        lambda x: value(*split(x)),
        np.concatenate([start.ravel(), np.full(edges.sum(), 0.3)]),
        method="L-BFGS-B",
        bounds=[(None, None)] * (d * n_tasks) + [(0.0, None)] * int(edges.sum()),
        options={"maxiter": 20000, "maxfun": 10**6, "ftol": 1e-14, "gtol": 1e-8},
    )
    W, B = split(found.x)
    assert fit.objective[-1] == pytest.approx(found.fun, rel=1e-6)
    assert fit.W == pytest.approx(W, abs=1e-2 * np.abs(W).max()) and fit.B == pytest.approx(B, abs=1e-2)
    # The factor on the price alone is another objective.
    other = amtl_imbalanced.fit(problem, {"sigma": 1.5, "lam": lam, "mu": mu}, context, options)
    assert value(other.W, other.B) > fit.objective[-1] * (1.0 + 1e-4)


# A task that zero weights fit


def with_a_zero_task(shared=False, intercept="feature"):
    """Return (problem, the same without task 1): the targets of task 1 are all zero, or all equal."""
    problem = related_problem(shared=shared, n=(40, 20, 12, 30), intercept=intercept)
    constant = 7.0 if intercept == "free" else 0.0
    kept = [0, 2, 3]
    if shared:
        Y = problem.Y[:, :4].copy()
        Y[:, 1] = constant
        return tuple(MultiTaskProblem(problem.X, y, intercept=intercept) for y in (Y, Y[:, kept]))
    Y = [np.full(len(y), constant) if t == 1 else y for t, y in enumerate(problem.Y)]
    rest = [problem.X[t] for t in kept], [Y[t] for t in kept]
    return tuple(MultiTaskProblem(X, y, intercept=intercept) for X, y in ((problem.X, Y), rest))


def test_edges_out_of_a_zero_task_would_leave_no_minimum():
    """Smaller weights and larger edges pass on the same vector, and cost less and less."""
    problem, _ = with_a_zero_task()
    given = {"lam": LAM, "mu": 1.0, "ridge": 0.1, "loss_price": 1.0 / problem.n}
    closed = np.arange(4) == 1
    best = solve_asymmetric(problem, W=single_task(problem), closed=closed, **given)
    # What the other tasks lack of their own weights, on average.
    missing = (best.W - best.W @ best.state.B)[:, [0, 2, 3]].mean(axis=1)
    values = []
    for size in (1e-2, 1e-4, 1e-6, 1e-8):
        W, B = best.W.copy(), best.state.B.copy()
        W[:, 1] = size * missing
        B[1, [0, 2, 3]] = 0.1 / size
        values.append(joint_objective(problem, W, B, **given))
    assert best.converged and values[-1] < best.trace[-1]
    assert values == sorted(values, reverse=True)
    assert values[2] - values[3] < 1e-2 * (values[0] - values[1])


@pytest.mark.parametrize("delta", ["train", "validation"])
@pytest.mark.parametrize("intercept", ["feature", "free"])
@pytest.mark.parametrize("shared", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("method", [amtl, amtl_imbalanced, amtl_curriculum], ids=lambda m: m.SPEC.name)
def test_a_zero_task_gives_nothing_and_changes_no_other_task(method, shared, intercept, delta):
    whole, rest = with_a_zero_task(shared, intercept)
    options, kept, found = options_of(method.SPEC, delta=delta), [0, 2, 3], []
    losses = np.array([2.0, 0.0, 3.0, 4.0])
    for problem, tasks in ((whole, [0, 1, 2, 3]), (rest, kept)):
        init = single_task(problem)
        init[:-1] += np.where(np.array(tasks) == 1, 1e-9, 0.0)
        context = Context(1e-9, 500, init=init, init_rho=LAM, validation_loss=losses[tasks])
        price = amtl.edge_price(problem, context, 1.0, delta).at_start
        params = {"lam": LAM, "mu": 0.1 * largest_useful_mu(problem, LAM, single_task(problem), price)}
        if method is amtl_imbalanced:
            params["sigma"] = 1.5
        found.append(method.fit(problem, params, context, options))
    fit, without = found
    assert fit.converged and without.converged and without.B.any()
    assert not fit.B[1].any() and fit.B.max() < 10.0
    assert fit.closed.tolist() == [False, True, False, False] and not without.closed.any()
    assert fit.W[:, kept] == pytest.approx(without.W, abs=1e-5)
    assert fit.W[:-1, 1] == pytest.approx(np.zeros(whole.n_features - 1), abs=1e-6)


def test_methods_whose_edges_always_cost_something_need_no_rule():
    problem, _ = with_a_zero_task()
    init = single_task(problem)
    init[:, 1] = 1e-6
    context = Context(1e-8, 500, init=init, init_rho=LAM, validation_loss=np.ones(4))
    for method in (amtl_noloss, smtl):
        options = options_of(method.SPEC)
        for point in method.grid(problem, context, options, 12):
            fit = method.fit(problem, point.params, context, options)
            assert fit.converged and fit.B.max() < 10.0 and fit.closed is None


def test_no_logistic_task_is_closed():
    problem = related_problem("logistic")
    problem.Y[1][:] = 0.0
    context = Context(init=single_task(problem), init_rho=LAM)
    assert not amtl.edge_price(problem, context, 1.0, "train").closed.any()
