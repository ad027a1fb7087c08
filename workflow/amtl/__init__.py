"""Asymmetric multi-task learning: linear multi-task methods on plain arrays.

The library needs numpy and scipy. It reads no files and no configuration. Its public names are loaded on
first use.

Fit AMTL on the rows of three regression tasks, with its hyper-parameters chosen on validation rows::

    import numpy as np
    import amtl

    rng = np.random.default_rng(0)
    offsets = np.array([0, 20, 40, 60])  # rows 0-19 belong to task 0, rows 20-39 to task 1, ...

    def part():
        X = np.column_stack([rng.normal(size=(60, 5)), np.ones(60)])  # the constant column is the last
        return amtl.Part(X, X.sum(axis=1) + rng.normal(size=60), offsets)

    split = amtl.Split("example", 1, "regression", ("a", "b", "c"), part(), part(), part())
    tuned = amtl.tune(amtl.load_method("amtl"), split, loss="squared", n_points=12)
    print(tuned.fit.W.shape, tuned.fit.B)  # weights (6, 3) and the graph: B[s, t] is the edge from s to t
"""

import importlib
from pathlib import Path

_MODULES = {
    "InputError": "amtl.errors",
    "MethodSpec": "amtl.methods._spec",
    "MultiTaskProblem": "amtl.problem",
    "Part": "amtl.splits",
    "Split": "amtl.splits",
    "tune": "amtl.model_selection",
}
__all__ = [*_MODULES, "load_method"]


def load_method(name):
    """Return the `MethodSpec` of a method of the library, such as ``"amtl"`` or ``"go-mtl"``.

    Raises InputError with the nearest name if there is no such method.
    """
    files = Path(__file__).parent.glob("methods/[!_]*/[!_]*.py")
    found = {file.stem.replace("_", "-"): file for file in files}
    if name not in found:
        from amtl.errors import InputError, nearest

        raise InputError(f"no method {name!r}{nearest(name, found)}")
    return importlib.import_module(f"amtl.methods.{found[name].parent.name}.{found[name].stem}").SPEC


def __getattr__(name):
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__():
    return sorted({*globals(), *__all__})
