"""First-order online multi-task learning: 2MTL with stochastic gradients and decaying steps."""

from amtl.methods._spec import MethodSpec
from amtl.two_mtl.methods._sharing import (
    AXES_OF_LEARNED,
    CITATION,
    HYPERPARAMETERS_OF_LEARNED,
    KINDS,
    LEARNED,
    OBJECTIVE,
    PASSES,
    fit_sharing,
    grid,
    sees,
)


def fit(problem, params, context, options):
    """Fit the weights of all tasks."""
    return fit_sharing(problem, params, context, options, "learned", "first-order")


SPEC = MethodSpec(
    name="online-mtl",
    title="First-order online MTL",
    order=420,
    citation=CITATION,
    objective=OBJECTIVE,
    grid=grid,
    fit=fit,
    sees=sees,
    axes=AXES_OF_LEARNED,
    hyperparameters=HYPERPARAMETERS_OF_LEARNED,
    options={**PASSES, **LEARNED},
    defaults={"intercept": "free"},
    applies_to=KINDS,
    learns=("similarity",),
)
