"""Multi-level lasso: each weight is a level that the tasks share, times a factor of its task."""

import numpy as np

from amtl.methods._axes import Axis
from amtl.methods._fit import Point
from amtl.methods._options import RESTARTS
from amtl.methods._penalized import (
    DEFAULTS,
    WEAK_SHARE,
    fit_stages,
    never,
    no_features,
    strength_path,
    support,
    weak_solution,
)
from amtl.methods._spec import MethodSpec
from amtl.penalties import L1
from amtl.solvers.proximal import curvature_bound, null_gradient

# The square root has no slope at zero. A row below this share of the scale of the weights counts as that
# much.
MIN_SIZE_SHARE = 1e-12


def _sizes(W):
    return np.abs(W).sum(axis=1)


def _weak(problem, factor=1.0):
    """Return a weak lasso: every fit starts from its dense weights, because a row of zeros never returns."""
    top = L1(1.0).largest(null_gradient(problem))
    return L1(factor * WEAK_SHARE * top if top > 0.0 else 1.0)


def grid(problem, context, options, n_points):
    """Return a path of alpha from the slope that the largest row of a weak lasso cannot withstand down."""
    G = null_gradient(problem)
    largest = float(_sizes(weak_solution(problem, _weak(problem), context)).max(initial=0.0))
    top = 2.0 * largest**0.5 * float(np.abs(G).max(initial=0.0))
    # Without paths: the rows of zeros of a stronger penalty would never return.
    return [Point({"alpha": alpha}) for alpha in strength_path(top, n_points)]


def fit(problem, params, context, options):
    """Minimize in stages, each a lasso whose strengths are the slopes of the square roots."""
    alpha = params["alpha"]
    scale = float(_sizes(null_gradient(problem)).max(initial=0.0)) / curvature_bound(problem)

    def majorizer(W):
        sizes = _sizes(W)
        least = MIN_SIZE_SHARE * max(float(sizes.max(initial=0.0)), scale, 1e-300)
        return L1(alpha, 0.5 / np.sqrt(np.maximum(sizes, least)))

    def value(W):
        return alpha * float(np.sqrt(_sizes(W)).sum())

    def first(factor):
        return _weak(problem, factor)

    return fit_stages(problem, majorizer, value, first, context, options, support=support)


SPEC = MethodSpec(
    name="multi-level-lasso",
    title="Multi-level lasso",
    order=410,
    citation="Lozano, Swirszcz. Multi-level lasso for sparse multi-task regression. ICML 2012.",
    objective="sum_t F_t(w_t) + alpha sum_j sqrt(||w^j||_1): the least l1 sum_j theta_j + "
    "l2 sum_j ||gamma^j||_1 over W_jt = theta_j gamma_jt, theta >= 0, with alpha = 2 sqrt(l1 l2)",
    grid=grid,
    fit=fit,
    hyperparameters={"alpha": "Strength of the penalty."},
    axes=(Axis("alpha", limit=no_features),),
    options={
        "restarts": RESTARTS["restarts"]
        | {
            "description": "Number of starts of each fit: the first from a weak lasso, the others from the "
            "same at other strengths. The fit with the lowest training objective is kept.",
        }
    },
    defaults=DEFAULTS,
    iterative=True,
    rotation_invariant=never,
    learns=("support",),
)
