"""The learning problem that a method sees: T linear tasks, their rows and how losses are counted."""

from functools import cached_property

import numpy as np

from amtl.losses import make_loss


class MultiTaskProblem:
    """T linear tasks with a loss, built from one part of a split.

    X : list of T arrays (n_t, d), or one array (n, d) that all tasks share.
    Y : list of T arrays (n_t,), or one array (n, T). Labels in {0, 1} for the logistic loss.
    loss : "squared" or "logistic".
    fit_loss : "sum" fits S_t, "mean" fits L_t = S_t / n_t.
    intercept : what the last column, a constant, is. "feature": an ordinary feature (the paper);
        "free": left out of every penalty and of the graph; "none": dropped.

    Attributes: n_tasks T, n_features d, n (T,) rows per task, weight (T,) factor on S_t,
    penalized (d,) of ones, zero for a free intercept.
    """

    def __init__(self, X, Y, loss="squared", fit_loss="sum", intercept="feature"):
        self.shared = isinstance(X, np.ndarray)
        if intercept == "none":
            X = X[:, :-1] if self.shared else [x[:, :-1] for x in X]
        self.X, self.Y = X, Y
        self.loss, self.fit_loss, self.intercept = loss, fit_loss, intercept
        self.n_tasks = Y.shape[1] if self.shared else len(Y)
        self.n_features = (X if self.shared else X[0]).shape[1]
        self.n = np.full(self.n_tasks, len(X)) if self.shared else np.array([len(x) for x in X])
        self.weight = 1.0 / self.n if fit_loss == "mean" else np.ones(self.n_tasks)
        self.penalized = np.ones(self.n_features)
        if intercept == "free":
            self.penalized[-1] = 0.0
        self._singles = {}
        self._data = make_loss(loss, self.shared, X, Y)

    def losses(self, W):
        """Return the fit loss of every task at W (d, T): S_t, or L_t with fit_loss="mean"."""
        return self.weight * self._data.value(W)

    def losses_and_gradient(self, W):
        """Return the fit losses (T,) and their gradients (d, T)."""
        value, gradient = self._data.value_and_gradient(W)
        return self.weight * value, self.weight * gradient

    @cached_property
    def loss_at_zero(self):
        """The fit losses at zero weights, summed over the tasks; positive."""
        zero = np.zeros((self.n_features, self.n_tasks))
        return max(float(self.losses(zero).sum()), 1e-300)

    @cached_property
    def gradient_at_zero(self):
        """The gradients (d, T) of the fit losses at zero weights."""
        return self.losses_and_gradient(np.zeros((self.n_features, self.n_tasks)))[1]

    @cached_property
    def gradient_scale(self):
        """||grad F_t(0)|| of every task: the yardstick of the optimality residuals."""
        return np.linalg.norm(self.gradient_at_zero, axis=0)

    def mean_losses(self, W):
        """Return L_t(w_t), the mean loss of every task, whatever the fit loss."""
        return self._data.value(W) / self.n

    def curvature(self, W):
        """Return the curvature of the fit losses at W in the form of `amtl.losses`."""
        if self.shared:
            kappa, eigen = self._data.curvature(W)
            return self.weight * kappa, eigen
        return self._weighted(self._data.curvature(W))

    def hessians(self, W):
        """Return the exact Hessians (T, d, d) of the fit losses at W, on shared rows too."""
        return self._weighted(self._data.hessians(W) if self.shared else self._data.curvature(W))

    def _weighted(self, hessians):
        # Summed losses have theirs as they are: no copy of what may be the largest array of all.
        return hessians if self.fit_loss == "sum" else self.weight[:, None, None] * hessians

    def curvature_within(self, L, W):
        """Return the exact Hessians of the fit losses at W along the columns of L (d, k): (T, k, k)."""
        return self.weight[:, None, None] * self._data.curvature_within(L, W)

    def single(self, t):
        """Return the problem of task t alone (built once, so that its factors are kept)."""
        if t not in self._singles:
            X, Y = (self.X, self.Y[:, [t]]) if self.shared else ([self.X[t]], [self.Y[t]])
            problem = MultiTaskProblem(X, Y, self.loss, self.fit_loss)
            problem.penalized = self.penalized
            # Alone it is as near its optimum as among the others: a loss that is flat at zero weights
            # gives no scale.
            scale = self.gradient_scale
            problem.gradient_scale = np.maximum(scale, 1e-3 * scale.max())[[t]]
            self._singles[t] = problem
        return self._singles[t]

    def scores(self, W):
        """Return predictions x'w_t: a list of (n_t,), or (n, T) on shared rows."""
        if self.shared:
            return self.X @ W
        return [x @ w for x, w in zip(self.X, W.T, strict=True)]


def problem_from_part(part, kind, n_tasks, loss, fit_loss="sum", intercept="feature"):
    """Build the problem of a `Part`; one-vs-rest labels become one 0/1 column per class
    (-1/+1 for the squared loss, so that zero separates the classes)."""
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


def join_parts(first, second, n_tasks):
    """Return one `Part` with the rows of both, task by task (for a refit on train + validation)."""
    if first.offsets is None:
        return type(first)(np.concatenate([first.X, second.X]), np.concatenate([first.y, second.y]))
    X, y, offsets = [], [], [0]
    for t in range(n_tasks):
        for part in (first, second):
            rows = slice(part.offsets[t], part.offsets[t + 1])
            X.append(part.X[rows])
            y.append(part.y[rows])
        offsets.append(offsets[-1] + len(X[-1]) + len(X[-2]))
    return type(first)(np.concatenate(X), np.concatenate(y), np.array(offsets))
