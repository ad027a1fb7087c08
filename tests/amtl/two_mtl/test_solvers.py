"""The solvers against optima from elsewhere: scikit-learn, CRFsuite, single and merged fits."""

import os
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("numba")

from scipy.optimize import minimize  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402

from amtl.datasets.task_clusters import make_sequence_clusters, make_task_clusters  # noqa: E402
from amtl.two_mtl.features import encode  # noqa: E402
from amtl.two_mtl.models.crf import CRF, Sentences  # noqa: E402
from amtl.two_mtl.models.logistic import Logistic  # noqa: E402
from amtl.two_mtl.models.softmax import Softmax  # noqa: E402
from amtl.two_mtl.objective import Objective  # noqa: E402
from amtl.two_mtl.similarity import similarity  # noqa: E402
from amtl.two_mtl.solvers import RowDraws, fit_alternating, fit_batch, fit_online, start_weights  # noqa: E402

SIZES = (40, 25, 60)


def dense(classes, sizes=SIZES, sigma=2.0, intercept="feature"):
    """Return the objective of tasks with different numbers of rows and a constant column."""
    rng = np.random.default_rng(0)
    n = sum(sizes)
    X = np.column_stack([rng.normal(size=(n, 4)), np.ones(n)])
    y = np.argmax(X @ rng.normal(size=(5, classes)) + rng.gumbel(size=(n, classes)), axis=1)
    offsets = np.cumsum([0, *sizes])
    model = Logistic(X, y, offsets) if classes == 2 else Softmax(X, y, offsets, classes)
    decay = np.full(model.shape, 1.0 / sigma**2)
    decay[-1] = 0.0 if intercept == "free" else decay[-1]
    return Objective(model, decay.ravel())


def sequences(tasks=2, **given):
    """Return (objective, features, tags, task of the sentences)."""
    made = make_sequence_clusters(1, 0, tasks=tasks, clusters=min(tasks, 2), test_sentences=1, **given)
    sentences, tags = sum(made.X, []), sum(made.y, [])
    numbers, labels = {}, sorted({label for each in tags for label in each})
    codes = np.array([labels.index(label) for each in tags for label in each])
    encoded = Sentences(*encode(sentences, numbers, grow=True), codes)
    model = CRF(encoded, np.cumsum([0, *map(len, made.X)]), len(numbers), len(labels))
    return Objective(model, np.full(model.n_weights, 1.0)), sentences, tags


def fixed(A):
    return lambda W: np.asarray(A, dtype=float)


A = np.array([[1.0, 0.3, 0.0], [0.3, 1.0, 0.6], [0.0, 0.6, 1.0]])


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("intercept", ["free", "feature"])
def test_batch_agrees_with_logistic_regression_of_sklearn(classes, intercept):
    objective = dense(classes, intercept=intercept)
    fit = fit_batch(objective, fixed(A))
    assert fit.converged and fit.trace[-1]["gradient"] <= 1e-8
    X, y = objective.model.X, objective.model.labels
    columns = slice(0, -1) if intercept == "free" else slice(None)
    for t in range(3):
        weights = A[t][objective.task]
        theirs = LogisticRegression(
            C=4.0, fit_intercept=intercept == "free", tol=1e-10, max_iter=10_000, solver="newton-cg"
        )
        theirs.fit(X[:, columns], y, sample_weight=weights)
        w = theirs.coef_.T
        if intercept == "free":
            w = np.vstack([w, theirs.intercept_])
        ours, other = (objective.task_gradient(v.ravel(), A[t])[0] for v in (fit.W[t], w))
        assert ours == pytest.approx(other, rel=1e-6)
        assert np.allclose(centred(fit.W[t], classes), centred(w.ravel(), classes), atol=2e-4)


def centred(w, classes):
    """Return weights (5, K); those of softmax less their mean, which does not matter without a penalty."""
    w = w.reshape(5, -1)
    return w - w.mean(axis=1, keepdims=True) if classes > 2 else w


def crfsuite_fit(sentences, tags, path):
    pycrfsuite = pytest.importorskip("pycrfsuite")
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    # c2 is 1 / (2 sigma^2).
    trainer.set_params({"c2": 0.5, "max_iterations": 1000, "epsilon": 1e-9, "delta": 1e-12})
    for one, other in zip(sentences, tags, strict=True):
        trainer.append(one, other)
    trainer.train(str(path))
    tagger = pycrfsuite.Tagger()
    tagger.open(str(path))
    return trainer.logparser.last_iteration["loss"], tagger


