"""Every task alone: 2MTL-F without sharing."""

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
    return fit_sharing(problem, params, context, options, "identity")


SPEC = MethodSpec(
    name="single",
    title="Single",
    order=430,
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
)
