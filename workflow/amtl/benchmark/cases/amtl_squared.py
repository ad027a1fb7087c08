"""AMTL on the synthetic data at three points of its grid, from the tuned single-task weights."""

from amtl.benchmark import coupling, data

TITLE = "AMTL, squared"
DATASETS = ("synthetic-authors",)
FITS = ("amtl",)
POINTS = ("weak", "chosen", "strong")

judge = coupling.judge


def settings(sources):
    """Return the three points."""
    (source,) = sources.values()
    split, fits = data.read_source(source)
    return coupling.points(split, fits["amtl"], "squared", POINTS)


def contenders(given):
    """Return ours, the plain alternation and the generic solver with the graph eliminated."""
    return [coupling.ours(given), coupling.alternation(given), coupling.generic(given)]
