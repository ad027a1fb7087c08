"""AMTL-imbalanced: AMTL with less weight on the losses of tasks with many rows, in the price or throughout.

By default c_t = n_t^-sigma is in the price of an edge alone, as in the authors' released code. With `scaled:
loss` it is where the paper's text has it, in the fit and in the price, with c_t = n_t^-1/2:

    sum_t (1 + mu ||b_t^o||_1) c_t F_t(w_t) + lam ((1 - ridge) ||W - W B||_F^2 + ridge ||W||_F^2).

Where all tasks have equally many rows, c_t is one factor, which lam and mu take up: both are AMTL. The grid
and the fits are then AMTL's, with sigma = 1.
"""

from dataclasses import replace

import numpy as np

from amtl.methods._citations import LEE_2016
from amtl.methods._fit import Point
from amtl.methods._options import COUPLING, DELTA, RIDGE
from amtl.methods._spec import MethodSpec
from amtl.methods.graph._joint import AXES, MEAN_LOSS_SIGMA, OBJECTIVE, edge_price, fit_joint, graph_grid
from amtl.methods.single import stl

# From the exponent in the authors' released code down to that of the mean loss, which is AMTL itself.
SIGMAS = (2.0, 1.5, MEAN_LOSS_SIGMA)
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
        scaled, price = _scaled(problem, context, sigma, options["delta"])
        # lam follows the scale of the losses, so that it stands for the same ridge weights.
        scale = np.exp(np.log(scaled.weight / problem.weight).mean())
        around = replace(context, init_rho=float(scale) * context.init_rho)
        first, share = len(points), n_points // len(sigmas)
        for point in graph_grid(scaled, around, price.at_start, share, options["ridge"]):
            parent = None if point.parent is None else first + point.parent
            points.append(Point({"sigma": sigma, **point.params}, parent))
    return points


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
    axes=AXES,
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
