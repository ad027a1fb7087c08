"""Docstrings of the public names, by the validator of numpydoc, one of the packages of `make docs`."""

import pytest

import amtl
from amtl.estimators import class_names

validate = pytest.importorskip("numpydoc.validate")

# What a short function needs no section for.
OPTIONAL = {"ES01": "extended summary", "EX01": "examples", "SA01": "see also"}
METHODS = ("fit", "predict", "score", "decision_function", "predict_proba", "to_networkx")
CLASSES = ("AMTLRegressor", "AMTLClassifier")


def errors(name):
    return {code: text for code, text in validate.validate(name)["errors"]}


@pytest.mark.parametrize("name", class_names())
def test_estimators_have_all_sections(name):
    assert errors(f"amtl.{name}") == {}


@pytest.mark.parametrize(
    "name",
    [
        *amtl.__all__,
        *(f"{kind}.{each}" for kind in CLASSES for each in METHODS if hasattr(getattr(amtl, kind)(), each)),
    ],
)
def test_public_docstrings_are_complete(name):
    found = errors(f"amtl.{name}")
    assert {code: text for code, text in found.items() if code not in OPTIONAL} == {}
