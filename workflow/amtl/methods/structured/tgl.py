"""TGL: temporal group lasso. Neighbours in the order of the tasks are similar; all use the same features.

Its neighbours determine the weights of a task without rows.
"""

import numpy as np

from amtl.methods._axes import Axis
from amtl.methods._fit import Point
from amtl.methods._grids import geometric, two_axes
from amtl.methods._penalized import DEFAULTS, fit_penalty, never, no_features, strength_path, support
from amtl.methods._spec import MethodSpec, borrows
from amtl.methods.relations._coupling import laplacian
from amtl.methods.single import stl
from amtl.penalties import L21
from amtl.solvers.proximal import null_gradient

# lam1 and lam2 run over these multiples of STL's tuned ridge weight.
LARGEST_LAM1, SMALLEST_LAM1 = 1.0, 0.01
LARGEST_LAM2, SMALLEST_LAM2 = 100.0, 0.1


def chain(n_tasks):
    """Return R R' (T, T): tr(W R R' W') is the sum of the squared differences of neighbouring tasks."""
    return laplacian(n_tasks, [(t, t + 1, 1.0) for t in range(n_tasks - 1)])


def grid(problem, context, options, n_points):
    """Return paths of lam3, from the largest useful one down, for every lam1 and lam2."""
    n_strengths, n_others = two_axes(n_points)
    n_lam2, n_lam1 = two_axes(n_others)
    strengths = strength_path(L21(1.0).largest(null_gradient(problem)), n_strengths)
    rho, points = context.init_rho, []
    for lam2 in geometric(LARGEST_LAM2 * rho, SMALLEST_LAM2 * rho, n_lam2):
        for lam1 in geometric(LARGEST_LAM1 * rho, SMALLEST_LAM1 * rho, n_lam1):
            for k, lam3 in enumerate(strengths):
                params = {"lam1": lam1, "lam2": lam2, "lam3": lam3}
                points.append(Point(params, len(points) - 1 if k else None))
    return points


def fit(problem, params, context, options):
    """Minimize over W."""
    T = problem.n_tasks
    coupling = params["lam1"] * np.eye(T) + params["lam2"] * chain(T)
    return fit_penalty(problem, L21(params["lam3"]), context, coupling, support=support)


SPEC = MethodSpec(
    name="tgl",
    title="TGL",
    order=500,
    citation="Zhou, Yuan, Liu, Ye. A multi-task learning formulation for predicting disease progression. KDD "
    "2011.",
    objective="sum_t F_t(w_t) + lam1 ||W||_F^2 + lam2 sum_t ||w_t - w_t+1||^2 + lam3 sum_j ||w^j||_2, tasks "
    "in their order",
    grid=grid,
    fit=fit,
    hyperparameters={
        "lam1": "Ridge weight.",
        "lam2": "Strength of the coupling of neighbouring tasks.",
        "lam3": "Strength of the (2,1)-norm.",
    },
    axes=(Axis("lam3", limit=no_features), Axis("lam2"), Axis("lam1")),
    defaults=DEFAULTS,
    init=stl.SPEC,
    iterative=True,
    rotation_invariant=never,
    learns=("support",),
    needs_rows=borrows,
    ordered=True,
)
