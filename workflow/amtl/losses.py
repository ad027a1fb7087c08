"""Losses of a set of linear tasks, for rows of their own and for rows that all tasks share.

Each object holds the data of T tasks and answers the same four questions about weights W (d, T):

``value(W)``
    the summed loss S_t(w_t) of every task, shape (T,);
``value_and_gradient(W)``
    the same and the gradients, column t the gradient of S_t at w_t, shape (d, T);
``curvature(W)``
    the second derivatives: exact Hessians (T, d, d) for own rows; for shared rows a pair
    (kappa (T,), eigen) that stands for kappa_t * U diag(g) U', exact for the squared loss;
``curvature_within(L, W)``
    the exact Hessians L' H_t L (T, k, k) at W along the columns of L (d, k).

Squared loss: S_t(w) = ||y_t - X_t w||^2. Logistic loss: S_t(w) = sum_i log(1 + e^z_i) - y_i z_i with
z = X_t w and y in {0, 1}.
"""

from functools import cached_property

import numpy as np


class SquaredShared:
    """Squared loss of T tasks on one X (n, d) with targets Y (n, T).

    The rows are replaced by the R factor of X, so a value costs O(d^2 T) whatever n is, and a
    small loss keeps its leading digits (the Gram form would lose them by cancellation).
    """

    shared = True

    def __init__(self, X, Y):
        Q, self._R = np.linalg.qr(X)
        self._Z = Q.T @ Y
        self._rest = np.sum((Y - Q @ self._Z) ** 2, axis=0)

    def value(self, W):
        return np.sum((self._R @ W - self._Z) ** 2, axis=0) + self._rest

    def value_and_gradient(self, W):
        E = self._R @ W - self._Z
        return np.sum(E**2, axis=0) + self._rest, 2.0 * (self._R.T @ E)

    @cached_property
    def _eigen(self):
        return np.linalg.eigh(2.0 * (self._R.T @ self._R))

    def curvature(self, W):
        return np.ones(W.shape[1]), self._eigen

    def hessians(self, W):
        return np.broadcast_to(2.0 * (self._R.T @ self._R), (W.shape[1], len(W), len(W)))

    def curvature_within(self, L, W):
        RL = self._R @ L
        return np.broadcast_to(2.0 * (RL.T @ RL), (W.shape[1], L.shape[1], L.shape[1]))


class SquaredOwn:
    """Squared loss of T tasks with rows of their own, Xs[t] (n_t, d) and ys[t] (n_t,).

    Held as one stack of R factors (T, d, d), padded with zero rows where n_t < d.
    """

    shared = False

    def __init__(self, Xs, ys):
        n_tasks, d = len(Xs), Xs[0].shape[1]
        self._R = np.zeros((n_tasks, d, d))
        self._Z = np.zeros((n_tasks, d))
        self._rest = np.zeros(n_tasks)
        for t, (X, y) in enumerate(zip(Xs, ys, strict=True)):
            Q, R = np.linalg.qr(X)
            z = Q.T @ y
            self._R[t, : len(R)] = R
            self._Z[t, : len(z)] = z
            self._rest[t] = np.sum((y - Q @ z) ** 2)
        self._hessian = np.empty_like(self._R)
        for R, hessian, X in zip(self._R, self._hessian, Xs, strict=True):
            R = R[: len(X)]
            np.matmul(2.0 * R.T, R, out=hessian)

    def _errors(self, W):
        return np.matmul(self._R, W.T[:, :, None])[:, :, 0] - self._Z

    def value(self, W):
        return np.sum(self._errors(W) ** 2, axis=1) + self._rest

    def value_and_gradient(self, W):
        E = self._errors(W)
        gradient = 2.0 * np.matmul(E[:, None, :], self._R)[:, 0, :].T
        return np.sum(E**2, axis=1) + self._rest, gradient

    def curvature(self, W):
        return self._hessian

    def curvature_within(self, L, W):
        RL = self._R @ L
        return 2.0 * np.matmul(RL.transpose(0, 2, 1), RL)


def sigmoid(z):
    """Return 1 / (1 + e^-z) without overflow."""
    return _softplus_and_sigmoid(z)[1]


def _softplus_and_sigmoid(z):
    """Return log(1 + e^z) and its derivative, from one exponential that cannot overflow."""
    small = np.exp(-np.abs(z))
    fraction = 1.0 / (1.0 + small)
    return np.maximum(z, 0.0) + np.log1p(small), np.where(z >= 0.0, fraction, small * fraction)


class LogisticShared:
    """Logistic loss of T tasks on one X (n, d) with labels Y (n, T) in {0, 1}."""

    shared = True

    def __init__(self, X, Y):
        self._X = np.ascontiguousarray(X)
        self._Y = Y
        self._row_norms = np.sum(X**2, axis=1)
        self._row_norms = self._row_norms / self._row_norms.sum()
        self._last = None, None

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

    def _probabilities(self, W):
        # Asked for where the gradient was taken last, nearly always: the same array, never changed in place.
        return self._last[1] if self._last[0] is W else sigmoid(self._X @ W)

    def curvature(self, W):
        """X'X scaled per task so that its trace is that of the exact Hessian X' D_t X."""
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

    def curvature_within(self, L, W):
        P = self._probabilities(W)
        Z = self._X @ L
        return np.matmul(Z.T, (P * (1.0 - P)).T[:, :, None] * Z)


class LogisticOwn:
    """Logistic loss of T tasks with rows of their own, labels in {0, 1}."""

    shared = False

    def __init__(self, Xs, ys):
        self._X = np.concatenate(Xs)
        self._y = np.concatenate(ys)
        sizes = np.array([len(X) for X in Xs])
        self._starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        self._task = np.repeat(np.arange(len(Xs)), sizes)

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

    def curvature_within(self, L, W):
        p = sigmoid(self._scores(W))
        Z = self._X @ L
        pairs = (Z * (p * (1.0 - p))[:, None])[:, :, None] * Z[:, None, :]
        return np.add.reduceat(pairs, self._starts, axis=0)


def make_loss(name, shared, X, y):
    """Return the loss object for `name` ("squared" or "logistic") on shared or own rows."""
    classes = {
        ("squared", True): SquaredShared,
        ("squared", False): SquaredOwn,
        ("logistic", True): LogisticShared,
        ("logistic", False): LogisticOwn,
    }
    return classes[name, shared](X, y)
