"""The estimators of 2MTL: forms of input, scikit-learn's checks, parts of the data, and clear errors."""

import doctest
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("numba")

from sklearn.base import clone  # noqa: E402
from sklearn.exceptions import ConvergenceWarning  # noqa: E402
from sklearn.metrics import roc_auc_score  # noqa: E402
from sklearn.utils.estimator_checks import estimator_checks_generator  # noqa: E402

import amtl  # noqa: E402
from amtl import MTLSequenceTagger, TwoMTLClassifier  # noqa: E402
from amtl.datasets.task_clusters import make_sequence_clusters, make_task_clusters  # noqa: E402

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning"),
]

TABLES = make_task_clusters(1, 0, rows=40, test_rows=200)
SEQUENCES = make_sequence_clusters(1, 0, sentences=12, test_sentences=40)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("estimator", "check"),
    [
        pytest.param(estimator, check, id=check.func.__name__)
        for estimator, check in estimator_checks_generator(TwoMTLClassifier())
    ],
)
def test_sklearn_check(estimator, check):
    check(estimator)


@pytest.mark.parametrize("name", ["TwoMTLClassifier", "MTLSequenceTagger", "chunk_f1", "chunking_features"])
def test_examples_run(name):
    (example,) = doctest.DocTestFinder(recurse=False).find(getattr(amtl, name), name)
    assert example.examples and doctest.DocTestRunner(verbose=False).run(example).failed == 0


