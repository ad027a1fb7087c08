"""AMTL on School, 139 tasks with rows of their own, at three points of its grid."""

from workbench.benchmark import coupling, data
from workbench.benchmark._spec import CaseSpec

POINTS = ("weak", "chosen", "strong")


def settings(sources):
    """Return the three points, each started from the tuned single-task weights."""
    split, fits = data.read_source(sources["school"])
    return coupling.points(split, fits["amtl"], "squared", POINTS)


SPEC = CaseSpec(
    title="AMTL, School",
    convex=False,
    datasets=("school",),
    fits=("amtl",),
    settings=settings,
    contenders=coupling.ours_and_alternation,
    judge=coupling.judge,
)
