"""From measured effects to a verdict on a claim of a paper: one set of rules for all claims.

A claim is tested in one or more parts, such as one per dataset. A part has an effect with its interval over
splits, counted so that larger speaks for the claim, and one of four outcomes.
"""

from dataclasses import dataclass

from amtl.statistics import Interval

# Outcomes of a part.
HOLDS, CONTRADICTS, INCONCLUSIVE, UNTESTED = "holds", "contradicts", "inconclusive", "not tested"
# Outcomes of tested parts, by how much they speak for the claim.
_OUTCOMES = (CONTRADICTS, INCONCLUSIVE, HOLDS)
# Verdicts on a claim.
REPRODUCED, NOT_REPRODUCED, OPPOSITE = "reproduced", "not reproduced", "opposite"
NOT_TESTABLE = "not testable here"
VERDICTS = (REPRODUCED, NOT_REPRODUCED, OPPOSITE, NOT_TESTABLE)
# The verdict if all tested parts have the same outcome, or if no part was tested.
_UNANIMOUS = {frozenset(): NOT_TESTABLE, frozenset({HOLDS}): REPRODUCED, frozenset({CONTRADICTS}): OPPOSITE}

RULES = (
    "The rules were fixed before the run and are the same for every run. An effect is a mean over splits "
    "with its 95 % interval. Two methods are compared on the same splits, so the interval is that of their "
    "paired differences; it is not corrected for the number of comparisons. A beats B: the whole interval "
    "lies on A's side of zero.",
    "A claim of several parts, such as datasets, is reproduced if all tested parts hold, opposite if all "
    "contradict it, and not reproduced otherwise, also if an interval contains zero. The effect shown is "
    "that of the weakest part. Untested parts are named and do not count; without any tested part the "
    "claim is not testable here. No dataset replaces another.",
)

ONE_SPLIT = "one split gives no interval"


@dataclass(frozen=True)
class Part:
    """One tested part of a claim.

    effect : Interval, or None if the number is not shown; `unit` is its unit.
    n : number of values behind the effect, given only if the effect is not shown.
    note : further explanation, or the reason why it was not tested.
    counts : False for a detail that is shown and does not count for the verdict.
    """

    name: str
    outcome: str
    effect: Interval | None = None
    unit: str = "%"
    note: str = ""
    counts: bool = True
    n: int | None = None

    @property
    def count(self):
        return self.n if self.effect is None else self.effect.n


def outcome_of(holds, contradicts):
    """Return the outcome of a tested part."""
    return HOLDS if holds else CONTRADICTS if contradicts else INCONCLUSIVE


def untested(name, why):
    """Return a part that was not tested, with the reason."""
    return Part(name, UNTESTED, note=why)


def judge(name, effect, holds_above=0.0, contradicts_below=None, outcomes=()):
    """Return the part whose claim is that `effect`, in %, exceeds a bound.

    It holds if the whole interval lies above `holds_above`, contradicts if the whole interval lies below
    `contradicts_below` (the same bound unless given), and is inconclusive otherwise. It is untested on one
    split, which gives no interval. outcomes : {outcome by this rule: outcome} where the claim is another.
    """
    if effect is None:
        return untested(name, "no number on a common split")
    if effect.half is None:
        return Part(name, UNTESTED, effect, note=ONE_SPLIT)
    contradicts_below = holds_above if contradicts_below is None else contradicts_below
    outcome = outcome_of(effect.low > holds_above, effect.high < contradicts_below)
    return Part(name, dict(outcomes).get(outcome, outcome), effect)


@dataclass(frozen=True)
class Finding:
    """The verdict on a claim with its weakest part and the reason in words."""

    verdict: str
    reason: str
    parts: tuple
    weakest: Part | None = None

    @property
    def partial(self):
        """Whether there is a verdict although parts of the claim were not tested."""
        untested = any(part.counts and part.outcome == UNTESTED for part in self.parts)
        return untested and self.verdict != NOT_TESTABLE


def conclude(parts):
    """Return the Finding that the parts of a claim lead to."""
    parts = tuple(parts)
    tested = [part for part in parts if part.counts and part.outcome != UNTESTED]
    verdict = _UNANIMOUS.get(frozenset(part.outcome for part in tested), NOT_REPRODUCED)
    weakest = min(tested, key=_strength, default=None)
    return Finding(verdict, _reason(parts, tested), parts, weakest)


def _strength(part):
    """Return the sort key of parts: how much they speak for the claim."""
    mean = part.effect.mean if part.effect is not None else 0.0
    return _OUTCOMES.index(part.outcome), mean


def _reason(parts, tested):
    reasons = []
    if len(tested) == 1:
        (part,) = tested
        reasons.append("; ".join(filter(None, (f"{part.name}: {part.outcome}", part.note))))
    elif tested:
        named = {each: [_named(part) for part in tested if part.outcome == each] for each in _OUTCOMES}
        reasons.append(f"{len(named[HOLDS])} of {len(tested)} parts hold")
        reasons += [
            f"{each}: {', '.join(named[each])}" for each in (CONTRADICTS, INCONCLUSIVE) if named[each]
        ]
        reasons += [_named(part) for part in tested if part.outcome == HOLDS and part.note]
    # Parts that share a reason are named together.
    missing = {}
    for part in parts:
        if part.counts and part.outcome == UNTESTED:
            missing.setdefault(part.note, []).append(part.name)
    reasons += [f"not tested: {', '.join(names)} ({why})" for why, names in missing.items()]
    return "; ".join(reasons)


def _named(part):
    return f"{part.name} ({part.note})" if part.note else part.name
