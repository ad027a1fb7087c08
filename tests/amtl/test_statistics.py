"""Intervals over splits, against numbers worked out by hand and against scipy."""

import math

import pytest
from scipy import stats

from amtl.errors import InputError
from amtl.statistics import footnotes, holm_threshold, interval, paired, ratio, splits_needed

VALUES = [10.0, 12.0, 11.0, 15.0, 12.0]  # mean 12, squared deviations 4 + 0 + 1 + 9 + 0 = 14, sd sqrt(3.5)


def test_normal_interval_by_hand():
    found = interval(VALUES, "normal")
    assert found.n == 5
    assert found.mean == 12.0
    assert found.sd == pytest.approx(math.sqrt(3.5), rel=1e-15)
    assert found.half == pytest.approx(1.96 * 1.8708286933869707 / 2.23606797749979, rel=1e-14)
    assert (found.low, found.high) == (found.mean - found.half, found.mean + found.half)


def test_t_interval_matches_scipy():
    found = interval(VALUES, "t")
    low, high = stats.t.interval(0.95, df=4, loc=12.0, scale=stats.sem(VALUES))
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-12)
    assert found.half > interval(VALUES, "normal").half
    assert found == interval(VALUES)


def test_p_values_match_scipy():
    found = interval(VALUES)
    for bound in (9.0, 11.9, 12.0, 14.0):
        for side, p in (("greater", found.p_above(bound)), ("less", found.p_below(bound))):
            assert p == pytest.approx(stats.ttest_1samp(VALUES, bound, alternative=side).pvalue, rel=1e-9)
    # An end of the interval is where the test is at its level.
    assert (found.p_above(found.low), found.p_below(found.high)) == pytest.approx((0.025, 0.025))


def test_values_that_do_not_vary_leave_no_doubt():
    found = interval([2.0, 2.0, 2.0])
    assert (found.p_above(1.0), found.p_above(3.0), found.p_above(2.0)) == (0.0, 1.0, 0.5)
    # Two error rates often differ from two others by the same number.
    assert interval([2.0, 2.0]).p_above(1.0) == 1.0
    assert interval([2.0]).p_above(-9.0) == interval([2.0]).p_below(9.0) == 1.0


def test_rounding_is_no_spread():
    # The two differences are equal but for rounding.
    found = paired({1: 11.7, 2: 3.1}, {1: 11.9, 2: 3.3})
    assert (found.sd, found.half, found.p_below(0.0)) == (0.0, 0.0, 1.0)
    assert interval([0.1 + 0.2, 0.3, 0.3]).sd == 0.0
    assert paired({1: 1.0, 2: 2.0 + 1e-9}, {1: 1.0, 2: 2.0}).sd > 0


def test_overlapping_splits_have_the_standard_error_of_nadeau_and_bengio():
    plain, shared = interval(VALUES), interval(VALUES, overlap=0.5)
    assert shared.half / plain.half == pytest.approx(math.sqrt((1 / 5 + 0.5) / (1 / 5)))
    assert (shared.p_above(shared.low), shared.p_below(shared.high)) == pytest.approx((0.025, 0.025))
    # The formula of their article, equation 9, with ten splits of 500 test and 1000 training rows.
    ten = interval([*VALUES, *VALUES], overlap=500 / 1000)
    assert ten.p_above(11.0) == pytest.approx(stats.t.sf(1.0 / math.sqrt((1 / 10 + 1 / 2) * ten.sd**2), 9))


@pytest.mark.parametrize(("distance", "level"), [(0.3, 0.025), (0.7, 0.025), (1.0, 0.0025), (3.0, 0.025)])
def test_the_splits_needed_have_the_power_by_the_noncentral_t(distance, level):
    def power(n):
        return stats.nct.sf(stats.t.ppf(1 - level, n - 1), n - 1, distance * math.sqrt(n))

    n = splits_needed(distance, 1.0, level)
    # The sum of quantiles may ask for one split more or less than the exact power.
    assert power(n + 1) >= 0.8 > power(n - 2)


def test_no_number_of_splits_finds_an_effect_of_zero_or_one_hidden_by_the_pool():
    assert splits_needed(0.0, 1.0, 0.025) == splits_needed(-1.0, 1.0, 0.025) == math.inf
    # In the limit the distance must exceed 1.96 + 0.84 standard deviations times the root of the overlap.
    limit = (stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * math.sqrt(0.5)
    assert splits_needed(0.99 * limit, 1.0, 0.025, overlap=0.5) == math.inf
    assert 10 < splits_needed(1.05 * limit, 1.0, 0.025, overlap=0.5) < math.inf


@pytest.mark.parametrize(
    ("p_values", "rejected"),
    [
        # The example of Holm's method: each p-value is compared with 0.05 / 4, 0.05 / 3, ...
        ([0.01, 0.04, 0.03, 0.005], [0.005, 0.01]),
        ([0.04, 0.001, 0.015, 0.02], [0.001, 0.015, 0.02, 0.04]),
        ([0.02, 0.03, 0.04], []),
        ([0.05], [0.05]),
        ([], []),
    ],
)
def test_holms_method_by_hand(p_values, rejected):
    threshold = holm_threshold(p_values, 0.05)
    assert sorted(p for p in p_values if p <= threshold) == rejected


def test_one_value_has_no_interval():
    for kind in ("normal", "t"):
        found = interval([3.5], kind)
        assert (found.n, found.mean, found.sd, found.half, found.low, found.high) == (1, 3.5, *[None] * 4)
    notes = footnotes("normal", [1])
    assert len(notes) == 1 and "no interval" in notes[0]


def test_footnotes_name_the_interval():
    assert any("1.96" in note and "95 % confidence" not in note for note in footnotes("normal", [5, 5]))
    assert any("Student" in note for note in footnotes("t", [5, 5]))
    assert len(footnotes("normal", [5, 1])) == 2


def test_a_paired_difference_uses_the_common_splits_only():
    ours = {1: 9.0, 2: 11.0, 3: 100.0}
    theirs = {1: 10.0, 2: 14.0, 4: -100.0}
    found = paired(ours, theirs, "normal")
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


def test_two_equal_numbers_need_a_third():
    assert interval([1.0] * 2).p_above(0.0) == 1.0 and interval([1.0] * 3).p_above(0.0) == 0.0
    assert splits_needed(1.0, 0.0, 0.025) == 3
