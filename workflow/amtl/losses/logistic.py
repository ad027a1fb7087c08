"""Logistic loss, S_t(w) = sum_i log(1 + e^z_i) - y_i z_i with z = X_t w and y in {0, 1}.

The methods of the classes are described in `amtl.losses`.
"""

from copy import copy
from functools import cached_property

import numpy as np

# Up to this many features the Hessians of all tasks are worth their cost; beyond, they are applied by the
# rows.
MAX_STACKED_FEATURES = 300
# Entries of the rows that are worked on at a time.
PART_ENTRIES = 1_000_000


def sigmoid(z):
    """Return 1 / (1 + e^-z) without overflow."""
    return _softplus_and_sigmoid(z)[1]


def _softplus_and_sigmoid(z):
    """Return log(1 + e^z) and its derivative, without overflow."""
    small = np.exp(-np.abs(z))
    fraction = 1.0 / (1.0 + small)
    return np.maximum(z, 0.0) + np.log1p(small), np.where(z >= 0.0, fraction, small * fraction)


def _entropy(u):
    """Return u log u + (1 - u) log(1 - u), the conjugate of the loss of a row."""
    u = np.clip(u, 0.0, 1.0)
    return _times_log(u) + _times_log(1.0 - u)


def _times_log(u):
    return u * np.log(np.where(u > 0.0, u, 1.0))


class LogisticShared:
    """Logistic loss of T tasks on one X (n, d) with labels Y (n, T) in {0, 1}."""

    shared = True

    def __init__(self, X, Y):
        self._X = np.ascontiguousarray(X)
        self._Y = Y
        self._last = None, None

    def within(self, L):
        codes = LogisticSharedCodes(self._X @ L, self._Y)
        codes._outer = self._X
        return codes

    def features(self, rows):
        return LogisticShared(self._X[:, rows], self._Y)

    def value(self, W):
        return self.value_and_gradient(W)[0]

    def conjugate(self, W, scale):
        slope = scale * (self._probabilities(W) - self._Y)
        return np.sum(_entropy(self._Y + slope), axis=0)

    def value_and_gradient(self, W):
        Z = self._X @ W
        softplus, P = _softplus_and_sigmoid(Z)
        self._last = W, P
        value = np.sum(softplus - self._Y * Z, axis=0)
        return value, self._X.T @ (P - self._Y)

    @cached_property
    def _eigen(self):
        return np.linalg.eigh(self._X.T @ self._X)

    @cached_property
    def _row_norms(self):
        norms = np.sum(self._X**2, axis=1)
        return norms / norms.sum()

    def _probabilities(self, W):
        # Nearly always the point of the last gradient. It is the same array, which is never changed in place.
        return self._last[1] if self._last[0] is W else sigmoid(self._X @ W)

    def curvature(self, W):
        """Return X'X, scaled per task to the trace of the exact Hessian X' D_t X."""
        P = self._probabilities(W)
        return self._row_norms @ (P * (1.0 - P)), self._eigen

    def hessians(self, W):
        P = self._probabilities(W)
        root = np.sqrt(P * (1.0 - P)).T
        found = np.empty((len(root), len(W), len(W)))
        for t, scale in enumerate(root):
            rows = self._X * scale[:, None]
            found[t] = rows.T @ rows
        return found

    def _slopes(self, W):
        P = self._probabilities(W)
        return P * (1.0 - P)

    def hessian_product(self, W):
        if len(W) <= MAX_STACKED_FEATURES and len(W) <= len(self._X):
            H = self.hessians(W)
            return lambda V: np.matmul(H, V.T[:, :, None])[:, :, 0].T
        X, D = self._X, self._slopes(W)
        return lambda V: X.T @ (D * (X @ V))

    def hessian_diagonal(self, W):
        return (self._X**2).T @ self._slopes(W)


class LogisticSharedCodes(LogisticShared):
    """The same loss for few features: the Hessians of all tasks are one product."""

    def outer_gradient(self, S):
        return self._outer.T @ (self._probabilities(S) - self._Y)

    @cached_property
    def _pairs(self):
        return (self._X[:, :, None] * self._X[:, None, :]).reshape(len(self._X), -1)

    def hessians(self, W):
        P = self._probabilities(W)
        return ((P * (1.0 - P)).T @ self._pairs).reshape(-1, len(W), len(W))


