"""Intervals over splits, against numbers worked out by hand and against scipy."""

import math

import pytest
from scipy import stats

from amtl.errors import InputError
from amtl.statistics import footnotes, interval, paired, ratio

VALUES = [10.0, 12.0, 11.0, 15.0, 12.0]  # mean 12, squared deviations 4 + 0 + 1 + 9 + 0 = 14, sd sqrt(3.5)


def test_normal_interval_by_hand():
    found = interval(VALUES)
    assert found.n == 5
    assert found.mean == 12.0
    assert found.sd == pytest.approx(math.sqrt(3.5), rel=1e-15)
    assert found.half == pytest.approx(1.96 * 1.8708286933869707 / 2.23606797749979, rel=1e-14)
    assert (found.low, found.high) == (found.mean - found.half, found.mean + found.half)


def test_t_interval_matches_scipy():
    found = interval(VALUES, "t")
    low, high = stats.t.interval(0.95, df=4, loc=12.0, scale=stats.sem(VALUES))
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-12)
    assert found.half > interval(VALUES).half


def test_one_value_has_no_interval():
    for kind in ("normal", "t"):
        found = interval([3.5], kind)
        assert (found.n, found.mean, found.sd, found.half, found.low, found.high) == (1, 3.5, *[None] * 4)
    notes = footnotes("normal", [1])
    assert len(notes) == 1 and "no interval" in notes[0]


def test_footnotes_name_the_interval():
    assert any("1.96" in note for note in footnotes("normal", [5, 5]))
    assert any("Student" in note for note in footnotes("t", [5, 5]))
    assert len(footnotes("normal", [5, 1])) == 2


def test_a_paired_difference_uses_the_common_splits_only():
    ours = {1: 9.0, 2: 11.0, 3: 100.0}
    theirs = {1: 10.0, 2: 14.0, 4: -100.0}
    found = paired(ours, theirs)
    assert (found.n, found.mean) == (2, -2.0)
    assert found.half == pytest.approx(1.96 * math.sqrt(2) / math.sqrt(2), rel=1e-14)
    assert paired({1: 1.0}, {2: 1.0}) is None


def test_pairing_removes_what_the_splits_share():
    baseline = {1: 10.0, 2: 50.0, 3: 90.0}
    found = paired({k: value - 1.0 for k, value in baseline.items()}, baseline)
    assert (found.mean, found.half) == (-1.0, 0.0)


def test_the_ratio_is_taken_split_by_split():
    found = ratio({1: 10.0, 2: 60.0}, {1: 1.0, 2: 3.0})
    assert (found.n, found.mean) == (2, 15.0)
    assert ratio({1: 1.0}, {1: 0.0}) is None


def test_unknown_interval_kind_gets_a_hint():
    with pytest.raises(InputError, match="did you mean 'normal'"):
        interval(VALUES, "norml")
