"""Curriculum-simple: its order and weights against brute force, and its lower bounds."""

import numpy as np
import pytest

from amtl.methods._fit import Context
from amtl.methods.graph import curriculum_simple
from amtl.methods.graph.curriculum_simple import LowerBounds
from amtl.problem import MultiTaskProblem
from amtl.solvers.coupled_w import solve_coupled_w
from helpers.oracles import ridge_towards
from helpers.problems import linear_problem, permuted

LAM = 3.0


def make_problem(loss="squared", shared=False, intercept="feature", fit_loss="sum", seed=0):
    """Nine tasks around one weight vector, of unequal noise and, on rows of their own, unequal size."""
    rng = np.random.default_rng(seed)
    sizes = (30, 12, 3, 25, 8, 40, 2, 18, 60)
    weights = 1.0 + 0.6 * rng.normal(size=(5, len(sizes)))
    noise = rng.uniform(0.2, 3.0, len(sizes))
    sizes = 30 if shared else sizes
    # With one class a free intercept has no optimum.
    return linear_problem(rng, weights, sizes, noise, loss, fit_loss, intercept, both_classes=True)


def lam_of(problem):
    """A smaller lam where the loss is a mean, so that tasks still differ."""
    return LAM if problem.fit_loss == "sum" else 0.2


def fit(problem, lam=None, tolerance=1e-9, max_iterations=300):
    params = {"lam": lam_of(problem) if lam is None else lam}
    return curriculum_simple.fit(problem, params, Context(tolerance, max_iterations), {})


def brute_force(problem, lam):
    """The definition: at every step, solve every untrained task towards the last weights."""
    W = np.zeros((problem.n_features, problem.n_tasks))
    prior, untrained, order, values = np.zeros(problem.n_features), list(range(problem.n_tasks)), [], []
    while untrained:
        solved = {t: ridge_towards(problem, t, lam, prior * problem.penalized) for t in untrained}
        pick = min(untrained, key=lambda t: solved[t][0])
        value, W[:, pick] = solved[pick]
        prior = W[:, pick]
        untrained.remove(pick)
        order.append(pick)
        values.append(value)
    return W, order, values


VARIANTS = [
    {},
    {"shared": True},
    {"intercept": "free"},
    {"intercept": "none"},
    {"fit_loss": "mean"},
    {"loss": "logistic"},
    {"loss": "logistic", "shared": True},
    {"loss": "logistic", "intercept": "free", "fit_loss": "mean"},
    {"shared": True, "intercept": "free"},
    {"loss": "logistic", "shared": True, "intercept": "free"},
]


@pytest.fixture(params=VARIANTS, ids=lambda given: "-".join(map(str, given.values())) or "plain")
def problem(request):
    return make_problem(**request.param)


