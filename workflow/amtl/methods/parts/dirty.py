"""Dirty model: features that all tasks share, and features of single tasks besides them."""

from amtl.methods._axes import Axis
from amtl.methods._penalized import (
    DEFAULTS,
    between,
    fit_penalty,
    never,
    no_features,
    one_part,
    parts,
    ratio_grid,
)
from amtl.methods._spec import MethodSpec
from amtl.penalties import L1, LInf1, Parts
from amtl.solvers.proximal import null_gradient


def grid(problem, context, options, n_points):
    """Return a path of lam for every ratio between 1 and T. Outside this range one part is zero."""
    G = null_gradient(problem)

    def top(ratio):
        return max(L1(1.0).largest(G), LInf1(1.0).largest(G) / ratio)

    return ratio_grid("ratio", lambda count: between(*_corners(problem), count), top, n_points)


def _corners(problem):
    return 1.0, problem.n_tasks


def fit(problem, params, context, options):
    """Minimize over both parts together."""
    lam = params["lam"]
    penalty = Parts(L1(lam), LInf1(params["ratio"] * lam))
    return fit_penalty(problem, penalty, context, parts=parts)


SPEC = MethodSpec(
    name="dirty",
    title="Dirty model",
    order=300,
    citation="Jalali, Ravikumar, Sanghavi, Ruan. A dirty model for multi-task learning. NeurIPS 2010.",
    objective="sum_t F_t(w_t) + lam ||P||_1 + ratio lam sum_j max_t |Q_jt|, W = P + Q",
    grid=grid,
    fit=fit,
    hyperparameters={
        "lam": "Strength of the sum of absolute values of P.",
        "ratio": "Strength of the (inf,1)-norm of Q, relative to lam: between 1 and T.",
    },
    axes=(Axis("lam", limit=no_features), Axis("ratio", limit=one_part, fixed=True)),
    defaults=DEFAULTS,
    iterative=True,
    rotation_invariant=never,
    learns=("parts",),
)
