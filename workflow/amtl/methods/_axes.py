"""The axes of a grid, and the points that lie beyond its ends.

The rule is the same for every method; `amtl.model_selection` applies it. Take the point that validation
chose. Where it has no neighbour along an axis, points are added from it in that direction, at the axis' own
geometric step. This is repeated for the new choice. It ends when the choice has a neighbour in every
direction, or lies at a natural limit, or when all points that the rule allows were added. Points with another
k or sigma do not count as neighbours. An end is a natural limit if

* the method says so: `Axis.limit`, for example a graph without edges at the high end of mu; or
* the fit no longer changes along the axis: the predictions of the choice and of the point before it agree.
  Weights that are zero at the strongest regularization are such a case.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

# Points added at once beyond the end of an axis. The validation error of a few hundred rows is not smooth, so
# one point that is no better does not show that the next ones are not.
EXTENSION_POINTS = 4
# Largest number of added points, as a share of the initial ones. It bounds the time of a fit and is the same
# for all methods, so that none is searched more than the others. Half of 60 points extend a path of ridge
# weights by three decades.
MAX_EXTENSION_SHARE = 0.5
# Largest difference between the predictions of two fits that count as one model, relative to the norm of the
# targets. It is below what the digits of the published tables show.
SAME_MODEL_TOLERANCE = 1e-4
# The end of an axis -> the direction of the step that leaves the grid there.
ENDS = {"low": -1, "high": 1}


@dataclass(frozen=True)
class Axis:
    """A hyper-parameter of a grid.

    Parameters
    ----------
    name : str
        Its key in `Point.params`.
    relative_to : str or None
        Another hyper-parameter that scales its values, declared before it.
    limit : callable or None
        ``limit(problem, params, fit, end)`` returns why no useful value lies beyond this fit at the "low" or
        "high" end of the axis, or None.
    fixed : bool
        Whether the values are a fixed list, and not a geometric sequence. Only a method's own
        `MethodSpec.extend` adds values to it.
    """

    name: str
    relative_to: str | None = None
    limit: Callable | None = None
    fixed: bool = False

    def value(self, params):
        """Return the value on this axis."""
        return params[self.name] / (params[self.relative_to] if self.relative_to in params else 1.0)

    def natural_limit(self, problem, params, fit, end):
        """Return the reason that the method gives for a natural limit at this fit, or None."""
        return None if self.limit is None else self.limit(problem, params, fit, end)


class Lattice:
    """The points of a grid by their steps along its axes, so that neighbours can be found and added.

    Parameters
    ----------
    points : list of Point
        The initial grid.
    axes : tuple of Axis
        Its axes. The other hyper-parameters, and fixed axes, separate grids that are not neighbours.
    """

    def __init__(self, points, axes):
        self.points = list(points)
        names = points[0].params
        self._fixed = [axis for axis in axes if axis.fixed and axis.name in names]
        self._axes = [axis for axis in axes if not axis.fixed and axis.name in names]
        self._has_paths = any(point.parent is not None for point in points)
        self._scales, self._place, self._at = {}, [], {}
        self._measure(points)

    def _measure(self, points):
        """Find the steps of new labels along the axes, and the places of their points, the last ones."""
        for label in {self._label(point) for point in points}:
            own = [point.params for point in points if self._label(point) == label]
            for axis in self._axes:
                self._scales[label, axis] = _scale({axis.value(params) for params in own})
        for k in range(len(self.points) - len(points), len(self.points)):
            self._register(k)

    def add(self, points):
        """Add points with values of a fixed axis that no other point has; their parents are among them."""
        self.points += [point.after(len(self.points)) for point in points]
        self._measure(points)

    def alike(self, k):
        """Return the number of points with the values of point k on the fixed axes."""
        return sum(label == self._place[k][0] for label, _ in self._place)

    def _label(self, point):
        moving = {axis.name for axis in self._axes}
        return tuple(value for name, value in point.params.items() if name not in moving)

    def _register(self, k):
        label, steps = self._label(self.points[k]), []
        for axis in self._axes:
            first, step = self._scales[label, axis]
            offset = math.log(axis.value(self.points[k].params) / first)
            steps.append(round(offset / math.log(step)) if step > 1.0 else 0)
        self._place.append((label, tuple(steps)))
        self._at[self._place[-1]] = k

    def neighbour(self, k, axis, direction, count=1):
        """Return the index of the point `count` steps from point k along an axis, or None."""
        return self._at.get(self._moved(k, axis, direction * count))

    def _moved(self, k, axis, by):
        label, steps = self._place[k]
        at = self._axes.index(axis)
        return label, (*steps[:at], steps[at] + by, *steps[at + 1 :])

    def open_directions(self, k):
        """Return the (axis, end) along which point k has no neighbour."""
        label, _ = self._place[k]
        return [
            (axis, end)
            for axis in self._axes
            for end, direction in ENDS.items()
            if self._scales[label, axis][1] > 1.0 and self.neighbour(k, axis, direction) is None
        ]

    def fixed_ends(self, k):
        """Return the (axis, end) of the fixed axes on which point k has the smallest or largest value."""
        found = []
        for axis in self._fixed:
            values = {axis.value(point.params) for point in self.points}
            for end, most in (("low", min(values)), ("high", max(values))):
                if len(values) > 1 and axis.value(self.points[k].params) == most:
                    found.append((axis, end))
        return found

    def extend(self, k, axis, end, room):
        """Add points from point k along an axis, `room` at most, each started from the one before it.

        Within the range that other points of the axis have, only the neighbour is added: they show what lies
        beyond it.
        """
        label, steps = self._place[k]
        at, direction = self._axes.index(axis), ENDS[end]
        reached = [place[at] for other, place in self._place if other == label]
        inside = min(reached) <= steps[at] + direction <= max(reached)
        previous = k
        for count in range(1, min(1 if inside else EXTENSION_POINTS, room) + 1):
            if self.neighbour(k, axis, direction, count) is None:
                self._add(previous, self._moved(k, axis, direction * count))
            previous = self.neighbour(k, axis, direction, count)

    def _add(self, parent, place):
        label, steps = place
        params = dict(self.points[parent].params)
        # An axis may be relative to one that the method declares before it.
        for axis, count in zip(self._axes, steps, strict=True):
            first, step = self._scales[label, axis]
            params[axis.name] = first * step**count * params.get(axis.relative_to, 1.0)
        point = replace(self.points[parent], params=params, parent=parent if self._has_paths else None)
        self.points.append(point)
        self._register(len(self.points) - 1)


def _scale(values):
    """Return (smallest value, ratio of neighbours) of a geometric sequence.

    Values that differ by rounding are one.
    """
    low, high = min(values), max(values)
    distinct, last = 1, low
    for value in sorted(values):
        if value > last * (1 + 1e-9):
            distinct, last = distinct + 1, value
    return low, (high / low) ** (1.0 / (distinct - 1)) if distinct > 1 else 1.0
