"""SMTL: AMTL with a symmetric graph, the symmetric counterpart in the paper's comparison.

The paper requires B to be positive semidefinite with a zero diagonal. Only B = 0 satisfies both. Taken
literally (`variant: psd`), SMTL is single-task ridge with rho = lam; the paper's values for SMTL and STL on
its synthetic data are indeed the same. The default (`variant: symmetric`) is AMTL's objective over symmetric
B >= 0, which can differ from STL.
"""

import numpy as np

from amtl.methods._citations import LEE_2016
from amtl.methods._fit import Point
from amtl.methods._grids import largest_curvature, ridge_grid
from amtl.methods._options import COUPLING, DELTA, RIDGE
from amtl.methods._spec import MethodSpec
from amtl.methods.graph._joint import AXES, MEAN_LOSS_SIGMA, OBJECTIVE, edge_price, fit_joint, graph_grid
from amtl.methods.single import stl
from amtl.solvers.graph_symmetric import best_symmetric_graph, largest_useful_symmetric_mu


def same_as(problem, options):
    """Return "stl" for the literal reading of the paper."""
    return "stl" if options["variant"] == "psd" else None


def grid(problem, context, options, n_points):
    """Return the (lam, mu) grid around the tuned single-task solution; for `psd` STL's path, as lam."""
    if options["variant"] == "psd":
        path = ridge_grid(largest_curvature(problem), n_points)
        return [Point({"lam": point.params["rho"]}, point.parent) for point in path]
    price = edge_price(problem, context, MEAN_LOSS_SIGMA, options["delta"])
    return graph_grid(
        problem, context, price.at_start, n_points, options["ridge"], largest_useful_symmetric_mu
    )


def fit(problem, params, context, options):
    """Minimize the objective over W and B."""
    if options["variant"] == "psd":
        found = stl.fit(problem, {"rho": params["lam"]}, context, options)
        found.B = np.zeros((problem.n_tasks, problem.n_tasks))
        return found
    price = edge_price(problem, context, MEAN_LOSS_SIGMA, options["delta"])
    return fit_joint(problem, params, context, price, options["ridge"], graph=best_symmetric_graph)


SPEC = MethodSpec(
    name="smtl",
    title="SMTL",
    order=60,
    citation=LEE_2016,
    objective=f"{OBJECTIVE}, B = B' (variant: symmetric) or B = 0 (psd); c_t as for AMTL",
    grid=grid,
    fit=fit,
    hyperparameters=COUPLING,
    axes=AXES,
    options={
        "variant": {
            "type": "string",
            "enum": ["symmetric", "psd"],
            "default": "symmetric",
            "description": "The graph: symmetric and non-negative; or positive semidefinite with a zero "
            "diagonal, as the paper writes. Only B = 0 is both, so that is single-task learning.",
        },
        **DELTA,
        **RIDGE,
    },
    init=stl.SPEC,
    iterative=True,
    learns=("graph",),
    same_as=same_as,
)