@pytest.mark.parametrize("factor", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("given", VARIANTS, ids=lambda given: "-".join(map(str, given.values())) or "plain")
def test_against_brute_force(given, seed, factor):
    problem = make_problem(**given, seed=seed)
    lam = factor * lam_of(problem)
    found = fit(problem, lam)
    W, order, values = brute_force(problem, lam)
    assert found.converged
    assert found.order.tolist() == order
    assert found.W == pytest.approx(W, abs=1e-5 * max(1.0, np.abs(W).max()))
    assert found.objective == pytest.approx(values, rel=1e-7)


def test_compared_runs_depend_on_the_previous_task():
    """Guards the test above: were the order that of the tasks alone, the comparison would be weak."""
    problem = make_problem()
    alone = [ridge_towards(problem, t, LAM, np.zeros(5))[0] for t in range(9)]
    found = fit(problem)
    assert found.order[0] == np.argmin(alone)
    assert found.order.tolist() != np.argsort(alone).tolist()
    assert not np.allclose(found.W, solve_coupled_w(problem, np.eye(9), LAM).W, atol=0.05)


def test_most_tasks_are_not_solved_again(monkeypatch):
    problem, solved = make_problem(), []
    exact = curriculum_simple.solve_towards

    def counted(*arguments):
        solved.append(1)
        return exact(*arguments)

    monkeypatch.setattr(curriculum_simple, "solve_towards", counted)
    lazy, few = fit(problem), len(solved)
    solved.clear()
    monkeypatch.setattr(LowerBounds, "at", lambda self, p: np.full(9, -np.inf))
    all_solved = fit(problem)
    assert len(solved) == 8 * 9 // 2 and few < len(solved) / 2
    assert lazy.order.tolist() == all_solved.order.tolist()
    assert lazy.W == pytest.approx(all_solved.W, abs=1e-9)


def test_bounds_hold_everywhere_and_touch_at_the_solution(problem):
    """From the tangents at any weights; those of a free intercept at its optimum."""
    rng, lam = np.random.default_rng(1), lam_of(problem)
    d, n_tasks = problem.n_features, problem.n_tasks
    priors = [problem.penalized * rng.normal(size=d) * scale for scale in (0.0, 0.5, 1.0, 3.0)]
    exact = np.array([[ridge_towards(problem, t, lam, p)[0] for t in range(n_tasks)] for p in priors])
    for k, p in enumerate(priors):
        W = np.column_stack([ridge_towards(problem, t, lam, p)[1] for t in range(n_tasks)])
        bounds = LowerBounds(problem, lam, W)
        assert bounds.at(p) == pytest.approx(exact[k], rel=1e-6)
        for value, q in zip(exact, priors, strict=True):
            assert (bounds.at(q) <= value * (1.0 + 1e-6)).all()
    if problem.penalized.all():
        bounds = LowerBounds(problem, lam, rng.normal(size=(d, n_tasks)))
        for t in range(n_tasks):
            bounds.move(t, problem.single(t), rng.normal(size=(d, 1)))
        for value, q in zip(exact, priors, strict=True):
            assert (bounds.at(q) <= value).all()


def test_a_moved_bound_is_that_of_the_new_weights():
    problem, rng = make_problem("logistic"), np.random.default_rng(2)
    before, after = rng.normal(size=(2, 5, 9))
    bounds = LowerBounds(problem, LAM, before)
    for t in range(9):
        bounds.move(t, problem.single(t), after[:, [t]])
    p = rng.normal(size=5)
    assert bounds.at(p) == pytest.approx(LowerBounds(problem, LAM, after).at(p), rel=1e-12)


def test_equal_tasks_are_taken_in_order():
    problem = make_problem()
    for t in (0, 3):
        same = MultiTaskProblem([problem.X[t]] * 6, [problem.Y[t]] * 6)
        assert fit(same).order.tolist() == [0, 1, 2, 3, 4, 5]


def test_a_tie_within_the_solvers_accuracy_goes_to_the_lowest_index():
    problem = make_problem()
    order = fit(problem).order
    for change, first in ((1e-12, order[0]), (1e-6, 9)):
        # A tenth task is the first pick over again, with a slightly smaller loss.
        X, Y = [*problem.X, problem.X[order[0]]], [*problem.Y, problem.Y[order[0]] * (1.0 - change)]
        assert fit(MultiTaskProblem(X, Y)).order[0] == first


def test_every_task_solves_its_own_problem(problem):
    found = fit(problem)
    lam, p = lam_of(problem), problem.penalized[:, None]
    prior = np.zeros_like(found.W)
    prior[:, found.order[1:]] = found.W[:, found.order[:-1]]
    gradient = problem.losses_and_gradient(found.W)[1] + 2.0 * lam * (found.W - prior) * p
    scale = np.linalg.norm(problem.losses_and_gradient(np.zeros_like(found.W))[1], axis=0)
    assert (np.linalg.norm(gradient, axis=0) <= 1e-8 * scale).all()
    assert found.residual <= 1e-9 and sorted(found.order) == list(range(9))


def test_residual_covers_tasks_that_were_not_picked(monkeypatch):
    """A task that is solved badly may come too early or too late, whatever its last solution."""
    problem = make_problem()
    exact, calls = curriculum_simple.solve_towards, []

    def once_bad(*arguments):
        minimum = exact(*arguments)
        calls.append(minimum)
        if len(calls) == 1:
            minimum.residual = 0.5
        return minimum

    monkeypatch.setattr(curriculum_simple, "solve_towards", once_bad)
    found = fit(problem)
    assert found.residual == 0.5 and not found.converged


@pytest.mark.parametrize("steps", [1, 50])
def test_one_unfinished_task_makes_the_fit_unfinished(steps):
    found = fit(make_problem("logistic"), max_iterations=steps)
    assert found.converged == (steps == 50) == (found.residual <= 1e-9)


def test_strong_and_weak_penalties():
    problem = make_problem(shared=True)
    # Without a penalty every task is on its own; with nothing else all weights are zero.
    least = np.linalg.lstsq(problem.X, problem.Y, rcond=None)[0]
    assert fit(problem, 1e-8).W == pytest.approx(least, abs=1e-6)
    assert np.abs(fit(problem, 1e9).W).max() < 1e-5


def test_a_task_whose_targets_are_zero_is_taken_first_and_finishes():
    problem = make_problem()
    Y = list(problem.Y)
    Y[4] = np.zeros_like(Y[4])
    Y[7] = np.zeros_like(Y[7])
    found = fit(MultiTaskProblem(problem.X, Y))
    assert found.order[:2].tolist() == [4, 7] and found.converged
    assert found.W[:, [4, 7]] == pytest.approx(np.zeros((5, 2)), abs=1e-12)


def test_a_task_with_zero_gradient_at_zero_converges():
    """Every row with both labels: no gradient at zero, but towards other weights there is work to do."""
    problem = make_problem("logistic")
    X, Y = list(problem.X), list(problem.Y)
    X[4], Y[4] = np.repeat(X[4], 2, axis=0), np.tile([0.0, 1.0], len(X[4]))
    found = fit(MultiTaskProblem(X, Y, "logistic"), tolerance=1e-6)
    assert found.order[0] != 4 and np.abs(found.W[:, 4]).max() > 0.01 and found.converged


def test_permuting_tasks_permutes_all():
    problem, order = make_problem(), np.array([4, 2, 5, 8, 0, 3, 7, 1, 6])
    first, second = fit(problem), fit(permuted(problem, order))
    assert [order[t] for t in second.order] == first.order.tolist()
    assert second.W == pytest.approx(first.W[:, order], abs=1e-8)


def test_one_task_is_ridge_regression(problem):
    single = problem.single(0)
    found = fit(single, LAM)
    assert found.order.tolist() == [0]
    assert found.W == pytest.approx(solve_coupled_w(single, np.eye(1), LAM, tolerance=1e-9).W, abs=1e-8)


def test_every_point_of_the_grid_has_its_own_lam():
    problem = make_problem()
    points = curriculum_simple.grid(problem, Context(), {}, 60)
    lams = [point.params["lam"] for point in points]
    assert len(lams) == 60 and lams == sorted(lams, reverse=True) and len(set(lams)) == 60
