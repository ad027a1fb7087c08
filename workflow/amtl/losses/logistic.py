"""Logistic loss, S_t(w) = sum_i log(1 + e^z_i) - y_i z_i with z = X_t w and y in {0, 1}.

The methods of the classes are described in `amtl.losses`.
"""

from copy import copy
from functools import cached_property

import numpy as np


def sigmoid(z):
    """Return 1 / (1 + e^-z) without overflow."""
    return _softplus_and_sigmoid(z)[1]


def _softplus_and_sigmoid(z):
    """Return log(1 + e^z) and its derivative, without overflow."""
    small = np.exp(-np.abs(z))
    fraction = 1.0 / (1.0 + small)
    return np.maximum(z, 0.0) + np.log1p(small), np.where(z >= 0.0, fraction, small * fraction)


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

    def value(self, W):
        return self.value_and_gradient(W)[0]

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
    """Logistic loss of T tasks on own rows, Xs[t] (n_t, d) with labels ys[t] (n_t,) in {0, 1}."""

    shared = False

    def __init__(self, Xs, ys):
        self._X = np.concatenate(Xs)
        self._y = np.concatenate(ys)
        sizes = np.array([len(X) for X in Xs])
        self._starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        self._task = np.repeat(np.arange(len(Xs)), sizes)

    def within(self, L):
        codes = copy(self)
        codes._outer, codes._X = self._X, self._X @ L
        return codes

    def outer_gradient(self, S):
        slope = sigmoid(self._scores(S)) - self._y
        return np.add.reduceat(self._outer * slope[:, None], self._starts, axis=0).T

    def _scores(self, W):
        return np.einsum("nd,nd->n", self._X, W.T[self._task])

    def value(self, W):
        return self.value_and_gradient(W)[0]

    def value_and_gradient(self, W):
        z = self._scores(W)
        softplus, p = _softplus_and_sigmoid(z)
        value = np.add.reduceat(softplus - self._y * z, self._starts)
        slope = (p - self._y)[:, None]
        return value, np.add.reduceat(self._X * slope, self._starts, axis=0).T

    def curvature(self, W):
        p = sigmoid(self._scores(W))
        weighted = self._X * (p * (1.0 - p))[:, None]
        stops = np.append(self._starts[1:], len(self._X))
        return np.stack([self._X[i:j].T @ weighted[i:j] for i, j in zip(self._starts, stops, strict=True)])

    hessians = curvature
