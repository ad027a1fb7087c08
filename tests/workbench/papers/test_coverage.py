"""Without an effect "reproduced" and "contradicted" together are wrong in 5 % of the runs at most."""

import math
from functools import partial

import pytest

from helpers.coverage import CASES, POOLS, fitted, from_a_pool, one_comparison, rates

REPETITIONS = 1000
NOMINAL = 0.05
# Four standard errors of a share of 5 %.
SLACK = 4 * math.sqrt(NOMINAL * (1 - NOMINAL) / REPETITIONS)


@pytest.mark.parametrize("splits", [5, 30])
@pytest.mark.parametrize("case", CASES)
def test_verdicts_are_wrong_at_most_at_the_nominal_rate(case, splits):
    assert sum(rates(CASES[case], splits, REPETITIONS)) <= NOMINAL + SLACK


@pytest.mark.parametrize("splits", [5, 30])
def test_the_rate_of_one_comparison_is_the_nominal_one(splits):
    assert sum(rates(one_comparison, splits, REPETITIONS)) >= NOMINAL - SLACK


@pytest.mark.parametrize("name", POOLS)
def test_splits_from_one_pool_need_the_correction(name):
    corrected, plain = (
        partial(from_a_pool, name=name, effect=fitted, corrected=each) for each in (True, False)
    )
    assert sum(rates(corrected, 10, REPETITIONS)) <= NOMINAL + SLACK
    assert sum(rates(plain, 10, REPETITIONS)) > NOMINAL + SLACK
