"""scikit-learn's own checks of estimators, on every estimator of the library."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

import amtl
from amtl.estimators import class_names

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


def estimators():
    """Return an instance of every estimator, with quick settings."""
    made = [getattr(amtl, name)() for name in class_names()]
    return [each.set_params(**{key: QUICK[key] for key in QUICK.keys() & each.get_params()}) for each in made]


@parametrize_with_checks(
    estimators(),
    expected_failed_checks=lambda estimator: EXPECTED_FAILURES.get(type(estimator).__name__, {}),
    xfail_strict=True,
)
def test_sklearn_check(estimator, check):
    check(estimator)


def test_expected_failures_name_estimators():
    assert set(EXPECTED_FAILURES) <= set(class_names())
