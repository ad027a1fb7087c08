"""From effects to outcomes of parts, and from outcomes to verdicts."""

import math

import pytest

from amtl.statistics import interval
from workbench.papers.hypotheses import within
from workbench.papers.verdicts import (
    CONTRADICTED,
    INCONCLUSIVE,
    LEVEL,
    NOT_TESTED,
    REPRODUCED,
    Part,
    conclude,
    judge,
    splits_text,
    untested,
)


def effect(mean, half=1.0, n=5):
    """Return an Interval of `n` values with this mean and this half width by Student's t."""
    pattern = [(-1) ** k for k in range(n)]
    scale = half / interval(pattern).half
    offset = interval(pattern).mean
    return interval([mean + scale * (each - offset) for each in pattern])


@pytest.mark.parametrize(
    ("mean", "outcome"),
    [
        (2.0, REPRODUCED),
        (1.001, REPRODUCED),
        (0.999, INCONCLUSIVE),
        (0.0, INCONCLUSIVE),
        (-0.999, INCONCLUSIVE),
        (-1.001, CONTRADICTED),
    ],
)
def test_a_whole_interval_on_one_side_of_zero_decides(mean, outcome):
    assert judge("p", effect(mean)).outcome == outcome


def test_another_bound():
    outcomes = [judge("p", effect(mean), bound=5.0).outcome for mean in (6.1, 5.5, 4.5, 3.9)]
    assert outcomes == [REPRODUCED, INCONCLUSIVE, INCONCLUSIVE, CONTRADICTED]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("mean", "half", "outcome"),
    [
        (0.0, 1.9, REPRODUCED),
        (0.9, 1.0, REPRODUCED),
        (1.1, 1.0, INCONCLUSIVE),
        # Few splits, and so a wide interval, do not speak for no effect.
        (0.0, 2.1, INCONCLUSIVE),
        (2.9, 1.0, INCONCLUSIVE),
        # Either side of the margin may contradict, so each is tested at half the level.
        (3.1, 1.0, INCONCLUSIVE),
        (3.6, 1.0, CONTRADICTED),
    ],
)
def test_no_effect_needs_the_whole_interval_within_the_margin(sign, mean, half, outcome):
    assert judge("p", effect(sign * mean, half), within, 2.0).outcome == outcome


def test_no_number_and_one_split_are_untested():
    assert judge("p", None).outcome == NOT_TESTED
    one = judge("p", interval([2.0]))
    assert one.outcome == NOT_TESTED and one.effect.mean == 2.0


HELD, AGAINST = judge("a", effect(3)), judge("b", effect(-3))
OPEN, MISSING = judge("c", effect(0.1)), untested("d", "no data")


@pytest.mark.parametrize(
    ("parts", "verdict", "partial"),
    [
        ([HELD], REPRODUCED, False),
        ([HELD, HELD], REPRODUCED, False),
        ([HELD, MISSING], INCONCLUSIVE, True),
        ([AGAINST, AGAINST], CONTRADICTED, False),
        ([AGAINST, MISSING], CONTRADICTED, True),
        ([HELD, AGAINST], CONTRADICTED, False),
        ([HELD, OPEN], INCONCLUSIVE, False),
        ([AGAINST, OPEN], CONTRADICTED, False),
        ([OPEN], INCONCLUSIVE, False),
        ([OPEN, MISSING], INCONCLUSIVE, True),
        ([MISSING], NOT_TESTED, False),
        ([], NOT_TESTED, False),
    ],
)
def test_the_parts_give_the_verdict(parts, verdict, partial):
    found = conclude(parts)
    assert (found.verdict, found.partial) == (verdict, partial)


def test_one_of_many_parts_contradicts_only_after_holms_correction():
    weak = judge("weak", effect(-1.1))
    assert weak.statement.against.p < LEVEL < 10 * weak.statement.against.p
    assert conclude([weak]).verdict == CONTRADICTED
    found = conclude([weak, *[HELD] * 9])
    assert found.verdict == INCONCLUSIVE and found.parts[0].outcome == INCONCLUSIVE
    # A clear part is tested against first, which leaves less to correct for the weak one.
    found = conclude([AGAINST, weak])
    assert [part.outcome for part in found.parts] == [CONTRADICTED, CONTRADICTED]
    # All parts must be reproduced, so no correction is needed there.
    held = judge("held", effect(1.1))
    assert conclude([held] * 10).verdict == REPRODUCED


def test_a_part_contradicts_exactly_if_the_claim_is_contradicted():
    for mean in (-3.0, -1.6, -1.4, -1.2, -1.0, 0.0):
        for others in range(6):
            found = conclude([judge("a", effect(mean)), *[OPEN] * others])
            assert (found.verdict == CONTRADICTED) == (found.parts[0].outcome == CONTRADICTED)


def test_a_detail_does_not_count():
    detail = Part("detail", AGAINST.statement, AGAINST.effect, counts=False)
    found = conclude([HELD, detail])
    assert found.verdict == REPRODUCED and found.weakest.name == "a" and "detail" not in found.reason
    assert found.parts[1].outcome == CONTRADICTED
    assert not conclude([HELD, Part("detail", counts=False)]).partial
    assert conclude([detail]).verdict == NOT_TESTED


def test_the_weakest_part_has_the_worst_outcome_then_the_largest_p_value():
    small, large = judge("small", effect(2)), judge("large", effect(3))
    precise = judge("precise", effect(1, 0.1))
    assert conclude([large, small]).weakest.name == "small"
    assert conclude([precise, small]).weakest.name == "small"
    assert conclude([small, large, OPEN]).weakest.name == "c"
    assert conclude([OPEN, AGAINST, small]).weakest.name == "b"
    assert conclude([MISSING]).weakest is None
    exact = [judge(str(mean), interval([mean, mean])) for mean in (3.0, 2.0)]
    assert conclude(exact).weakest.name == "2.0"


def test_the_reason_names_parts_by_outcome_and_what_is_missing():
    noted = Part("n", HELD.statement, effect(1), note="with a note")
    reason = conclude([HELD, noted, AGAINST, OPEN, MISSING, untested("e", "no data")]).reason
    assert "2 of 4" in reason
    for text in (f"{CONTRADICTED}: b", f"{INCONCLUSIVE}: c", "n (with a note)", "d, e (no data)"):
        assert text in reason
    assert "with a note" in conclude([noted]).reason


def test_only_an_inconclusive_part_says_how_many_splits_would_decide():
    assert HELD.splits_needed is AGAINST.splits_needed is MISSING.splits_needed is None
    near, far = judge("near", effect(0.9)), judge("far", effect(-0.2))
    assert 5 < near.splits_needed < far.splits_needed < 1000
    assert splits_text(near) == str(near.splits_needed) and splits_text(HELD) == ""
    assert judge("zero", effect(0.0)).splits_needed == math.inf
    # With more parts a contradiction asks for more splits.
    assert conclude([far, *[OPEN] * 9]).parts[0].splits_needed > far.splits_needed
