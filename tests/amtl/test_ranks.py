"""Mean ranks, critical differences and the Bayesian test, against published numbers and other software."""

import math

import numpy as np
import pytest

from amtl.random import generator
from amtl.ranks import alike, complete_part, critical_difference, friedman, mean_ranks, signed_rank

# AUC of four versions of C4.5 on 14 datasets: Demsar (2006), Table 6.
DEMSAR = np.array(
    [
        [0.763, 0.768, 0.771, 0.798],
        [0.599, 0.591, 0.590, 0.569],
        [0.954, 0.971, 0.968, 0.967],
        [0.628, 0.661, 0.654, 0.657],
        [0.882, 0.888, 0.886, 0.898],
        [0.936, 0.931, 0.916, 0.931],
        [0.661, 0.668, 0.609, 0.685],
        [0.583, 0.583, 0.563, 0.625],
        [0.775, 0.838, 0.866, 0.875],
        [1.000, 1.000, 1.000, 1.000],
        [0.940, 0.962, 0.965, 0.962],
        [0.619, 0.666, 0.614, 0.669],
        [0.972, 0.981, 0.9751, 0.975],
        [0.957, 0.978, 0.946, 0.970],
    ]
)


def test_ranks_and_the_test_of_friedman_are_those_of_demsar():
    # The article prints these digits.
    assert mean_ranks(-DEMSAR) == pytest.approx([3.143, 2.000, 2.893, 1.964], abs=1e-3)
    found = friedman(-DEMSAR)
    # scipy corrects the statistic for ties, of four, two, two and two versions; the article does not.
    assert found.chi2 * (1 - (60 + 6 + 6 + 6) / (14 * 60)) == pytest.approx(9.28, abs=0.01)
    assert found.f == pytest.approx(13 * found.chi2 / (14 * 3 - found.chi2)) and found.p_f < found.p


def test_the_critical_difference_is_that_of_demsar():
    # q = 2.569 for four methods; the article prints 1.25.
    assert critical_difference(14, 4) == pytest.approx(2.569 * math.sqrt(4 * 5 / (6 * 14)), rel=1e-3)


def test_equal_methods_have_no_statistic_and_a_sure_order_an_infinite_one():
    assert friedman(np.ones((3, 4))) is None
    sure = friedman(np.tile([1.0, 2.0, 3.0], (5, 1)))
    assert sure.f == math.inf and sure.p_f == 0.0 < sure.p


def test_methods_within_the_difference_are_alike():
    assert alike([1.0, 1.5, 2.9, 3.0], 1.45) == [(0, 1), (1, 2), (2, 3)]
    assert alike([1.0, 3.0], 1.0) == [] and alike([2.0, 1.0, 1.2], 5.0) == [(0, 2)]


def test_the_complete_part_is_the_largest_one():
    present = np.ones((4, 5), dtype=bool)
    present[1:, 4] = False
    assert complete_part(present) == ([0, 1, 2, 3], [0, 1, 2, 3])
    present[3, :3] = False
    assert complete_part(present) == ([0, 1, 2], [0, 1, 2, 3])
    assert complete_part(np.zeros((2, 2), dtype=bool)) == ([], [])


@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        # baycomp 1.0.3: SignedRankTest.probs(0, differences, rope=1, nsamples=200000).
        ([-3.0, -2.0, 0.5, -4.0, 1.5, -6.0, -2.5, 0.2], (0.8627, 0.136, 0.0013)),
        ([0.1, -0.3, 0.4, 2.5, -0.2], (0.0, 0.7902, 0.2098)),
        ([5.0, -4.0, 3.0, -2.0, 6.0, 0.5], (0.1391, 0.1075, 0.7535)),
    ],
)
def test_the_signed_rank_test_agrees_with_other_software(differences, expected):
    found = signed_rank(differences, generator(0, "a", "b"))
    assert found == pytest.approx(expected, abs=0.015)
    assert sum(found) == pytest.approx(1.0)
    assert found == signed_rank(differences, generator(0, "a", "b"))
    better, equal, worse = signed_rank([-x for x in differences], generator(0, "a", "b"))
    assert (worse, equal, better) == pytest.approx(found, abs=0.015)
