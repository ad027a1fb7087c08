"""What the methods with a learned graph share: the price of an edge, the (lam, mu) grid and the fit."""

import math
from dataclasses import dataclass

import numpy as np

from amtl.errors import InputError
from amtl.methods._axes import Axis
from amtl.methods._fit import Point, fit_from_minimum
from amtl.methods._grids import geometric, two_axes
from amtl.solvers.asymmetric import largest_useful_mu, solve_alternating, solve_asymmetric
from amtl.solvers.coupled_w import solve_coupled_w
from amtl.solvers.couplings import RidgeCoupling
from amtl.solvers.graph_b import best_graph

# The exponent of n_t in the price of an edge at which the price is the mean loss, S_t / n_t.
MEAN_LOSS_SIGMA = 1.0
# What the methods minimize; each adds its c_t.
OBJECTIVE = "sum_t (1 + mu c_t ||b_t^o||_1) F_t(w_t) + lam ((1 - ridge) ||W - W B||_F^2 + ridge ||W||_F^2)"
# lam runs over these multiples of the tuned single-task ridge weight. The coupling term is also a ridge, but
# it shrinks a task that receives towards its sources instead of towards zero. So larger values than for
# single tasks are useful, and much smaller ones are not.
LARGEST_LAM_FACTOR, SMALLEST_LAM_FACTOR = 30.0, 0.3
# mu runs from the value above which no edge enters down to this fraction of it.
SMALLEST_MU_FACTOR = 1e-3
# Edges up to this weight are rounding: at the mu above which no edge enters, the first may have one.
SMALLEST_EDGE = 1e-12


def _without_edges(problem, params, fit, end):
    """Return why a larger mu changes nothing: edges only become more expensive."""
    return "the graph has no edges" if end == "high" and fit.B.max() <= SMALLEST_EDGE else None


AXES = (Axis("lam"), Axis("mu", relative_to="lam", limit=_without_edges))


@dataclass(frozen=True)
class EdgePrice:
    """The price delta_t of an edge out of task t: ``factor`` (T,) times its fit loss, or ``fixed`` (T,).

    ``closed`` (T,) says which tasks have no outgoing edges (`without_signal`). ``at_start`` (T,) is the price
    at the starting weights, zero for closed tasks; it scales the grid of mu.
    """

    factor: np.ndarray | None
    fixed: np.ndarray | None
    at_start: np.ndarray
    closed: np.ndarray | None = None


def without_signal(problem):
    """Return (T,) whether a task's rows are fitted exactly by zero weights, which have nothing to pass on.

    All its targets are zero; with a free intercept, equal. Its edges would cost nothing, and the objective
    has no minimum (`amtl.solvers.asymmetric`). The logistic loss of a task with rows is not zero there.
    """
    if problem.loss == "logistic":
        return np.zeros(problem.n_tasks, dtype=bool)
    targets = problem.Y.T if problem.shared else problem.Y
    return np.array([not (y - y[0] if problem.intercept == "free" else y).any() for y in targets])


def edge_price(problem, context, sigma, delta):
    """Return the price n_t^-sigma S_t, with S_t the summed loss whether the fit loss is a sum or a mean.

    delta : "train" for the training loss at the current weights; "validation" for the validation loss of the
        tuned single-task weights, a constant.
    """
    closed = without_signal(problem)
    if delta == "train":
        factor = problem.n**-sigma / problem.weight
        at_start = factor * problem.losses(context.init)
        return EdgePrice(factor, None, np.where(closed, 0.0, at_start), closed)
    if context.validation_loss is None:
        raise InputError(
            "delta='validation' needs validation rows; use the estimator that ends in CV, or delta='train'"
        )
    fixed = problem.n ** (1.0 - sigma) * context.validation_loss
    return EdgePrice(None, fixed, np.where(closed, 0.0, fixed), closed)


def graph_grid(problem, context, price, n_points, ridge=0.0, useful_mu=largest_useful_mu):
    """Return the (lam, mu) grid of a graph method whose edges cost mu * price (T,).

    useful_mu : function that returns the mu above which no edge enters.

    The tuned single-task weights solve the joint problem exactly at lam = rho and mu = mu_max, where no edge
    enters. Paths of warm starts begin there: down in mu at that lam, then outwards in lam at every mu / lam.
    """
    n_mu, n_lam = two_axes(n_points)
    rho = context.init_rho
    lams = geometric(LARGEST_LAM_FACTOR * rho, SMALLEST_LAM_FACTOR * rho, n_lam)
    ratios = geometric(1.0, SMALLEST_MU_FACTOR, n_mu)
    base = int(np.argmin([abs(math.log(lam / rho)) for lam in lams]))
    mu_max = useful_mu(problem, 1.0 - ridge, context.init, price)
    points = []
    for i, lam in enumerate(lams):
        for j, ratio in enumerate(ratios):
            if i == base:
                parent = None if j == 0 else i * n_mu + j - 1
            else:
                parent = (i + 1 if i < base else i - 1) * n_mu + j
            points.append(Point({"lam": lam, "mu": mu_max * lam * ratio}, parent))
    return points


def without_paths(points):
    """Return the points with no warm starts: for fits whose result depends on where they start."""
    return [Point(point.params) for point in points]


def cold_start(problem, lam, context):
    """Return the weights (d, T) of single-task ridge at rho = lam, the solution for B = 0."""
    limits = {"tolerance": context.tolerance, "max_iterations": context.max_iterations}
    return solve_coupled_w(problem, RidgeCoupling(problem.n_tasks), lam, **limits).W


def fit_joint(problem, params, context, price, ridge, start="tuned", alternations=0, graph=best_graph):
    """Minimize over W and B from the solution of the parent point, or from the tuned single-task weights.

    start : "cold" to start from `cold_start` instead. alternations : number of rounds of the plain
    alternation to stop after; 0 runs to convergence, which is faster. graph : as for `solve_asymmetric`.
    """
    closed = price.closed if graph is best_graph else None
    W = context.init if context.warm is None else context.warm
    if start == "cold":
        W = cold_start(problem, params["lam"], context)
    given = {
        "lam": params["lam"],
        "mu": params["mu"],
        "W": W,
        "loss_price": price.factor,
        "fixed_price": price.fixed,
        "closed": closed,
        "ridge": ridge,
        "tolerance": context.tolerance,
        "max_iterations": context.max_iterations,
    }
    if alternations:
        minimum = solve_alternating(problem, rounds=alternations, **given)
    else:
        minimum = solve_asymmetric(problem, graph=graph, **given)
    return fit_from_minimum(minimum, B=minimum.state.B, closed=closed)
