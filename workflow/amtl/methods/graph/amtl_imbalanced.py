"""AMTL-imbalanced: AMTL with a price that falls faster with the number of a task's rows.

Where all tasks have equally many rows, c_t is one factor, which mu takes up: the method is AMTL. Its grid and
its fits are then AMTL's, with sigma = 1.
"""

from amtl.methods._citations import LEE_2016
from amtl.methods._fit import Point
from amtl.methods._options import DELTA, RIDGE
from amtl.methods._spec import MethodSpec
from amtl.methods.graph._joint import AXES, MEAN_LOSS_SIGMA, OBJECTIVE, edge_price, fit_joint, graph_grid
from amtl.methods.single import stl

# From the exponent in the authors' released code down to that of the mean loss, which is AMTL itself.
SIGMAS = (2.0, 1.5, MEAN_LOSS_SIGMA)


def same_as(problem, options):
    """Return "amtl" if all tasks have equally many rows."""
    return "amtl" if (problem.n == problem.n[0]).all() else None


def grid(problem, context, options, n_points):
    """Return one (lam, mu) grid for each sigma, or AMTL's alone where the methods are the same."""
    points = []
    sigmas = (MEAN_LOSS_SIGMA,) if same_as(problem, options) else SIGMAS
    share = n_points // len(sigmas)
    for sigma in sigmas:
        price = edge_price(problem, context, sigma, options["delta"])
        first = len(points)
        for point in graph_grid(problem, context, price.at_start, share, options["ridge"]):
            parent = None if point.parent is None else first + point.parent
            points.append(Point({"sigma": sigma, **point.params}, parent))
    return points


def fit(problem, params, context, options):
    """Minimize the objective over W and B."""
    price = edge_price(problem, context, params["sigma"], options["delta"])
    return fit_joint(problem, params, context, price, options["ridge"])


SPEC = MethodSpec(
    name="amtl-imbalanced",
    title="AMTL-imbalanced",
    order=90,
    citation=LEE_2016,
    objective=f"{OBJECTIVE}, c_t = n_t^-sigma (fit_loss: sum) or n_t^(1-sigma) (mean)",
    grid=grid,
    fit=fit,
    axes=AXES,
    options={**DELTA, **RIDGE},
    init=stl.SPEC,
    iterative=True,
    learns=("graph",),
    same_as=same_as,
)
