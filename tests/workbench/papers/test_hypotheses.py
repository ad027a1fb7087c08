"""Statements about effects: p-values by hand; a statement and its negation mirror each other."""

import math

import pytest

from amtl.statistics import interval, splits_needed
from workbench.papers.hypotheses import Side, Statement, above, at_least, every, some, unsupported, within

VALUES = interval([1.0, 2.0, 4.0, 5.0])


def made(p, against=None):
    """Return a Statement with these p-values; it needs 10 splits by 1000 times the level."""
    sides = (
        Side(each, lambda level, each=each: each / level)
        for each in (p, 1 - p if against is None else against)
    )
    return Statement(*sides)


def p_values(statement):
    return pytest.approx((statement.support.p, statement.against.p))


def test_one_effect_has_the_p_values_of_the_t_test():
    statement = above(VALUES, 2.0)
    assert (VALUES.p_above(2.0), VALUES.p_below(2.0)) == p_values(statement)
    assert statement.support.needed(0.025) == splits_needed(1.0, VALUES.sd, 0.025)
    assert statement.against.needed(0.025) == math.inf


def test_all_one_and_some_of_three():
    parts = [made(0.01), made(0.2), made(0.03)]
    assert (0.2, min(1, 3 * 0.8)) == p_values(every(parts))
    assert (0.03, 0.99) == p_values(some(parts))
    # At least two: twice the second smallest; at most one: two of the three are not true.
    assert (2 * 0.03, min(1, 2 * 0.97)) == p_values(at_least(2, parts))


def test_a_negation_exchanges_the_sides():
    parts = [made(0.01, 0.9), made(0.2, 0.4), made(0.03, 0.6), made(0.5, 0.1)]
    for count in range(1, 5):
        fewer = at_least(5 - count, [~each for each in parts])
        assert (fewer.against.p, fewer.support.p) == p_values(at_least(count, parts))


def test_within_a_margin_is_two_one_sided_tests():
    found = within(VALUES, 4.0)
    below, over = VALUES.p_below(4.0), VALUES.p_above(-4.0)
    assert (max(below, over), min(1, 2 * min(1 - below, 1 - over))) == p_values(found)
    mirrored = within(interval([-1.0, -2.0, -4.0, -5.0]), 4.0)
    assert (found.support.p, found.against.p) == p_values(mirrored)


def test_the_splits_needed_follow_the_p_values():
    parts = [made(0.01), made(0.2), made(0.03)]
    level = 0.001
    # All: the slowest part at the full level. One: the fastest at a third of it.
    assert every(parts).support.needed(level) == pytest.approx(0.2 / level)
    assert some(parts).support.needed(level) == pytest.approx(3 * 0.01 / level)
    assert at_least(2, parts).support.needed(level) == pytest.approx(2 * 0.03 / level)


def test_a_statement_with_an_untested_part_has_no_support():
    found = unsupported(made(0.01, 0.02))
    assert (1.0, 0.02) == p_values(found) and found.support.needed(0.025) == math.inf
