"""The arithmetic of the benchmark: ratios, agreement of objectives, exponents, and the numbers of a row."""

import pytest

from helpers.benchmark import account, record
from workbench.benchmark import summary


def test_ratios_pair_the_rounds():
    assert summary.ratios([1.0, 4.0], [2.0, 2.0]) == [0.5, 2.0]
    assert summary.ratios([1.0], []) == [] and summary.ratios([1.0], [0.0]) == []


def test_spread_is_median_minimum_maximum():
    assert summary.spread([3.0, 1.0, 7.0]) == (3.0, 1.0, 7.0)


def test_difference_is_relative_to_the_other_objective():
    assert summary.difference(3.0, 2.0) == pytest.approx(0.5)
    assert summary.difference(1.0, -2.0) == pytest.approx(1.5)
    assert summary.difference(None, 2.0) is None and summary.difference(2.0, None) is None


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (1.0, 1.0, True),
        (0.1, 1.0, True),
        (1.0 + 9e-7, 1.0, True),
        (1.0 + 2e-6, 1.0, False),
        (None, 1.0, None),
    ],
)
def test_objectives_agree_unless_ours_is_higher(ours, theirs, expected):
    assert summary.agrees(ours, theirs) is expected


@pytest.mark.parametrize("power", [1.0, 1.5, 3.0])
def test_exponent_is_fitted_to_the_upper_half(power):
    sizes = [10, 20, 40, 80, 160, 320]
    seconds = [9.0, 7.0, 5.0] + [1e-6 * size**power for size in sizes[3:]]
    assert summary.exponent(sizes, seconds) == pytest.approx(power)
    assert summary.exponent(sizes[::-1], seconds[::-1]) == pytest.approx(power)


def test_exponent_rounds_an_odd_half_up_and_fits_by_least_squares():
    # The upper half of three points are two, of five points three.
    assert summary.exponent([1, 10, 100], [5.0, 1.0, 10.0]) == pytest.approx(1.0)
    assert summary.exponent([1, 2, 10, 100, 1000], [5.0, 5.0, 1.0, 1.0, 100.0]) == pytest.approx(1.0)


def test_exponent_of_few_points():
    assert summary.exponent([10], [1.0]) is None
    assert summary.exponent([10, 20], [1.0, 4.0]) == pytest.approx(2.0)


def test_extrapolation_grows_at_least_in_proportion():
    assert summary.predicted([5, 10, 20], [9.0, 1.0, 4.0], 40) == pytest.approx(16.0)
    assert summary.predicted([10, 20], [4.0, 4.0], 40) == pytest.approx(8.0)


def test_row_leaves_warm_up_rounds_out_of_times_and_ratios():
    ours = record("ours", [1.0, 2.0, 4.0], warmup=50.0)
    other = record("other", [2.0, 2.0, 16.0], warmup=100.0, peak_mib=75.0, held_mib=70.0)
    row = summary.row_of(other, ours)
    assert (row["seconds"], row["seconds_min"], row["seconds_max"]) == (2.0, 2.0, 16.0)
    assert (row["ratio"], row["ratio_min"], row["ratio_max"]) == (0.5, 0.25, 1.0)
    assert row["warmup"] == 100.0 and row["rounds"] == 3
    assert row["peak_mib"] == 75.0 and row["added_mib"] == 5.0
    assert summary.row_of(ours, ours)["ratio"] is None


def test_row_takes_the_peak_of_all_rounds_and_the_rest_of_the_last():
    found = record("other", [1.0, 2.0], warmup=3.0)
    for run, peak in zip(found["runs"], (90.0, 80.0, 70.0), strict=True):
        run.update(peak_mib=peak, held_mib=peak - 20.0)
    found["runs"][-1].update(residual=0.5, objective=8.0, cpu=9.0, counts={"iterations": 4})
    row = summary.row_of(found, record("ours", [1.0]))
    # What is held before the first run counts, as later runs keep some of their memory.
    assert row["peak_mib"] == 90.0 and row["added_mib"] == 20.0
    assert (row["residual"], row["objective"], row["cpu"], row["counts"]) == (
        0.5,
        8.0,
        9.0,
        {"iterations": 4},
    )


def test_row_of_a_stopped_contender_compares_its_run_with_all_our_rounds():
    stopped = record("other", [], rough=account(seconds=20.0, stopped=True, held_mib=None))
    row = summary.row_of(stopped, record("ours", [1.0, 2.0, 4.0]))
    assert (row["ratio"], row["ratio_min"], row["ratio_max"]) == (0.1, 0.05, 0.2)
    assert row["seconds"] == 20.0 and row["rounds"] == 0 and row["stopped"] and row["added_mib"] is None


def test_row_of_a_contender_that_did_not_run_is_empty():
    row = summary.row_of(record("other", []), record("ours", [1.0]))
    assert row["rounds"] == 0 and row["stopped"] is False and row["counts"] == {}
    numbers = {key: value for key, value in row.items() if key not in ("rounds", "stopped", "counts")}
    assert set(numbers.values()) == {None}
