"""AMTL-noLoss: AMTL with the loss factor dropped, so that every edge costs the same."""

import numpy as np

from amtl.methods.graph._joint import EdgePrice, fit_joint, graph_grid
from amtl.methods.single import stl

NAME = "amtl-noloss"
TITLE = "AMTL-noLoss"
CITATION = "Lee, Yang, Hwang. Asymmetric multi-task learning based on task relatedness and loss. ICML 2016."
OBJECTIVE = "sum_t F_t(w_t) + mu ||B||_1 + lam ((1 - ridge) ||W - W B||_F^2 + ridge ||W||_F^2)"
OPTIONS = {
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


def grid(problem, context, options, n_points):
    """Return the (lam, mu) grid around the tuned single-task solution."""
    return graph_grid(problem, context, np.ones(problem.n_tasks), n_points, options["ridge"])


def fit(problem, params, context, options):
    """Minimize the objective over W and B."""
    same = np.ones(problem.n_tasks)
    return fit_joint(problem, params, context, EdgePrice(None, same, same), options["ridge"])
