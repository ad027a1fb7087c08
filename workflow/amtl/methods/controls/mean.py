"""Mean predictor (regression) or majority class: what is possible without the features."""

import numpy as np

from amtl.methods._fit import closed_form_fit
from amtl.methods._grids import single_point as grid
from amtl.methods._spec import MethodSpec


def fit(problem, params, context, options):
    """Put the mean target of every task on the constant column.

    For labels in {0, 1} it is their mean minus 1/2, which has the sign and the ranking of the log-odds.
    Without the constant column the best constant prediction is zero.
    """
    W = np.zeros((problem.n_features, problem.n_tasks))
    means = problem.target_means
    if problem.intercept != "none":
        W[-1] = means - 0.5 if problem.loss == "logistic" else means
    return closed_form_fit(W, problem.losses(W).sum())


SPEC = MethodSpec(
    name="mean",
    title="Mean predictor",
    order=910,
    citation="A control: the training mean of every task, or its most frequent class.",
    objective="sum_t F_t(w_t) over weights that are zero except on the constant column",
    grid=grid,
    fit=fit,
    control=True,
)
