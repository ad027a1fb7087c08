"""From measured effects to a verdict on a claim of the paper: one set of rules for all claims.

A claim is tested in one or more parts, such as one per dataset. A part has an effect with its interval over
splits, counted so that larger speaks for the claim, and one of four outcomes.
"""

from dataclasses import dataclass

from amtl.statistics import Interval

# Outcomes of a part.
HOLDS, AGAINST, OPEN, UNTESTED = "holds", "on the other side", "undecided", "not tested"
# Verdicts on a claim.
REPRODUCED, NOT_REPRODUCED, OPPOSITE = "reproduced", "not reproduced", "opposite"
NOT_TESTABLE = "not testable here"
VERDICTS = (REPRODUCED, NOT_REPRODUCED, OPPOSITE, NOT_TESTABLE)

RULES = (
    "Every rule was written before the run that it judges and is the same for every run. An effect is a "
    "mean over splits with its 95 % interval; two methods are compared on the same splits, so the interval "
    "is that of their paired differences, and it is not corrected for the number of comparisons. A beats "
    "B: the interval lies wholly on A's side of zero.",
    "A claim of several parts, such as datasets, is reproduced if all tested parts hold, opposite if all "
    "lie on the other side, and not reproduced otherwise, also where an interval holds zero. The effect "
    "shown is that of the part that speaks least for the claim. Parts that could not be tested are named "
    "and do not count; where none could be, the claim is not testable here. No dataset stands in for "
    "another.",
)

ONE_SPLIT = "one split gives no interval"


@dataclass(frozen=True)
class Part:
    """One tested part of a claim.

    effect : Interval, or None where the number is not shown; `unit` follows it.
    n : how many numbers the effect stands on, given only where it is not shown.
    note : a few words that say more, or why it was not tested.
    counts : False for a detail that is shown and has no say in the verdict.
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
    """Return a part that could not be tested."""
    return Part(name, UNTESTED, note=why)


def judge(name, effect, holds_above=0.0, against_below=None, unit="%", note=""):
    """Return the part whose claim is that `effect` exceeds a bound.

    It holds if the whole interval lies above `holds_above`, is on the other side if all of it lies below
    `against_below` (the same bound unless given), and is undecided otherwise. One split decides nothing.
    """
    if effect is None:
        return untested(name, "no number on a common split")
    if effect.half is None:
        return Part(name, UNTESTED, effect, unit, ONE_SPLIT)
    against_below = holds_above if against_below is None else against_below
    outcome = HOLDS if effect.low > holds_above else AGAINST if effect.high < against_below else OPEN
    return Part(name, outcome, effect, unit, note)


@dataclass(frozen=True)
class Finding:
    """The verdict on a claim with the part that speaks least for it and the reason in words."""

    verdict: str
    reason: str
    parts: tuple
    weakest: Part | None = None

    @property
    def partial(self):
        """Whether the verdict stands although parts of the claim could not be tested."""
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
    elif outcomes == {AGAINST}:
        verdict = OPPOSITE
    else:
        verdict = NOT_REPRODUCED
    weakest = min(tested, key=_strength, default=None)
    return Finding(verdict, _reason(parts, tested), parts, weakest)


def _strength(part):
    """Order parts by how much they speak for the claim; ties keep their order."""
    mean = part.effect.mean if part.effect is not None else 0.0
    return [AGAINST, OPEN, HOLDS].index(part.outcome), mean


def _reason(parts, tested):
    missing = [part for part in parts if part.counts and part.outcome == UNTESTED]
    says = []
    if len(tested) == 1:
        part = tested[0]
        says.append(f"{part.name}: {part.outcome}{f'; {part.note}' if part.note else ''}")
    elif tested:
        held = [part for part in tested if part.outcome == HOLDS]
        says.append(f"{len(held)} of {len(tested)} parts hold")
        for outcome in (AGAINST, OPEN):
            names = [_named(part) for part in tested if part.outcome == outcome]
            if names:
                says.append(f"{outcome}: {', '.join(names)}")
        says += [_named(part) for part in held if part.note]
    # Parts that share a reason are named together.
    reasons = {}
    for part in missing:
        reasons.setdefault(part.note, []).append(part.name)
    says += [f"not tested: {', '.join(names)} ({why})" for why, names in reasons.items()]
    return "; ".join(says)


def _named(part):
    return f"{part.name} ({part.note})" if part.note else part.name
