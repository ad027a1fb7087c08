"""The objectives of the survey's methods, against optima of independent software at the same parameters."""

import numpy as np
import pytest

from amtl.methods import load_method
from amtl.methods._fit import Context
from amtl.penalties import ElasticNet, SparseGroup
from amtl.solvers.proximal import minimize_composite
from helpers.problems import options_of
from helpers.reference_rows import TOLERANCE, excess, parametrize, problem_of

CONTEXT = Context(tolerance=1e-8, max_iterations=5000)
# What differs by more than rounding below a certified optimum would be another objective.
ROUNDING = 1e-9


def two_parts(p):
    return {"lam": p["lam1"], "ratio": p["lam2"] / p["lam1"]}


# What the reference calls a method -> (ours, function from its parameters to ours).
METHODS = {
    "lasso": ("lasso", dict),
    "l21": ("l21", dict),
    "linf1": ("linf1", dict),
    "trace": ("trace-norm", dict),
    "sparse_group": (
        "sparse-group",
        lambda p: {"lam": p["lam1"] + p["lam2"], "mix": p["lam2"] / (p["lam1"] + p["lam2"])},
    ),
    "elastic_net": ("elastic-net", lambda p: {"lam": p["lam1"], "ridge": p["lam2"]}),
    "dirty": ("dirty", two_parts),
    "robust": ("robust", two_parts),
    "rmtfl": ("rmtfl", two_parts),
    "sparse_low_rank": ("sparse-low-rank", two_parts),
    "msmtfl": ("msmtfl", dict),
    "multi_level": ("multi-level-lasso", dict),
}
NOT_CONVEX = ("msmtfl", "multi_level")


@parametrize(*METHODS, slow=("synthetic", "school"))
def test_objective_is_that_of_the_reference(row, shared_data):
    name, translate = METHODS[row["method"]]
    spec, parameters, shift = load_method(name), dict(row["project_parameters"]), 0.0
    constrained = row["method"] == "sparse_low_rank" and "tau" in parameters
    if constrained:
        # The penalty has the solution of the constraint: the objectives differ by lam2 tau.
        parameters["lam2"] = float(row["note"].split("lam2 = ")[1].split(";")[0])
        shift = parameters["lam2"] * parameters["tau"]
    fit = spec.fit(problem_of(row, shared_data), translate(parameters), CONTEXT, options_of(spec))
    assert fit.converged
    beyond = excess(row, fit.objective[-1] - shift)
    assert beyond <= TOLERANCE
    if row["method"] not in NOT_CONVEX:
        assert beyond >= -(1e-8 if constrained else ROUNDING)


def weighted_penalty(method, p):
    """Return the penalty of a row whose features have weights of their own."""
    if method == "adaptive_elastic_net":
        return ElasticNet(p["lam1"], p["lam2"], np.array(p["s"]))
    strength = p["lam1"] + p["lam2"]
    return SparseGroup(strength, p["lam2"] / strength, np.array(p["rho"]), np.array(p["theta"]))


@parametrize("adaptive_elastic_net", "sparse_group_weighted")
def test_penalty_with_weights_of_features_has_the_optimum_of_the_reference(row, shared_data):
    problem = problem_of(row, shared_data)
    penalty = weighted_penalty(row["method"], row["project_parameters"])
    minimum = minimize_composite(problem, penalty, problem.null_weights, 1e-11, 5000)
    assert minimum.converged and minimum.trace[-1] == pytest.approx(row["optimum"], rel=1e-9)
