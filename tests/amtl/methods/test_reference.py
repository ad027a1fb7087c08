"""The objectives of the survey's methods, against optima of independent software at the same parameters."""

from functools import cache

import numpy as np
import pytest

from amtl.methods import load_method
from amtl.methods._fit import Context
from amtl.penalties import ElasticNet, SparseGroup
from amtl.solvers.proximal import minimize_composite
from helpers import datasets, reference
from helpers.problems import options_of

CONTEXT = Context(tolerance=1e-8, max_iterations=5000)
# The excess over the reference, relative to it, that counts as equal.
TOLERANCE = 1e-6
# What differs by more than rounding below a certified optimum would be another objective.
ROUNDING = 1e-9
# The reference's real data: our dataset and its options.
DATASETS = {
    "school": ("school", {"columns": 26, "validation_fraction": 0.25}),
    "synthetic": ("synthetic-authors", {}),
}


def check(row, problem):
    """Fit at the parameters of a row and compare the objectives; return the relative excess."""
    name, translate = reference.METHODS[row["method"]]
    spec, parameters = load_method(name), dict(row["parameters"])
    constrained = row["method"] == "sparse_low_rank" and "tau" in parameters
    optimum = float(row["optimum"])
    if constrained:
        # The penalty has the solution of the constraint: the objectives differ by lam2 tau.
        parameters["lam2"] = float(row["note"].split("lam2 = ")[1].split(";")[0])
        optimum += parameters["lam2"] * parameters["tau"]
    params = translate(parameters)
    fit = spec.fit(problem, params, CONTEXT, options_of(spec))
    assert fit.converged
    excess = (fit.objective[-1] - optimum) / optimum
    assert excess <= TOLERANCE
    if row["method"] not in ("msmtfl", "multi_level"):
        assert excess >= -max(ROUNDING, 1e-8 if constrained else 0.0)
    return excess


@pytest.fixture(scope="module")
def folder():
    return reference.folder()


@pytest.fixture(scope="module")
def arrays(tmp_path_factory, shared_data):
    """Return a function of the name of a dataset that gives its training rows."""

    @cache
    def load(name):
        known, options = DATASETS[name]
        spec, options = datasets.load(known), datasets.options_of(known, **options)
        files, folder = spec.files(options, 1), tmp_path_factory.mktemp("raw")
        paths = datasets.real_files(files, shared_data, folder)
        part = spec.make_split(1, options, dict(zip(files, paths, strict=True)), 0).train
        return part.X, part.y, part.offsets

    return load


@pytest.mark.parametrize("method", reference.METHODS)
def test_objective_on_small_problems_is_that_of_the_reference(method, folder):
    chosen = [row for row in reference.rows(folder, ("tiny", "two-groups")) if row["method"] == method]
    for row in chosen:
        check(row, reference.problem_of(row, row["dataset"], folder))
    others = [row for row in reference.more(folder) if row["method"] == method]
    for row in others:
        check(row, reference.problem_of(row, row["problem"], folder))
    assert chosen or others


def weighted_penalty(method, p):
    """Return the penalty of a row whose features have weights of their own."""
    if method == "adaptive_elastic_net":
        return ElasticNet(p["lam1"], p["lam2"], np.array(p["s"]))
    strength = p["lam1"] + p["lam2"]
    return SparseGroup(strength, p["lam2"] / strength, np.array(p["rho"]), np.array(p["theta"]))


@pytest.mark.parametrize("method", ["adaptive_elastic_net", "sparse_group_weighted"])
def test_penalty_with_weights_of_features_has_the_optimum_of_the_reference(method, folder):
    (row,) = reference.more(folder, (method,))
    problem = reference.problem_of(row, row["problem"], folder)
    penalty = weighted_penalty(method, row["parameters"])
    minimum = minimize_composite(problem, penalty, problem.null_weights, 1e-11, 5000)
    assert minimum.converged and minimum.trace[-1] == pytest.approx(row["optimum"], rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["synthetic", "school"])
@pytest.mark.parametrize("method", [m for m in reference.METHODS if m not in ("linf1", "sparse_group")])
def test_objective_on_real_data_is_that_of_the_reference(method, name, folder, arrays):
    chosen = [row for row in reference.rows(folder, (name,)) if row["method"] == method]
    assert chosen
    for row in chosen:
        check(row, reference.problem_of(row, name, folder, arrays))
