"""MTFL: multi-task feature learning. All tasks share a few directions (or a few features)."""

from amtl.methods._axes import Axis
from amtl.methods._fit import Point, fit_from_minimum
from amtl.methods._grids import largest_curvature, ridge_grid
from amtl.methods._spec import MethodSpec
from amtl.methods.single import stl
from amtl.penalties import SquaredNorm
from amtl.solvers.proximal import minimize_composite


def grid(problem, context, options, n_points):
    """Return a path of gamma over the range of STL's ridge weights.

    For weights of rank one, gamma ||W||_*^2 is the ridge penalty with rho = gamma.
    """
    points = ridge_grid(largest_curvature(problem), n_points)
    return [Point({"gamma": point.params["rho"]}, point.parent) for point in points]


def fit(problem, params, context, options):
    """Minimize over W. D is eliminated: W determines it."""
    penalty = SquaredNorm(params["gamma"], by_rows=options["learn"] == "select")
    start = context.init if context.warm is None else context.warm
    return fit_from_minimum(
        minimize_composite(problem, penalty, start, context.tolerance, context.max_iterations)
    )


def rotation_invariant(options):
    """Return whether directions are learned, and not a choice of the given features."""
    return options["learn"] == "features"


def equivalent_to(options):
    """Return the method with the same norm, which is squared here: lam = 2 gamma times the norm of W."""
    return {"features": "trace-norm", "select": "l21"}[options["learn"]]


SPEC = MethodSpec(
    name="mtfl",
    title="MTFL",
    order=20,
    citation="Argyriou, Evgeniou, Pontil. Convex multi-task feature learning. Machine Learning 73, 2008.",
    objective="sum_t F_t(w_t) + gamma sum_t w_t' D^-1 w_t, D psd with tr D <= 1: gamma ||W||_*^2 "
    "(select: D diagonal, gamma (sum_j ||w^j||_2)^2)",
    grid=grid,
    fit=fit,
    hyperparameters={"gamma": "Strength of the squared norm."},
    axes=(Axis("gamma"),),
    options={
        "learn": {
            "type": "string",
            "enum": ["features", "select"],
            "default": "features",
            "description": "What the tasks share: a few learned directions (D full, the squared trace norm) "
            "or a few of the given features (D diagonal, the squared (2,1)-norm).",
        },
    },
    init=stl.SPEC,
    iterative=True,
    rotation_invariant=rotation_invariant,
    equivalent_to=equivalent_to,
)
