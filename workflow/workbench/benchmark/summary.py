"""The arithmetic of the benchmark: medians, ratios, agreement of objectives, exponents."""

import math
from statistics import median

# Objectives agree if ours is at most this much above the other, relative to it.
MAX_DIFFERENCE = 1e-6


def spread(values):
    """Return (median, least, most) of a non-empty sequence of numbers."""
    values = list(values)
    return median(values), min(values), max(values)


def ratios(ours, theirs):
    """Return ours / theirs, round by round; empty if one side has no rounds."""
    return [mine / other for mine, other in zip(ours, theirs, strict=False) if other > 0.0]


def difference(ours, theirs):
    """Return how far our objective is above theirs, relative to theirs; negative where ours is lower."""
    if ours is None or theirs is None:
        return None
    return (ours - theirs) / max(abs(theirs), 1e-300)


def agrees(ours, theirs):
    """Return whether our objective equals theirs or is lower; None if one of them is unknown."""
    above = difference(ours, theirs)
    return None if above is None else above <= MAX_DIFFERENCE


def exponent(sizes, seconds):
    """Return the least-squares slope of log seconds on log size over the upper half of the points.

    At least two points are used; None if there are fewer. Constant costs dominate the lower half.
    """
    points = sorted(zip(sizes, seconds, strict=True))
    points = points[-max(2, -(-len(points) // 2)) :]
    if len(points) < 2:
        return None
    logs = [(math.log(size), math.log(time)) for size, time in points]
    x_mean = math.fsum(x for x, _ in logs) / len(logs)
    y_mean = math.fsum(y for _, y in logs) / len(logs)
    spread_of_x = math.fsum((x - x_mean) ** 2 for x, _ in logs)
    return math.fsum((x - x_mean) * (y - y_mean) for x, y in logs) / spread_of_x


def predicted(sizes, values, size):
    """Return the value at `size`, extrapolated from the last two points; it grows at least in proportion."""
    slope = math.log(values[-1] / values[-2]) / math.log(sizes[-1] / sizes[-2])
    return values[-1] * (size / sizes[-1]) ** max(slope, 1.0)


def row_of(record, ours):
    """Return the numbers of one contender for goals and tables; what was not measured is None.

    record, ours : records of the contender and of ours, as `workbench.benchmark.measure.measure` returns
    them.
    """
    timed = _timed(record)
    runs = record["runs"] or ([record["rough"]] if record["rough"] else [])
    last = runs[-1] if runs else {}
    peak = max((run["peak_mib"] for run in runs if run["peak_mib"] is not None), default=None)
    held = runs[0]["held_mib"] if runs else None
    row = {
        "seconds": None,
        "seconds_min": None,
        "seconds_max": None,
        "warmup": None,
        "cpu": last.get("cpu"),
        "ratio": None,
        "ratio_min": None,
        "ratio_max": None,
        "rounds": len(timed),
        "stopped": bool(last.get("stopped")),
        "objective": last.get("objective"),
        "difference": record.get("difference"),
        "agrees": record.get("agrees"),
        "residual": last.get("residual"),
        "counts": last.get("counts", {}),
        "peak_mib": peak,
        "added_mib": None if peak is None or held is None else peak - held,
    }
    seconds_of = [run["seconds"] for run in timed] or [run["seconds"] for run in runs[-1:]]
    if seconds_of:
        row["seconds"], row["seconds_min"], row["seconds_max"] = spread(seconds_of)
    warm = [run["seconds"] for run in record["runs"] if run["warmup"]]
    row["warmup"] = warm[0] if warm else None
    mine = [run["seconds"] for run in _timed(ours)]
    # A stopped contender has one long run; every round of ours is compared with it.
    pairs = ratios(mine, [run["seconds"] for run in timed] or seconds_of * len(mine))
    if pairs and record is not ours:
        row["ratio"], row["ratio_min"], row["ratio_max"] = spread(pairs)
    return row


def _timed(record):
    return [run for run in record["runs"] if not run["warmup"]]
