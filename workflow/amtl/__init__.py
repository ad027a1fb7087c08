"""Asymmetric multi-task learning: linear multi-task methods on plain arrays.

The library needs numpy and scipy, its estimators scikit-learn. It reads no files and no configuration. Its
public names are loaded on first use.

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
import re
from typing import TYPE_CHECKING, Any

# For type checkers and editors. The names of the estimators are known when the methods are.
if TYPE_CHECKING:
    from amtl.comparison import compare as compare
    from amtl.comparison import summarize as summarize
    from amtl.errors import InputError as InputError
    from amtl.estimators import make_estimator as make_estimator
    from amtl.estimators import strength_path as strength_path
    from amtl.estimators._column import TaskColumn as TaskColumn
    from amtl.methods import load_method as load_method
    from amtl.methods._spec import MethodSpec as MethodSpec
    from amtl.model_selection import tune as tune
    from amtl.networks.estimators import MultiTaskMLPClassifier as MultiTaskMLPClassifier
    from amtl.networks.estimators import MultiTaskMLPRegressor as MultiTaskMLPRegressor
    from amtl.problem import MultiTaskProblem as MultiTaskProblem
    from amtl.splits import Part as Part
    from amtl.splits import Split as Split
    from amtl.two_mtl.chunks import chunk_f1 as chunk_f1
    from amtl.two_mtl.classifier import TwoMTLClassifier as TwoMTLClassifier
    from amtl.two_mtl.features import chunking_features as chunking_features
    from amtl.two_mtl.tagger import MTLSequenceTagger as MTLSequenceTagger

_MODULES = {
    "InputError": "amtl.errors",
    "MTLSequenceTagger": "amtl.two_mtl.tagger",
    "MethodSpec": "amtl.methods._spec",
    "MultiTaskMLPClassifier": "amtl.networks.estimators",
    "MultiTaskMLPRegressor": "amtl.networks.estimators",
    "MultiTaskProblem": "amtl.problem",
    "Part": "amtl.splits",
    "Split": "amtl.splits",
    "TaskColumn": "amtl.estimators._column",
    "TwoMTLClassifier": "amtl.two_mtl.classifier",
    "chunk_f1": "amtl.two_mtl.chunks",
    "chunking_features": "amtl.two_mtl.features",
    "compare": "amtl.comparison",
    "load_method": "amtl.methods",
    "make_estimator": "amtl.estimators",
    "strength_path": "amtl.estimators",
    "summarize": "amtl.comparison",
    "tune": "amtl.model_selection",
}
# Names such as AMTLRegressor, and misspelt ones, which get a hint.
_LIKE_AN_ESTIMATOR = re.compile(r"^[A-Z].*(Reg|Clas)")
__all__ = [*_MODULES]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name not in _MODULES and not _LIKE_AN_ESTIMATOR.search(name):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES.get(name, "amtl.estimators")), name)


def __dir__() -> list[str]:
    # By its name: a job whose code imports this package does not depend on the estimators.
    estimators = importlib.import_module("amtl.estimators")
    return sorted({*globals(), *__all__, *estimators.class_names()})
