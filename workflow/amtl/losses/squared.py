"""Squared loss, S_t(w) = ||y_t - X_t w||^2. The methods of the classes are described in `amtl.losses`."""

from copy import copy
from functools import cached_property

import numpy as np


class SquaredShared:
    """Squared loss of T tasks on one X (n, d) with targets Y (n, T).

    The R factor of X replaces the rows, so a value costs O(d^2 T) for any n. A small loss keeps its leading
    digits, which the Gram form would lose by cancellation.
    """

    shared = True

    def __init__(self, X, Y):
        Q, self._R = np.linalg.qr(X)
        self._Z = Q.T @ Y
        self._rest = np.sum((Y - Q @ self._Z) ** 2, axis=0)

    def within(self, L):
        codes = copy(self)
        codes._outer, codes._R = self._R, self._R @ L
        return codes

    def outer_gradient(self, S):
        return 2.0 * (self._outer.T @ (self._R @ S - self._Z))

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


class SquaredOwn:
    """Squared loss of T tasks on own rows, Xs[t] (n_t, d) and ys[t] (n_t,).

    The data are one stack of R factors (T, d, d), padded with zero rows where n_t < d.
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

    def within(self, L):
        codes = copy(self)
        codes._outer, codes._R = self._R, self._R @ L
        codes._hessian = 2.0 * np.matmul(codes._R.transpose(0, 2, 1), codes._R)
        return codes

    def outer_gradient(self, S):
        return 2.0 * np.matmul(self._errors(S)[:, None, :], self._outer)[:, 0, :].T

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

    hessians = curvature
