"""AMTL with the logistic loss at the shape of AWA: 50 classes of 30 rows, 500 components and the constant."""

from workbench.benchmark import coupling, generated
from workbench.benchmark._spec import CaseSpec

SIZE = {"n_classes": 50, "per_class": 30, "components": 500}
# The ridge weight that validation chooses on such data, and mu relative to the smallest one without edges.
RHO, MU_SHARE = 1.0, 0.03


def settings(sources):
    """Return a point similar to one that validation chooses, on generated classes."""
    return {"generated": coupling.generated_point(generated.classes(**SIZE), RHO, MU_SHARE)}


SPEC = CaseSpec(
    title="AMTL, logistic, AWA's shape",
    convex=False,
    settings=settings,
    contenders=coupling.ours_and_alternation,
    judge=coupling.judge,
)