def test_the_library_imports_and_fits_without_numba(project):
    code = (
        "import sys; sys.modules['numba'] = None\n"
        "from amtl import STLRegressor, TwoMTLClassifier\n"
        "STLRegressor().fit([[[0.0], [1.0]]], [[0.0, 1.0]]); model = TwoMTLClassifier()\n"
        "try:\n    model.fit([[0.0], [1.0]], [0, 1])\n"
        "except ImportError as error:\n    print(error)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(project / "workflow")}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    assert "amtl[2mtl]" in done.stdout


# --- tables -------------------------------------------------------------------------------------------------


def stacked(made):
    task = np.repeat(np.arange(len(made.X)), [len(X) for X in made.X])
    return np.concatenate(made.X), np.concatenate(made.y), task


def off_diagonal_auc(made, A):
    pairs = ~np.eye(len(A), dtype=bool)
    return roc_auc_score(made.similarity[pairs], A[pairs])


def test_lists_dicts_and_stacked_rows_give_the_same():
    X, y, task = stacked(TABLES)
    order = np.random.default_rng(0).permutation(len(X))
    order = order[np.argsort(task[order], kind="stable")]
    model = TwoMTLClassifier(passes=2)
    one = clone(model).fit(TABLES.X, TABLES.y)
    other = clone(model).fit(X, y, task)
    named = clone(model).fit(
        *({f"t{t:02}": v for t, v in enumerate(values)} for values in (TABLES.X, TABLES.y))
    )
    assert np.array_equal(one.coef_, other.coef_) and np.array_equal(one.coef_, named.coef_)
    assert np.array_equal(np.concatenate(one.predict(TABLES.X)), other.predict(X, task))
    assert np.array_equal(named.predict({"t03": TABLES.X[3]})[0], one.predict(TABLES.X)[3])
    assert np.allclose(other.predict_proba(X, task)[:, 1] > 0.5, other.predict(X, task))
    assert one.score(TABLES.X, TABLES.y) == other.score(X, y, task)
    again = pickle.loads(pickle.dumps(one))
    assert np.array_equal(again.decision_function(TABLES.X)[0], one.decision_function(TABLES.X)[0])


@pytest.mark.parametrize("classes", [2, 5])
def test_learned_similarities_show_the_clusters_and_help(classes):
    made = make_task_clusters(2, 0, rows=40, test_rows=200, classes=classes)
    score = {
        kind: TwoMTLClassifier(kind).fit(made.X, made.y).score(made.X_test, made.y_test)
        for kind in ("identity", "ones")
    }
    model = TwoMTLClassifier().fit(made.X, made.y)
    assert off_diagonal_auc(made, model.similarity_) > 0.9
    assert model.score(made.X_test, made.y_test) > max(score.values()) + 0.02


def test_units_and_offsets_change_nothing():
    units, offset = np.logspace(-3, 3, 20), np.linspace(-5, 5, 20)
    plain = TwoMTLClassifier(passes=3).fit(TABLES.X, TABLES.y)
    moved = [X * units + offset for X in TABLES.X]
    other = TwoMTLClassifier(passes=3).fit(moved, TABLES.y)
    assert np.allclose(other.coef_ * units, plain.coef_, rtol=1e-5, atol=1e-8)
    assert np.allclose(other.decision_function(moved)[4], plain.decision_function(TABLES.X)[4], atol=1e-5)


@pytest.mark.parametrize("intercept", ["free", "feature", "none"])
def test_coefficients_are_those_of_the_objective(intercept):
    """Batch optima of given similarities: the objective in the given units has a gradient of zero."""
    model = TwoMTLClassifier("ones", solver="batch", standardize=False, intercept=intercept, sigma=0.5)
    model.fit(TABLES.X, TABLES.y)
    X, y, _ = stacked(TABLES)
    residuals = y - 1.0 / (1.0 + np.exp(-(X @ model.coef_[0] + model.intercept_[0])))
    assert np.allclose(X.T @ residuals, model.coef_[0] / 0.25, atol=1e-4)
    expected = {"free": 0.0, "feature": model.intercept_[0] / 0.25, "none": residuals.sum()}[intercept]
    assert residuals.sum() == pytest.approx(expected, abs=1e-4)
    assert intercept != "none" or not model.intercept_.any()


def test_a_task_with_one_class_learns_the_other_class_from_the_rest():
    X, y, task = stacked(TABLES)
    y = np.where(task == 2, 1, y)
    model = TwoMTLClassifier(similarity="ones").fit(X, y, task)
    assert set(model.predict(X[task == 2], np.full(40, 2))) == {0, 1}


def test_parts_of_the_rows_give_a_similar_model():
    X, y, task = stacked(TABLES)
    whole = TwoMTLClassifier(passes=4).fit(X, y, task)
    parts = TwoMTLClassifier(sigma=2.0)
    for _ in range(3):
        for k in range(4):
            rows = np.arange(k, len(X), 4)
            parts.partial_fit(X[rows], y[rows], task[rows], classes=[0, 1])
    assert parts.calls_ == 12 and len(parts.trace_) == 12
    X, y = TABLES.X_test, TABLES.y_test
    assert parts.score(X, y) > whole.score(X, y) - 0.05
    before = parts.coef_.copy()
    parts.partial_fit({3: TABLES.X[3]}, {3: TABLES.y[3]})
    assert not np.array_equal(parts.coef_[3], before[3])


def test_tasks_without_rows_in_a_part_keep_their_weights():
    X, y, task = stacked(TABLES)
    model = TwoMTLClassifier("identity").partial_fit(X, y, task)
    before, present = model.coef_.copy(), task == model.tasks_[1]
    model.partial_fit(X[present], y[present], task[present])
    changed = np.abs(model.coef_ - before).max(axis=1) > 0.0
    assert changed.tolist() == [name == model.tasks_[1] for name in model.tasks_]
    model = TwoMTLClassifier("identity").partial_fit(X, y, task, tasks=[*model.tasks_, 99])
    assert np.isfinite(model.coef_).all()
    nobody = np.flatnonzero(model.tasks_ == 99)
    assert np.all(model.coef_[nobody] == 0.0) and np.any(np.delete(model.coef_, nobody, axis=0) != 0.0)


def test_a_task_that_learns_from_no_row_has_zero_weights():
    X, y, task = stacked(TABLES)
    T = len(np.unique(task))
    A = np.diag([0.0] + [1.0] * (T - 1))
    model = TwoMTLClassifier(A).fit(X, y, task)
    assert np.all(model.coef_[0] == 0.0) and np.all(np.any(model.coef_[1:] != 0.0, axis=1))


def test_tasks_of_a_dict_may_have_any_order():
    X, y, task = stacked(TABLES)
    names = np.unique(task)[::-1]
    parts = {k: X[task == k] for k in names}, {k: y[task == k] for k in names}
    model = TwoMTLClassifier("identity").partial_fit(*parts)
    assert model.tasks_.tolist() == names.tolist()
    single = [TwoMTLClassifier("ones").fit(X[task == k], y[task == k]).predict(X[task == k]) for k in names]
    assert [np.mean(a == b) > 0.8 for a, b in zip(model.predict(parts[0]), single, strict=True)].count(
        False
    ) < 3


def test_a_large_gradient_is_no_converged_fit():
    X, y, task = stacked(TABLES)
    with pytest.warns(ConvergenceWarning, match="gradient"):
        model = TwoMTLClassifier(first_step=1e-2).fit(X, y, task)
    assert model.trace_[-1]["gradient"] > 0.2 and not model.converged_


def test_the_printed_rule_warns_and_leaves_finite_weights():
    with pytest.warns(ConvergenceWarning, match="diverged"):
        model = TwoMTLClassifier("ones", step_rule="printed").fit(TABLES.X, TABLES.y)
    assert np.isfinite(model.coef_).all() and not model.converged_


def test_verbose_prints_a_line_for_every_pass(capsys):
    TwoMTLClassifier(passes=3, verbose=True).fit(TABLES.X, TABLES.y)
    assert capsys.readouterr().out.count("pass ") == 3


X, Y, TASK = stacked(TABLES)


def with_value(X, place, value):
    X = np.array(X, dtype=object if isinstance(value, str) else float)
    X[place] = value
    return X


TABLE_ERRORS = {
    "NaN": (lambda: TwoMTLClassifier().fit(with_value(X, (3, 1), np.nan), Y, TASK), "column 1, row 3"),
    "NaN in a list": (
        lambda: TwoMTLClassifier().fit([X, with_value(X, (3, 1), np.nan)], [Y, Y]),
        "task 1.*column 1, row 3",
    ),
    "text": (lambda: TwoMTLClassifier().fit(with_value(X, (3, 1), "?"), Y, TASK), "'\\?'"),
    "ragged": (lambda: TwoMTLClassifier().fit([X, [[1.0], [2.0, 3.0]]], [Y, [0, 1]]), "task 1.*row 1"),
    "width": (lambda: TwoMTLClassifier().fit([X, X[:, 1:]], [Y, Y]), "task 1.*19 features"),
    "short y": (lambda: TwoMTLClassifier().fit([X, X], [Y, Y[1:]]), "task 1"),
    "one class": (lambda: TwoMTLClassifier().fit(X, np.zeros(len(X)), TASK), "one class"),
    "continuous": (lambda: TwoMTLClassifier().fit(X, X[:, 0], TASK), "continuous"),
    "empty task": (lambda: TwoMTLClassifier().fit([X, X[:0]], [Y, Y[:0]]), "task 1"),
    "unknown task": (lambda: TwoMTLClassifier(passes=1).fit(X, Y, TASK).predict(X[:1], [99]), "99"),
    "similarity": (lambda: TwoMTLClassifier("rfb").fit(X, Y, TASK), "'rbf'"),
    "matrix": (lambda: TwoMTLClassifier(np.eye(3)).fit(X, Y, TASK), "20 tasks"),
    "solver": (lambda: TwoMTLClassifier(solver="acelerated").fit(X, Y, TASK), "'accelerated'"),
    "C": (lambda: TwoMTLClassifier(C=0).fit(X, Y, TASK), "C=0"),
    "passes": (lambda: TwoMTLClassifier(passes=1.5).fit(X, Y, TASK), "passes=1.5"),
    "new class": (
        lambda: TwoMTLClassifier().partial_fit(X, Y, TASK).partial_fit(X, Y + 1, TASK),
        "label 2.*classes",
    ),
    "new task": (
        lambda: TwoMTLClassifier().partial_fit(X, Y, TASK).partial_fit(X, Y, TASK + 1),
        "task 20.*tasks",
    ),
    "other width": (
        lambda: TwoMTLClassifier().partial_fit(X, Y, TASK).partial_fit(X[:, 1:], Y, TASK),
        "19 features",
    ),
}


@pytest.mark.parametrize("case", TABLE_ERRORS)
def test_invalid_rows_are_one_clear_error(case):
    call, words = TABLE_ERRORS[case]
    with pytest.raises(ValueError, match=f"(?s){words}"):
        call()


# --- sequences ----------------------------------------------------------------------------------------------


def test_the_tagger_finds_the_clusters_and_learns_from_them():
    made = SEQUENCES
    score = {
        kind: MTLSequenceTagger(kind).fit(made.X, made.y).score(made.X_test, made.y_test)
        for kind in ("identity", "ones")
    }
    tagger = MTLSequenceTagger().fit(made.X, made.y)
    assert off_diagonal_auc(made, tagger.similarity_) > 0.9
    assert tagger.score(made.X_test, made.y_test) > max(score.values())


def test_lists_dicts_and_stacked_sentences_give_the_same():
    made, names = SEQUENCES, [f"t{t}" for t in range(8)]
    sentences, tags = sum(made.X, []), sum(made.y, [])
    task = np.repeat(names, [len(each) for each in made.X])
    one = MTLSequenceTagger(passes=2).fit(made.X, made.y)
    named = MTLSequenceTagger(passes=2).fit(
        *(dict(zip(names, each, strict=True)) for each in (made.X, made.y))
    )
    other = MTLSequenceTagger(passes=2).fit(sentences, tags, task)
    assert np.array_equal(one.coef_, named.coef_) and np.array_equal(one.coef_, other.coef_)
    order = np.random.default_rng(0).permutation(len(sentences))
    predicted = other.predict([sentences[i] for i in order], task[order])
    expected = sum(one.predict(made.X), [])
    assert predicted == [expected[i] for i in order]
    assert named.predict({"t5": made.X[5]}) == [one.predict(made.X)[5]]
    assert other.score(sentences, tags, task) == one.score(made.X, made.y)
    marginals = one.predict_marginals(made.X)[2][0]
    assert marginals.shape == (len(made.X[2][0]), 4) and np.allclose(marginals.sum(axis=1), 1.0)
    assert pickle.loads(pickle.dumps(one)).predict(made.X) == one.predict(made.X)


def test_unknown_features_are_left_out():
    tagger = MTLSequenceTagger(passes=2).fit(SEQUENCES.X, SEQUENCES.y)
    sentence = SEQUENCES.X[0][0]
    more = [[*token, "word=never seen"] for token in sentence]
    assert tagger.predict({0: [more]}) == tagger.predict({0: [sentence]})
    assert len(tagger.predict({0: [[["unknown"]]]})[0][0]) == 1


def test_parts_of_the_sentences_give_a_similar_tagger():
    made = SEQUENCES
    whole, parts = MTLSequenceTagger(passes=4).fit(made.X, made.y), MTLSequenceTagger()
    for _ in range(4):
        parts.partial_fit(made.X, made.y)
    assert parts.calls_ == 4
    assert parts.score(made.X_test, made.y_test) > whole.score(made.X_test, made.y_test) - 0.05
    before = parts.coef_.copy()
    parts.partial_fit({3: made.X[3]}, {3: made.y[3]})
    assert not np.array_equal(parts.coef_[3], before[3])


WORDS, TAGS = [[{"w": "a"}, {"w": "b"}]], [["x", "y"]]


def tag(X, y, **given):
    return lambda: MTLSequenceTagger(**given).fit(X, y)


SEQUENCE_ERRORS = {
    "empty sentence": (tag([WORDS, [[]]], [TAGS, [[]]]), "task 1, sentence 0"),
    "lengths": (tag([WORDS, WORDS], [TAGS, [["x"]]]), "task 1, sentence 0.*2 tokens.*1 label"),
    "numbers of sentences": (tag([WORDS, WORDS], [TAGS, []]), "task 1.*1 sentences"),
    "no sentences": (tag([WORDS, []], [TAGS, []]), "task 1 has no sentences"),
    "no tasks": (tag([], []), "no tasks"),
    "a value that is no number": (
        tag([[[{"w": None}]]], [[["x"]]]),
        "task 0, sentence 0, token 0.*'w'.*None",
    ),
    "a value that is NaN": (tag([[[{"w": np.nan}]]], [[["x"]]]), "token 0.*'w'.*nan"),
    "a number in a list": (tag([[[["a", 1]]]], [[["x"]]]), "token 0.*1"),
    "text as a token": (tag([[["a"]]], [[["x"]]]), "token 0.*'a'"),
    "sentences without tasks": (tag(WORDS, TAGS), "sentence 0"),
    "a text of labels": (tag([WORDS], [["xy"]]), "sentence 0.*'xy'"),
    "a label that is no text": (tag([WORDS], [[["x", 1]]]), "sentence 0.*1"),
    "dict and list": (tag({"a": WORDS}, [TAGS]), "dict"),
    "other tasks": (tag({"a": WORDS}, {"b": TAGS}), "same tasks"),
    "unknown task": (lambda: tag([WORDS], [TAGS], passes=1)().predict({"b": WORDS}), "'b'"),
    "fewer tasks": (lambda: tag([WORDS, WORDS], [TAGS, TAGS], passes=1)().predict([WORDS]), "1 tasks"),
    "new label": (
        lambda: MTLSequenceTagger().partial_fit([WORDS], [TAGS]).partial_fit([WORDS], [[["x", "z"]]]),
        "task 0, sentence 0.*'z'",
    ),
    "all pairs": (tag([WORDS], [TAGS], all_pairs="yes"), "all_pairs"),
}


@pytest.mark.parametrize("case", SEQUENCE_ERRORS)
def test_invalid_sentences_are_one_clear_error(case):
    call, words = SEQUENCE_ERRORS[case]
    with pytest.raises(ValueError, match=f"(?s){words}"):
        call()
