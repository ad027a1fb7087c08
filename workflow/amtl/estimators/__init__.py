"""scikit-learn estimators, one for every method, made from the methods' specs.

``AMTLRegressor`` and ``AMTLClassifier`` fit AMTL at given strengths; ``AMTLRegressorCV`` and
``AMTLClassifierCV`` choose the strengths by cross-validation along a path of warm starts. The same four exist
for every method: the name is the method's title without hyphens, as in `GOMTLRegressor`.

A class is made when it is first asked for. A new method needs no line here.
"""

import re
import warnings
from collections.abc import Iterator
from typing import Any

from amtl.errors import InputError, nearest
from amtl.estimators._make import SUFFIXES, make_class
from amtl.estimators._path import strength_path
from amtl.methods import find_methods, installed_methods, load_method
from amtl.methods._spec import MethodSpec

__all__ = ["class_names", "make_estimator", "strength_path"]


def class_prefix(spec: MethodSpec) -> str:
    """Return the title without hyphens, each part beginning with a capital: AMTL-noLoss gives AMTLNoLoss."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^0-9A-Za-z]+", spec.title))


def class_names() -> list[str]:
    """Return the names of all estimators."""
    return [class_prefix(spec) + suffix for spec in specs() for suffix in SUFFIXES if _exists(spec, suffix)]


def make_estimator(spec: MethodSpec, suffix: str) -> type:
    """Return the estimator class of any method, also of one in a file of your own.

    Parameters
    ----------
    spec : MethodSpec
        The ``SPEC`` of the method.
    suffix : {"Regressor", "Classifier", "RegressorCV", "ClassifierCV"}
        Which of its estimators.

    Returns
    -------
    type
        The class.

    Raises
    ------
    InputError
        If the method has no such estimator.

    Examples
    --------
    >>> from amtl import load_method, make_estimator
    >>> make_estimator(load_method("amtl"), "RegressorCV").__name__
    'AMTLRegressorCV'
    """
    if suffix not in SUFFIXES:
        raise InputError(f"no estimator {suffix!r}{nearest(suffix, SUFFIXES)}")
    if not _exists(spec, suffix):
        raise InputError(f"{spec.name} applies to {', '.join(spec.applies_to)}, so it has no {suffix}")
    return make_class(class_prefix(spec) + suffix, suffix, spec)


def specs() -> Iterator[MethodSpec]:
    """Yield the specs of all methods with an estimator, those of other packages last."""
    installed = installed_methods()
    own = [load_method(name) for name in find_methods() if name not in installed]
    yield from sorted((spec for spec in own if not spec.needs_truth), key=lambda spec: spec.order)
    for name in installed:
        try:
            spec = load_method(name)
        except InputError as error:
            warnings.warn(str(error), stacklevel=2)
            continue
        if not spec.needs_truth:
            yield spec


def _exists(spec, suffix):
    kinds = ("regression",) if suffix.startswith("Regressor") else ("binary", "one-vs-rest")
    return bool(set(kinds) & set(spec.applies_to))


def __getattr__(name: str) -> Any:
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            for spec in specs():
                if class_prefix(spec) + suffix == name and _exists(spec, suffix):
                    globals()[name] = made = make_class(name, suffix, spec)
                    return made
    raise AttributeError(f"module 'amtl' has no attribute {name!r}{nearest(name, class_names())}")


def __dir__() -> list[str]:
    return sorted({*globals(), *class_names()})
