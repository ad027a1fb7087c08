"""AMTL with the squared loss and 2,000 tasks: whether seconds and memory stay within bounds."""

from workbench.benchmark import coupling, generated

TITLE = "AMTL, many tasks"
DATASETS = ()
CONVEX = False
FITS = ()
SIZE = {"n_tasks": 2000, "d": 100, "n": 100, "groups": 20}
# The ridge weight that comes nearest to the true weights on 100 such tasks, and a point of AMTL's grid around
# it that leaves a task some sixteen edges. With less mu they become hundreds: as many rows as features let a
# task fit its rows exactly, and then its edges are free.
RHO, FACTOR, SHARE = 56.0, 10.0, 0.5

judge = coupling.judge


def settings(sources):
    """Return one point of a problem of 20 groups, half of the tasks easy and half of them noisy."""
    return {
        "generated": coupling.generated_point(generated.own_rows(**SIZE, loss="squared"), RHO, SHARE, FACTOR)
    }


def contenders(given):
    """Return ours and the plain alternation."""
    return [coupling.ours(given), coupling.alternation(given)]
