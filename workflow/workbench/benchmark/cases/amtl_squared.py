"""AMTL on the synthetic data at three points of its grid, from the tuned single-task weights.

The problem is not convex, and solvers that start alike may end at different optima; at the chosen point they
also start from the solution of the point before, as on a path, where they have less far to go.
"""

from workbench.benchmark import coupling, data

TITLE = "AMTL, squared"
DATASETS = ("synthetic-authors",)
CONVEX = False
FITS = ("amtl",)
POINTS = ("weak", "chosen", "strong")

judge = coupling.judge


def settings(sources):
    """Return the three points, and the chosen one along its path."""
    (source,) = sources.values()
    split, fits = data.read_source(source)
    record = fits["amtl"]
    found = coupling.points(split, record, "squared", POINTS)
    base, grid = coupling.grid_of(split, "squared", len(record["grid"]))
    start = coupling.parent_solution(base, grid, record["chosen"])
    return found | {"chosen, on its path": found["chosen"] | {"start": start}}


def contenders(given):
    """Return ours, the plain alternation and the generic solver with the graph eliminated."""
    return [coupling.ours(given), coupling.alternation(given), coupling.generic(given)]
