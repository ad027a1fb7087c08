"""Multi-task elastic net: features for all tasks, with a ridge; or its adaptive form in stages."""

import numpy as np

from amtl.methods._axes import Axis
from amtl.methods._fit import Point
from amtl.methods._grids import geometric, two_axes
from amtl.methods._penalized import DEFAULTS, fit_penalty, never, no_features, strength_path, support
from amtl.methods._spec import MethodSpec
from amtl.penalties import L21, ElasticNet
from amtl.solvers.proximal import curvature_bound, minimize_composite, null_gradient

# The ridge runs from this share of the largest curvature down, over these decades.
LARGEST_RIDGE_SHARE, RIDGE_DECADES = 0.1, 4.0
# The size of a row below this share of the largest one counts as that much.
MIN_SIZE_SHARE = 1e-6


def grid(problem, context, options, n_points):
    """Return a path of lam for every ridge."""
    count, ridges = two_axes(n_points)
    top = LARGEST_RIDGE_SHARE * curvature_bound(problem)
    ridges = geometric(top, top * 10.0**-RIDGE_DECADES, ridges)
    points = []
    for lam in strength_path(L21(1.0).largest(null_gradient(problem)), count):
        before = len(points) - len(ridges)
        points += [
            Point({"lam": lam, "ridge": ridge}, before + k if before >= 0 else None)
            for k, ridge in enumerate(ridges)
        ]
    return points


def stage_weights(W, gamma):
    """Return the weights (p,) of the next stage: (||w^j|| / max_i ||w^i||)^-gamma, or None if W is zero."""
    sizes = np.linalg.norm(W, axis=1)
    largest = float(sizes.max(initial=0.0))
    return None if largest == 0.0 else np.maximum(sizes / largest, MIN_SIZE_SHARE) ** -gamma


def fit(problem, params, context, options):
    """Minimize over W, once or in stages with new weights of the features."""
    lam, ridge, weights = params["lam"], params["ridge"], None
    p = int(problem.penalized.sum())
    for _ in range(options["stages"] - 1):
        start = problem.null_weights
        penalty = ElasticNet(lam, ridge, weights)
        found = minimize_composite(problem, penalty, start, context.tolerance, context.max_iterations)
        weights = stage_weights(found.W[:p], options["gamma"])
    return fit_penalty(problem, ElasticNet(lam, ridge, weights), context, support=support)


SPEC = MethodSpec(
    name="elastic-net",
    title="Multi-task elastic net",
    order=230,
    citation="Chen, He, Carbonell. Adaptive multi-task sparse learning with an application to fMRI study. "
    "SDM 2012.",
    objective="sum_t F_t(w_t) + lam sum_j s_j ||w^j||_2 + ridge ||W||_F^2, s_j = 1 "
    "(stages: s_j = (||v^j|| / max_i ||v^i||)^-gamma with V of the stage before)",
    grid=grid,
    fit=fit,
    hyperparameters={
        "lam": "Strength of the (2,1)-norm.",
        "ridge": "Strength of the squares.",
    },
    axes=(Axis("lam", limit=no_features), Axis("ridge")),
    options={
        "stages": {
            "type": "integer",
            "minimum": 1,
            "default": 1,
            "examples": [3],
            "description": "Number of stages; from the second on, each feature has its own strength, the "
            "larger the smaller its weights were (the adaptive multi-task elastic net has 3).",
        },
        "gamma": {
            "type": "number",
            "minimum": 0,
            "default": 1,
            "description": "Exponent of the sizes in the strengths of the later stages; 0 repeats the first.",
        },
    },
    defaults=DEFAULTS,
    iterative=True,
    rotation_invariant=never,
    learns=("support",),
)
