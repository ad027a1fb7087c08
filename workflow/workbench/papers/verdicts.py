"""From measured effects to a verdict on a claim of a paper: one set of rules for all claims.

A claim has one or more parts, such as one per dataset. Claims and parts have the same four outcomes.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from amtl.statistics import MAX_SPLITS_NEEDED, POWER, Interval, holm_threshold
from workbench.papers.hypotheses import Statement, above, every

REPRODUCED, CONTRADICTED = "reproduced", "contradicted"
INCONCLUSIVE, NOT_TESTED = "inconclusive", "not tested"
OUTCOMES = (REPRODUCED, CONTRADICTED, INCONCLUSIVE, NOT_TESTED)
# In place of a verdict, where a claim has no bound.
NOT_JUDGED = "measured, not judged"
# Outcomes of tested parts, by how much they speak for the claim.
_RANKS = (CONTRADICTED, INCONCLUSIVE, REPRODUCED)
# Level of the test for a claim and of the test against it; the two together err in at most 5 %.
LEVEL = 0.025

RULES = (
    "The rules were fixed before the run and are the same for every run; docs/claims.md gives the reasons. "
    "Each claim is a statement with a bound. It is reproduced if the whole 95 % interval of its effect lies "
    "on the claim's side of the bound, contradicted if the whole interval lies on the other side, and "
    "inconclusive if the interval contains the bound.",
    "An effect is a mean over splits; two methods are compared on the same splits. Intervals are those of "
    "Student's t, whatever report.interval says. Where the splits of a dataset draw their rows from one "
    "pool, the standard error is s √(1/n + q/(1 − q)), with q the share of test rows that two splits have in "
    "common (Nadeau and Bengio 2003). A beats B: the whole interval lies on A's side of zero.",
    "A claim of several parts, such as datasets, is reproduced only if every part that it names was tested "
    "and is reproduced. It is contradicted if one part is, with p-values corrected for the number of tested "
    "parts (Holm 1979). It is inconclusive otherwise, and not tested without any tested part. The effect "
    "shown is that of the part that speaks least for the claim. No dataset replaces another.",
)

SPLITS_NOTE = (
    "Splits to decide: of an inconclusive part, the number of splits with which its test decides with "
    f"probability {POWER:g}, if the observed mean and standard deviation are the true ones. It is a rough "
    "guide, because both are estimates. No number: the mean lies on the bound, a method is missing, or not "
    f"even {MAX_SPLITS_NEEDED:,} splits from one pool of rows would decide."
)

ONE_SPLIT = "one split gives no interval"


@dataclass(frozen=True)
class Claim:
    """One claim.

    where : place in the paper. text : what the paper says. effect : definition of the number.
    rule : how it gives a verdict, in words. examine : function (`Results`) -> list of `Part`.
    judged : False for a claim that is measured and has no bound.
    """

    where: str
    text: str
    effect: str
    rule: str
    examine: Callable
    judged: bool = True


@dataclass(frozen=True)
class Part:
    """One part of a claim.

    statement : the Statement that is tested, None if it was not tested.
    effect : Interval, or None if there is no number; `unit` is its unit.
    note : further explanation, or the reason why it was not tested.
    counts : False for a detail that is shown and does not count for the verdict.
    caveats : what restricts the numbers, whatever the outcome.
    level : of the test against it; `conclude` sets that of Holm's method for all parts of the claim.
    """

    name: str
    statement: Statement | None = None
    effect: Interval | None = None
    unit: str = "%"
    note: str = ""
    counts: bool = True
    caveats: tuple = ()
    level: float = LEVEL

    @property
    def outcome(self):
        if self.statement is None:
            return NOT_TESTED
        return outcome_of(self.statement, self.level)

    @property
    def splits_needed(self):
        """The number of splits that would decide an inconclusive part; infinity if none would, else None."""
        if self.outcome != INCONCLUSIVE:
            return None
        return min(self.statement.support.needed(LEVEL), self.statement.against.needed(self.level))


def outcome_of(statement, level_against=LEVEL):
    """Return the outcome of a tested statement."""
    if statement.against.p <= level_against:
        return CONTRADICTED
    return REPRODUCED if statement.support.p <= LEVEL else INCONCLUSIVE


def untested(name, why, effect=None):
    """Return a part that was not tested, with the reason."""
    return Part(name, None, effect, note=why)


def judge(name, effect, statement=above, bound=0.0, unit="%"):
    """Return the part that states something about `effect`, an `Interval` or None.

    statement : function (effect, bound) -> `Statement`; by default that the effect exceeds the bound. The
    part is untested on one split, which gives no interval.
    """
    if effect is None:
        return untested(name, "no number on a common split")
    if effect.half is None:
        return replace(untested(name, ONE_SPLIT, effect), unit=unit)
    return Part(name, statement(effect, bound), effect, unit)


@dataclass(frozen=True)
class Finding:
    """The verdict on a claim with its weakest part and the reason in words.

    reads : (dataset, method) pairs whose results it depends on.
    """

    verdict: str
    reason: str
    parts: tuple
    weakest: Part | None = None
    reads: tuple = ()

    @property
    def partial(self):
        """Whether some parts of the claim were tested and others were not."""
        untested = any(part.counts and part.outcome == NOT_TESTED for part in self.parts)
        return untested and self.verdict != NOT_TESTED


def conclude(parts, reads=()):
    """Return the Finding that the parts of a claim lead to; reads : as in `Finding`."""
    parts = _corrected(tuple(parts))
    counted = [part for part in parts if part.counts]
    tested = [part for part in counted if part.outcome != NOT_TESTED]
    verdict = outcome_of(every([part.statement for part in tested])) if tested else NOT_TESTED
    if verdict == REPRODUCED and len(tested) < len(counted):
        verdict = INCONCLUSIVE
    weakest = min(tested, key=_strength, default=None)
    return Finding(verdict, _reason(parts, tested), parts, weakest, tuple(sorted(reads)))


def judge_claim(claim, results):
    """Return the Finding on a `Claim` from `Results`."""
    results.used.clear()
    parts = claim.examine(results)
    if claim.judged:
        return conclude(parts, results.used)
    shown = next((part for part in parts if part.effect is not None), None)
    notes = "; ".join(filter(None, (f"{part.name}: {part.note}" for part in parts)))
    return Finding(NOT_JUDGED, notes, tuple(parts), shown, tuple(sorted(results.used)))


def _corrected(parts):
    """Return the parts with the level at which Holm's method tests against those that count."""
    p_values = [part.statement.against.p for part in parts if part.counts and part.statement is not None]
    level = holm_threshold(p_values, LEVEL)
    return tuple(replace(part, level=level) if part.counts else part for part in parts)


