"""AMTL with the logistic loss at one grid point, warm-started along its path, beside one STL fit."""

from workbench.benchmark import coupling, data, single
from workbench.benchmark.contenders import Contender

TITLE = "AMTL, logistic"
DATASETS = ("usps",)
CONVEX = False
FITS = ("amtl",)

judge = coupling.judge


def settings(sources):
    """Return the chosen point and the one of the lowest lam and mu, each from its parent's solution."""
    split, fits = data.read_source(sources["usps"])
    record = fits["amtl"]
    base, grid = coupling.grid_of(split, record["loss"], len(record["grid"]))
    lowest = min(range(len(grid)), key=lambda k: (grid[k].params["lam"], grid[k].params["mu"]))
    return {
        name: coupling.at(base, grid[index]) | {"start": coupling.parent_solution(base, grid, index)}
        for name, index in (("chosen", record["chosen"]), ("lowest lam", lowest))
    }


def contenders(given):
    """Return ours, the plain alternation from the same start, and for its seconds the tuned STL fit."""
    stl = single.ours(given)
    return [
        coupling.ours(given),
        coupling.alternation(given),
        Contender("STL at the tuned rho", stl.make, another_problem=True),
    ]
