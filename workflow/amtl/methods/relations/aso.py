"""ASO: the tasks share k directions in which their weights are penalized less.

It is not convex; CMTL is its convex relaxation. rho2 = 0 would be the first form of ASO (Ando and Zhang
2005), rho2 > 0 is the improved one (iASO).
"""

import numpy as np

from amtl import random as seeds
from amtl.methods._options import RESTARTS
from amtl.methods._spec import MethodSpec
from amtl.methods.relations._sizes import AXES, extend_sizes, fit_from_best, hyperparameters, size_grid
from amtl.methods.single import stl
from amtl.solvers.relation import Tail, minimize_related


def _starts(problem, context, k, count):
    """Return the single-task weights, and those of the point before or random mixtures of them."""
    found = [(context.init, None)]
    if context.warm is not None:
        return [(context.warm, None), *found]
    penalized, n_tasks = problem.penalized[:, None], problem.n_tasks
    for number in range(1, count):
        rng = seeds.generator(*context.seed, "start", k, number)
        mixed = context.init @ rng.standard_normal((n_tasks, n_tasks)) / np.sqrt(n_tasks)
        found.append((mixed * penalized + context.init * (1.0 - penalized), None))
    return found


def fit(problem, params, context, options):
    """Minimize over W, from several starts. Theta is eliminated: W determines it."""
    relation = Tail(params["k"], params["rho1"], params["rho2"])

    def solve(W, state, tolerance, max_iterations):
        return minimize_related(problem, relation, W, tolerance, max_iterations)

    def learned(minimum):
        Wp = minimum.W * problem.penalized[:, None]
        return {"singular_values": np.linalg.svd(Wp, compute_uv=False)}

    return fit_from_best(solve, _starts(problem, context, params["k"], options["restarts"]), context, learned)


SPEC = MethodSpec(
    name="aso",
    title="ASO",
    order=470,
    citation="Ando, Zhang. A framework for learning predictive structures from multiple tasks and unlabeled "
    "data. JMLR 6, 2005. Chen, Tang, Liu, Ye. A convex formulation for learning shared structures from "
    "multiple tasks. ICML 2009.",
    objective="sum_t F_t(w_t) + rho1 ||W - Theta' Theta W||_F^2 + rho2 ||W||_F^2, Theta (k, d) with "
    "orthonormal rows",
    grid=size_grid,
    fit=fit,
    extend=extend_sizes,
    hyperparameters=hyperparameters("shared directions"),
    axes=AXES,
    options=RESTARTS,
    init=stl.SPEC,
    iterative=True,
    learns=("singular_values",),
)
