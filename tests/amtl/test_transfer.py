"""Measures of transfer, against values worked out by hand."""

import pytest

from amtl.transfer import EPSILON, gains, measure


def per_split(*rows):
    return {name: dict(enumerate(values, start=1)) for name, values in zip("abc", rows, strict=False)}


def test_gains_are_relative_to_the_mean_of_the_baseline():
    assert gains({1: 9.0, 2: 12.0}, {1: 10.0, 2: 30.0}) == {1: 5.0, 2: 90.0}
    assert gains({1: 9.0, 3: 1.0}, {1: 10.0, 2: 30.0}) == {1: 10.0}, "common splits only"
    assert gains({1: 9.0}, {2: 10.0}) == {} and gains({1: 1.0}, {1: 0.0}) == {}
    # A split in which the baseline makes no error counts.
    assert gains({1: 1.0, 2: 1.0}, {1: 0.0, 2: 2.0}) == {1: -100.0, 2: 100.0}


def test_measures_by_hand():
    baseline = per_split([10.0, 10.0], [20.0, 20.0], [0.0, 0.0])
    errors = per_split([12.0, 9.0], [10.0, 20.1], [0.5, 0.0])
    found = measure(errors, baseline)
    assert (found.tasks, found.left_out) == (2, 1)
    # Gains: a -20, +10 %; b +50, -0.5 %.
    assert found.delta.mean == pytest.approx((15.0 + 4.75) / 2)
    assert found.worse.mean == 0.5 and found.worse_on_average == 1
    assert found.mass.mean == pytest.approx((2.5 + 0.1) / 2), "tasks that are left out elsewhere lose too"
    assert found.worst_task == "a" and found.worst.mean == pytest.approx(-5.0)


def test_a_loss_of_epsilon_does_not_count_as_worse():
    baseline = per_split([100.0])
    assert measure(per_split([100.0 + EPSILON]), baseline).worse.mean == 0
    assert measure(per_split([100.1 + EPSILON]), baseline).worse.mean == 1


def test_splits_that_lack_a_task_are_left_out():
    baseline = per_split([10.0, 10.0], [20.0])
    assert measure(per_split([9.0, 5.0], [20.0, 1.0]), baseline).delta.mean == pytest.approx(5.0)
    assert measure(per_split([9.0]), {"z": {1: 1.0}}) is None
    assert measure({"a": {1: 1.0}}, {"a": {2: 1.0}}) is None