def test_the_crf_agrees_with_crfsuite(tmp_path):
    from amtl import MTLSequenceTagger

    objective, sentences, tags = sequences(tasks=1, sentences=60)
    loss, theirs = crfsuite_fit(sentences, tags, tmp_path / "model")
    fit = fit_batch(objective, fixed([[1.0]]))
    assert fit.converged
    assert fit.objective == pytest.approx(loss, rel=1e-4)
    tagger = MTLSequenceTagger("identity", solver="batch").fit([sentences], [tags])
    assert tagger.objective_ == pytest.approx(loss, rel=1e-4)
    state, transition = tagger.weights_of(0)
    info = theirs.info()
    assert state.keys() == info.state_features.keys() and transition.keys() == info.transitions.keys()
    assert max(abs(state[key] - value) for key, value in info.state_features.items()) < 1e-3
    assert max(abs(transition[key] - value) for key, value in info.transitions.items()) < 1e-3
    assert tagger.predict([sentences])[0] == [theirs.tag(sentence) for sentence in sentences]
    theirs.set(sentences[0])
    marginals = tagger.predict_marginals([sentences])[0][0]
    expected = [[theirs.marginal(label, i) for label in tagger.classes_] for i in range(len(sentences[0]))]
    assert np.allclose(marginals, expected, atol=1e-3)


def make(kind):
    return sequences(tasks=3)[0] if kind == "crf" else dense({"logistic": 2, "softmax": 4}[kind])


KINDS = ("logistic", "softmax", "crf")


