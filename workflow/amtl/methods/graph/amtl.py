"""AMTL: directed transfer between tasks. A large training loss makes a task's outgoing edges expensive."""

from amtl.methods._citations import LEE_2016
from amtl.methods._options import COUPLING, DELTA, RIDGE
from amtl.methods._spec import MethodSpec
from amtl.methods.graph._joint import (
    AXES,
    MEAN_LOSS_SIGMA,
    OBJECTIVE,
    edge_price,
    fit_joint,
    graph_grid,
    without_paths,
)
from amtl.methods.single import stl


def grid(problem, context, options, n_points):
    """Return the (lam, mu) grid around the tuned single-task solution.

    After a cold start, or when stopped early, the result of a point depends on its start. Then every point
    starts on its own.
    """
    price = edge_price(problem, context, MEAN_LOSS_SIGMA, options["delta"])
    points = graph_grid(problem, context, price.at_start, n_points, options["ridge"])
    if options["start"] == "cold" or options["alternations"]:
        return without_paths(points)
    return points


def fit(problem, params, context, options):
    """Minimize the objective over W and B."""
    price = edge_price(problem, context, MEAN_LOSS_SIGMA, options["delta"])
    return fit_joint(
        problem, params, context, price, options["ridge"], options["start"], options["alternations"]
    )


SPEC = MethodSpec(
    name="amtl",
    title="AMTL",
    order=80,
    citation=LEE_2016,
    objective=f"{OBJECTIVE}, c_t = 1/n_t (fit_loss: sum) or 1 (mean)",
    grid=grid,
    fit=fit,
    hyperparameters=COUPLING,
    axes=AXES,
    options={
        **DELTA,
        **RIDGE,
        "start": {
            "type": "string",
            "enum": ["tuned", "cold"],
            "default": "tuned",
            "description": "Weights to start from: the tuned single-task weights and, along the grid, the "
            "solution of the point before; or, for every point alone, single-task weights with rho = lam.",
        },
        "alternations": {
            "type": "integer",
            "minimum": 0,
            "default": 0,
            "unit": "rounds",
            "examples": [3],
            "description": "Number of rounds of the paper's plain alternation of weights and graph to stop "
            "after, started afresh at every point of the grid; 0 runs to convergence. A fit that is stopped "
            "early has not converged.",
        },
    },
    init=stl.SPEC,
    iterative=True,
    learns=("graph",),
)
