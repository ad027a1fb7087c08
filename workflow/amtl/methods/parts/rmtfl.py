"""Robust multi-task feature learning: features that all tasks share, and outlier tasks."""

import numpy as np

from amtl.methods._axes import Axis
from amtl.methods._penalized import (
    DEFAULTS,
    between,
    fit_penalty,
    never,
    no_features,
    one_part,
    outliers,
    parts,
    ratio_grid,
)
from amtl.methods._spec import MethodSpec
from amtl.penalties import L21, ColumnNorm, Parts
from amtl.solvers.proximal import null_gradient


def grid(problem, context, options, n_points):
    """Return a path of lam for every ratio between T^-1/2 and p^1/2. Outside this range one part is zero."""
    G = null_gradient(problem)

    def top(ratio):
        return max(L21(1.0).largest(G), ColumnNorm(1.0).largest(G) / ratio)

    return ratio_grid("ratio", lambda count: between(*_corners(problem), count), top, n_points)


def _corners(problem):
    return problem.n_tasks**-0.5, np.sqrt(problem.penalized.sum())


def fit(problem, params, context, options):
    """Minimize over both parts together."""
    lam = params["lam"]
    penalty = Parts(L21(lam), ColumnNorm(params["ratio"] * lam))
    return fit_penalty(problem, penalty, context, parts=parts, outliers=outliers)


SPEC = MethodSpec(
    name="rmtfl",
    title="rMTFL",
    order=320,
    citation="Gong, Ye, Zhang. Robust multi-task feature learning. KDD 2012.",
    objective="sum_t F_t(w_t) + lam sum_j ||p^j||_2 + ratio lam sum_t ||q_t||_2, W = P + Q",
    grid=grid,
    fit=fit,
    hyperparameters={
        "lam": "Strength of the (2,1)-norm of P.",
        "ratio": "Strength of the column norms of Q, relative to lam: between T^-1/2 and p^1/2 "
        "for p features.",
    },
    axes=(Axis("lam", limit=no_features), Axis("ratio", limit=one_part, fixed=True)),
    defaults=DEFAULTS,
    iterative=True,
    rotation_invariant=never,
    learns=("parts", "outliers"),
)
