"""2MTL: tasks share rows by similarities that follow the weights; step sizes adapt to the curvature."""

from amtl.methods._spec import MethodSpec
from amtl.two_mtl.methods._sharing import (
    AXES_OF_LEARNED,
    CITATION,
    HYPERPARAMETERS_OF_LEARNED,
    KINDS,
    LEARNED,
    OBJECTIVE,
    PASSES,
    RULE,
    fit_sharing,
    grid,
    sees,
)


def fit(problem, params, context, options):
    """Fit the weights of all tasks."""
    return fit_sharing(problem, params, context, options, "learned")


SPEC = MethodSpec(
    name="two-mtl",
    title="2MTL",
    order=400,
    citation=CITATION,
    objective=OBJECTIVE,
    grid=grid,
    fit=fit,
    sees=sees,
    axes=AXES_OF_LEARNED,
    hyperparameters=HYPERPARAMETERS_OF_LEARNED,
    options={**PASSES, **LEARNED, **RULE},
    defaults={"intercept": "free"},
    applies_to=KINDS,
    learns=("similarity",),
)
