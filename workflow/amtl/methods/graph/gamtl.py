"""GAMTL: AMTL with a graph for each group of features, and sparse groups."""

import numpy as np

from amtl.errors import InputError
from amtl.methods._axes import Axis
from amtl.methods._fit import Point, fit_from_minimum
from amtl.methods._grids import geometric, two_axes
from amtl.methods._options import COUPLING, DELTA, RIDGE
from amtl.methods._penalized import never
from amtl.methods._spec import MethodSpec
from amtl.methods.graph._joint import LARGEST_LAM_FACTOR, MEAN_LOSS_SIGMA, SMALLEST_LAM_FACTOR, edge_price
from amtl.methods.single import stl
from amtl.penalties import GroupedColumns
from amtl.solvers.asymmetric import largest_useful_mu
from amtl.solvers.grouped_graphs import minimize_grouped
from amtl.solvers.proximal import null_gradient

# Number of groups of neighbouring features where none are given.
DEFAULT_GROUPS = 4
# mu runs from the value above which no edge enters, and nu from the one that leaves no weights, down to these
# fractions of it.
SMALLEST_MU_FACTOR, SMALLEST_NU_FACTOR = 1e-2, 1e-3
# The ridge share, of which some is needed for a certificate.
SMALLEST_RIDGE = 1e-6


def groups_of(feature_groups, p):
    """Return the number of the group of each of p features, from 0. feature_groups : as the option."""
    if feature_groups is None:
        feature_groups = min(DEFAULT_GROUPS, p)
    given = np.asarray(feature_groups)
    if given.ndim == 0:
        if not 1 <= given <= p:
            raise InputError(f"gamtl: feature_groups: {feature_groups} groups of {p} features")
        return np.arange(p) * int(given) // p
    if given.shape != (p,):
        raise InputError(
            f"gamtl: feature_groups: {given.size} groups given for {p} features; give one for each"
        )
    return np.unique(given, return_inverse=True)[1]


def _without_edges(problem, params, fit, end):
    """Return why a larger mu changes nothing."""
    return "the graphs have no edges" if end == "high" and not fit.learned["group_graphs"].any() else None


def grid(problem, context, options, n_points):
    """Return paths of mu for every lam and nu, around the tuned single-task weights."""
    p = int(problem.penalized.sum())
    groups = groups_of(options["feature_groups"], p)
    price = edge_price(problem, context, MEAN_LOSS_SIGMA, options["delta"]).at_start
    n_mu, n_others = two_axes(n_points)
    n_lam, n_nu = two_axes(n_others)
    mu_max = 0.0
    for g in range(groups.max() + 1):
        W = context.init * np.append(groups == g, np.zeros(len(context.init) - p))[:, None]
        mu_max = max(mu_max, largest_useful_mu(problem, 1.0 - options["ridge"], W, price))
    top = GroupedColumns(1.0, groups, 1.0).largest(null_gradient(problem))
    top = top if top > 0.0 else 1.0
    points = []
    for nu in geometric(0.1 * top, SMALLEST_NU_FACTOR * top, n_nu):
        for lam in geometric(
            LARGEST_LAM_FACTOR * context.init_rho, SMALLEST_LAM_FACTOR * context.init_rho, n_lam
        ):
            for k, share in enumerate(geometric(1.0, SMALLEST_MU_FACTOR, n_mu)):
                params = {"lam": lam, "mu": mu_max * lam * share, "nu": nu}
                points.append(Point(params, len(points) - 1 if k else None))
    return points


def fit(problem, params, context, options):
    """Minimize over the weights and the graphs, in turn."""
    groups = groups_of(options["feature_groups"], int(problem.penalized.sum()))
    minimum = minimize_grouped(
        problem,
        groups,
        **params,
        price=edge_price(problem, context, MEAN_LOSS_SIGMA, options["delta"]),
        ridge=max(options["ridge"], SMALLEST_RIDGE),
        W=context.init if context.warm is None else context.warm,
        tolerance=context.tolerance,
        max_iterations=context.max_iterations,
    )
    return fit_from_minimum(minimum, learned={"group_graphs": minimum.state})


SPEC = MethodSpec(
    name="gamtl",
    title="GAMTL",
    order=600,
    citation="Oliveira, Goncalves, Von Zuben. Group LASSO with asymmetric structure estimation for "
    "multi-task learning. IJCAI 2019.",
    objective="sum_t (1 + mu c_t sum_g ||b_t^g,o||_1) F_t(w_t) + lam ((1 - ridge) sum_g ||W_g - W_g "
    "B_g||_F^2 + ridge ||W||_F^2) + nu sum_t sum_g sqrt(|g|) ||w_t,g||; c_t as for AMTL",
    grid=grid,
    fit=fit,
    hyperparameters=COUPLING | {"nu": "Strength of the norms of the groups of features."},
    axes=(Axis("lam"), Axis("mu", relative_to="lam", limit=_without_edges), Axis("nu")),
    options={
        "feature_groups": {
            "type": ["integer", "array", "null"],
            "minimum": 1,
            "items": {"type": "integer"},
            "default": None,
            "description": "The group of each penalized feature, as one number for each; or the number of "
            "groups of neighbouring features. null takes the groups of the dataset, or four.",
        },
        **DELTA,
        **RIDGE,
    },
    init=stl.SPEC,
    iterative=True,
    rotation_invariant=never,
    learns=("group_graphs",),
)
