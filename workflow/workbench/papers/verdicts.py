"""From measured effects to a verdict on a claim of a paper: one set of rules for all claims.

A claim is tested in one or more parts, such as one per dataset. A part has an effect with its interval over
splits, counted so that larger speaks for the claim, and one of four outcomes.
"""

from dataclasses import dataclass

from amtl.statistics import Interval

# Outcomes of a part.
HOLDS, CONTRADICTS, INCONCLUSIVE, UNTESTED = "holds", "contradicts", "inconclusive", "not tested"
# Verdicts on a claim.
REPRODUCED, NOT_REPRODUCED, OPPOSITE = "reproduced", "not reproduced", "opposite"
NOT_TESTABLE = "not testable here"
VERDICTS = (REPRODUCED, NOT_REPRODUCED, OPPOSITE, NOT_TESTABLE)

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


def untested(name, why):
    """Return a part that was not tested, with the reason."""
    return Part(name, UNTESTED, note=why)


def judge(name, effect, holds_above=0.0, contradicts_below=None, unit="%", note=""):
    """Return the part whose claim is that `effect` exceeds a bound.

    It holds if the whole interval lies above `holds_above`, contradicts if the whole interval lies below
    `contradicts_below` (the same bound unless given), and is inconclusive otherwise. It is untested on one
    split, which gives no interval.
    """
    if effect is None:
        return untested(name, "no number on a common split")
    if effect.half is None:
        return Part(name, UNTESTED, effect, unit, ONE_SPLIT)
    contradicts_below = holds_above if contradicts_below is None else contradicts_below
    outcome = (
        HOLDS
        if effect.low > holds_above
        else CONTRADICTS
        if effect.high < contradicts_below
        else INCONCLUSIVE
    )
    return Part(name, outcome, effect, unit, note)


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
    outcomes = {part.outcome for part in tested}
    if not tested:
        verdict = NOT_TESTABLE
    elif outcomes == {HOLDS}:
        verdict = REPRODUCED
    elif outcomes == {CONTRADICTS}:
        verdict = OPPOSITE
    else:
        verdict = NOT_REPRODUCED
    weakest = min(tested, key=_strength, default=None)
    return Finding(verdict, _reason(parts, tested), parts, weakest)


def _strength(part):
    """Return the sort key of parts: how much they speak for the claim."""
    mean = part.effect.mean if part.effect is not None else 0.0
    return [CONTRADICTS, INCONCLUSIVE, HOLDS].index(part.outcome), mean


def _reason(parts, tested):
    missing = [part for part in parts if part.counts and part.outcome == UNTESTED]
    reasons = []
    if len(tested) == 1:
        part = tested[0]
        reasons.append(f"{part.name}: {part.outcome}{f'; {part.note}' if part.note else ''}")
    elif tested:
        held = [part for part in tested if part.outcome == HOLDS]
        reasons.append(f"{len(held)} of {len(tested)} parts hold")
        for outcome in (CONTRADICTS, INCONCLUSIVE):
            names = [_named(part) for part in tested if part.outcome == outcome]
            if names:
                reasons.append(f"{outcome}: {', '.join(names)}")
        reasons += [_named(part) for part in held if part.note]
    # Parts that share a reason are named together.
    untested_for = {}
    for part in missing:
        untested_for.setdefault(part.note, []).append(part.name)
    reasons += [f"not tested: {', '.join(names)} ({why})" for why, names in untested_for.items()]
    return "; ".join(reasons)


def _named(part):
    return f"{part.name} ({part.note})" if part.note else part.name
