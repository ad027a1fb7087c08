"""From effects to outcomes of parts, and from outcomes to verdicts."""

import pytest

from amtl.statistics import Interval
from workbench.papers.verdicts import (
    CONTRADICTS,
    HOLDS,
    INCONCLUSIVE,
    NOT_REPRODUCED,
    NOT_TESTABLE,
    OPPOSITE,
    REPRODUCED,
    UNTESTED,
    Part,
    conclude,
    judge,
    untested,
)


def effect(mean, half=1.0):
    return Interval(5, mean, 1.0, half)


@pytest.mark.parametrize(
    ("mean", "outcome"),
    [
        (2.0, HOLDS),
        (1.001, HOLDS),
        (1.0, INCONCLUSIVE),
        (0.0, INCONCLUSIVE),
        (-1.0, INCONCLUSIVE),
        (-1.001, CONTRADICTS),
    ],
)
def test_a_whole_interval_on_one_side_of_zero_decides(mean, outcome):
    assert judge("p", effect(mean)).outcome == outcome


@pytest.mark.parametrize(
    ("mean", "outcome"),
    [(6.001, HOLDS), (6.0, INCONCLUSIVE), (1.0, INCONCLUSIVE), (-1.0, INCONCLUSIVE), (-1.001, CONTRADICTS)],
)
def test_the_two_bounds_may_differ(mean, outcome):
    assert judge("p", effect(mean), holds_above=5.0, contradicts_below=0.0).outcome == outcome


def test_one_bound_serves_both_sides():
    assert [judge("p", effect(mean), holds_above=5.0).outcome for mean in (6.1, 5.5, 3.9)] == [
        *(HOLDS, INCONCLUSIVE, CONTRADICTS)
    ]


def test_no_number_and_one_split_are_untested():
    assert judge("p", None).outcome == UNTESTED
    one = judge("p", Interval(1, 2.0))
    assert one.outcome == UNTESTED and one.effect.mean == 2.0


HELD, AGAINST = Part("a", HOLDS, effect(3)), Part("b", CONTRADICTS, effect(-3))
OPEN, MISSING = Part("c", INCONCLUSIVE, effect(0)), untested("d", "no data")


@pytest.mark.parametrize(
    ("parts", "verdict", "partial"),
    [
        ([HELD], REPRODUCED, False),
        ([HELD, HELD], REPRODUCED, False),
        ([HELD, MISSING], REPRODUCED, True),
        ([AGAINST, AGAINST], OPPOSITE, False),
        ([AGAINST, MISSING], OPPOSITE, True),
        ([HELD, AGAINST], NOT_REPRODUCED, False),
        ([HELD, OPEN], NOT_REPRODUCED, False),
        ([AGAINST, OPEN], NOT_REPRODUCED, False),
        ([OPEN], NOT_REPRODUCED, False),
        ([MISSING], NOT_TESTABLE, False),
        ([], NOT_TESTABLE, False),
    ],
)
def test_the_parts_give_the_verdict(parts, verdict, partial):
    found = conclude(parts)
    assert (found.verdict, found.partial) == (verdict, partial)


def test_a_detail_does_not_count():
    detail = Part("detail", CONTRADICTS, effect(-9), counts=False)
    found = conclude([HELD, detail])
    assert found.verdict == REPRODUCED and found.weakest is HELD and "detail" not in found.reason
    untested_detail = Part("detail", UNTESTED, counts=False)
    assert not conclude([HELD, untested_detail]).partial
    assert conclude([detail]).verdict == NOT_TESTABLE


def test_the_weakest_part_has_the_worst_outcome_then_the_smallest_effect():
    small, large = Part("small", HOLDS, effect(2)), Part("large", HOLDS, effect(3))
    assert conclude([large, small]).weakest is small
    assert conclude([small, large, OPEN]).weakest is OPEN
    assert conclude([OPEN, AGAINST, small]).weakest is AGAINST
    assert conclude([MISSING]).weakest is None
    assert conclude([Part("x", HOLDS, n=4), large]).weakest.count == 4


def test_the_reason_names_parts_by_outcome_and_what_is_missing():
    noted = Part("n", HOLDS, effect(1), note="with a note")
    reason = conclude([HELD, noted, AGAINST, OPEN, MISSING, untested("e", "no data")]).reason
    assert "2 of 4" in reason
    for text in (f"{CONTRADICTS}: b", f"{INCONCLUSIVE}: c", "n (with a note)", "d, e (no data)"):
        assert text in reason
    assert "with a note" in conclude([noted]).reason
