"""AMTL with the squared loss and 2,000 tasks: whether seconds and memory stay within bounds."""

from amtl.benchmark import coupling, generated

TITLE = "AMTL, many tasks"
DATASETS = ()
CONVEX = False
FITS = ()
SIZE = {"n_tasks": 2000, "d": 100, "n": 100, "groups": 20}
# A ridge weight that suits the noise of the hard tasks, and the place of mu in its grid.
RHO, SHARE = 100.0, 0.1

judge = coupling.judge


def settings(sources):
    """Return one point of a problem of 20 groups, half of the tasks easy and half of them noisy."""
    return {"generated": coupling.generated_point(generated.own_rows(**SIZE, loss="squared"), RHO, SHARE)}


def contenders(given):
    """Return ours and the plain alternation."""
    return [coupling.ours(given), coupling.alternation(given)]