def _strength(part):
    """Return the sort key of parts: how much they speak for the claim."""
    mean = part.effect.mean if part.effect is not None else 0.0
    # Rounding errors do not decide between parts without variation.
    return _RANKS.index(part.outcome), -round(part.statement.support.p, 9), mean


def splits_text(part):
    """Return how many splits would decide a part, as a cell of a table."""
    found = part.splits_needed
    if found is None:
        return ""
    return f"{found:,}" if math.isfinite(found) else "no number"


def _reason(parts, tested):
    reasons = []
    if len(tested) == 1:
        (part,) = tested
        reasons.append("; ".join(filter(None, (f"{part.name}: {part.outcome}", part.note))))
    elif tested:
        named = {each: [_named(part) for part in tested if part.outcome == each] for each in _RANKS}
        reasons.append(f"{len(named[REPRODUCED])} of {len(tested)} tested parts reproduced")
        reasons += [
            f"{each}: {', '.join(named[each])}" for each in (CONTRADICTED, INCONCLUSIVE) if named[each]
        ]
        reasons += [_named(part) for part in tested if part.outcome == REPRODUCED and part.note]
    # Parts that share a reason are named together.
    missing = {}
    for part in parts:
        if part.counts and part.outcome == NOT_TESTED:
            missing.setdefault(part.note, []).append(part.name)
    reasons += [f"not tested: {', '.join(names)} ({why})" for why, names in missing.items()]
    reasons += dict.fromkeys(caveat for part in tested for caveat in part.caveats)
    return "; ".join(reasons)


def _named(part):
    return f"{part.name} ({part.note})" if part.note else part.name
