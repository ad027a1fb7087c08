"""AMTL-Curriculum: tasks are learned one after another; each gives only to the tasks after it."""

import numpy as np

from amtl.methods._citations import LEE_2016
from amtl.methods._fit import Fit
from amtl.methods._options import COUPLING, DELTA
from amtl.methods._spec import MethodSpec
from amtl.methods.graph._joint import AXES, MEAN_LOSS_SIGMA, edge_price, graph_grid, without_paths
from amtl.methods.single import stl
from amtl.solvers.coupled_w import solve_towards


def grid(problem, context, options, n_points):
    """Return AMTL's (lam, mu) grid; one pass needs no warm start."""
    price = edge_price(problem, context, MEAN_LOSS_SIGMA, options["delta"])
    return without_paths(graph_grid(problem, context, price.at_start, n_points))


def outgoing_weights(residual, W, price, lam):
    """Return the best outgoing edges of every candidate and the transfer part of its score (eq. 4 and 5).

    Parameters
    ----------
    residual, W : ndarray of shape (d, m)
        Unexplained and current weights of the m untrained tasks.
    price : ndarray of shape (m,)
        mu * delta_t, the price of an edge.
    lam : float
        Strength of the coupling.

    Returns
    -------
    b : ndarray of shape (m, m)
        Row t holds the edges that t would give to the others.
    transfer : ndarray of shape (m,)
        price_t sum_s b_ts + lam sum_{s != t} ||r_s - b_ts w_t||^2.
    """
    norms = np.sum(W**2, axis=0)
    products = W.T @ residual
    b = np.maximum(products - (price / (2.0 * lam))[:, None], 0.0)
    b = np.divide(b, norms[:, None], out=np.zeros_like(b), where=norms[:, None] > 0.0)
    np.fill_diagonal(b, 0.0)
    left = np.sum(residual**2, axis=0) - 2.0 * b * products + b**2 * norms[:, None]
    np.fill_diagonal(left, 0.0)
    return b, price * b.sum(axis=1) + lam * left.sum(axis=1)


def fit(problem, params, context, options):
    """Pick the task with the smallest score, fix its edges, learn its weights; repeat (Algorithm 2).

    Ties go to the lowest task index. The trace holds the score of each pick. The weights may grow from task
    to task, where classes are separable even until they overflow. Then the fit has not converged.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return _learn_in_order(problem, params, context, options)


def _learn_in_order(problem, params, context, options):
    lam, mu = params["lam"], params["mu"]
    price = edge_price(problem, context, MEAN_LOSS_SIGMA, options["delta"])
    penalized = problem.penalized[:, None]
    # With zero weights a task gives no edges. Rounding of a free intercept may leave others.
    W = np.where(penalized * price.closed > 0, 0.0, context.init)
    B = np.zeros((problem.n_tasks, problem.n_tasks))
    losses = problem.losses(W)
    delta = price.at_start
    untrained = np.arange(problem.n_tasks)
    residual = W * penalized
    order, trace, worst = [], [], 0.0
    while len(untrained):
        b, transfer = outgoing_weights(
            residual[:, untrained], (W * penalized)[:, untrained], mu * delta[untrained], lam
        )
        score = losses[untrained] + transfer
        pick = int(np.argmin(score))
        t = untrained[pick]
        B[t, untrained] = b[pick]
        a = 1.0 if price.factor is None else 1.0 + mu * price.factor[t] * b[pick].sum()
        prior = (W * penalized) @ B[:, t]
        minimum = solve_towards(
            problem.single(t), a, lam, prior, W[:, t], context.tolerance, context.max_iterations
        )
        W[:, t] = minimum.W[:, 0]
        untrained = np.delete(untrained, pick)
        residual[:, untrained] -= np.outer(W[:, t] * problem.penalized, B[t, untrained])
        order.append(int(t))
        trace.append(float(score[pick]))
        worst = max(worst, minimum.residual)
    return Fit(W, trace, len(order), worst <= context.tolerance, worst, B, np.array(order), price.closed)


SPEC = MethodSpec(
    name="amtl-curriculum",
    title="AMTL-Curriculum",
    order=100,
    citation=LEE_2016,
    objective="per step: (1 + mu c_t ||b_t^o||_1) F_t(w_t) + lam sum_{s untrained} ||r_s - b_ts w_t||^2, "
    "r_s = w_s - sum_{j trained} B_js w_j; c_t as for AMTL",
    grid=grid,
    fit=fit,
    hyperparameters=COUPLING,
    axes=AXES,
    options=DELTA,
    init=stl.SPEC,
    learns=("graph", "order"),
)
