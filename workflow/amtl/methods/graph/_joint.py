"""What the methods with a learned graph share: the price of an edge, the (lam, mu) grid, the fit."""

import math
from dataclasses import dataclass

import numpy as np

from amtl.methods._fit import Point, fit_from_minimum
from amtl.methods._grids import geometric, two_axes
from amtl.solvers.asymmetric import largest_useful_mu, solve_alternating, solve_asymmetric
from amtl.solvers.coupled_w import solve_coupled_w

# lam runs over these multiples of the tuned single-task ridge weight. The coupling term is also a
# ridge, and a task that receives is shrunk towards its sources instead of towards zero, so more of it
# than for a task alone is useful, and much less is not.
LAM_HIGH, LAM_LOW = 30.0, 0.3
# mu runs from the value above which no edge enters down to this fraction of it.
MU_LOW = 1e-3


@dataclass(frozen=True)
class EdgePrice:
    """The price delta_t of an edge out of task t: ``factor`` (T,) on its fit loss, or ``fixed`` (T,).

    ``at_start`` (T,) is the price at the starting weights, which scales the grid of mu.
    """

    factor: np.ndarray | None
    fixed: np.ndarray | None
    at_start: np.ndarray


def edge_price(problem, context, sigma, delta):
    """Return the price n_t^-sigma S_t, whichever way the fit loss is counted.

    delta : "train" prices with the training loss, which is optimized along; "validation" with the
        validation loss of the tuned single-task weights in its place, a constant.
    """
    if delta == "train":
        factor = problem.n**-sigma / problem.weight
        return EdgePrice(factor, None, factor * problem.losses(context.init))
    fixed = problem.n ** (1.0 - sigma) * context.validation_loss
    return EdgePrice(None, fixed, fixed)


def graph_grid(problem, context, price, n_points, ridge=0.0, useful_mu=largest_useful_mu):
    """Return the (lam, mu) grid of a graph method whose edges cost mu * price (T,).

    useful_mu : the function that says above which mu no edge enters.

    The tuned single-task weights solve the joint problem exactly at lam = rho and mu = mu_max, where
    no edge enters. Paths of warm starts go from there: down mu at that lam, then outwards in lam
    at every mu / lam.
    """
    n_mu, n_lam = two_axes(n_points)
    rho = context.init_rho
    lams = geometric(LAM_HIGH * rho, LAM_LOW * rho, n_lam)
    ratios = geometric(1.0, MU_LOW, n_mu)
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
    identity = np.eye(problem.n_tasks)
    limits = {"tolerance": context.tolerance, "max_iterations": context.max_iterations}
    return solve_coupled_w(problem, identity, lam, **limits).W


def fit_joint(problem, params, context, price, ridge, start="tuned", alternations=0, graph=None):
    """Minimize over W and B from the parent point's weights, or the tuned single-task ones.

    start : "cold" starts from `cold_start` instead.
    alternations : stop after that many rounds of the plain alternation; 0 runs to convergence, faster.
    graph : the kind of graph, as for `solve_asymmetric`.
    """
    W = context.init if context.warm is None else context.warm
    if start == "cold":
        W = cold_start(problem, params["lam"], context)
    given = {
        "lam": params["lam"],
        "mu": params["mu"],
        "W": W,
        "loss_price": price.factor,
        "fixed_price": price.fixed,
        "ridge": ridge,
        "tolerance": context.tolerance,
        "max_iterations": context.max_iterations,
    }
    if alternations:
        minimum = solve_alternating(problem, rounds=alternations, **given)
    else:
        minimum = solve_asymmetric(problem, graph=graph, **given)
    return fit_from_minimum(minimum, B=minimum.state.B)
