"""The validation errors of the initial grid of a fit, by the places of its points along the axes."""

import math
from dataclasses import dataclass

import numpy as np

from workbench.report.tables import _own as own

# With fewer points there is no third of them.
MIN_POINTS = 6
# Differences of rounding do not make two values of a hyper-parameter.
DIGITS = 9


@dataclass(frozen=True)
class Surface:
    """The initial grid of a fit: points (n) with their validation errors.

    axes : names of the hyper-parameters that take several values; the one with the fewest comes first.
    places : (n, axes), the place of each point along each axis, from the smallest value up. A
        hyper-parameter that is relative to another one has its places within the values of that one.
    values : (n, axes), the values. errors : (n,), infinite where the fit overflowed.
    added : the lowest error of the points that were added to the grid, or None. chosen : the chosen point
        if it is one of the initial grid, else None.
    """

    axes: tuple
    places: np.ndarray
    values: np.ndarray
    errors: np.ndarray
    added: float | None
    chosen: int | None

    @property
    def excess(self):
        """Validation error of each point minus the lowest one, in % of that; NaN where that is 0."""
        best = self.errors.min()
        if not (math.isfinite(best) and best > 0):
            return np.full(len(self.errors), np.nan)
        return 100.0 * (self.errors / best - 1.0)

    @property
    def third(self):
        """Whether each point is one of the fixed third: every third place, shifted from line to line."""
        return self.places.sum(axis=1) % 3 == 1

    def share_within(self, percent):
        """Return the share of points in % whose error is at most so many % above the lowest one."""
        return 100.0 * float((self.excess <= percent).mean())

    @property
    def loss_of_third(self):
        """How much higher, in %, the lowest validation error is if only the fixed third is tried."""
        return float(self.excess[self.third].min())

    @property
    def gain_of_added(self):
        """How much lower, in %, the lowest validation error is by the points that were added."""
        best = self.errors.min()
        return 0.0 if self.added is None else max(0.0, 100.0 * float(1.0 - self.added / best))


def surface(record):
    """Return the `Surface` of a fit's record, or None with too few points or without a positive error."""
    grid, count = record["grid"], record["initial_points"]
    errors = np.array([_number(point["validation_metric"]) for point in grid])
    if count < MIN_POINTS or not (np.isfinite(errors[:count].min()) and errors[:count].min() > 0):
        return None
    points = [point["params"] for point in grid[:count]]
    axes, places = _places(points)
    return Surface(
        axes=tuple(axes),
        places=places,
        values=np.array([[point[name] for name in axes] for point in points]),
        errors=errors[:count],
        added=float(errors[count:].min()) if len(errors) > count else None,
        chosen=record["chosen"] if record["chosen"] < count else None,
    )


def _number(value):
    return math.inf if value is None else float(value)


def _places(points):
    """Return the names of the axes and the places (n, axes) of the points along them."""
    distinct = {name: {_rounded(point[name]) for point in points} for name in points[0]}
    # One that is relative to another one takes more values than that.
    axes = sorted(distinct, key=lambda name: len(distinct[name]))
    places = np.zeros((len(points), len(axes)), dtype=int)
    for column, name in enumerate(axes):
        lines = {}
        for row, point in enumerate(points):
            lines.setdefault(tuple(places[row, :column]), []).append((row, _rounded(point[name])))
        for line in lines.values():
            order = sorted({value for _, value in line})
            for row, value in line:
                places[row, column] = order.index(value)
    # Those with one value in every line follow from the others.
    several = places.any(axis=0)
    return [name for name, each in zip(axes, several, strict=True) if each], places[:, several]


def _rounded(value):
    return float(f"{value:.{DIGITS}g}")


def tuned(run):
    """Return the methods of a run; those without a grid have no `Surface`."""
    return run.methods_that(control=False) + run.methods_that(control=True)


def applies(run):
    """Return whether a run has data outside the paper."""
    return bool(own.own_datasets(run))
