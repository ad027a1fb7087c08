"""The estimators of small networks: forms of input, scikit-learn's checks, and clear errors."""

import doctest
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.estimator_checks import estimator_checks_generator

import amtl
from amtl import MultiTaskMLPClassifier, MultiTaskMLPRegressor
from amtl.networks.balancing import find_rules

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
QUICK = {"steps": 150, "checks": 10}


def numbers(n=150, seed=0):
    """Return rows and three related targets."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 4))
    hidden = np.tanh(X @ random.normal(size=(4, 2)))
    return X, 10.0 + 3.0 * hidden @ random.normal(size=(2, 3)) + 0.1 * random.normal(size=(n, 3))


def stacked():
    X, Y = numbers()
    order = np.random.default_rng(1).permutation(3 * len(X))
    return np.tile(X, (3, 1))[order], Y.T.ravel()[order], np.repeat(["a", "b", "c"], len(X))[order]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("estimator", "check"),
    [
        pytest.param(estimator, check, id=f"{type(estimator).__name__}-{check.func.__name__}")
        for made in (MultiTaskMLPRegressor(steps=300), MultiTaskMLPClassifier(steps=300))
        for estimator, check in estimator_checks_generator(made)
    ],
)
def test_sklearn_check(estimator, check):
    check(estimator)


@pytest.mark.parametrize("name", ["MultiTaskMLPRegressor", "MultiTaskMLPClassifier"])
def test_examples_run(name):
    (example,) = doctest.DocTestFinder(recurse=False).find(getattr(amtl, name), name)
    assert example.examples and doctest.DocTestRunner(verbose=False).run(example).failed == 0


@pytest.mark.parametrize("name", find_rules())
def test_every_rule_learns_shared_rows(name):
    X, Y = numbers()
    model = MultiTaskMLPRegressor(name, steps=300).fit(X, Y)
    assert model.score(X, Y) > 0.7 and model.predict(X).shape == Y.shape
    assert model.losses_.shape == model.task_weights_.shape == (25, 3)
    assert model.conflicts_.shape == (25,) and 0 <= model.best_check_ < 25


@pytest.mark.parametrize("architecture", ["single", "mmoe", "cross-stitch"])
def test_every_architecture_learns_shared_rows(architecture):
    X, Y = numbers()
    model = MultiTaskMLPRegressor(architecture=architecture, steps=300).fit(X, Y)
    assert model.score(X, Y) > 0.7 and np.isnan(model.conflicts_).all()


def test_stacked_rows_lists_and_dicts_give_the_same():
    X, y, task = stacked()
    made = MultiTaskMLPRegressor(**QUICK).fit(X, y, task)
    names = ["a", "b", "c"]
    Xs, ys = [X[task == name] for name in names], [y[task == name] for name in names]
    listed = clone(made).fit(Xs, ys)
    named = clone(made).fit(dict(zip(names, Xs, strict=True)), dict(zip(names, ys, strict=True)))
    # The means of the features are summed in another order.
    assert listed.weights_.tobytes() == named.weights_.tobytes()
    assert listed.weights_ == pytest.approx(made.weights_, rel=1e-6, abs=1e-9)
    expected = made.predict(X, task)
    for k, name in enumerate(names):
        assert listed.predict(Xs)[k] == pytest.approx(expected[task == name])
    assert named.predict({"b": Xs[1]})[0] == pytest.approx(expected[task == "b"])
    assert listed.score(Xs, ys) == pytest.approx(made.score(X, y, task))
    assert made.score(X, y, task) > 0.5


def test_classes_of_shared_and_of_own_rows():
    X, Y = numbers(300)
    labels = np.array(["low", "mid", "high"])[np.digitize(Y[:, :2], [9.0, 11.0])]
    model = MultiTaskMLPClassifier("nash").fit(X, labels)
    assert model.predict(X).shape == (300, 2) and model.score(X, labels) > 0.75
    probabilities = model.predict_proba(X)
    assert len(probabilities) == 2 and probabilities[0].sum(axis=1) == pytest.approx(np.ones(300))
    assert (model.classes_[probabilities[1].argmax(axis=1)] == model.predict(X)[:, 1]).all()
    wrong = (model.predict(X) != labels).mean(axis=1)
    first = np.arange(300) < 50
    assert model.score(X, labels, sample_weight=first) == pytest.approx(1.0 - wrong[:50].mean())
    own = MultiTaskMLPClassifier().fit([X, X], list(labels.T))
    assert own.score([X, X], list(labels.T)) > 0.75
    assert own.predict_proba([X[:4], X[:9]])[1].shape == (9, 3)


def test_the_same_seed_gives_the_same_network_and_another_one_another():
    X, Y = numbers()
    first, same, other = (
        MultiTaskMLPRegressor("rlw", random_state=seed, **QUICK).fit(X, Y) for seed in (0, 0, 1)
    )
    assert first.weights_.tobytes() == same.weights_.tobytes() != other.weights_.tobytes()
    again = pickle.loads(pickle.dumps(first))
    assert again.predict(X) == pytest.approx(first.predict(X))


def test_units_of_targets_and_features_do_not_matter():
    X, Y = numbers()
    plain = MultiTaskMLPRegressor(**QUICK).fit(X, Y)
    moved = MultiTaskMLPRegressor(**QUICK).fit(1e3 * X + 5.0, 1e-4 * Y - 7.0)
    assert 1e4 * (moved.predict(1e3 * X + 5.0) + 7.0) == pytest.approx(plain.predict(X), abs=1e-2)


def test_without_validation_rows_the_training_rows_are_checked():
    X, Y = numbers()
    model = MultiTaskMLPRegressor(validation_fraction=0.0, **QUICK).fit(X, Y)
    assert model.score(X, Y) > 0.5
    tiny = MultiTaskMLPRegressor(**QUICK).fit([X[:1], X[:2]], [Y[:1, 0], Y[:2, 1]])
    assert np.isfinite(np.concatenate(tiny.predict([X, X]))).all()


def test_losses_that_overflow_are_a_warning():
    X, Y = numbers()
    with pytest.warns(ConvergenceWarning, match="learning_rate"):
        model = MultiTaskMLPRegressor(learning_rate=1e200, **QUICK).fit(X, Y)
    assert np.isfinite(model.predict(X)).all()


X, Y = numbers(30)


@pytest.mark.parametrize(
    ("given", "rows", "told"),
    [
        ({"balancing": "nahs"}, (X, Y), "nash"),
        ({"balancing": "cagrad", "balancing_options": {"C": 1}}, (X, Y), "'c'"),
        ({"balancing": "cagrad", "balancing_options": {"c": 2}}, (X, Y), "c=2"),
        ({"balancing": "cagrad", "balancing_options": [("c", 0.2)]}, (X, Y), "balancing_options"),
        ({"balancing": "cagrad", "balancing_options": []}, (X, Y), "balancing_options"),
        ({"architecture": "mmoe", "balancing": "nash"}, (X, Y), "architecture"),
        ({"architecture": "cross-stitch"}, ([X, X], [Y[:, 0], Y[:, 1]]), "cross-stitch"),
        ({"steps": 0}, (X, Y), "steps"),
        ({"learning_rate": -1.0}, (X, Y), "learning_rate"),
        ({"validation_fraction": 1.0}, (X, Y), "validation_fraction"),
        ({}, ({"a": X, "b": X[:0]}, {"a": Y[:, 0], "b": Y[:0, 0]}), "'b'"),
        ({}, (X, np.where(Y > 99, Y, np.nan)), "NaN"),
    ],
)
def test_unusable_input_is_one_error_that_names_it(given, rows, told):
    with pytest.raises(ValueError) as error:
        MultiTaskMLPRegressor(**given).fit(*rows)
    assert told in str(error.value)


def test_a_classifier_needs_two_classes():
    with pytest.raises(ValueError, match="class"):
        MultiTaskMLPClassifier().fit(X, np.zeros(30))
