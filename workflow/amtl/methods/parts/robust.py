"""Robust multi-task learning: tasks in a few shared directions, and outlier tasks."""

from amtl.methods._axes import Axis
from amtl.methods._penalized import (
    DEFAULTS,
    between,
    fit_penalty,
    no_features,
    one_part,
    outliers,
    parts,
    ratio_grid,
)
from amtl.methods._spec import MethodSpec
from amtl.penalties import ColumnNorm, Parts, TraceNorm
from amtl.solvers.proximal import null_gradient


def grid(problem, context, options, n_points):
    """Return a path of lam for every ratio between T^-1/2 and 1. Outside this range one part is zero."""
    G = null_gradient(problem)

    def top(ratio):
        return max(TraceNorm(1.0).largest(G), ColumnNorm(1.0).largest(G) / ratio)

    return ratio_grid("ratio", lambda count: between(*_corners(problem), count), top, n_points)


def _corners(problem):
    return problem.n_tasks**-0.5, 1.0


def fit(problem, params, context, options):
    """Minimize over both parts together."""
    lam = params["lam"]
    penalty = Parts(TraceNorm(lam), ColumnNorm(params["ratio"] * lam))
    return fit_penalty(problem, penalty, context, parts=parts, outliers=outliers)


SPEC = MethodSpec(
    name="robust",
    title="Robust MTL",
    order=310,
    citation="Chen, Zhou, Ye. Integrating low-rank and group-sparse structures for robust multi-task "
    "learning. KDD 2011.",
    objective="sum_t F_t(w_t) + lam ||P||_* + ratio lam sum_t ||q_t||_2, W = P + Q",
    grid=grid,
    fit=fit,
    hyperparameters={
        "lam": "Strength of the trace norm of P.",
        "ratio": "Strength of the column norms of Q, relative to lam: between T^-1/2 and 1.",
    },
    axes=(Axis("lam", limit=no_features), Axis("ratio", limit=one_part, fixed=True)),
    defaults=DEFAULTS,
    iterative=True,
    learns=("parts", "outliers"),
)
