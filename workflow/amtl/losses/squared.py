"""Squared loss, S_t(w) = ||y_t - X_t w||^2. The methods of the classes are described in `amtl.losses`."""

from functools import cached_property

import numpy as np


def use_gram(shape):
    """Return whether the Gram matrix of a factor (r, d) multiplies faster than the factor, twice."""
    return shape[1] <= 2 * shape[0]


# The Gram matrix gives factors as accurate as the rows do, up to 1 / sine^2 roundings, where every feature
# has at least this sine of the angle to those before it, and every target to all features.
MIN_SINE = 0.01


def _factors(X, Y):
    """Return (R, Z, rest) with ||XW - Y||^2 = ||RW - Z||^2 + rest in every column.

    X is (n, d) with n > d, Y (n, T). Products and a Cholesky factor take a fifth of the time of the QR
    factors, which round less.
    """
    # Tables and figures import this module too, and scipy.linalg is slow to import.
    from scipy.linalg import solve_triangular

    d, G = X.shape[1], X.T @ X
    scale = np.sqrt(np.diag(G))
    if scale.min(initial=np.inf) > 0.0:
        try:
            L = np.linalg.cholesky(G / np.outer(scale, scale))
        except np.linalg.LinAlgError:
            L = np.zeros((1, 1))
        if np.diag(L).min(initial=np.inf) >= MIN_SINE:
            L *= scale[:, None]
            Z = solve_triangular(L, X.T @ Y, lower=True, check_finite=False)
            whole = np.sum(Y**2, axis=0)
            rest = whole - np.sum(Z**2, axis=0)
            if (rest >= MIN_SINE**2 * whole).all():
                return np.ascontiguousarray(L.T), Z, rest
    # The R factor of [X Y] is [R Z; 0 E] with Z = Q'Y, and E as long as the rest of Y: Q is not needed.
    whole = np.linalg.qr(np.column_stack([X, Y]), mode="r")
    return whole[:d, :d].copy(), whole[:d, d:].copy(), np.sum(whole[d:, d:] ** 2, axis=0)


class SquaredShared:
    """Squared loss of T tasks on one X (n, d) with targets Y (n, T).

    The R factor of X replaces the rows, so a value costs O(d^2 T) for any n. A small loss keeps its leading
    digits, which the Gram form would lose by cancellation.
    """

    shared = True

    def __init__(self, X, Y):
        n, d = X.shape
        if n <= d:
            self._R, self._Z, self.rest = np.ascontiguousarray(X), Y, np.zeros(Y.shape[1])
            return
        self._R, self._Z, self.rest = _factors(X, Y)

    def within(self, L):
        codes = self._with(self._R @ L)
        codes._outer = self._R
        return codes

    def _with(self, R):
        """Return the same loss of another factor."""
        other = SquaredShared.__new__(SquaredShared)
        other._R, other._Z, other.rest = R, self._Z, self.rest
        return other

    def features(self, rows):
        return self._with(np.ascontiguousarray(self._R[:, rows]))

    def outer_gradient(self, S):
        return 2.0 * (self._outer.T @ (self._R @ S - self._Z))

    def value(self, W):
        return np.sum((self._R @ W - self._Z) ** 2, axis=0) + self.rest

    def value_and_gradient(self, W):
        E = self._R @ W - self._Z
        return np.sum(E**2, axis=0) + self.rest, 2.0 * (self._R.T @ E)

    @cached_property
    def _gram(self):
        return 2.0 * (self._R.T @ self._R)

    @cached_property
    def _eigen(self):
        return np.linalg.eigh(self._gram)

    def curvature(self, W):
        return np.ones(W.shape[1]), self._eigen

    def hessians(self, W):
        return np.broadcast_to(self._gram, (W.shape[1], len(W), len(W)))

    def hessian_product(self, W):
        if use_gram(self._R.shape):
            G = self._gram
            return lambda V: G @ V
        R, twice = self._R, 2.0 * self._R.T
        return lambda V: twice @ (R @ V)

    def hessian_diagonal(self, W):
        return np.broadcast_to(2.0 * np.sum(self._R**2, axis=0)[:, None], W.shape)


class SquaredOwn:
    """Squared loss of T tasks on own rows, Xs[t] (n_t, d) and ys[t] (n_t,).

    The data are one stack of R factors (T, r, d), r = min(d, largest n_t), padded with zero rows.
    """

    shared = False

    def __init__(self, Xs, ys):
        n_tasks, d = len(Xs), Xs[0].shape[1]
        r = min(d, max(len(X) for X in Xs))
        self._R = np.zeros((n_tasks, r, d))
        self._Z = np.zeros((n_tasks, r))
        self.rest = np.zeros(n_tasks)
        for t, (X, y) in enumerate(zip(Xs, ys, strict=True)):
            if len(X) > d:
                R, Z, rest = _factors(X, y[:, None])
                self._R[t], self._Z[t], self.rest[t] = R, Z[:, 0], rest[0]
            else:
                Q, R = np.linalg.qr(X)
                z = Q.T @ y
                self._R[t, : len(R)], self._Z[t, : len(z)] = R, z
                self.rest[t] = np.sum((y - Q @ z) ** 2)
        self._rows = [min(len(X), r) for X in Xs]

    @cached_property
    def _hessian(self):
        n_tasks, _, d = self._R.shape
        found = np.empty((n_tasks, d, d))
        for R, hessian, rows in zip(self._R, found, self._rows, strict=True):
            R = R[:rows]
            np.matmul(2.0 * R.T, R, out=hessian)
        return found

    def features(self, rows):
        return self._with(np.ascontiguousarray(self._R[:, :, rows]))

    def _with(self, R):
        """Return the same loss of other factors."""
        other = SquaredOwn.__new__(SquaredOwn)
        other._R, other._Z, other.rest, other._rows = R, self._Z, self.rest, self._rows
        return other

    def within(self, L):
        codes = self._with(self._R @ L)
        codes._outer = self._R
        codes._hessian = 2.0 * np.matmul(codes._R.transpose(0, 2, 1), codes._R)
        return codes

    def outer_gradient(self, S):
        return 2.0 * np.matmul(self._errors(S)[:, None, :], self._outer)[:, 0, :].T

    def _errors(self, W):
        return np.matmul(self._R, W.T[:, :, None])[:, :, 0] - self._Z

    def value(self, W):
        return np.sum(self._errors(W) ** 2, axis=1) + self.rest

    def value_and_gradient(self, W):
        E = self._errors(W)
        gradient = 2.0 * np.matmul(E[:, None, :], self._R)[:, 0, :].T
        return np.sum(E**2, axis=1) + self.rest, gradient

    def curvature(self, W):
        return self._hessian

    hessians = curvature

    def hessian_product(self, W):
        if use_gram(self._R.shape[1:]):
            H = self._hessian
            return lambda V: np.matmul(H, V.T[:, :, None])[:, :, 0].T
        R = self._R

        def product(V):
            scores = np.matmul(R, V.T[:, :, None])[:, :, 0]
            return 2.0 * np.matmul(scores[:, None, :], R)[:, 0, :].T

        return product

    def hessian_diagonal(self, W):
        return 2.0 * np.einsum("trj,trj->jt", self._R, self._R)
