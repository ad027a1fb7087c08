"""scikit-learn's own checks of estimators, on every method of the library."""

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

import amtl
from amtl.estimators import class_names, class_prefix, specs
from amtl.estimators._make import SUFFIXES

pytestmark = [
    pytest.mark.slow,
    # What the strengths of a check leave open; and the notes of the checks that skip themselves.
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning"),
]

# Settings with which the checks are quick. Some of their data are noise that a weak penalty fits exactly.
QUICK = {"max_iter": 300, "restarts": 1, "n_points": 6, "cv": 2}

# The checks that cannot pass: {class: {check: reason}}.
EXPECTED_FAILURES = {
    "SCMTLRegressor": {
        "check_regressors_train": "It sets alpha to 0.01, a weak penalty elsewhere; here it bounds weights.",
    },
}


# All checks run on all estimators of these methods, which differ in their solvers. Of the other methods every
# check runs on one estimator, in turn: all estimators have the same code but for the fit.
WHOLE = ("stl", "mtfl", "amtl", "go-mtl", "mtrl", "dirty")


def checks_of(spec):
    """Return {name of a check: [(estimator, check) of each estimator of a method]}, with quick settings."""
    found = {}
    for suffix in SUFFIXES:
        made = getattr(amtl, class_prefix(spec) + suffix, None)
        if made is None:
            continue
        estimator = made()
        estimator.set_params(**{key: QUICK[key] for key in QUICK.keys() & estimator.get_params()})
        for instance, check in estimator_checks_generator(estimator):
            found.setdefault(check.func.__name__, []).append((instance, check))
    return found


def cases():
    """Return the estimators and their checks as parameters of the test."""
    chosen, numbers = [], {}
    for spec in specs():
        for name, every in checks_of(spec).items():
            number = numbers.setdefault(name, len(numbers))
            kept = every if spec.name in WHOLE else [every[number % len(every)]]
            for estimator, check in kept:
                reason = EXPECTED_FAILURES.get(type(estimator).__name__, {}).get(name)
                marks = [] if reason is None else [pytest.mark.xfail(reason=reason, strict=True)]
                chosen.append(
                    pytest.param(estimator, check, marks=marks, id=f"{type(estimator).__name__}-{name}")
                )
    return chosen


@pytest.mark.parametrize(("estimator", "check"), cases())
def test_sklearn_check(estimator, check):
    check(estimator)


def test_expected_failures_name_estimators():
    assert set(EXPECTED_FAILURES) <= set(class_names())