class LogisticOwn:
    """Logistic loss of T tasks on own rows, Xs[t] (n_t, d) with labels ys[t] (n_t,) in {0, 1}.

    A task without rows has the loss zero. Some tasks are worked on at a time, so that no array made along the
    way has the size of the rows.
    """

    shared = False

    def __init__(self, Xs, ys):
        # `np.add.reduceat` needs a row for each task: one of zeros, of which only the value is not zero.
        self._without_rows = [t for t, X in enumerate(Xs) if len(X) == 0]
        if self._without_rows:
            Xs = [X if len(X) else np.zeros((1, X.shape[1])) for X in Xs]
            ys = [y if len(y) else np.full(1, 0.5) for y in ys]
        self._X = _joined(Xs)
        self._y = np.concatenate(ys)
        sizes = np.array([len(X) for X in Xs])
        self._starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        self._rows = sizes.max()
        self._task = np.repeat(np.arange(len(Xs)), sizes)
        self._parts = _parts(self._starts, self._X)

    def within(self, L):
        codes = copy(self)
        codes._outer, codes._X = self._X, self._X @ L
        return codes

    def features(self, rows):
        some = copy(self)
        some._X = np.ascontiguousarray(self._X[:, rows])
        return some

    def conjugate(self, W, scale):
        slope = scale * (sigmoid(self._scores(W)) - self._y)
        value = np.add.reduceat(_entropy(self._y + slope), self._starts)
        value[self._without_rows] = 0.0
        return value

    def outer_gradient(self, S):
        slope = sigmoid(self._scores(S)) - self._y
        return self._sums(self._outer, slope)

    def _scores(self, W):
        found = np.empty(len(self._X))
        for _, rows in self._parts:
            found[rows] = np.einsum("nd,nd->n", self._X[rows], W.T[self._task[rows]])
        return found

    def _sums(self, X, factor):
        """Return the sums of factor_i x_i over the rows of each task (d, T)."""
        sums = [
            np.add.reduceat(X[rows] * factor[rows, None], self._starts[tasks] - rows.start, axis=0)
            for tasks, rows in self._parts
        ]
        return np.concatenate(sums).T

    def value(self, W):
        return self.value_and_gradient(W)[0]

    def value_and_gradient(self, W):
        z = self._scores(W)
        softplus, p = _softplus_and_sigmoid(z)
        value = np.add.reduceat(softplus - self._y * z, self._starts)
        value[self._without_rows] = 0.0
        return value, self._sums(self._X, p - self._y)

    def curvature(self, W):
        slopes, stops, d = self._slopes(W), np.append(self._starts[1:], len(self._X)), len(W)
        found = np.empty((len(self._starts), d, d))
        for tasks, rows in self._parts:
            weighted = self._X[rows] * slopes[rows, None]
            for t in range(tasks.start, tasks.stop):
                own = slice(self._starts[t] - rows.start, stops[t] - rows.start)
                np.matmul(self._X[rows][own].T, weighted[own], out=found[t])
        return found

    hessians = curvature

    def _slopes(self, W):
        p = sigmoid(self._scores(W))
        return p * (1.0 - p)

    def hessian_product(self, W):
        if len(W) <= 2 * self._rows and len(W) <= MAX_STACKED_FEATURES:
            H = self.hessians(W)
            return lambda V: np.matmul(H, V.T[:, :, None])[:, :, 0].T
        slopes = self._slopes(W)
        return lambda V: self._sums(self._X, slopes * self._scores(V))

    def hessian_diagonal(self, W):
        return self._sums(self._X**2, self._slopes(W))


def _joined(Xs):
    """Return the rows of all tasks as one array: the one of which they are parts, in order, or a copy."""
    whole = Xs[0].base
    if not isinstance(whole, np.ndarray) or whole.ndim != 2 or any(X.base is not whole for X in Xs):
        return np.concatenate(Xs)
    stops = np.cumsum([len(X) for X in Xs])
    parts = [whole[stop - len(X) : stop] for X, stop in zip(Xs, stops, strict=True)]
    same = all(
        X.shape == part.shape and X.__array_interface__ == part.__array_interface__
        for X, part in zip(Xs, parts, strict=True)
    )
    return whole if same and len(whole) == stops[-1] else np.concatenate(Xs)


def _parts(starts, X):
    """Return [(slice of tasks, slice of their rows)], each with up to `PART_ENTRIES` entries or one task."""
    stops = np.append(starts[1:], len(X))
    found, first = [], 0
    while first < len(starts):
        limit = starts[first] + max(PART_ENTRIES // max(X.shape[1], 1), 1)
        last = max(int(np.searchsorted(stops, limit, side="right")), first + 1)
        found.append((slice(first, last), slice(int(starts[first]), int(stops[last - 1]))))
        first = last
    return found
