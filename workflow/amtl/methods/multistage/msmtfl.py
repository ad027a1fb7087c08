"""Multi-stage multi-task feature learning: a lasso that does not shrink the features that are large."""

import numpy as np

from amtl.methods._axes import Axis
from amtl.methods._options import RESTARTS
from amtl.methods._penalized import (
    DEFAULTS,
    WEAK_SHARE,
    cap_grid,
    fit_stages,
    never,
    no_features,
    support,
    weak_solution,
)
from amtl.methods._spec import MethodSpec
from amtl.penalties import L1
from amtl.solvers.proximal import null_gradient


def _sizes(W):
    return np.abs(W).sum(axis=1)


def grid(problem, context, options, n_points):
    """Return a path of lam for caps from the largest row of a weak lasso down."""
    top = L1(1.0).largest(null_gradient(problem))
    W = weak_solution(problem, L1(WEAK_SHARE * top if top > 0.0 else 1.0), context)
    return cap_grid(problem, top, float(_sizes(W).max(initial=0.0)), n_points)


def fit(problem, params, context, options):
    """Minimize in stages. The first is the lasso; each next one has no penalty on rows above the cap."""
    lam, tau = params["lam"], params["tau"]

    def majorizer(W):
        below = _sizes(W) < tau
        return L1(lam) if below.all() else L1(lam, below)

    def value(W):
        return lam * float(np.minimum(_sizes(W), tau).sum())

    def first(factor):
        return L1(factor * lam)

    return fit_stages(problem, majorizer, value, first, context, options, support=support)


def _no_cap(problem, params, fit, end):
    """Return why a larger cap changes nothing, or None."""
    W = fit.W[: int(problem.penalized.sum())]
    return "no feature is above the cap" if end == "high" and (_sizes(W) < params["tau"]).all() else None


SPEC = MethodSpec(
    name="msmtfl",
    title="MSMTFL",
    order=400,
    citation="Gong, Ye, Zhang. Multi-stage multi-task feature learning. NeurIPS 2012.",
    objective="sum_t F_t(w_t) + lam sum_j min(||w^j||_1, tau)",
    grid=grid,
    fit=fit,
    hyperparameters={
        "lam": "Strength of the penalty.",
        "tau": "Cap: a feature with a larger sum of absolute values costs no more.",
    },
    axes=(Axis("lam", limit=no_features), Axis("tau", limit=_no_cap)),
    options={
        "restarts": RESTARTS["restarts"]
        | {
            "description": "Number of starts of each fit: the first from the lasso, the others from the "
            "same at other strengths. The fit with the lowest training objective is kept.",
        },
        "stages": {
            "type": ["integer", "null"],
            "minimum": 1,
            "default": None,
            "examples": [3],
            "description": "Number of stages of each fit, which has one start; result files keep the weights "
            "after each. null repeats stages until the weights no longer change.",
        },
    },
    defaults=DEFAULTS,
    iterative=True,
    rotation_invariant=never,
    learns=("support",),
)
