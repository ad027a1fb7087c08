"""Optima of other software for the survey's methods, where a folder with them exists."""

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest

from amtl.problem import MultiTaskProblem

# What the reference calls a method -> (ours, function from its parameters to ours).
METHODS = {
    "lasso": ("lasso", lambda p: {"lam": p["lam"]}),
    "l21": ("l21", lambda p: {"lam": p["lam"]}),
    "linf1": ("linf1", lambda p: {"lam": p["lam"]}),
    "trace": ("trace-norm", lambda p: {"lam": p["lam"]}),
    "sparse_group": (
        "sparse-group",
        lambda p: {"lam": p["lam1"] + p["lam2"], "mix": p["lam2"] / (p["lam1"] + p["lam2"])},
    ),
    "elastic_net": ("elastic-net", lambda p: {"lam": p["lam1"], "ridge": p["lam2"]}),
    "dirty": ("dirty", lambda p: {"lam": p["lam1"], "ratio": p["lam2"] / p["lam1"]}),
    "robust": ("robust", lambda p: {"lam": p["lam1"], "ratio": p["lam2"] / p["lam1"]}),
    "rmtfl": ("rmtfl", lambda p: {"lam": p["lam1"], "ratio": p["lam2"] / p["lam1"]}),
    "sparse_low_rank": ("sparse-low-rank", lambda p: {"lam": p["lam1"], "ratio": p["lam2"] / p["lam1"]}),
    "msmtfl": ("msmtfl", lambda p: {"lam": p["lam"], "tau": p["tau"]}),
    "multi_level": ("multi-level-lasso", lambda p: {"alpha": p["alpha"]}),
}


def folder():
    """Return the folder of the reference; without it the tests that need it are skipped."""
    data = os.environ.get("DATA")
    root = Path(__file__).resolve().parents[2].parent / "shared"
    found = (Path(data).parent if data else root) / "reference"
    if not (found / "reference.csv").is_file():
        pytest.skip(f"no reference optima: {found} does not exist")
    return found


def rows(found, datasets):
    """Return the rows of the convex and staged methods on some datasets, one of each optimum."""
    with open(found / "reference.csv", newline="", encoding="utf-8") as file:
        every = list(csv.DictReader(file))
    unique = {}
    for row in every:
        if row["method"] in METHODS and row["dataset"] in datasets:
            key = (row["method"], row["dataset"], row["project_parameters"], row["loss"], row["intercept"])
            unique[key] = row | {"parameters": json.loads(row["project_parameters"])}
    return list(unique.values())


def more(found, methods=tuple(METHODS)):
    """Return the rows on the tiny problems that other software does not have."""
    content = json.loads((found / "tiny.json").read_text(encoding="utf-8"))["more"]
    every = content.values() if isinstance(content, dict) else content
    return [row for row in every if row["method"] in methods]


def parts_of(name, found, arrays):
    """Return (X, y) of the tasks of a dataset. arrays : function of a name, for those not in the folder."""
    if name in ("school", "synthetic"):
        X, y, offsets = arrays(name)
    elif name == "two-groups":
        with np.load(found / "data" / "two-groups.npz") as file:
            X, y, offsets = file["X"], file["y"], file["offsets"]
    else:
        content = json.loads((found / "data" / f"{name}.json").read_text(encoding="utf-8"))
        return [np.array(x) for x in content["X"]], [np.array(v) for v in content["y"]]
    edges = list(zip(offsets[:-1], offsets[1:], strict=True))
    return [X[i:j] for i, j in edges], [y[i:j] for i, j in edges]


def problem_of(row, name, found, arrays=None):
    """Return the problem of a row of the reference."""
    X, y = parts_of(name, found, arrays)
    loss, intercept = row.get("loss", "squared"), row.get("intercept", "none")
    if loss == "logistic":
        y = [(v > np.sort(v)[(6 * len(v)) // 10]).astype(float) for v in y]
    # Our last column is the constant; `feature` is that of the data, if it has one.
    constant = name in ("school", "synthetic")
    if not constant:
        X = [np.column_stack([x, np.ones(len(x))]) for x in X]
    kept = "feature" if constant and intercept == "none" else intercept
    return MultiTaskProblem(X, y, loss, row.get("fit_loss", "sum"), kept)
