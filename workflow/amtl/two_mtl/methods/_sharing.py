"""What the methods that share rows have in common: their problem, their grid and their fit."""

import numpy as np

from amtl.methods._axes import Axis
from amtl.methods._fit import Fit, Point
from amtl.methods._grids import geometric, two_axes
from amtl.two_mtl import solvers
from amtl.two_mtl.objective import Objective
from amtl.two_mtl.problem import SharingProblem
from amtl.two_mtl.similarity import similarity

CITATION = "X. Sun et al. 2MTL: second-order adaptive multi-task learning."
OBJECTIVE = "sum_t ||w_t||^2 / (2 sigma^2) - sum_ts A_ts log P(d_s | w_t)"
KINDS = ("binary", "multiclass", "sequence")
# sigma runs from strong to weak regularization of standardized features, or of features that are 0 or 1.
SMALLEST_SIGMA, LARGEST_SIGMA = 0.1, 10.0
# C runs from full sharing up to where other tasks hardly count.
LARGEST_C = 30.0
HYPERPARAMETERS = {"sigma": "Standard deviation of the prior of the weights."}
HYPERPARAMETERS_OF_LEARNED = {**HYPERPARAMETERS, "C": "Divisor of the similarity of different tasks."}


def _full_sharing(problem, params, fit, end):
    """Return why no smaller C is useful: a row of the most similar task counts as much as an own one."""
    return "C is 1, full sharing" if end == "low" and params["C"] <= 1.0 + 1e-9 else None


AXES = (Axis("sigma"),)
AXES_OF_LEARNED = (Axis("sigma"), Axis("C", limit=_full_sharing))

PASSES = {
    "passes": {
        "type": "integer",
        "minimum": 1,
        "default": 10,
        "description": "Passes over the rows.",
    },
}
RULE = {
    "step_rule": {
        "type": "string",
        "enum": ["bounded", "printed"],
        "default": "bounded",
        "description": "Step sizes: bounded from both sides, or as printed in the paper, which can diverge.",
    },
}
LEARNED = {
    "similarity": {
        "type": "string",
        "enum": ["rbf", "poly", "cor"],
        "default": "rbf",
        "description": "How the similarity of two tasks follows from their weights (3.19 to 3.21).",
    },
    "update_every": {
        "type": "integer",
        "minimum": 0,
        "default": 2,
        "unit": "passes",
        "description": "Passes between updates of the similarities (accelerated 2MTL); 0 to update them when "
        "the weights have settled (2MTL).",
    },
}


def sees(split, part, options, like=None):
    """Return the `SharingProblem` of a part of a split. like : that of the training rows, or None."""
    return SharingProblem(split, part, options["intercept"], like)


def grid(problem, context, options, n_points):
    """Return every sigma, or every pair of sigma and C, from strong to weak regularization."""
    if "similarity" not in options:
        return [Point({"sigma": sigma}) for sigma in _sigmas(n_points)]
    n_sigma, n_C = two_axes(n_points)
    Cs = geometric(1.0, LARGEST_C, n_C)
    return [Point({"sigma": sigma, "C": C}) for sigma in _sigmas(n_sigma) for C in Cs]


def _sigmas(count):
    return geometric(SMALLEST_SIGMA, LARGEST_SIGMA, count)


def sharing(relation, rule=None):
    """Return the fields of a `MethodSpec` of a method that shares rows; arguments as for `fit_sharing`."""
    learned = relation == "learned"

    def fit(problem, params, context, options):
        """Fit the weights of all tasks."""
        return fit_sharing(problem, params, context, options, relation, rule)

    return {
        "citation": CITATION,
        "objective": OBJECTIVE,
        "grid": grid,
        "fit": fit,
        "sees": sees,
        "axes": AXES_OF_LEARNED if learned else AXES,
        "hyperparameters": HYPERPARAMETERS_OF_LEARNED if learned else HYPERPARAMETERS,
        "options": {**PASSES, **(LEARNED if learned else {}), **({} if rule else RULE)},
        "defaults": {"intercept": "free"},
        "applies_to": KINDS,
        "learns": ("similarity",) if learned else (),
    }


def fit_sharing(problem, params, context, options, relation, rule=None):
    """Fit by stochastic updates.

    relation : "learned" for similarities that follow the weights; "identity", "ones" or "true" for fixed
    ones. rule : the step rule, in place of that of the options.
    """
    objective = Objective(problem.model, problem.penalized / params["sigma"] ** 2)
    if relation == "learned":

        def similarities(W):
            return similarity(W[:, problem.kept], options["similarity"], params["C"])
    else:
        fixed = problem.similarity if relation == "true" else relation

        def similarities(W):
            return similarity(W, fixed)

    given = {"seed": "/".join(map(str, context.seed)), "rule": rule or options["step_rule"]}
    if relation == "learned" and options["update_every"] == 0:
        found = solvers.fit_alternating(objective, similarities, options["passes"], **given)
    else:
        every = options["update_every"] if relation == "learned" else None
        found = solvers.fit_online(objective, similarities, options["passes"], update_every=every, **given)
    W = np.where(np.isfinite(found.W), found.W, 0.0).T
    trace = [entry["objective"] for entry in found.trace]
    return Fit(
        W,
        trace,
        len(found.trace),
        bool(found.converged),
        float(found.trace[-1].get("gradient", np.inf)),
        learned={"similarity": found.A},
    )
