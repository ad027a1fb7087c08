"""Slow, literal forms of what the solvers compute, for comparison."""

import numpy as np
from scipy.optimize import minimize

from helpers.problems import task_rows


def joint_objective(problem, W, B, lam, mu, ridge=0.0, loss_price=None, fixed_price=None):
    """Return the objective of `amtl.solvers.asymmetric` as its docstring has it."""
    losses, Wp = problem.losses(W), W * problem.penalized[:, None]
    price = fixed_price if loss_price is None else loss_price * losses
    coupled = (1.0 - ridge) * np.sum((Wp - Wp @ B) ** 2) + ridge * np.sum(Wp**2)
    return losses.sum() + mu * (price @ B.sum(axis=1)) + lam * coupled


def outgoing_factor(B, mu, loss_price=None, fixed_price=None):
    """Return the factor (T,) on every task's loss at a fixed graph."""
    return np.ones(len(B)) if loss_price is None else 1.0 + mu * loss_price * B.sum(axis=1)


def weight_violation(problem, W, B, lam, mu, ridge=0.0, **price):
    """Return the largest gradient of a task at fixed B, relative to the gradient of its loss at zero."""
    a = outgoing_factor(B, mu, **price)
    M = np.eye(len(B)) - B
    Q = (1.0 - ridge) * M @ M.T + ridge * np.eye(len(B))
    gradient = a * problem.losses_and_gradient(W)[1]
    gradient = gradient + 2.0 * lam * (W * problem.penalized[:, None]) @ Q
    scale = a * np.linalg.norm(problem.losses_and_gradient(np.zeros_like(W))[1], axis=0)
    return np.max(np.linalg.norm(gradient, axis=0) / np.maximum(scale, 1e-3 * scale.max()))


def graph_slopes(problem, W, B, lam, mu, ridge=0.0, loss_price=None, fixed_price=None):
    """Return the derivatives (T, T) of the objective by the edges, for tasks of norm one."""
    price = fixed_price if loss_price is None else loss_price * problem.losses(W)
    Wp = W * problem.penalized[:, None]
    slopes = mu * price[:, None] - 2.0 * (1.0 - ridge) * lam * Wp.T @ (Wp - Wp @ B)
    norms = np.linalg.norm(Wp, axis=0)
    norms = np.where(norms > 0.0, norms, 1.0)
    slopes = slopes / (2.0 * (1.0 - ridge) * lam * np.outer(norms, norms))
    np.fill_diagonal(slopes, 0.0)
    return slopes


def joint_violation(problem, W, B, **given):
    """Return the largest violation of the joint problem's optimality conditions, in weights or graph."""
    slopes = graph_slopes(problem, W, B, **given)
    graph = np.where(B > 0.0, np.abs(slopes), np.maximum(-slopes, 0.0)).max()
    return max(weight_violation(problem, W, B, **given), graph)


def ridge_towards(problem, t, lam, prior, a=1.0):
    """Return (min_w a F_t(w) + lam ||w_p - prior_p||^2, the minimizer) for task t, by a general solver."""
    X, y = task_rows(problem, t)
    a, pull = a * problem.weight[t], lam * problem.penalized

    def function(w):
        z, rest = X @ w, w - prior
        if problem.loss == "squared":
            value, slope = np.sum((y - z) ** 2), 2.0 * X.T @ (z - y)
        else:
            value, slope = np.sum(np.logaddexp(0.0, z) - y * z), X.T @ (1.0 / (1.0 + np.exp(-z)) - y)
        return a * value + pull @ rest**2, a * slope + 2.0 * pull * rest

    if problem.loss == "squared":
        w = np.linalg.solve(a * X.T @ X + np.diag(pull), a * X.T @ y + pull * prior)
        return function(w)[0], w
    options = {"gtol": 1e-10, "ftol": 0.0, "maxiter": 5000}
    best = minimize(function, np.zeros(X.shape[1]), jac=True, method="L-BFGS-B", options=options)
    return best.fun, best.x


def is_graph(B):
    """Return whether B is finite and non-negative with a zero diagonal."""
    return bool(np.isfinite(B).all() and (B >= 0.0).all() and not np.diag(B).any())


def graph_objective(W, cost, lam, B):
    """Return the objective of a graph step."""
    return float(cost @ B.sum(axis=1) + lam * np.sum((W - W @ B) ** 2))


def excess(W, cost, lam, B, other):
    """Return how much the objective of a graph step at B exceeds that at another graph, relative to B = 0."""
    difference = graph_objective(W, cost, lam, B) - graph_objective(W, cost, lam, other)
    return difference / max(lam * np.sum(W**2), 1e-300)


def bounded_least_squares(A, target, price):
    """Return argmin_{x >= 0} price'x + ||A x - target||^2 by bounded L-BFGS."""

    def function(x):
        rest = A @ x - target
        return price @ x + rest @ rest, price + 2.0 * A.T @ rest

    options = {"ftol": 1e-16, "gtol": 1e-12, "maxiter": 5000, "maxfun": 50000}
    start, bounds = np.zeros(A.shape[1]), [(0.0, None)] * A.shape[1]
    return minimize(function, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x


def slopes_by_differences(function, W, step=1e-5):
    """Return the central differences of function(W) by each entry of W."""
    slopes = np.zeros_like(W)
    for index in np.ndindex(W.shape):
        change = np.zeros_like(W)
        change[index] = step
        slopes[index] = (function(W + change) - function(W - change)) / (2.0 * step)
    return slopes
