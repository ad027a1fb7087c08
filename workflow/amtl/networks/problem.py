"""One part of a split as networks see it: rows, targets, losses, and how well a network predicts."""

import numpy as np

from amtl.metrics import auc
from amtl.networks.losses import BINARY, REGRESSION, TaskLosses
from amtl.networks.rows import TaskRows
from amtl.splits import ALL_TASKS


class NetworkProblem:
    """The rows of all tasks of a part.

    The constant column is left out, as layers have their own. Targets of regressions are standardized by the
    training rows of their task, so that all losses begin near one; errors are in the units of the data.

    Parameters
    ----------
    split : Split
        Regressions, binary, multiclass or mixed tasks.
    part : Part
        One of its parts.
    like : NetworkProblem or None
        The training rows, which give the scales of the targets. None for the training rows themselves, which
        then know the validation rows as `validation`, for early stopping.

    Attributes
    ----------
    rows : TaskRows
        Features and targets. Tasks with own rows whose features are the same share one copy.
    losses : TaskLosses
        The losses.
    scales : ndarray of shape (T,)
        Factors on the losses, from ``meta["loss_scales"]``.
    n : ndarray of shape (T,)
        Rows per task.
    network : object or None
        The network that reads the weights, set by the method's ``sees``.
    """

    def __init__(self, split, part, like=None):
        self.tasks, self.kind, self.ranked_by = split.tasks, split.kind, split.ranked_by
        self.n_tasks = len(split.tasks)
        self.losses = TaskLosses(classes_of(split)) if like is None else like.losses
        self.scales = np.array(split.meta.get("loss_scales", np.ones(self.n_tasks)), dtype=float)
        self.network = None if like is None else like.network
        # Whether some tasks have numbers and others classes.
        self.unlike = len(set(self.losses.regression)) == 2
        X, self._y = _rows_and_targets(part, self.n_tasks)
        regression = self.losses.regression
        if like is None:
            self.center = np.array([y.mean() if r else 0.0 for y, r in zip(self._y, regression, strict=True)])
            self.spread = np.array([y.std() if r else 1.0 for y, r in zip(self._y, regression, strict=True)])
            self.spread[self.spread == 0.0] = 1.0
            # The best constant predictions, by the training rows.
            self.constant = [_best_constant(y, r) for y, r in zip(self._y, regression, strict=True)]
        else:
            self.center, self.spread, self.constant = like.center, like.spread, like.constant
        facts = zip(self._y, self.center, self.spread, strict=True)
        self.rows = TaskRows(X, [(y - center) / spread for y, center, spread in facts])
        self.n, self.n_features = self.rows.n, self.rows.n_features
        self.validation = NetworkProblem(split, split.validation, self) if like is None else None

    # --- how well weights predict -------------------------------------------------------------------------

    def outputs(self, weights):
        """Return the outputs (T, n, width) of the network at its `weights`, (n_weights,) or one column."""
        return self.network.forward(np.ravel(weights), self.rows.X)[0]

    def predictions(self, weights):
        """Return the predicted numbers or classes of each task's rows, a list of T arrays."""
        return self._predictions(self.outputs(weights))

    def _predictions(self, outputs):
        found = self.losses.predictions(outputs)
        return self.rows.by_task(found * self.spread[:, None] + self.center[:, None])

    def mean_losses(self, weights):
        """Return the mean loss of every task (T,), without its scale, at the `weights` of the network."""
        return self._mean_losses(self.outputs(weights))

    def _mean_losses(self, outputs):
        return self.rows.means(self.losses.of_rows(outputs, self.rows.targets))

    def judge(self, weights):
        """Return (the number that ranks fits, the mean loss) at the weights; lower is better."""
        with np.errstate(over="ignore", invalid="ignore"):
            outputs = self.outputs(weights)
            found = self._primary_metric(outputs), float(self._mean_losses(outputs).mean())
        return found if np.isfinite(found).all() else (np.inf, np.inf)

    def judging(self, train):
        """Return the `NetworkFold` in which this part judges fits on the problem `train`."""
        return NetworkFold(train, self)

    def _primary_metric(self, outputs):
        if self.ranked_by:
            values = [value for value in self._auc_losses(outputs) if np.isfinite(value)]
            return float(np.mean(values)) if values else 50.0
        return float(np.mean(self._errors(outputs)))

    def _errors(self, outputs):
        """Return the error of every task: its RMSE, or the share of wrong rows in %.

        Numbers and classes have no common unit: on a split with both, errors are in % of that of the best
        constant prediction.
        """
        errors = []
        facts = zip(self._predictions(outputs), self._y, self.losses.regression, self.constant, strict=True)
        for predicted, y, regression, constant in facts:
            error = _error(predicted, y, regression)
            if self.unlike:
                least = _error(np.full(len(y), constant), y, regression)
                error = 100.0 * error / least if least > 0.0 else 100.0 * float(error > 0.0)
            elif not regression:
                error *= 100.0
            errors.append(error)
        return errors

    def _auc_losses(self, outputs):
        scores = self.rows.by_task(outputs[..., 0])
        return [100.0 * (1.0 - auc(z, y > 0.0)) for z, y in zip(scores, self._y, strict=True)]

    def evaluate(self, weights):
        """Return all metrics of a network, rows as those of `amtl.metrics.evaluate`.

        rmse : of each regression and their mean. error : mean over tasks of the share of wrong rows in %, or
        with numbers and classes of the error in % of that of the best constant; binary_error or task_error
        per task.
        auc_loss : per task and their mean, if the split is ranked by it. test_loss : of each task.
        """
        outputs = self.outputs(weights)
        errors = self._errors(outputs)
        metric = {"regression": "rmse", "binary": "binary_error"}.get(self.kind, "task_error")
        rows = [(ALL_TASKS, "rmse" if metric == "rmse" else "error", float(np.mean(errors)))]
        rows += [(task, metric, error) for task, error in zip(self.tasks, errors, strict=True)]
        if self.ranked_by:
            ranked = zip(self.tasks, self._auc_losses(outputs), strict=True)
            rows += [(task, self.ranked_by, value) for task, value in ranked if np.isfinite(value)]
            rows.append((ALL_TASKS, self.ranked_by, self._primary_metric(outputs)))
        losses = zip(self.tasks, self._mean_losses(outputs), strict=True)
        rows += [(task, "test_loss", value) for task, value in losses]
        return [{"task": task, "metric": metric, "value": float(value)} for task, metric, value in rows]


