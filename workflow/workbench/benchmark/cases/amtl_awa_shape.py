"""AMTL with the logistic loss at the shape of AWA: 50 classes of 30 rows, 500 components and the constant."""

from workbench.benchmark import coupling, generated

TITLE = "AMTL, logistic, AWA's shape"
DATASETS = ()
CONVEX = False
FITS = ()
SIZE = {"n_classes": 50, "per_class": 30, "components": 500}
# The ridge weight that validation chooses on such data, and the place of mu in its grid.
RHO, SHARE = 1.0, 0.03

judge = coupling.judge


def settings(sources):
    """Return a point like one that validation chooses, on made-up classes."""
    return {"generated": coupling.generated_point(generated.classes(**SIZE), RHO, SHARE)}


def contenders(given):
    """Return ours and the plain alternation."""
    return [coupling.ours(given), coupling.alternation(given)]
