"""AMTL on School, 139 tasks with rows of their own, at three points of its grid."""

from workbench.benchmark import coupling, data

TITLE = "AMTL, School"
DATASETS = ("school",)
CONVEX = False
FITS = ("amtl",)
POINTS = ("weak", "chosen", "strong")

judge = coupling.judge


def settings(sources):
    """Return the three points, each from the tuned single-task weights."""
    split, fits = data.read_source(sources["school"])
    return coupling.points(split, fits["amtl"], "squared", POINTS)


def contenders(given):
    """Return ours and the plain alternation."""
    return [coupling.ours(given), coupling.alternation(given)]
