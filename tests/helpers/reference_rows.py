"""The reference optima in the shared folder: their problems, and the excess of our objective over them.

The numbers come from independent software. Tests that read them are skipped where the folder is absent.
"""

import importlib.util
import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from amtl.methods._fit import Context
from amtl.problem import MultiTaskProblem
from workbench.plugins import load

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "reference"
# Our objective is at most the optimum plus this share of it, and lower by no more than the reference is
# wrong.
TOLERANCE = 1e-6
# Methods whose penalty is a minimum that `pack.py` does not compute: the reported objective counts.
UNDEFINED = ("spats", "scaled_latent_trace")


@cache
def _pack():
    spec = importlib.util.spec_from_file_location("reference_pack", FOLDER / "pack.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def rows(*methods):
    """Return the rows of these methods: {id: row}. Runs of one problem by several sources count once."""
    if not FOLDER.is_dir():
        return {}
    found = {}
    for row in _pack().rows():
        if row["method"] in methods:
            key = (row["method"], row["dataset"], row["loss"], row["fit_loss"], row["intercept"])
            found.setdefault((*key, json.dumps(row["project_parameters"])), row)
    named = {row["id"]: row for row in found.values()}
    for number, row in enumerate(json.loads((FOLDER / "tiny.json").read_text(encoding="utf-8"))["more"]):
        if row["method"] in methods:
            row |= {"dataset": row["problem"], "project_parameters": row["parameters"]}
            row["optimum_certificate"] = row.get("optimum_certificate") or 1e-8
            named[f"more/{row['dataset']}/{row['method']}/{number}"] = row
    return named


def parametrize(*methods, slow=()):
    """Return the mark that runs a test over the rows of these methods. slow : datasets of slow tests."""
    skip = pytest.mark.skip(reason="the reference optima are not in the shared folder")
    cases = [
        pytest.param(row, id=name, marks=pytest.mark.slow if row["dataset"] in slow else ())
        for name, row in rows(*methods).items()
    ]
    return pytest.mark.parametrize("row", cases or [pytest.param(None, marks=skip)])


@cache
def _data(name, shared_data):
    """Return the pack's problem `name`, its rows and labels."""
    if name not in ("school", "synthetic"):
        return _pack().load(name)
    spec = load("datasets", {"synthetic": "synthetic-authors"}.get(name, name))
    options = {key: rule["default"] for key, rule in spec.options.items()}
    paths = {file: next(shared_data.rglob(file), None) for file in spec.files(options, 1)}
    if None in paths.values():
        pytest.skip(f"the raw files of {name} are not in the data folder")
    train = spec.make_split(1, options, paths, 0).train
    return _pack().problem(train.X, train.y, train.offsets, constant_column=True)


def problem_of(row, shared_data):
    """Return our `MultiTaskProblem` of a row."""
    data = _data(row["dataset"], shared_data)
    X, Y = data["X"], data["y"] if row["loss"] == "squared" else data["labels"]
    if row["intercept"] == "free" and not data["constant_column"]:
        X = [np.column_stack([x, np.ones(len(x))]) for x in X]
    intercept = "free" if row["intercept"] == "free" else "feature"
    return MultiTaskProblem(X, Y, row["loss"], row["fit_loss"], intercept)


def excess(row, value):
    """Return how much an objective exceeds the reference optimum, relative to it."""
    return (value - row["optimum"]) / abs(row["optimum"])


def check(row, shared_data, solve):
    """Assert that the objective at our W is that of the reference.

    solve : ``solve(problem, parameters, context)`` returns a `Fit`, or the fit and its parts (P, Q).
    """
    problem = problem_of(row, shared_data)
    found = solve(problem, row["project_parameters"], Context(TOLERANCE, 20000))
    fit, parts = found if isinstance(found, tuple) else (found, None)
    assert fit.converged, fit.residual
    p = int(problem.penalized.sum())
    W, c = fit.W[:p], fit.W[p] if row["intercept"] == "free" else None
    given = {"W": W} if parts is None else {"W": W, "P": parts[0], "Q": parts[1]}
    value = fit.objective[-1]
    if row["method"] not in UNDEFINED:
        value = _pack().value(_data(row["dataset"], shared_data), row, **given, c=c)
        assert abs(fit.objective[-1] - value) <= 1e-9 * abs(value) + 1e-12
    beyond = excess(row, value)
    assert -max(float(row["optimum_certificate"]), 1e-10) <= beyond <= TOLERANCE
    return beyond
