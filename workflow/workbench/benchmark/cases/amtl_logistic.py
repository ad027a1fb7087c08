"""AMTL with the logistic loss at grid points on its path of warm starts, compared with one STL fit."""

from workbench.benchmark import coupling, data, single
from workbench.benchmark._spec import CaseSpec
from workbench.benchmark.contenders import Contender


def settings(sources):
    """Return the chosen point and the one of the lowest lam and mu, each from its parent's solution."""
    split, fits = data.read_source(sources["usps"])
    record = fits["amtl"]
    base, grid = coupling.grid_of(split, record["loss"], record)
    lowest = min(range(len(grid)), key=lambda k: (grid[k].params["lam"], grid[k].params["mu"]))
    return {
        name: coupling.at(base, grid[index]) | {"start": coupling.parent_solution(base, grid, index)}
        for name, index in (("chosen", record["chosen"]), ("lowest lam", lowest))
    }


def contenders(given):
    """Return ours, the plain alternation from the same start, and the tuned STL fit for its time."""
    stl = Contender("STL at the tuned rho", single.ours(given).make, another_problem=True)
    return [*coupling.ours_and_alternation(given), stl]


SPEC = CaseSpec(
    title="AMTL, logistic",
    convex=False,
    datasets=("usps",),
    fits=("amtl",),
    settings=settings,
    contenders=contenders,
    judge=coupling.judge,
)
