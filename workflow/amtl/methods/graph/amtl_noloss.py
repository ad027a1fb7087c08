"""AMTL-noLoss: AMTL without the loss factor, so that every edge costs the same."""

import numpy as np

from amtl.methods._citations import LEE_2016
from amtl.methods._options import COUPLING, RIDGE
from amtl.methods._spec import MethodSpec
from amtl.methods.graph._joint import AXES, EdgePrice, fit_joint, graph_grid
from amtl.methods.single import stl


def grid(problem, context, options, n_points):
    """Return the (lam, mu) grid around the tuned single-task solution."""
    return graph_grid(problem, context, np.ones(problem.n_tasks), n_points, options["ridge"])


def fit(problem, params, context, options):
    """Minimize the objective over W and B."""
    same = np.ones(problem.n_tasks)
    return fit_joint(problem, params, context, EdgePrice(None, same, same), options["ridge"])


SPEC = MethodSpec(
    name="amtl-noloss",
    title="AMTL-noLoss",
    order=70,
    citation=LEE_2016,
    objective="sum_t F_t(w_t) + mu ||B||_1 + lam ((1 - ridge) ||W - W B||_F^2 + ridge ||W||_F^2)",
    grid=grid,
    fit=fit,
    hyperparameters=COUPLING,
    axes=AXES,
    options=RIDGE,
    init=stl.SPEC,
    iterative=True,
    learns=("graph",),
)