@pytest.mark.parametrize("kind", KINDS)
def test_batch_agrees_with_another_solver(kind):
    """scipy's trust-region Newton method, whose Hessian products are differences of gradients."""
    objective = make(kind)
    fit = fit_batch(objective, fixed(A))
    for t in range(3):

        def function(w, t=t):
            return objective.task_gradient(w, A[t])

        def product(w, v):
            h = 1e-5 / max(np.linalg.norm(v), 1e-300)
            return (function(w + h * v)[1] - function(w - h * v)[1]) / (2.0 * h)

        start = np.zeros(objective.model.n_weights)
        found = minimize(function, start, jac=True, hessp=product, method="trust-ncg", options={"gtol": 1e-4})
        assert function(fit.W[t])[0] == pytest.approx(found.fun, rel=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rule", ["bounded", "smallest", "first-order"])
def test_many_passes_come_near_the_optimum(kind, rule):
    objective = make(kind)
    best = fit_batch(objective, fixed(A)).objective
    fit = fit_online(objective, fixed(A), 60, rule=rule)
    assert best <= fit.objective <= 1.03 * best
    assert fit.objective < fit_online(objective, fixed(A), 1, rule=rule).objective


@pytest.mark.parametrize("kind", KINDS)
def test_the_identity_is_a_fit_of_single_tasks(kind):
    """Rows of other tasks change nothing, to the last bit."""
    objective = make(kind)
    rows, model = RowDraws(objective.model.offsets, 0).take(objective.n_updates), objective.model
    fit = fit_online(objective, fixed(np.eye(3)), 1, first_step=0.5)
    for t in range(3):
        alone = np.full_like(rows, -1)
        alone[:, t] = rows[:, t]
        w = fit_start(objective)[t]
        size = objective.sizes[t] / objective.n_updates
        eta = np.full(model.n_weights, 0.5 / (model.scale * size))
        from amtl.two_mtl.steps import make_rule

        a = np.where(np.arange(3) == t, size, 0.0)
        model.run_pass(
            w, eta, a, alone, objective.decay / objective.n_updates, make_rule("bounded", len(rows)), 0
        )
        assert np.array_equal(w, fit.W[t])


def fit_start(objective):

    return start_weights(objective, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_all_ones_is_a_fit_of_all_rows_together(kind):
    objective = make(kind)
    W = fit_batch(objective, fixed(np.ones((3, 3)))).W
    model = objective.model
    model.offsets = np.array([0, model.offsets[-1]])
    merged = fit_batch(Objective(model, objective.decay), fixed([[1.0]])).W[0]
    for w in W:
        assert np.allclose(w, merged, atol=1e-5)


def test_a_pass_has_the_mean_of_the_full_gradient():
    """With unequal numbers of rows: draws of many passes weigh every row alike."""
    objective = dense(2)
    n, draws = objective.n_updates, RowDraws(objective.model.offsets, 0)
    counts = np.zeros(len(objective.task))
    for _ in range(120):
        rows = draws.take(n)
        for t in range(3):
            np.add.at(counts, rows[:, t], objective.sizes[t] / n)
    assert np.allclose(counts / 120, 1.0, atol=0.03)


@pytest.mark.parametrize("kind", KINDS)
def test_the_printed_rule_diverges_and_says_so(kind):
    fit = fit_online(make(kind), fixed(A), 40, rule="printed", first_step=4.0)
    assert "pass" in fit.diverged and not fit.converged
    assert fit.trace[-1]["objective"] == np.inf


@pytest.mark.parametrize("kind", KINDS)
def test_a_fit_that_ends_above_zero_weights_has_diverged(kind):
    objective = make(kind)
    assert objective.at_zero(A) == pytest.approx(objective.evaluate(0.0 * start_weights(objective, 0), A)[0])
    fit = fit_online(objective, fixed(A), 1, rule="smallest", first_step=300.0)
    assert np.isfinite(fit.W).all() and np.isfinite(fit.objective)
    assert fit.objective > objective.at_zero(A)
    assert fit.diverged is not None and not fit.converged
    # From given weights the rows of the pass alone tell nothing.
    assert fit_online(objective, fixed(A), 1, W=fit.W, first_step=1e-9).diverged is None


def test_the_trace_has_an_entry_for_every_pass():
    objective, told = dense(2), []
    fit = fit_online(
        objective, lambda W: similarity(W[:, :-1], "rbf"), 6, update_every=2, callback=told.append
    )
    assert told == fit.trace and [entry["pass"] for entry in fit.trace] == [1, 2, 3, 4, 5, 6]
    assert [entry["similarity_change"] > 0.0 for entry in fit.trace] == [
        False,
        True,
        False,
        True,
        False,
        False,
    ]
    seconds = [entry["seconds"] for entry in fit.trace]
    assert seconds == sorted(seconds) and fit.trace[-1]["step"] < fit.trace[0]["step"]
    value, gradient = objective.evaluate(fit.W, fit.A)
    assert (fit.objective, fit.trace[-1]["gradient"]) == (value, gradient)


@pytest.mark.parametrize("solver", [fit_alternating, fit_batch])
def test_alternation_ends_where_the_similarities_have_settled(solver):
    objective = dense(2)
    given = {"passes": 30} if solver is fit_alternating else {"alternate": True}

    def of(W):
        return similarity(W[:, :-1], "rbf", C=5.0)

    fit = solver(objective, of, **given)
    assert fit.converged and fit.trace[-1]["similarity_change"] <= 1e-2
    assert np.abs(of(fit.W) - fit.A).max() <= 1e-2 and not np.array_equal(fit.A, np.eye(3))


CODE = """
import sys
import numpy as np
sys.path.insert(0, {folder!r})
from test_solvers import A, fit_online, fixed, make
print(fit_online(make({kind!r}), fixed(A), 2).W.tobytes().hex())
"""


@pytest.mark.parametrize("kind", ["softmax", "crf"])
def test_the_same_bits_on_a_second_run_and_in_another_process(kind, project):
    one, other = (fit_online(make(kind), fixed(A), 2).W for _ in range(2))
    assert np.array_equal(one, other)
    assert not np.array_equal(one, fit_online(make(kind), fixed(A), 2, seed=1).W)
    code = CODE.format(folder=str(project / "tests" / "amtl" / "two_mtl"), kind=kind)
    environment = {**os.environ, "PYTHONPATH": str(project / "workflow"), "PYTHONHASHSEED": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == one.tobytes().hex()


def test_a_task_without_rows_learns_from_the_others():
    objective = dense(2, sizes=(30, 0, 30))
    fit = fit_online(objective, fixed(np.ones((3, 3))), 20)
    assert np.isfinite(fit.W).all() and np.allclose(fit.W[0], fit.W[1], atol=0.02)


def test_generated_clusters_have_their_similarity():
    made = make_task_clusters(1, 0, tasks=6, clusters=3, rows=20, test_rows=10, classes=5)
    assert made.clusters.tolist() == [0, 0, 1, 1, 2, 2]
    assert np.array_equal(made.similarity, np.kron(np.eye(3), np.ones((2, 2))))
    again = make_task_clusters(1, 0, tasks=6, clusters=3, rows=20, test_rows=10, classes=5)
    assert all(np.array_equal(one, other) for one, other in zip(made.X, again.X, strict=True))
    assert set(np.concatenate(made.y)) <= set(range(5)) and made.X[0].shape == (20, 20)
