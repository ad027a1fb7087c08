"""Trace norm: the weights of all tasks lie in a few directions."""

from amtl.methods._axes import Axis
from amtl.methods._penalized import (
    DEFAULTS,
    fit_penalty,
    no_features,
    path_of,
    singular_values,
    strength_path,
)
from amtl.methods._spec import MethodSpec
from amtl.penalties import TraceNorm
from amtl.solvers.proximal import null_gradient


def grid(problem, context, options, n_points):
    """Return a path of lam from the largest useful one down."""
    top = TraceNorm(1.0).largest(null_gradient(problem))
    return path_of([{"lam": lam} for lam in strength_path(top, n_points)])


def fit(problem, params, context, options):
    """Minimize over W."""
    return fit_penalty(problem, TraceNorm(params["lam"]), context, singular_values=singular_values)


SPEC = MethodSpec(
    name="trace-norm",
    title="Trace norm",
    order=240,
    citation="Ji, Ye. An accelerated gradient method for trace norm minimization. ICML 2009.",
    objective="sum_t F_t(w_t) + lam ||W||_*, the sum of the singular values",
    grid=grid,
    fit=fit,
    hyperparameters={"lam": "Strength of the trace norm."},
    axes=(Axis("lam", limit=no_features),),
    defaults=DEFAULTS,
    iterative=True,
    learns=("singular_values",),
)
