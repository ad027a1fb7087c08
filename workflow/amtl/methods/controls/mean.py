"""Mean predictor (regression) or majority class: what can be had without looking at the features."""

import numpy as np

from amtl.methods._fit import Point, closed_form_fit

NAME = "mean"
TITLE = "Mean predictor"
CITATION = "A control: the training mean of every task, or its most frequent class."
OBJECTIVE = "sum_t F_t(w_t) over weights that are zero but for the constant column"
OPTIONS = {}
INIT = None
APPLIES_TO = ("regression", "binary", "one-vs-rest")
NEEDS_TRUTH = False
ITERATIVE = False


def grid(problem, context, options, n_points):
    """Return the one point there is: nothing is tuned."""
    return [Point({})]


def fit(problem, params, context, options):
    """Put the mean target (for labels: its distance from 1/2, which ranks and signs as log-odds do)
    on the constant column; without that column the best constant is zero."""
    W = np.zeros((problem.n_features, problem.n_tasks))
    means = problem.Y.mean(axis=0) if problem.shared else np.array([y.mean() for y in problem.Y])
    if problem.intercept != "none":
        W[-1] = means - 0.5 if problem.loss == "logistic" else means
    return closed_form_fit(W, problem.losses(W).sum())
