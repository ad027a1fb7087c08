"""Oracle: the weights that generated the data. The error that noise alone leaves."""

from amtl.methods._fit import Point, closed_form_fit

NAME = "oracle"
TITLE = "Oracle"
CITATION = "A control: the true weights, on generated data."
OBJECTIVE = "none: the true weights"
OPTIONS = {}
INIT = None
APPLIES_TO = ("regression", "binary", "one-vs-rest")
NEEDS_TRUTH = True
ITERATIVE = False


def grid(problem, context, options, n_points):
    """Return the one point there is: nothing is tuned."""
    return [Point({})]


def fit(problem, params, context, options):
    """Return the true weights, on the columns that the problem has."""
    W = context.truth[: problem.n_features]
    return closed_form_fit(W, problem.losses(W).sum())
