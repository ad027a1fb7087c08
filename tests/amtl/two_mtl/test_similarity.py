"""Similarities against their formulas, one pair of tasks at a time."""

import numpy as np
import pytest

from amtl.errors import InputError
from amtl.two_mtl.similarity import similarity

W = np.random.default_rng(0).normal(size=(5, 7))
W[3] = -W[0]


def expected(kind, s, t, C, width, degree):
    x, y = W[s], W[t]
    value = {
        "rbf": np.exp(-np.sum((x - y) ** 2) / (2.0 * width**2)),
        "poly": ((x @ y) / np.linalg.norm(x) / np.linalg.norm(y)) ** degree,
        "cor": np.corrcoef(x, y)[0, 1],
    }[kind]
    return 1.0 if s == t else max(value, 0.0) / C


@pytest.mark.parametrize("kind", ["rbf", "poly", "cor"])
def test_similarities_agree_with_their_formulas(kind):
    A = similarity(W, kind, C=2.5, width=1.7, degree=3)
    for s in range(5):
        for t in range(5):
            assert A[s, t] == pytest.approx(expected(kind, s, t, 2.5, 1.7, 3), rel=1e-10, abs=1e-15)
    assert A[0, 3] == (0.0 if kind != "rbf" else A[0, 3])


def test_the_default_width_is_half_the_median_distance():
    distances = [np.linalg.norm(W[s] - W[t]) for s in range(5) for t in range(5) if s != t]
    width = 0.5 * np.median(distances)
    assert np.allclose(similarity(W, "rbf"), similarity(W, "rbf", width=width), rtol=1e-10)
    assert np.array_equal(similarity(np.ones((3, 2)), "rbf"), np.ones((3, 3)))
    assert np.array_equal(similarity(W[:1], "rbf"), [[1.0]])


@pytest.mark.parametrize("kind", ["rbf", "poly", "cor"])
def test_tasks_with_zero_weights_have_finite_similarities(kind):
    A = similarity(np.vstack([W, np.zeros(7)]), kind)
    assert np.isfinite(A).all() and (np.diag(A) == 1.0).all()


def test_the_largest_entries_of_every_row_are_kept():
    A, sparse = similarity(W, "rbf"), similarity(W, "rbf", largest=2)
    for t in range(5):
        others = np.sort(np.delete(A[t], t))[-2:]
        assert np.array_equal(np.sort(sparse[t][sparse[t] > 0.0]), np.sort([*others, 1.0]))
    assert np.array_equal(similarity(W, "rbf", largest=9), A)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("rbff", "'rbf'"),
        (np.ones((2, 2)), "5, 5"),
        (np.where(np.eye(5, k=1), -1.0, 1.0), "0, 1"),
        (np.full((5, 5), np.nan), "nan"),
        ([["x"]], "numbers"),
    ],
)
def test_invalid_similarities_are_one_clear_error(given, words):
    with pytest.raises(InputError, match=words):
        similarity(W, given)
