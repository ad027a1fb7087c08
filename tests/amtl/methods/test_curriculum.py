"""AMTL-Curriculum: its closed form against brute force, its order against a slow literal loop."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from amtl.methods._fit import Context
from amtl.methods.graph import amtl_curriculum
from amtl.methods.graph.amtl_curriculum import outgoing_weights
from amtl.problem import MultiTaskProblem
from helpers.oracles import ridge_towards
from helpers.problems import linear_problem, permuted, single_task

LAM, MU = 4.0, 3.0


def make_problem(loss="squared", shared=False, intercept="feature", fit_loss="sum", seed=0):
    """Six tasks around one weight vector, of unequal noise and, on rows of their own, unequal size."""
    rng = np.random.default_rng(seed)
    weights = 1.0 + 0.4 * rng.normal(size=(5, 6))
    noise = np.array([0.3, 1.0, 3.0, 0.5, 2.0, 1.0])
    sizes = 30 if shared else (30, 12, 3, 25, 8, 40)
    return linear_problem(rng, weights, sizes, noise, loss, fit_loss, intercept)


VALIDATION_LOSS = np.array([0.5, 1.0, 9.0, 0.6, 4.0, 1.2])


def fit(problem, lam=LAM, mu=MU, delta="train", start=None, tolerance=1e-9):
    start = single_task(problem) if start is None else start
    context = Context(tolerance, init=start, init_rho=LAM, validation_loss=VALIDATION_LOSS)
    return amtl_curriculum.fit(problem, {"lam": lam, "mu": mu}, context, {"delta": delta})


@pytest.mark.parametrize("seed", range(5))
def test_outgoing_weights_against_brute_force(seed):
    rng = np.random.default_rng(seed)
    d, m, lam = 6, 5, rng.uniform(0.1, 10.0)
    W = rng.normal(size=(d, m)) + 1.0
    residual = W - 0.3 * rng.normal(size=(d, m))
    price = rng.uniform(0.0, 12.0, m) * lam
    b, transfer = outgoing_weights(residual, W, price, lam)
    assert (np.diag(b) == 0.0).all() and 0 < np.count_nonzero(b) < m * (m - 1)
    for t in range(m):
        costs = []
        for s in range(m):
            if s == t:
                continue

            def cost(x, s=s, t=t):
                return price[t] * x + lam * np.sum((residual[:, s] - x * W[:, t]) ** 2)

            grid = np.linspace(0.0, 10.0, 2001)
            near = grid[np.argmin([cost(x) for x in grid])]
            bounds = (max(near - 0.01, 0.0), near + 0.01)
            best = minimize_scalar(cost, bounds=bounds, method="bounded", options={"xatol": 1e-10})
            assert b[t, s] == pytest.approx(best.x, abs=1e-6)
            costs.append(min(best.fun, cost(0.0)))
        assert transfer[t] == pytest.approx(sum(costs), rel=1e-9)


def literal_curriculum(problem, W, lam, mu, delta):
    """Algorithm 2, task by task and edge by edge."""
    W, p, n_tasks = W.copy(), problem.penalized, problem.n_tasks
    B = np.zeros((n_tasks, n_tasks))
    order, untrained, scores = [], list(range(n_tasks)), []
    constant = VALIDATION_LOSS if delta == "validation" else None
    while untrained:
        F = problem.losses(W)
        mean = problem.mean_losses(W)
        best = None
        for t in untrained:
            price = mu * (mean[t] if constant is None else constant[t])
            score, edges = F[t], {}
            for s in untrained:
                if s == t:
                    continue
                r = p * W[:, s] - sum((B[j, s] * p * W[:, j] for j in order), np.zeros(len(W)))
                w = p * W[:, t]
                edges[s] = max(0.0, (r @ w - price / (2.0 * lam)) / (w @ w)) if w @ w > 0.0 else 0.0
                score += price * edges[s] + lam * np.sum((r - edges[s] * w) ** 2)
            if best is None or score < best[0]:
                best = score, t, edges
        score, t, edges = best
        for s, weight in edges.items():
            B[t, s] = weight
        c = problem.weight[t] ** -1 / problem.n[t]
        a = 1.0 + mu * c * sum(edges.values()) if constant is None else 1.0
        prior = sum((B[j, t] * p * W[:, j] for j in order), np.zeros(len(W)))
        W[:, t] = ridge_towards(problem, t, lam, prior, a)[1]
        order.append(t)
        scores.append(score)
        untrained.remove(t)
    return W, B, order, scores


VARIANTS = [
    {},
    {"shared": True},
    {"intercept": "free"},
    {"fit_loss": "mean"},
    {"loss": "logistic"},
    {"loss": "logistic", "shared": True},
    {"loss": "logistic", "intercept": "free", "fit_loss": "mean"},
    {"shared": True, "intercept": "free"},
]


@pytest.fixture(params=VARIANTS, ids=lambda given: "-".join(map(str, given.values())) or "plain")
def problem(request):
    return make_problem(**request.param)


@pytest.mark.parametrize("delta", ["train", "validation"])
@pytest.mark.parametrize("mu", [0.3, 3.0, 10.0])
def test_whole_run_against_the_literal_loop(problem, mu, delta):
    # A smaller lam where the loss is a mean, so that tasks still differ.
    lam = LAM if problem.fit_loss == "sum" else 0.2
    start = single_task(problem, lam)
    found = fit(problem, lam, mu, delta, start)
    W, B, order, scores = literal_curriculum(problem, start, lam, mu, delta)
    assert found.converged
    assert found.order.tolist() == order
    assert found.B == pytest.approx(B, abs=1e-4)
    assert found.W == pytest.approx(W, abs=1e-4)
    assert found.objective == pytest.approx(scores, rel=1e-4)


def test_compared_runs_have_edges_and_a_nontrivial_order():
    """Guards the test above: with no edge and the order 0, 1, 2, ... the comparison would be weak."""
    problem = make_problem()
    found = fit(problem, mu=0.3)
    assert np.count_nonzero(found.B) >= 3
    assert found.order.tolist() != sorted(found.order)


def test_the_graph_has_no_cycle(problem):
    found = fit(problem, mu=0.3)
    assert sorted(found.order) == list(range(6))
    in_order = found.B[np.ix_(found.order, found.order)]
    assert (np.tril(in_order) == 0.0).all() and (found.B >= 0.0).all()


def test_every_task_solves_its_own_problem(problem):
    found = fit(problem)
    p = problem.penalized[:, None]
    factor = 1.0 + MU / (problem.weight * problem.n) * found.B.sum(axis=1)
    # A task receives from tasks trained before it, whose weights no longer change.
    prior = (found.W * p) @ found.B
    gradient = factor * problem.losses_and_gradient(found.W)[1] + 2.0 * LAM * (found.W * p - prior)
    scale = factor * np.linalg.norm(problem.losses_and_gradient(np.zeros_like(found.W))[1], axis=0)
    assert (np.linalg.norm(gradient, axis=0) <= 1e-8 * scale).all()
    assert found.residual <= 1e-9 and found.converged


def test_residual_is_that_of_the_worst_task():
    problem = make_problem("logistic")
    found = fit(problem, tolerance=1e-2)
    factor = 1.0 + MU / problem.n * found.B.sum(axis=1)
    gradient = factor * problem.losses_and_gradient(found.W)[1] + 2.0 * LAM * (found.W - found.W @ found.B)
    scale = factor * np.linalg.norm(problem.losses_and_gradient(np.zeros_like(found.W))[1], axis=0)
    each = np.linalg.norm(gradient, axis=0) / scale
    assert found.residual == pytest.approx(each.max()) and each[found.order[-1]] < 0.9 * each.max()


@pytest.mark.parametrize("steps", [1, 50])
def test_one_unfinished_task_makes_the_fit_unfinished(steps):
    problem = make_problem("logistic")
    context = Context(1e-9, steps, init=np.zeros((5, 6)), init_rho=LAM)
    found = amtl_curriculum.fit(problem, {"lam": LAM, "mu": MU}, context, {"delta": "train"})
    assert found.converged == (steps == 50) == (found.residual <= 1e-9)


def test_a_task_with_zero_weights_has_no_edges():
    problem = make_problem()
    start = single_task(problem)
    start[:, 2] = 0.0
    with np.errstate(all="raise", under="ignore"):
        found = fit(problem, mu=0.0, start=start)
    assert np.isfinite(found.W).all() and not found.B[2].any() and not found.B[:, 2].any()
    b, transfer = outgoing_weights(start, start, np.zeros(6), LAM)
    # It explains nothing: all the others' weights are left over.
    assert not b[2].any() and transfer[2] == pytest.approx(LAM * np.sum(start**2))


def test_expensive_edges_give_single_task_ridge(problem):
    found = fit(problem, mu=1e9)
    assert not found.B.any()
    assert found.W == pytest.approx(single_task(problem), abs=1e-6)


def test_equal_tasks_are_taken_in_order():
    problem = make_problem()
    same = MultiTaskProblem([problem.X[0]] * 3, [problem.Y[0]] * 3)
    found = fit(same, mu=1e9, start=np.repeat(single_task(problem)[:, :1], 3, axis=1))
    assert found.order.tolist() == [0, 1, 2]


def test_permuting_tasks_permutes_all():
    problem, order = make_problem(), np.array([4, 2, 5, 0, 3, 1])
    first, second = fit(problem), fit(permuted(problem, order))
    assert [order[t] for t in second.order] == first.order.tolist()
    assert second.W == pytest.approx(first.W[:, order], abs=1e-8)
    assert second.B == pytest.approx(first.B[np.ix_(order, order)], abs=1e-8)


def test_one_task():
    problem = make_problem().single(0)
    found = fit(problem)
    assert found.order.tolist() == [0] and found.B.tolist() == [[0.0]]
    assert found.W == pytest.approx(single_task(problem), abs=1e-8)


def test_the_start_is_not_overwritten():
    problem = make_problem()
    start = single_task(problem)
    kept = start.copy()
    fit(problem, start=start)
    assert np.array_equal(start, kept)


@pytest.mark.filterwarnings("error")
def test_weights_that_overflow_are_no_converged_fit():
    problem = make_problem("logistic")
    huge = 1e200 * np.random.default_rng(0).normal(size=(problem.n_features, problem.n_tasks))
    found = fit(problem, lam=1e-3, mu=1e-9, start=huge)
    assert sorted(found.order) == list(range(problem.n_tasks))
    assert not found.converged
