"""Theorem 1 of Lee, Yang and Hwang (2016) on fits of AMTL, for any exchange of what two tasks give."""

from itertools import permutations

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, minimize

from amtl.methods._fit import Context
from amtl.methods.graph import amtl as method
from helpers.problems import options_of, related_problem, single_task

LAM, MU = 4.0, 2.0


def smallest_regulariser(W, given):
    """Return the minimum of ||W - W B||^2 over graphs B whose tasks give the amounts `given` in total."""
    n = len(given)
    edges = ~np.eye(n, dtype=bool)
    gram = W.T @ W

    def graph(weights):
        B = np.zeros((n, n))
        B[edges] = weights
        return B

    def regulariser(weights):
        return np.sum((W - W @ graph(weights)) ** 2)

    def gradient(weights):
        return (2.0 * gram @ (graph(weights) - np.eye(n)))[edges]

    totals = np.repeat(np.eye(n), n - 1, axis=1)
    start = np.repeat(given / (n - 1), n - 1)
    found = minimize(
        regulariser,
        start,
        jac=gradient,
        bounds=[(0.0, None)] * len(start),
        constraints=LinearConstraint(totals, given, given),
        method="SLSQP",
        options={"maxiter": 1000, "ftol": 1e-12},
    )
    assert found.success, found.message
    return found.fun


@pytest.fixture(scope="module")
def fit():
    problem = related_problem()
    context = Context(init=single_task(problem), init_rho=4.0)
    fit = method.fit(problem, {"lam": LAM, "mu": MU}, context, options_of(method.SPEC))
    assert fit.converged and fit.B.any()
    return fit.W, fit.B, problem.mean_losses(fit.W)


def exchanges(W, B, losses):
    """Return, for each pair in which s gives more than t, its loss difference and two sides of the theorem.

    They are the smallest rise of the regulariser over all exchanges, and the rise that the price asks for.
    """
    given = B.sum(axis=1)
    regulariser = np.sum((W - W @ B) ** 2)
    found = []
    for s, t in permutations(range(len(given)), 2):
        if given[s] > given[t] + 1e-6:
            exchanged = given.copy()
            exchanged[[s, t]] = given[[t, s]]
            rise = smallest_regulariser(W, exchanged) - regulariser
            saved = MU / LAM * (given[s] - given[t]) * (losses[s] - losses[t])
            found.append((losses[s] - losses[t], rise, saved, regulariser))
    return found


def test_a_task_that_gives_more_has_the_smaller_loss_or_any_exchange_raises_the_regulariser(fit):
    found = exchanges(*fit)
    assert found
    for _, rise, saved, regulariser in found:
        assert rise >= saved - 1e-5 * regulariser


def test_a_graph_that_is_not_optimal_breaks_the_theorem(fit):
    W, B, losses = fit
    # The accurate tasks 0 and 1 exchange their edges with the noisy tasks 2 and 3.
    order = [2, 3, 0, 1, 4]
    found = exchanges(W, B[np.ix_(order, order)], losses)
    assert any(more > 0.0 and rise < 0.0 for more, rise, _, _ in found)
