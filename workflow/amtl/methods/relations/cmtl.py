"""CMTL, relaxed: tasks fall into k clusters with similar weights; the clusters are relaxed to a matrix M.

The convex form of ASO, in which the tasks share k directions, has the same penalty: both are one function of
the singular values of W.
"""

from amtl.methods._fit import fit_from_minimum
from amtl.methods._spec import MethodSpec
from amtl.methods.relations._sizes import AXES, extend_sizes, hyperparameters, size_grid
from amtl.methods.single import stl
from amtl.solvers.relation import Clustered, minimize_related


def fit(problem, params, context, options):
    """Minimize over W. M is eliminated: W determines it."""
    relation = Clustered(params["k"], params["rho1"], params["rho2"])
    start = context.init if context.warm is None else context.warm
    minimum = minimize_related(problem, relation, start, context.tolerance, context.max_iterations)
    M = relation.matrix(minimum.W * problem.penalized[:, None])
    return fit_from_minimum(minimum, learned={"cluster_matrix": M})


SPEC = MethodSpec(
    name="cmtl",
    title="CMTL",
    order=460,
    citation="Zhou, Chen, Ye. Clustered multi-task learning via alternating structure optimization. NIPS "
    "2011. Chen, Tang, Liu, Ye. A convex formulation for learning shared structures from multiple tasks. "
    "ICML 2009.",
    objective="sum_t F_t(w_t) + rho1 eta (1 + eta) min_M tr(W (eta I + M)^-1 W'), tr M = k, 0 <= M <= I, "
    "eta = rho2 / rho1",
    grid=size_grid,
    fit=fit,
    extend=extend_sizes,
    hyperparameters=hyperparameters("clusters"),
    axes=AXES,
    init=stl.SPEC,
    iterative=True,
    learns=("cluster_matrix",),
)
