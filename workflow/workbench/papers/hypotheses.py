"""Statements about measured effects, each with a p-value for it and one against it, and how they combine.

If one of n must be true, n times the smallest p-value is tested: the first step of Holm's method. If all must
be true, the largest p-value is tested without correction: the intersection-union test (Berger, Technometrics
24, 1982). "At least k of n" lies between the two (Benjamini and Heller, Biometrics 64, 2008). The p-value
against a statement is that of its negation, so one of n parts contradicts a statement about all of them only
after the correction for n. The p-values may depend on each other.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from amtl.statistics import splits_needed


@dataclass(frozen=True)
class Side:
    """One direction of a test: `p`, its p-value, and `needed`, the function (level) -> number of splits.

    needed : of splits with which the test would decide at this level if the observed means and standard
        deviations are the true ones; infinity if none would.
    """

    p: float
    needed: Callable


@dataclass(frozen=True)
class Statement:
    """A statement about effects. support, against : the Side that speaks for it, and against it."""

    support: Side
    against: Side

    def __invert__(self):
        return Statement(self.against, self.support)


def above(effect, bound):
    """Return the Statement that an `Interval` estimates a value above `bound`."""

    def side(p, distance):
        sd, overlap = effect.sd or 0.0, effect.overlap
        return Side(p, lambda level: splits_needed(distance, sd, level, overlap))

    distance = effect.mean - bound
    return Statement(side(effect.p_above(bound), distance), side(effect.p_below(bound), -distance))


def within(effect, margin):
    """Return the Statement that the estimated value lies between -margin and margin: two one-sided tests."""
    return every([above(effect, -margin), ~above(effect, margin)])


def at_least(count, statements):
    """Return the Statement that at least `count` of `statements` are true."""
    fewer = len(statements) - count + 1
    support = _smallest(count, [each.support for each in statements])
    return Statement(support, _smallest(fewer, [each.against for each in statements]))


def every(statements):
    """Return the Statement that all of `statements` are true."""
    return at_least(len(statements), statements)


def some(statements):
    """Return the Statement that at least one of `statements` is true."""
    return at_least(1, statements)


def unsupported(statement):
    """Return the statement without what speaks for it: a part of it was not tested."""
    return Statement(Side(1.0, lambda level: math.inf), statement.against)


def _smallest(count, sides):
    """Return the Side of "at least `count` are true": its p-value is (n - count + 1) p_(count)."""
    tests = len(sides) - count + 1
    p = min(1.0, tests * sorted(side.p for side in sides)[count - 1])
    return Side(p, lambda level: sorted(side.needed(level / tests) for side in sides)[count - 1])
