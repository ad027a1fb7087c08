"""RAMUSA: a trace norm that does not shrink the directions that are large."""

import numpy as np

from amtl.methods._axes import Axis
from amtl.methods._options import RESTARTS
from amtl.methods._penalized import (
    DEFAULTS,
    WEAK_SHARE,
    cap_grid,
    fit_stages,
    no_features,
    singular_values,
    weak_solution,
)
from amtl.methods._spec import MethodSpec
from amtl.penalties import CappedTraceNorm, TraceNorm
from amtl.solvers.proximal import null_gradient


def grid(problem, context, options, n_points):
    """Return a path of lam for caps from the largest singular value with a weak trace norm down."""
    top = TraceNorm(1.0).largest(null_gradient(problem))
    W = weak_solution(problem, TraceNorm(WEAK_SHARE * top if top > 0.0 else 1.0), context)
    return cap_grid(problem, top, float(singular_values(W).max(initial=0.0)), n_points)


def fit(problem, params, context, options):
    """Minimize in stages. The first has the trace norm; each next one leaves values above the cap free."""
    lam, tau = params["lam"], params["tau"]

    def majorizer(W):
        U, s, Vt = np.linalg.svd(W, full_matrices=False)
        above = s > tau
        return CappedTraceNorm(lam, U[:, above] @ Vt[above]) if above.any() else TraceNorm(lam)

    def value(W):
        return lam * float(np.minimum(singular_values(W), tau).sum())

    def first(factor):
        return TraceNorm(factor * lam)

    return fit_stages(problem, majorizer, value, first, context, options, singular_values=singular_values)


def _no_cap(problem, params, fit, end):
    """Return why a larger cap changes nothing, or None."""
    above = fit.learned["singular_values"] > params["tau"]
    return "no singular value is above the cap" if end == "high" and not above.any() else None


SPEC = MethodSpec(
    name="ramusa",
    title="RAMUSA",
    order=420,
    citation="Han, Zhang. Multi-stage multi-task learning with reduced rank. AAAI 2016.",
    objective="sum_t F_t(w_t) + lam sum_r min(sigma_r(W), tau), sigma_r the singular values",
    grid=grid,
    fit=fit,
    hyperparameters={
        "lam": "Strength of the penalty.",
        "tau": "Cap: a larger singular value costs no more.",
    },
    axes=(Axis("lam", limit=no_features), Axis("tau", limit=_no_cap)),
    options={
        "restarts": RESTARTS["restarts"]
        | {
            "default": 1,
            "description": "Number of starts of each fit: the first from the trace norm, the others from the "
            "same at other strengths. The fit with the lowest training objective is kept. On separable "
            "classes the others may lead to weights without bound: a capped penalty does not hold them.",
        }
    },
    defaults=DEFAULTS,
    iterative=True,
    learns=("singular_values",),
)
