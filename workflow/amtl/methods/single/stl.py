"""STL: single-task learning. Every task alone, with one ridge weight for all tasks."""

from amtl.methods._axes import Axis
from amtl.methods._citations import LEE_2016
from amtl.methods._fit import Point, fit_from_minimum
from amtl.methods._grids import largest_curvature, ridge_grid
from amtl.methods._options import RHO
from amtl.methods._spec import MethodSpec
from amtl.solvers.coupled_w import solve_coupled_w
from amtl.solvers.couplings import RidgeCoupling


def grid(problem, context, options, n_points):
    """Return a path of rho from almost-zero weights to almost unpenalized ones, or the given rho alone."""
    # A method that starts from STL passes its own options, which have no rho.
    if options.get("rho") is not None:
        return [Point({"rho": float(options["rho"])})]
    return ridge_grid(largest_curvature(problem), n_points)


def fit(problem, params, context, options):
    """Minimize the objective: in closed form (squared loss) or by Newton's method (logistic loss)."""
    minimum = solve_coupled_w(
        problem,
        RidgeCoupling(problem.n_tasks),
        params["rho"],
        W=context.warm,
        tolerance=context.tolerance,
        max_iterations=context.max_iterations,
    )
    return fit_from_minimum(minimum)


SPEC = MethodSpec(
    name="stl",
    title="STL",
    order=10,
    citation=LEE_2016,
    objective="sum_t F_t(w_t) + rho ||W||_F^2",
    grid=grid,
    fit=fit,
    hyperparameters=RHO,
    axes=(Axis("rho"),),
    options={
        "rho": {
            "type": ["number", "null"],
            "exclusiveMinimum": 0,
            "default": None,
            "examples": [1e-6],
            "description": "Ridge weight, used as given; null to choose it on the validation rows.",
        },
    },
)
