"""Sparse plus low rank: a few directions that the tasks share, and single weights besides them.

The paper has the constraint ||Q||_* <= tau in place of the penalty on Q. Both have the same solutions: a fit
here is the one of the paper at tau = ||Q||_*, the sum of the singular values of `parts[1]`.
"""

import numpy as np

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
from amtl.penalties import L1, Parts, TraceNorm
from amtl.solvers.proximal import null_gradient


def grid(problem, context, options, n_points):
    """Return a path of lam for every ratio between 1 and (p T)^1/2. Outside this range one part is zero."""
    G = null_gradient(problem)

    def top(ratio):
        return max(L1(1.0).largest(G), TraceNorm(1.0).largest(G) / ratio)

    return ratio_grid("ratio", lambda count: between(*_corners(problem), count), top, n_points)


def _corners(problem):
    return 1.0, np.sqrt(problem.penalized.sum() * problem.n_tasks)


def fit(problem, params, context, options):
    """Minimize over both parts together."""
    lam = params["lam"]
    penalty = Parts(L1(lam), TraceNorm(params["ratio"] * lam))
    return fit_penalty(problem, penalty, context, parts=parts)


SPEC = MethodSpec(
    name="sparse-low-rank",
    title="Sparse + low rank",
    order=330,
    citation="Chen, Liu, Ye. Learning incoherent sparse and low-rank patterns from multiple tasks. "
    "TKDD 5, 2012.",
    objective="sum_t F_t(w_t) + lam ||P||_1 + ratio lam ||Q||_*, W = P + Q",
    grid=grid,
    fit=fit,
    hyperparameters={
        "lam": "Strength of the sum of absolute values of P.",
        "ratio": "Strength of the trace norm of Q, relative to lam: between 1 and (p T)^1/2 for p features.",
    },
    axes=(Axis("lam", limit=no_features), Axis("ratio", limit=one_part, fixed=True)),
    defaults=DEFAULTS,
    iterative=True,
    rotation_invariant=never,
    learns=("parts",),
)
