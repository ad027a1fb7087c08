"""AMTL with the squared loss and 2,000 tasks: time and memory at many tasks."""

from workbench.benchmark import coupling, generated
from workbench.benchmark._spec import CaseSpec

SIZE = {"n_tasks": 2000, "d": 100, "n": 100, "groups": 20}
# The ridge weight whose weights are nearest to the true ones on 100 such tasks.
RHO = 56.0
# lam relative to rho, and mu relative to the smallest one without edges: about sixteen edges per task. A
# smaller mu gives hundreds: with as many rows as features a task fits its rows exactly, and its edges cost
# nothing.
LAM_FACTOR, MU_SHARE = 10.0, 0.5


def settings(sources):
    """Return one point of a problem with 20 groups, where half of the tasks are easy and half are noisy."""
    arrays = generated.own_rows(**SIZE, loss="squared")
    return {"generated": coupling.generated_point(arrays, RHO, MU_SHARE, LAM_FACTOR)}


SPEC = CaseSpec(
    title="AMTL, many tasks",
    convex=False,
    settings=settings,
    contenders=coupling.ours_and_alternation,
    judge=coupling.judge,
)
