"""Errors of fitted weights on a part of a split."""

import numpy as np

from amtl.splits import ALL_TASKS


def primary_metric(problem, kind, W, ranked_by=""):
    """Return the number that ranks fits; lower is better.

    It is the mean over tasks of the RMSE (regression), the multi-class error in % (one-vs-rest), or the mean
    over tasks of the error in % (binary). With ``ranked_by="auc_loss"`` it is the mean over binary tasks of
    100 (1 - AUC), for labels so unequal that the error says little. Tasks with rows of one class are left
    out; without any other task it is 50, as for scores that say nothing.

    Parameters
    ----------
    problem : MultiTaskProblem
        The rows to score on.
    kind : {"regression", "binary", "one-vs-rest"}
        The kind of the split.
    W : ndarray of shape (d, T)
        The weights.
    ranked_by : {"", "auc_loss"}
        As `Split.ranked_by`.
    """
    if ranked_by == "auc_loss":
        losses = [value for value in _auc_losses(problem, W) if np.isfinite(value)]
        return float(np.mean(losses)) if losses else 50.0
    if kind == "regression":
        return float(np.sqrt(problem.mean_losses(W)).mean())
    if kind == "one-vs-rest":
        return 100.0 * float(np.mean(predicted_class(problem.scores(W)) != problem.Y.argmax(axis=1)))
    return float(np.mean(_binary_errors(problem, W)))


def predicted_class(scores):
    """Return the class (n,) with the largest of `scores` (n, T); ties go to the lowest class."""
    return np.argmax(scores, axis=1)


def _task_scores(problem, W):
    """Yield (scores, whether the label is positive) of every task."""
    scores = problem.scores(W)
    for t in range(problem.n_tasks):
        labels = problem.Y[:, t] if problem.shared else problem.Y[t]
        yield (scores[:, t] if problem.shared else scores[t]), labels > 0


def _binary_errors(problem, W):
    return [100.0 * float(np.mean((z > 0) != positive)) for z, positive in _task_scores(problem, W)]


def _auc_losses(problem, W):
    return [100.0 * (1.0 - auc(z, positive)) for z, positive in _task_scores(problem, W)]


def auc(scores, positive):
    """Return the area under the ROC curve, or NaN if a class is missing.

    It is the probability that a positive row has a higher score than a negative one; ties count half.

    Parameters
    ----------
    scores : ndarray of shape (n,)
        Predictions.
    positive : ndarray of shape (n,), bool
        Whether the label is positive.
    """
    n_positive = int(positive.sum())
    n_negative = len(positive) - n_positive
    if n_positive == 0 or n_negative == 0:
        return float("nan")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[inverse]
    return float((ranks[positive].sum() - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))


def evaluate(problem, kind, W, tasks, ranked_by=""):
    """Return all metrics of W on a problem.

    Parameters
    ----------
    problem, kind, W, ranked_by
        As for `primary_metric`.
    tasks : sequence of str
        Names of the T tasks.

    Returns
    -------
    list of dict
        Rows with the keys task (``all`` for aggregates), metric and value. Regression: rmse per task and its
        mean, rmse_rows (every row has the same weight), explained_variance (%). One-vs-rest: error
        (multi-class, %), class_error per class, binary_error and auc per task. Binary: error (mean over
        tasks), binary_error and auc per task; if ranked by it, auc_loss per task and its mean. Logistic loss:
        log_loss, the mean over tasks of the mean over rows. An undefined AUC is left out.
    """
    rows = [(ALL_TASKS, "rmse" if kind == "regression" else "error", primary_metric(problem, kind, W))]
    if ranked_by:
        losses = zip(tasks, _auc_losses(problem, W), strict=True)
        rows += [(task, "auc_loss", loss) for task, loss in losses if np.isfinite(loss)]
        rows.append((ALL_TASKS, "auc_loss", primary_metric(problem, kind, W, ranked_by)))
    if kind == "regression":
        rows += _regression_rows(problem, W, tasks)
    else:
        errors = _binary_errors(problem, W)
        aucs = [auc(z, positive) for z, positive in _task_scores(problem, W)]
        for task, error, area in zip(tasks, errors, aucs, strict=True):
            rows.append((task, "binary_error", error))
            if np.isfinite(area):
                rows.append((task, "auc", area))
    if kind == "one-vs-rest":
        labels = problem.Y.argmax(axis=1)
        wrong = predicted_class(problem.scores(W)) != labels
        for t, task in enumerate(tasks):
            rows.append((task, "class_error", 100.0 * float(wrong[labels == t].mean())))
    if problem.loss == "logistic":
        rows.append((ALL_TASKS, "log_loss", float(problem.mean_losses(W).mean())))
    return [{"task": task, "metric": metric, "value": value} for task, metric, value in rows]


def _regression_rows(problem, W, tasks):
    mean_squares = problem.mean_losses(W)
    residual = float(mean_squares @ problem.n)
    targets = np.concatenate(problem.Y)
    spread = float(np.sum((targets - targets.mean()) ** 2))
    rows = [(task, "rmse", float(value)) for task, value in zip(tasks, np.sqrt(mean_squares), strict=True)]
    rows.append((ALL_TASKS, "rmse_rows", float(np.sqrt(residual / problem.n.sum()))))
    if spread > 0.0:
        rows.append((ALL_TASKS, "explained_variance", 100.0 * (1.0 - residual / spread)))
    return rows
