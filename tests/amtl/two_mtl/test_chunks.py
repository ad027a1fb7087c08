"""Chunks and their F1 score by the rules of conlleval, and the features of chunking."""

import numpy as np
import pytest

from amtl import chunk_f1, chunking_features
from amtl.errors import InputError
from amtl.two_mtl.chunks import chunks
from amtl.two_mtl.features import token_features

LABELS = ("O", "B-NP", "I-NP", "B-VP", "I-VP")


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([], set()),
        (["O", "O"], set()),
        (["B-NP", "I-NP", "O", "B-NP"], {("NP", 0, 2), ("NP", 3, 4)}),
        (["B-NP", "B-NP"], {("NP", 0, 1), ("NP", 1, 2)}),
        (["I-NP", "I-VP"], {("NP", 0, 1), ("VP", 1, 2)}),
        (["B-NP", "I-VP", "I-VP"], {("NP", 0, 1), ("VP", 1, 3)}),
        (["O", "I-NP", "I-NP"], {("NP", 1, 3)}),
    ],
)
def test_chunks_begin_and_end_by_the_rules_of_conlleval(labels, expected):
    assert chunks(labels) == expected


def random_labels(seed):
    rng = np.random.default_rng(seed)
    return [[LABELS[k] for k in rng.integers(0, 5, rng.integers(1, 12))] for _ in range(40)]


@pytest.mark.parametrize("seed", range(5))
def test_f1_agrees_with_seqeval(seed):
    metrics = pytest.importorskip("seqeval.metrics")
    true = random_labels(seed)
    rng = np.random.default_rng(100 + seed)
    guess = [[LABELS[rng.integers(5)] if rng.random() < 0.3 else label for label in each] for each in true]
    assert chunk_f1(true, guess) == pytest.approx(metrics.f1_score(true, guess), rel=1e-12)


def test_f1_of_the_same_labels_is_one_and_of_none_zero():
    assert chunk_f1([["B-NP", "I-NP"]], [["B-NP", "I-NP"]]) == 1.0
    assert chunk_f1([["O"]], [["O"]]) == 0.0


@pytest.mark.parametrize(
    ("true", "guess", "words"),
    [
        ([["O"]], [], "1 true"),
        ([["O"], ["O"]], [["O"], ["O", "O"]], "sentence 1"),
        ([["O", "NP"]], [["O", "O"]], "token 1.*'NP'"),
    ],
)
def test_invalid_labels_are_one_clear_error(true, guess, words):
    with pytest.raises(InputError, match=words):
        chunk_f1(true, guess)


def test_chunking_features_are_the_windows_of_words_and_tags():
    features = chunking_features([("a", "X"), ("b", "Y"), ("c", "Z")])
    assert set(features[1]) == {
        "w[-1]=a", "w[0]=b", "w[1]=c", "w[-1]|w[0]=a|b", "w[0]|w[1]=b|c",
        "pos[-1]=X", "pos[0]=Y", "pos[1]=Z", "pos[-1]|pos[0]=X|Y", "pos[0]|pos[1]=Y|Z",
        "pos[-1]|pos[0]|pos[1]=X|Y|Z",
    }  # fmt: skip
    assert "__BOS__" in features[0] and "__EOS__" in features[2] and "__EOS__" not in features[0]
    with pytest.raises(InputError, match="token 1"):
        chunking_features([("a", "X"), ("b",)])


def test_token_features_of_dicts_and_lists():
    given = {"word": "He", "length": 2, "title": True, "shape": {"X", "x"}}
    expected = [("word:He", 1.0), ("length", 2.0), ("title", 1.0), ("shape:X", 1.0), ("shape:x", 1.0)]
    assert list(token_features(given)) == expected
    assert list(token_features(["a", "b"])) == [("a", 1.0), ("b", 1.0)]
