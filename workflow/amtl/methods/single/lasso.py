"""Lasso: every task alone, with few features each. A control for joint selection."""

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
from amtl.penalties import L1
from amtl.solvers.proximal import null_gradient


def grid(problem, context, options, n_points):
    """Return a path of lam from the largest useful one down."""
    top = L1(1.0).largest(null_gradient(problem))
    return path_of([{"lam": lam} for lam in strength_path(top, n_points)])


def fit(problem, params, context, options):
    """Minimize over W."""
    return fit_penalty(problem, L1(params["lam"]), context, support=support)


SPEC = MethodSpec(
    name="lasso",
    title="Lasso",
    order=900,
    citation="Tibshirani. Regression shrinkage and selection via the lasso. JRSS B 58, 1996.",
    objective="sum_t F_t(w_t) + lam ||W||_1",
    grid=grid,
    fit=fit,
    hyperparameters={"lam": "Strength of the sum of absolute values."},
    axes=(Axis("lam", limit=no_features),),
    defaults=DEFAULTS,
    control=True,
    iterative=True,
    rotation_invariant=never,
    learns=("support",),
)
