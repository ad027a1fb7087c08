"""AMTL-imbalanced: AMTL with less weight on the losses of tasks with many rows, in the price or throughout.

By default c_t = n_t^-sigma is in the price of an edge alone, as in the authors' released code. With `scaled:
loss` it is where the paper's text has it, in the fit and in the price, with c_t = n_t^-1/2:

    sum_t (1 + mu ||b_t^o||_1) c_t F_t(w_t) + lam ((1 - ridge) ||W - W B||_F^2 + ridge ||W||_F^2).

Where all tasks have equally many rows, c_t is one factor, which lam and mu take up: both are AMTL. The grid
and the fits are then AMTL's, with sigma = 1.
"""

from dataclasses import replace

import numpy as np
from scipy.sparse import find

from amtl.methods._axes import Axis
from amtl.methods._citations import LEE_2016
from amtl.methods._options import COUPLING, DELTA, RIDGE
from amtl.methods._spec import MethodSpec
from amtl.methods.graph._joint import (
    AXES,
    MEAN_LOSS_SIGMA,
    OBJECTIVE,
    SMALLEST_EDGE,
    edge_price,
    fit_joint,
    graph_grid,
)
from amtl.methods.single import stl

# From the exponent in the authors' released code down to that of the mean loss, which is AMTL itself.
SIGMAS = (2.0, 1.5, MEAN_LOSS_SIGMA)
# How much larger the next exponent is, where validation chooses the largest one.
SIGMA_STEP = 0.5
# The exponent in the paper's text, where c_t multiplies the loss.
PRINTED_SIGMA = 0.5


def same_as(problem, options):
    """Return "amtl" if all tasks have equally many rows."""
    return "amtl" if (problem.n == problem.n[0]).all() else None


def grid(problem, context, options, n_points):
    """Return one (lam, mu) grid for each sigma, or AMTL's alone where the methods are the same."""
    if same_as(problem, options):
        sigmas = (MEAN_LOSS_SIGMA,)
    else:
        sigmas = (PRINTED_SIGMA,) if options["scaled"] == "loss" else SIGMAS
    points = []
    for sigma in sigmas:
        own = _points(problem, context, options, sigma, n_points // len(sigmas))
        points += [point.after(len(points)) for point in own]
    return points


def _points(problem, context, options, sigma, count):
    """Return the (lam, mu) grid of one sigma."""
    scaled, price = _scaled(problem, context, sigma, options["delta"])
    # lam follows the scale of the losses, so that it stands for the same ridge weights.
    scale = np.exp(np.log(scaled.weight / problem.weight).mean())
    around = replace(context, init_rho=float(scale) * context.init_rho)
    found = graph_grid(scaled, around, price.at_start, count, options["ridge"])
    return [replace(point, params={"sigma": sigma, **point.params}) for point in found]


def extend(problem, context, options, params, end, count):
    """Return the grid of the next larger sigma; the smallest one is a natural limit."""
    return _points(problem, context, options, params["sigma"] + SIGMA_STEP, count)


def _sigma_limit(problem, params, fit, end):
    """Return why no other sigma is useful, or None.

    Among tasks with equally many rows sigma is a factor on mu; a larger one only keeps the other tasks, which
    have fewer rows, from giving.
    """
    if end == "low":
        return "it is AMTL"
    sources, _, weights = find(fit.B)
    only_largest = (problem.n[sources[weights > SMALLEST_EDGE]] == problem.n.max()).all()
    return "only tasks with the most rows give, so a larger one is a larger mu" if only_largest else None


def fit(problem, params, context, options):
    """Minimize the objective over W and B."""
    scaled, price = _scaled(problem, context, params["sigma"], options["delta"])
    return fit_joint(scaled, params, context, price, options["ridge"])


def _scaled(problem, context, sigma, delta):
    """Return the problem with its losses scaled as sigma says, and the price of an edge."""
    if sigma != PRINTED_SIGMA:
        return problem, edge_price(problem, context, sigma, delta)
    # The price is the scaled fit loss itself: n_t^-1/2 S_t, or n_t^-3/2 S_t for the mean loss.
    exponent = sigma + (1.0 if problem.fit_loss == "mean" else 0.0)
    scaled = problem.reweighted(problem.n**-sigma)
    return scaled, edge_price(scaled, context, exponent, delta)


SPEC = MethodSpec(
    name="amtl-imbalanced",
    title="AMTL-imbalanced",
    order=90,
    citation=LEE_2016,
    objective=f"{OBJECTIVE}, c_t = n_t^-sigma (fit_loss: sum) or n_t^(1-sigma) (mean); "
    "scaled: loss: c_t F_t for F_t in both places instead, c_t = n_t^-1/2",
    grid=grid,
    fit=fit,
    hyperparameters=COUPLING | {"sigma": "Exponent of the rows in the price of an edge, n_t^-sigma."},
    axes=(Axis("sigma", limit=_sigma_limit, fixed=True), *AXES),
    extend=extend,
    options={
        **DELTA,
        **RIDGE,
        "scaled": {
            "type": "string",
            "enum": ["price", "loss"],
            "default": "price",
            "description": "What the factor c_t scales: the price of an edge alone, with c_t = n_t^-sigma "
            "and sigma chosen on the validation rows (the authors' released code); or the loss, in the fit "
            "and in the price, with c_t = n_t^-1/2 (the paper's text).",
        },
    },
    init=stl.SPEC,
    iterative=True,
    learns=("graph",),
    same_as=same_as,
)
