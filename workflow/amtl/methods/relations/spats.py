"""SPATS: a covariance of the tasks whose entries are penalized by their absolute values.

The penalty of the weights that is left, after the covariance is eliminated, is sqrt(2 lam1 lam2) sum_t
||w_t||_2: it does not couple the tasks. A diagonal Omega gives this value. No other gives less: with unit
vectors u_t along w_t, the matrix Z = (u_s'u_t) is psd with entries between -1 and 1, so that sum |Omega_st|
>= tr(Omega Z), and min_Omega lam1/2 tr(W Omega^-1 W') + lam2 tr(Omega Z) = sqrt(2 lam1 lam2) ||W U'||_* >=
sqrt(2 lam1 lam2) tr(W U').
"""

import numpy as np

from amtl.methods._axes import Axis
from amtl.methods._penalized import fit_penalty, path_of, strength_path
from amtl.methods._penalized import no_features as no_weights
from amtl.methods._spec import MethodSpec
from amtl.penalties import ColumnNorm
from amtl.solvers.proximal import null_gradient


def covariance(W):
    """Return the diagonal Omega = diag(||w_t||) / trace (T, T), or I/T for zero weights."""
    sizes = np.linalg.norm(W, axis=0)
    return np.diag(sizes / sizes.sum() if sizes.any() else np.full(len(sizes), 1.0 / len(sizes)))


def grid(problem, context, options, n_points):
    """Return a path of lam from the largest useful one down."""
    top = ColumnNorm(1.0).largest(null_gradient(problem))
    return path_of([{"lam": lam} for lam in strength_path(top, n_points)])


def fit(problem, params, context, options):
    """Minimize over W. Omega is eliminated: W determines it."""
    return fit_penalty(problem, ColumnNorm(params["lam"]), context, covariance=covariance)


SPEC = MethodSpec(
    name="spats",
    title="SPATS",
    order=490,
    citation="Zhang, Yang. Learning sparse task relations in multi-task learning. AAAI 2017.",
    objective="sum_t F_t(w_t) + lam1/2 tr(W Omega^-1 W') + lam2 sum_st |Omega_st|, Omega psd: "
    "lam sum_t ||w_t||_2, lam = sqrt(2 lam1 lam2)",
    grid=grid,
    fit=fit,
    hyperparameters={"lam": "Strength: sqrt(2 lam1 lam2). Nothing else of lam1 and lam2 matters."},
    axes=(Axis("lam", limit=no_weights),),
    iterative=True,
    learns=("covariance",),
)
