"""SMTL: AMTL with transfer that goes both ways, the symmetric counterpart that the paper compares with.

The paper asks for "B positive semidefinite" beside a zero diagonal, of which there is one: a positive
semidefinite matrix whose diagonal is zero is zero. Read to the letter (`variant: psd`), SMTL is single-task
ridge with rho = lam; the paper's values for SMTL and STL on its synthetic data are indeed the same. What
can differ from STL, and is the default (`variant: symmetric`), is AMTL's objective over B = B' >= 0.
"""

import numpy as np

from amtl.methods._fit import Point
from amtl.methods._grids import largest_curvature, ridge_grid
from amtl.methods.graph._joint import edge_price, fit_joint, graph_grid
from amtl.methods.single import stl
from amtl.solvers.graph_symmetric import SYMMETRIC, largest_useful_symmetric_mu

NAME = "smtl"
TITLE = "SMTL"
CITATION = "Lee, Yang, Hwang. Asymmetric multi-task learning based on task relatedness and loss. ICML 2016."
OBJECTIVE = (
    "sum_t (1 + mu c_t ||b_t^o||_1) F_t(w_t) + lam ((1 - ridge) ||W - W B||_F^2 + ridge ||W||_F^2), B = B' "
    "(variant: symmetric) or B = 0 (psd); c_t as for AMTL"
)
OPTIONS = {
    "variant": {
        "type": "string",
        "enum": ["symmetric", "psd"],
        "default": "symmetric",
        "description": "The graph: symmetric with weights of at least zero; or positive semidefinite with a "
        "zero diagonal, the paper's words, which leaves none and makes it single-task learning.",
    },
    "delta": {
        "type": "string",
        "enum": ["train", "validation"],
        "default": "train",
        "description": "Which loss prices a task's outgoing edges: its training loss, jointly optimized "
        "(the paper), or the validation loss of its tuned single-task weights, a constant.",
    },
    "ridge": {
        "type": "number",
        "minimum": 0,
        "exclusiveMaximum": 1,
        "default": 0.1,
        "description": "Share of lam that stays a plain ridge on the weights. The paper has 0, where a task "
        "with fewer rows than features can send the weights to infinity.",
    },
}
INIT = stl
APPLIES_TO = ("regression", "binary", "one-vs-rest")
NEEDS_TRUTH = False
ITERATIVE = True

SIGMA = 1.0


def grid(problem, context, options, n_points):
    """Return the (lam, mu) grid around the tuned single-task solution; STL's path, as lam, for `psd`."""
    if options["variant"] == "psd":
        path = ridge_grid(largest_curvature(problem), n_points)
        return [Point({"lam": point.params["rho"]}, point.parent) for point in path]
    price = edge_price(problem, context, SIGMA, options["delta"])
    return graph_grid(
        problem, context, price.at_start, n_points, options["ridge"], largest_useful_symmetric_mu
    )


def fit(problem, params, context, options):
    """Minimize the objective over W and B."""
    if options["variant"] == "psd":
        found = stl.fit(problem, {"rho": params["lam"]}, context, options)
        found.B = np.zeros((problem.n_tasks, problem.n_tasks))
        return found
    price = edge_price(problem, context, SIGMA, options["delta"])
    return fit_joint(problem, params, context, price, options["ridge"], graph=SYMMETRIC)
