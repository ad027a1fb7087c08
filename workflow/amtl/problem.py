"""The learning problem that a method sees: T linear tasks, their rows and their losses."""

from copy import copy
from functools import cached_property
from typing import Any

import numpy as np

from amtl._arrays import checked_arrays
from amtl.errors import InputError, nearest
from amtl.losses import make_loss
from amtl.splits import Part

# One array per task, or one array of shared rows.
Rows = list[np.ndarray] | np.ndarray
FIT_LOSSES = ("sum", "mean")
INTERCEPTS = ("feature", "free", "none")
# The log-odds of a task with one class are bounded by those of this share.
MIN_SHARE = 1e-3
# Errors of the targets below this share of their norm are rounding, also after a sum over rows.
ROUNDING_SHARE = 2e-9


class MultiTaskProblem:
    """T linear tasks with a loss.

    The fit loss of task t is F_t(w) = S_t(w), its summed loss (`amtl.losses`), or the mean loss
    L_t(w) = S_t(w) / n_t. A task without rows, with arrays of shape (0, d) and (0,), has the loss zero.

    Parameters
    ----------
    X : list of T ndarrays of shape (n_t, d), or ndarray of shape (n, d)
        Rows of each task, or one array of rows that all tasks share.
    Y : list of T ndarrays of shape (n_t,), or ndarray of shape (n, T)
        Targets. Labels in {0, 1} for the logistic loss.
    loss : {"squared", "logistic"}
        The loss.
    fit_loss : {"sum", "mean"}
        Whether F_t is S_t or L_t.
    intercept : {"feature", "free", "none"}
        How the last column of X, a constant, is treated. "feature": an ordinary feature (the paper).
        "free": left out of every penalty and of the graph. "none": dropped.

    Attributes
    ----------
    n_tasks, n_features : int
        T and d.
    shared : bool
        Whether the tasks share their rows.
    n : ndarray of shape (T,)
        Rows per task.
    weight : ndarray of shape (T,)
        Factor on S_t: ones, or 1 / n_t.
    penalized : ndarray of shape (d,)
        Ones; zero for a free intercept.
    kept : dict
        What solvers keep from one fit of this problem to the next, by name.

    Raises
    ------
    InputError
        For an unknown `loss`, `fit_loss` or `intercept`, and for arrays that do not fit together, NaN, sizes
        that cannot be squared, or labels that the loss does not take.
    """

    def __init__(
        self,
        X: Rows,
        Y: Rows,
        loss: str = "squared",
        fit_loss: str = "sum",
        intercept: str = "feature",
    ) -> None:
        for key, value, valid in (
            ("fit_loss", fit_loss, FIT_LOSSES),
            ("intercept", intercept, INTERCEPTS),
        ):
            if value not in valid:
                raise InputError(f"unknown {key} {value!r}{nearest(value, valid)}")
        X, Y = checked_arrays(X, Y, loss)
        self.shared = isinstance(X, np.ndarray)
        if intercept == "none":
            X = X[:, :-1] if self.shared else [x[:, :-1] for x in X]
        self.X, self.Y = X, Y
        self.loss, self.fit_loss, self.intercept = loss, fit_loss, intercept
        self.n_tasks = Y.shape[1] if self.shared else len(Y)
        self.n_features = (X if self.shared else X[0]).shape[1]
        self.n = np.full(self.n_tasks, len(X)) if self.shared else np.array([len(x) for x in X])
        self.weight = 1.0 / np.maximum(self.n, 1) if fit_loss == "mean" else np.ones(self.n_tasks)
        self.penalized = np.ones(self.n_features)
        if intercept == "free":
            self.penalized[-1] = 0.0
        self.kept, self._singles = {}, {}
        self._data = make_loss(loss, self.shared, X, Y)

    def losses(self, W: np.ndarray) -> np.ndarray:
        """Return the fit losses F_t(w_t) (T,) at W (d, T)."""
        return self.weight * self._data.value(W)

    def losses_and_gradient(self, W: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the fit losses (T,) and their gradients (d, T) at W (d, T)."""
        value, gradient = self._data.value_and_gradient(W)
        return self.weight * value, self.weight * gradient

    @property
    def target_means(self) -> np.ndarray:
        """The mean target of every task (T,); of a task without rows the mean of those of the others."""
        if self.shared:
            return self.Y.mean(axis=0)
        return self._filled(np.array([_mean(y) for y in self.Y]))

    def _filled(self, values):
        """Return values (T,), with the mean of those of the tasks with rows for the tasks without."""
        has_rows = self.n > 0
        return values if has_rows.all() else np.where(has_rows, values, values[has_rows].mean())

    def fill_intercepts(self, W: np.ndarray) -> np.ndarray:
        """Return weights (d, T) in which every task without rows has the mean of the others' free intercepts.

        No loss and no penalty determines a free intercept of such a task.
        """
        if self.intercept != "free" or (self.n > 0).all():
            return W
        return np.vstack([W[:-1], self._filled(W[-1])])

    @cached_property
    def null_weights(self) -> np.ndarray:
        """Zero weights (d, T) with the best free intercepts, the end of every path of strengths.

        Without a free intercept they are zero.
        """
        W = np.zeros((self.n_features, self.n_tasks))
        if self.intercept == "free":
            means = self.target_means
            if self.loss == "logistic":
                means = np.clip(means, MIN_SHARE, 1.0 - MIN_SHARE)
                means = np.log(means / (1.0 - means))
            W[-1] = self._filled(means)
        return W

    @cached_property
    def null_loss(self) -> float:
        """The sum of the fit losses at `null_weights`; positive, and no rounding of constant targets."""
        rounding = float(self.weight @ (ROUNDING_SHARE * self._target_norms) ** 2)
        return max(float(self.losses(self.null_weights).sum()), rounding, 1e-300)

    @cached_property
    def null_gradient(self) -> np.ndarray:
        """The gradients (d, T) of the fit losses at `null_weights`."""
        return self.losses_and_gradient(self.null_weights)[1]

    @cached_property
    def gradient_scale(self) -> np.ndarray:
        """The norms (T,) of `null_gradient`: the scale of the optimality residuals.

        With a free intercept an offset of the targets changes neither the gradient there nor this scale. It
        is at least `gradient_floor`: for constant targets or features the gradient is rounding. A task
        without rows has the largest scale of the others.
        """
        scale = np.maximum(np.linalg.norm(self.null_gradient, axis=0), self.gradient_floor)
        return scale if (self.n > 0).all() else np.where(self.n > 0, scale, scale.max())

    @cached_property
    def centred(self) -> tuple[Any, np.ndarray | None]:
        """(losses, means): the data with a free intercept taken out, and the means (p, T) or (p, 1) of X.

        The features are centred in every task, so that the best intercept of w_t is that of zero weights,
        less means_t'w_t. For the squared loss the targets are centred too and the constant column is left
        out. For the logistic loss it stays the last one. Without a free intercept the data are as they are
        and the means are None.
        """
        if self.intercept != "free":
            return self._data, None
        Xs = [self.X] if self.shared else self.X
        means = [_mean(X[:, :-1]) for X in Xs]
        Xs = [X[:, :-1] - mean for X, mean in zip(Xs, means, strict=True)]
        Y = self.Y
        if self.loss == "logistic":
            Xs = [np.column_stack([X, np.ones(len(X))]) for X in Xs]
        else:
            Y = Y - Y.mean(axis=0) if self.shared else [y - _mean(y) for y in Y]
        return make_loss(self.loss, self.shared, Xs[0] if self.shared else Xs, Y), np.array(means).T

    @property
    def gradient_floor(self) -> np.ndarray:
        """The norms (T,) below which a gradient of the fit losses is rounding."""
        return ROUNDING_SHARE * self.weight * self._feature_norms * self._target_norms

    @cached_property
    def _feature_norms(self):
        return np.linalg.norm(self.X) if self.shared else np.array([np.linalg.norm(x) for x in self.X])

    @cached_property
    def _target_norms(self):
        return (
            np.linalg.norm(self.Y, axis=0) if self.shared else np.array([np.linalg.norm(y) for y in self.Y])
        )

    def mean_losses(self, W: np.ndarray) -> np.ndarray:
        """Return the mean losses L_t(w_t) (T,) at W (d, T), for either fit loss; NaN for no rows."""
        found = np.full(self.n_tasks, np.nan)
        return np.divide(self._data.value(W), self.n, out=found, where=self.n > 0)

    def curvature(self, W: np.ndarray) -> np.ndarray | tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
        """Return the second derivatives of the fit losses at W (d, T), in the form of `amtl.losses`."""
        if self.shared:
            kappa, eigen = self._data.curvature(W)
            return self.weight * kappa, eigen
        return self._weighted(self._data.curvature(W))

    def hessians(self, W: np.ndarray) -> np.ndarray:
        """Return the exact Hessians (T, d, d) of the fit losses at W (d, T), also on shared rows."""
        return self._weighted(self._data.hessians(W))

    def _weighted(self, hessians):
        # No copy for summed losses: this may be the largest array of all.
        return hessians if (self.weight == 1.0).all() else self.weight[:, None, None] * hessians

    def within(self, L: np.ndarray) -> Any:
        """Return the summed losses S_t(L s_t) as a function of the codes S (k, T); see `amtl.losses`."""
        return self._data.within(L)

    def single(self, t: int) -> "MultiTaskProblem":
        """Return the problem of task t alone. It is built once, so its factors are kept."""
        if t not in self._singles:
            X, Y = (self.X, self.Y[:, [t]]) if self.shared else ([self.X[t]], [self.Y[t]])
            problem = MultiTaskProblem(X, Y, self.loss, self.fit_loss)
            problem.intercept = self.intercept
            problem.penalized, problem.weight = self.penalized, self.weight[[t]]
            # A loss that is flat at zero weights gives no scale, so the other tasks bound it from below.
            scale = self.gradient_scale
            problem.gradient_scale = np.maximum(scale, 1e-3 * scale.max())[[t]]
            self._singles[t] = problem
        return self._singles[t]

    @cached_property
    def with_rows(self) -> "MultiTaskProblem":
        """The problem of those tasks that have rows of their own."""
        some = np.flatnonzero(self.n > 0)
        problem = MultiTaskProblem([self.X[t] for t in some], [self.Y[t] for t in some], self.loss)
        problem.fit_loss, problem.intercept, problem.penalized = (
            self.fit_loss,
            self.intercept,
            self.penalized,
        )
        problem.weight = self.weight[some]
        return problem

    def reweighted(self, factor: np.ndarray) -> "MultiTaskProblem":
        """Return the problem in which F_t is multiplied by factor_t > 0 (T,); it shares the rows."""
        other = copy(self)
        for name in ("null_loss", "null_gradient", "gradient_scale", "with_rows"):
            vars(other).pop(name, None)
        other.weight, other.kept, other._singles = factor * self.weight, {}, {}
        return other

    def scores(self, W: np.ndarray) -> Rows:
        """Return the predictions x'w_t at W (d, T): a list of T arrays (n_t,), or (n, T) on shared rows."""
        if self.shared:
            return self.X @ W
        return [x @ w for x, w in zip(self.X, W.T, strict=True)]


def _mean(values):
    """Return the mean over rows, or zero without rows."""
    return values.mean(axis=0) if len(values) else np.zeros(values.shape[1:])


def problem_from_part(
    part: Part,
    kind: str,
    n_tasks: int,
    loss: str,
    fit_loss: str = "sum",
    intercept: str = "feature",
) -> MultiTaskProblem:
    """Return the `MultiTaskProblem` of one part of a split.

    For the squared loss labels become -1 and +1, so that a score of zero separates the classes. One-vs-rest
    data have one such column per class.

    Parameters
    ----------
    part : Part
        The rows.
    kind : {"regression", "binary", "one-vs-rest"}
        The kind of the split.
    n_tasks : int
        Number of tasks T.
    loss, fit_loss, intercept : str
        As for `MultiTaskProblem`, with its errors.
    """
    if kind == "one-vs-rest":
        Y = (part.y[:, None] == np.arange(n_tasks)).astype(float)
        if loss == "squared":
            Y = 2.0 * Y - 1.0
        return MultiTaskProblem(part.X, Y, loss, fit_loss, intercept)
    edges = list(zip(part.offsets[:-1], part.offsets[1:], strict=True))
    ys = [part.y[i:j] for i, j in edges]
    if kind == "binary" and loss == "squared":
        ys = [2.0 * y - 1.0 for y in ys]
    return MultiTaskProblem([part.X[i:j] for i, j in edges], ys, loss, fit_loss, intercept)


def join_parts(first: Part, second: Part, n_tasks: int) -> Part:
    """Return one `Part` with the rows of both, task by task (for a refit on train + validation)."""
    if first.offsets is None:
        return Part(np.concatenate([first.X, second.X]), np.concatenate([first.y, second.y]))
    X, y, offsets, lengths = [], [], [0], []
    for t in range(n_tasks):
        offsets.append(offsets[-1])
        for part in (first, second):
            i, j = part.offsets[t], part.offsets[t + 1]
            offsets[-1] += j - i
            if part.sentences is not None:
                lengths.append(np.diff(part.sentences[i : j + 1]))
                i, j = part.sentences[i], part.sentences[j]
            X.append(part.X[i:j])
            y.append(part.y[i:j])
    sentences = np.cumsum([0, *np.concatenate(lengths)]) if lengths else None
    return Part(np.concatenate(X), np.concatenate(y), np.array(offsets), sentences)
