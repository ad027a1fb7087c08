"""Agreement with what generated the data, against scikit-learn and cases worked out by hand."""

import math

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, f1_score

from amtl import recovery
from amtl.datasets.families import make_family


def test_the_estimation_error_is_relative():
    truth = np.array([[3.0, 0.0], [0.0, 4.0]])
    assert recovery.estimation_error(truth, truth) == 0.0
    assert recovery.estimation_error(np.zeros((2, 2)), truth) == pytest.approx(1.0)
    assert math.isnan(recovery.estimation_error(truth, np.zeros((2, 2))))


def test_f1_is_that_of_sklearn():
    generator = np.random.default_rng(0)
    for _ in range(5):
        found, true = generator.random((2, 30)) < 0.4
        assert recovery.f1(found, true) == pytest.approx(f1_score(true, found))
    assert recovery.f1(np.zeros(3, bool), np.array([True, False, False])) == 0.0
    assert math.isnan(recovery.f1(np.ones(3, bool), np.zeros(3, bool)))


def test_tiny_weights_are_no_support():
    assert recovery.support(np.array([1.0, -2.0, 1e-9, 0.0])).tolist() == [True, True, False, False]
    assert not recovery.support(np.zeros(3)).any()


def test_the_adjusted_rand_index_is_that_of_sklearn():
    generator = np.random.default_rng(0)
    for count in (1, 2, 3, 7):
        labels, others = generator.integers(0, count, (2, 25))
        expected = adjusted_rand_score(labels, others)
        assert recovery.adjusted_rand(labels, others) == pytest.approx(expected)
    assert recovery.adjusted_rand(np.arange(4), np.arange(4)[::-1]) == 1.0


def test_groups_follow_a_relation_in_either_direction():
    truth = np.repeat([0, 1, 2], 4)
    relation = np.triu((truth[:, None] == truth) + 0.1 * np.random.default_rng(0).random((12, 12)), 1)
    for each in (relation, relation.T):
        assert recovery.adjusted_rand(recovery.groups(each, 3), truth) == 1.0


def test_opposite_tasks_are_not_close():
    W = np.array([[1.0, 1.1, -1.0, -0.9], [0.1, 0.0, 0.1, 0.0]])
    assert recovery.adjusted_rand(recovery.groups(recovery.cosines(W), 2), [0, 0, 1, 1]) == 1.0


def test_correlations_and_cosines_of_nothing_are_zero():
    covariance = np.array([[4.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    expected = [[1.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 0.0]]
    assert recovery.correlations(covariance).tolist() == expected
    assert recovery.cosines(np.array([[3.0, 0.0]])).tolist() == [[1.0, 0.0], [0.0, 0.0]]


def test_the_outlier_tasks_of_generated_data_are_unlike_all_others():
    split = make_family(1, 0, family="outliers", tasks=8, features=60, outliers=0.25)
    outliers = np.array(split.meta["outliers"])
    assert outliers.tolist() == [False] * 6 + [True] * 2
    close = recovery.cosines(split.truth[:-1]) - np.eye(8)
    assert np.abs(close[outliers]).max() < 0.5 < close[np.ix_(~outliers, ~outliers)].max()
