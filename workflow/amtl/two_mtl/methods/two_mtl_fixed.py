"""2MTL-F with the true similarities, which generated data have: what knowing them is worth."""

from amtl.methods._spec import MethodSpec
from amtl.two_mtl.methods._sharing import (
    AXES,
    CITATION,
    HYPERPARAMETERS,
    KINDS,
    OBJECTIVE,
    PASSES,
    RULE,
    fit_sharing,
    grid,
    sees,
)


def fit(problem, params, context, options):
    """Fit the weights of all tasks."""
    return fit_sharing(problem, params, context, options, "true")


SPEC = MethodSpec(
    name="two-mtl-fixed",
    title="2MTL-F, true similarities",
    order=410,
    citation=CITATION,
    objective=OBJECTIVE,
    grid=grid,
    fit=fit,
    sees=sees,
    axes=AXES,
    hyperparameters=HYPERPARAMETERS,
    options={**PASSES, **RULE},
    defaults={"intercept": "free"},
    applies_to=KINDS,
    needs_similarity=True,
    control=True,
)
