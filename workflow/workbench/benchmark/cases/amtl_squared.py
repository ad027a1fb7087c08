"""AMTL on the synthetic data at three points of its grid, started from the tuned single-task weights.

The problem is not convex: from the same start, solvers may reach different optima. The chosen point is
therefore also measured from the solution of the grid point before it, which is nearer.
"""

from workbench.benchmark import coupling, data
from workbench.benchmark._spec import CaseSpec

POINTS = ("weak", "chosen", "strong")


def settings(sources):
    """Return the three points, and the chosen one started along its path."""
    (source,) = sources.values()
    split, fits = data.read_source(source)
    record = fits["amtl"]
    found = coupling.points(split, record, "squared", POINTS)
    base, grid = coupling.grid_of(split, "squared", record)
    start = coupling.parent_solution(base, grid, record["chosen"])
    return found | {"chosen, on its path": found["chosen"] | {"start": start}}


def contenders(given):
    """Return ours, the plain alternation and L-BFGS-B on the objective at the best graph."""
    return [*coupling.ours_and_alternation(given), coupling.generic(given)]


SPEC = CaseSpec(
    title="AMTL, squared",
    convex=False,
    datasets=("synthetic-authors",),
    fits=("amtl",),
    settings=settings,
    contenders=contenders,
    judge=coupling.judge,
)
