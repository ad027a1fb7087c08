"""cFSGL: convex fused sparse group lasso. Neighbouring tasks have equal weights, but at few jumps.

Its neighbours determine the weights of a task without rows. Where all weights between theirs cost the same,
the fit has one of them.
"""

from amtl.methods._axes import Axis
from amtl.methods._fit import Point
from amtl.methods._grids import geometric, two_axes
from amtl.methods._penalized import DEFAULTS, fit_penalty, never, no_features, strength_path, support
from amtl.methods._spec import MethodSpec, borrows
from amtl.penalties import FusedSparseGroup
from amtl.solvers.proximal import null_gradient

# lam1 and lam2 run over these multiples of lam3.
LARGEST_LAM1, SMALLEST_LAM1 = 2.0, 0.1
LARGEST_LAM2, SMALLEST_LAM2 = 10.0, 0.1


def grid(problem, context, options, n_points):
    """Return paths of lam3 for every lam1 / lam3 and lam2 / lam3.

    They begin at the largest useful lam3 for the smallest ratios, so that all ratios have the same values.
    """
    n_strengths, n_others = two_axes(n_points)
    n_lam2, n_lam1 = two_axes(n_others)
    lam1s = geometric(LARGEST_LAM1, SMALLEST_LAM1, n_lam1)
    lam2s = geometric(LARGEST_LAM2, SMALLEST_LAM2, n_lam2)
    top = FusedSparseGroup(1.0, lam1s[-1], lam2s[-1], 1.0).largest(null_gradient(problem))
    points = []
    for lam2 in lam2s:
        for lam1 in lam1s:
            for k, lam3 in enumerate(strength_path(top, n_strengths)):
                params = {"lam3": lam3, "lam1": lam1 * lam3, "lam2": lam2 * lam3}
                points.append(Point(params, len(points) - 1 if k else None))
    return points


def fit(problem, params, context, options):
    """Minimize over W."""
    penalty = FusedSparseGroup(1.0, params["lam1"], params["lam2"], params["lam3"])
    return fit_penalty(problem, penalty, context, support=support)


SPEC = MethodSpec(
    name="cfsgl",
    title="cFSGL",
    order=510,
    citation="Zhou, Liu, Narayan, Ye. Modeling disease progression via fused sparse group lasso. KDD 2012.",
    objective="sum_t F_t(w_t) + lam1 ||W||_11 + lam2 sum_t ||w_t - w_t+1||_1 + lam3 sum_j ||w^j||_2, tasks "
    "in their order",
    grid=grid,
    fit=fit,
    hyperparameters={
        "lam3": "Strength of the (2,1)-norm.",
        "lam1": "Strength of the sum of absolute values.",
        "lam2": "Strength of the differences of neighbouring tasks.",
    },
    axes=(
        Axis("lam3", limit=no_features),
        Axis("lam1", relative_to="lam3"),
        Axis("lam2", relative_to="lam3"),
    ),
    defaults=DEFAULTS,
    iterative=True,
    rotation_invariant=never,
    learns=("support",),
    needs_rows=borrows,
    ordered=True,
)
