"""Oracle: the weights that generated the data. Its error is due to noise alone."""

from amtl.methods._fit import closed_form_fit
from amtl.methods._grids import single_point as grid
from amtl.methods._spec import MethodSpec


def fit(problem, params, context, options):
    """Return the true weights, on the columns that the problem has."""
    W = context.truth[: problem.n_features]
    return closed_form_fit(W, problem.losses(W).sum())


SPEC = MethodSpec(
    name="oracle",
    title="Oracle",
    order=930,
    citation="A control: the true weights, on generated data.",
    objective="none: the true weights",
    grid=grid,
    fit=fit,
    needs_truth=True,
    control=True,
)