class NetworkFold:
    """Training rows, and the rows that judge a fit; `amtl.model_selection.Fold` is that of linear methods."""

    def __init__(self, train, validation):
        self.train, self.validation = train, validation

    def judge(self, weights):
        """Return (metric, loss) on the rows that judge a fit."""
        return self.validation.judge(weights)

    def agree(self, weights, other):
        """Return whether two networks have the same outputs."""
        pair = [self.validation.outputs(each) for each in (weights, other)]
        return np.array_equal(*pair)


def classes_of(split):
    """Return for each task 0 for a number, 2 for two classes, or its number of classes."""
    if split.kind == "mixed":
        return split.meta["outputs"]
    count = {"regression": REGRESSION, "binary": BINARY}.get(split.kind)
    return [len(split.meta["classes"]) if count is None else count] * len(split.tasks)


def _rows_and_targets(part, n_tasks):
    """Return features, (n, d) if shared or a list of T arrays, and a list of the T tasks' targets."""
    X = part.X[:, :-1]
    if part.offsets is None:
        return X, list(part.y.T)
    ends = part.offsets[1:-1]
    own, y = np.split(X, ends), np.split(part.y, ends)
    if all(np.array_equal(each, own[0]) for each in own[1:]):
        return own[0], y
    return own, y


def _best_constant(y, regression):
    if regression:
        return float(y.mean())
    values, counts = np.unique(y, return_counts=True)
    return float(values[np.argmax(counts)])


def _error(predicted, y, regression):
    if regression:
        return float(np.sqrt(np.mean((predicted - y) ** 2)))
    return float(np.mean(predicted != y))
