"""The models: gradients, and the CRF's probabilities against enumeration of all label sequences."""

import itertools

import numpy as np
import pytest
from scipy.special import logsumexp

pytest.importorskip("numba")

from amtl.two_mtl.models.crf import CRF, Sentences  # noqa: E402
from amtl.two_mtl.models.logistic import Logistic  # noqa: E402
from amtl.two_mtl.models.softmax import Softmax  # noqa: E402
from amtl.two_mtl.steps import StepRule  # noqa: E402

LABELS, FEATURES, LENGTHS = 3, 5, (4, 1, 3, 2, 5)


def make_sentences(seed=0):
    """Return sentences with one to three features per token, and one token without any."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 4, sum(LENGTHS))
    counts[2] = 0
    return Sentences(
        np.cumsum([0, *LENGTHS]),
        np.cumsum([0, *counts]),
        rng.integers(0, FEATURES, counts.sum()),
        rng.normal(size=counts.sum()),
        rng.integers(0, LABELS, sum(LENGTHS)),
    )


def make_model(kind):
    rng = np.random.default_rng(1)
    if kind.startswith("crf"):
        return CRF(make_sentences(), [0, 2, 5], FEATURES, LABELS, all_pairs=kind == "crf, all pairs")
    X = rng.normal(size=(9, 4))
    if kind == "logistic":
        return Logistic(X, rng.integers(0, 2, 9), [0, 4, 9])
    return Softmax(X, rng.integers(0, 3, 9), [0, 4, 9], 3)


KINDS = ("logistic", "softmax", "crf, all pairs", "crf, pairs that occur")


def n_rows(model):
    return model.offsets[-1]


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_agree_with_finite_differences(kind):
    model, rng = make_model(kind), np.random.default_rng(2)
    w, weights = rng.normal(size=model.n_weights), rng.random(n_rows(model))
    weights[1] = 0.0
    gradient = model.gradient(w, weights)[1]
    steps = 1e-5 * np.eye(model.n_weights)
    differences = [
        (model.gradient(w + step, weights)[0] - model.gradient(w - step, weights)[0]) / 2e-5 for step in steps
    ]
    assert np.allclose(gradient, differences, rtol=0, atol=1e-8)
    rows = sum(weights[i] * model.row_gradient(w, i) for i in range(n_rows(model)))
    assert np.allclose(gradient, rows, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_a_pass_makes_the_updates_of_the_formula(kind):
    """Three updates in numpy: the second one changes the step sizes by the bounded ratio of the gradients."""
    model, rng = make_model(kind), np.random.default_rng(3)
    w, eta = rng.normal(size=model.n_weights), rng.uniform(0.01, 0.1, model.n_weights)
    a, decay, rule = np.array([0.7, 1.3]), np.full(model.n_weights, 0.02), StepRule(0.9, 0.99)
    rows = np.array([[0, 4], [1, 2], [0, 3]])
    expected, steps, gradients = w.copy(), eta.copy(), []
    for k, drawn in enumerate(rows):
        g = sum(weight * model.row_gradient(expected, row) for weight, row in zip(a, drawn, strict=True))
        if kind.startswith("crf"):  # the penalty is a proximal step
            expected = (expected + steps * g) / (1.0 + steps * decay)
        else:
            g = g - decay * expected
            expected = expected + steps * g
        gradients.append(g)
        if k == 1:
            first, second = gradients
            ratio = np.divide(second, first, out=np.ones_like(first), where=first != 0.0)
            steps = steps * np.where(first != 0.0, np.clip(ratio, rule.low, rule.high), 1.0)
    assert model.run_pass(w, eta, a, rows, decay, rule, 0) == 3
    assert np.allclose(w, expected, rtol=0, atol=1e-12)
    assert np.allclose(eta, steps, rtol=1e-9)


def test_a_first_order_step_decays():
    model = make_model("logistic")
    w, eta, rows = np.zeros(4), np.full(4, 0.1), np.array([[0, 4]])
    model.run_pass(w, eta, np.ones(2), rows, np.zeros(4), StepRule(1.0, 1.0, rate=0.5), 6)
    step = 0.1 / (1.0 + 0.5 * 6) * (model.row_gradient(np.zeros(4), 0) + model.row_gradient(np.zeros(4), 4))
    assert np.allclose(w, step, rtol=1e-12)


def enumerated(model, w, s):
    """Return (log Z, marginals (n, L), the best sequence) of sentence s by all its label sequences."""
    pair_offsets, pair_labels, transition = model.pairs
    sentences = model.sentences
    tokens = range(sentences.offsets[s], sentences.offsets[s + 1])
    score = np.zeros((len(tokens), LABELS))
    for i, token in enumerate(tokens):
        for f in range(sentences.feature_offsets[token], sentences.feature_offsets[token + 1]):
            feature = sentences.features[f]
            for p in range(pair_offsets[feature], pair_offsets[feature + 1]):
                score[i, pair_labels[p]] += sentences.values[f] * w[p]
    q = np.where(transition >= 0, w[transition], 0.0)
    sequences = list(itertools.product(range(LABELS), repeat=len(tokens)))
    totals = np.array(
        [
            sum(score[i, y] for i, y in enumerate(labels))
            + sum(q[y, z] for y, z in itertools.pairwise(labels))
            for labels in sequences
        ]
    )
    log_z = logsumexp(totals)
    marginals = np.zeros_like(score)
    for labels, total in zip(sequences, totals, strict=True):
        for i, y in enumerate(labels):
            marginals[i, y] += np.exp(total - log_z)
    return log_z, marginals, sequences[int(np.argmax(totals))]


@pytest.mark.parametrize("kind", KINDS[2:])
@pytest.mark.parametrize("size", [1.0, 300.0])
def test_probabilities_and_best_sequences_agree_with_enumeration(kind, size):
    """Weights of 300 would overflow without scaling."""
    model = make_model(kind)
    w = size * np.random.default_rng(4).normal(size=model.n_weights)
    w[len(model.pair_labels) :] /= size
    log_z, marginals = model.log_partition(w, model.sentences), model.probabilities(w, model.sentences)
    best = model.predict(w, model.sentences)
    for s in range(len(LENGTHS)):
        own = slice(model.sentences.offsets[s], model.sentences.offsets[s + 1])
        expected = enumerated(model, w, s)
        assert log_z[s] == pytest.approx(expected[0], rel=1e-12)
        assert np.allclose(marginals[own], expected[1], rtol=0, atol=1e-12)
        assert best[own].tolist() == list(expected[2])


def test_pairs_that_occur_are_those_of_the_sentences():
    model = make_model("crf, pairs that occur")
    s = model.sentences
    labels = np.repeat(s.labels, np.diff(s.feature_offsets))
    states = set(zip(s.features.tolist(), labels.tolist(), strict=True))
    moves = {
        (s.labels[i], s.labels[i + 1])
        for first, last in itertools.pairwise(s.offsets)
        for i in range(first, last - 1)
    }
    feature = np.repeat(np.arange(FEATURES), np.diff(model.pair_offsets))
    assert set(zip(feature.tolist(), model.pair_labels.tolist(), strict=True)) == states
    assert set(map(tuple, np.argwhere(model.transition >= 0))) == moves
    assert model.n_weights == len(states) + len(moves)
