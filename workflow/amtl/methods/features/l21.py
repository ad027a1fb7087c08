"""Multi-task feature selection: all tasks use the same few features."""

from amtl.methods._axes import Axis
from amtl.methods._penalized import (
    DEFAULTS,
    fit_penalty,
    never,
    no_features,
    path_of,
    strength_path,
    support,
)
from amtl.methods._spec import MethodSpec
from amtl.penalties import L21
from amtl.solvers.proximal import null_gradient


def grid(problem, context, options, n_points):
    """Return a path of lam from the largest useful one down."""
    top = L21(1.0).largest(null_gradient(problem))
    return path_of([{"lam": lam} for lam in strength_path(top, n_points)])


def fit(problem, params, context, options):
    """Minimize over W."""
    return fit_penalty(problem, L21(params["lam"]), context, support=support)


SPEC = MethodSpec(
    name="l21",
    title="L21",
    order=200,
    citation="Obozinski, Taskar, Jordan. Multi-task feature selection. Technical report, UC Berkeley, 2006.",
    objective="sum_t F_t(w_t) + lam sum_j ||w^j||_2, w^j the weights of feature j",
    grid=grid,
    fit=fit,
    hyperparameters={"lam": "Strength of the (2,1)-norm."},
    axes=(Axis("lam", limit=no_features),),
    defaults=DEFAULTS,
    iterative=True,
    rotation_invariant=never,
    learns=("support",),
)
