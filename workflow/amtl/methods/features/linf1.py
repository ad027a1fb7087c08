"""Multi-task lasso with the largest weight: a feature that one task uses costs the other tasks nothing."""

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
from amtl.penalties import LInf1
from amtl.solvers.proximal import null_gradient


def grid(problem, context, options, n_points):
    """Return a path of lam from the largest useful one down."""
    top = LInf1(1.0).largest(null_gradient(problem))
    return path_of([{"lam": lam} for lam in strength_path(top, n_points)])


def fit(problem, params, context, options):
    """Minimize over W."""
    return fit_penalty(problem, LInf1(params["lam"]), context, support=support)


SPEC = MethodSpec(
    name="linf1",
    title="Linf1",
    order=210,
    citation="Zhang. A probabilistic framework for multi-task learning. PhD thesis, Carnegie Mellon, 2006.",
    objective="sum_t F_t(w_t) + lam sum_j max_t |W_jt|",
    grid=grid,
    fit=fit,
    hyperparameters={"lam": "Strength of the (inf,1)-norm."},
    axes=(Axis("lam", limit=no_features),),
    defaults=DEFAULTS,
    iterative=True,
    rotation_invariant=never,
    learns=("support",),
)
