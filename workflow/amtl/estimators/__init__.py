"""scikit-learn estimators, one for every method, made from the methods' specs.

``AMTLRegressor`` and ``AMTLClassifier`` fit AMTL at given strengths; ``AMTLRegressorCV`` and
``AMTLClassifierCV`` choose the strengths by cross-validation along a path of warm starts. The same four exist
for every method: the name is the method's title without hyphens, as in `GOMTLRegressor`.

A class is made when it is first asked for. A new method needs no line here.
"""

import re
from typing import Any

from amtl.estimators._make import SUFFIXES, make_class
from amtl.estimators._path import strength_path
from amtl.methods import find_methods, load_method
from amtl.methods._spec import MethodSpec

__all__ = ["class_names", "strength_path"]


def class_prefix(spec: MethodSpec) -> str:
    """Return the title without hyphens, each part beginning with a capital: AMTL-noLoss gives AMTLNoLoss."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^0-9A-Za-z]+", spec.title))


def class_names() -> list[str]:
    """Return the names of all estimators."""
    return [class_prefix(spec) + suffix for spec in _specs() for suffix in SUFFIXES if _exists(spec, suffix)]


def _specs():
    found = [load_method(name) for name in find_methods()]
    return sorted((spec for spec in found if not spec.needs_truth), key=lambda spec: spec.order)


def _exists(spec, suffix):
    kinds = ("regression",) if suffix.startswith("Regressor") else ("binary", "one-vs-rest")
    return bool(set(kinds) & set(spec.applies_to))


def __getattr__(name: str) -> Any:
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            for spec in _specs():
                if class_prefix(spec) + suffix == name and _exists(spec, suffix):
                    globals()[name] = made = make_class(name, suffix, spec)
                    return made
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *class_names()})
