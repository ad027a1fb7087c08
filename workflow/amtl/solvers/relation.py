"""Weights together with a learned relation of the tasks, which is eliminated.

    min_W  sum_t F_t(w_t) + omega(W_p),     omega(W) = min_Omega tr(W Q(Omega) W') + g(Omega).

For the optimal Omega the gradient of omega is 2 W Q (the envelope theorem). Its second derivatives are those
of tr(W Q W') minus the response of Omega to the weights (`Response`), as for a graph (`graph_curvature`).
Newton's method uses both.

The two relations here are functions of the singular values s_1 >= s_2 >= ... of W = U diag(s) V', and Q = V
diag(q) V' with q_1 <= q_2 <= ...: the strongest directions are penalized least.
"""

from dataclasses import replace
from functools import cached_property

import numpy as np
from scipy.linalg import block_diag

from amtl.solvers.coupled_w import WeightState
from amtl.solvers.couplings import Coupling
from amtl.solvers.quasi_newton import minimize

# Two eigenvalues of Q whose difference is at most this share of the largest are one: turning their
# eigenvectors changes nothing.
SAME_EIGENVALUE = 1e-9
# Two squared singular values differ by at least this share of the largest, and by this number where all are
# zero, so that a response is finite.
MIN_GAP, SMALLEST_GAP = 1e-12, 1e-300


def minimize_related(problem, relation, W, tolerance=1e-6, max_iterations=500):
    """Minimize sum_t F_t(w_t) + omega(W_p).

    Newton's method has half of the iterations; if it does not converge, L-BFGS goes on from its weights.

    Parameters
    ----------
    problem : MultiTaskProblem
        The losses F_t.
    relation : callable
        ``relation(V)`` returns for V (p, T): omega(V), the matrix Q (T, T) of the optimal relation, and a
        function without arguments that returns its `Response`.
    W : ndarray of shape (d, T)
        The starting point.
    tolerance : float
        Stop when the residual, the largest relative gradient of a task, is at most this.
    max_iterations : int
        Largest number of iterations.

    Returns
    -------
    quasi_newton.Minimum
    """
    ones, penalized = np.ones(problem.n_tasks), problem.penalized[:, None]

    def function_with(responds):
        def function(W, previous):
            losses, gradient = problem.losses_and_gradient(W)
            value, Q, response = relation(W * penalized)
            gradient = gradient + 2.0 * (W * penalized) @ Q
            response = response() if responds else None
            if response is not None and not response.n_edges:
                response = None
            state = WeightState(problem, W, gradient, ones, Coupling(Q), 1.0, previous, response)
            return float(losses.sum()) + value, gradient, state

        return function

    found = minimize(function_with(True), W, tolerance, -(-max_iterations // 2), 0)
    if found.converged or found.iterations >= max_iterations:
        return found
    left = max_iterations - found.iterations
    last = minimize(function_with(False), found.W, tolerance, left)
    trace, iterations = found.trace + last.trace[1:], found.iterations + last.iterations
    return replace(last, trace=trace, iterations=iterations, fallback=True)


class Response:
    """The response of Q = V diag(q) V' to the weights W = U diag(s) V', as `graph_curvature.GraphResponse`.

    An edge is here a pair i < j of eigenvectors that turn in their plane by an angle x. With A = U'XV,

        d^2 omega / dx dW [X] = 2 (q_i - q_j) (s_j A_ji + s_i A_ij),
        d^2 omega / dx^2 = 2 (q_j - q_i) (s_i^2 - s_j^2).

    Parameters
    ----------
    U, s : ndarray of shape (d, r) and (r,)
        Left singular vectors, with zeros for a free intercept, and singular values.
    Vt : ndarray of shape (T, T)
        All right singular vectors, in rows.
    q : ndarray of shape (T,)
        The eigenvalues of Q.
    slopes, stiffness : ndarray of shape (k, r) and (k, k), optional
        Second derivatives of omega in k coordinates of the eigenvalues, with A_ii and with each other.
    """

    def __init__(self, U, s, Vt, q, slopes=None, stiffness=None):
        r, self._s = len(s), np.zeros(len(q))
        none = np.zeros((0, r)), np.zeros((0, 0))
        self._slopes, self._own = none if slopes is None else (slopes, stiffness)
        self._U, self._Vt = U, Vt
        self._s[:r] = s
        i, j = np.triu_indices(r, 1, len(q))
        turns = q[j] - q[i] > SAME_EIGENVALUE * q.max()
        self._i, self._j = i[turns], j[turns]
        self._turn = 2.0 * (q[self._j] - q[self._i])
        gaps = self._s[self._i] ** 2 - self._s[self._j] ** 2
        self._pairs = self._turn * np.maximum(gaps, max(MIN_GAP * self._s[0] ** 2, SMALLEST_GAP))
        self.n_edges = len(self._i) + len(self._slopes)

    def leaving(self, V):
        """Return for every edge whether the step V (T, d) removes it: none does."""
        return np.zeros(self.n_edges, dtype=bool)

    def apply(self, V):
        """Return C K^-1 C'V for V (T, d)."""
        A = (V @ self._U).T @ self._Vt.T
        i, j, s, r = self._i, self._j, self._s, len(A)
        inner = j < r
        turned = s[i] * A[i, j]
        turned[inner] += s[j[inner]] * A[j[inner], i[inner]]
        turned *= self._turn**2 / self._pairs
        M = np.zeros_like(A)
        M[i, j] = s[i] * turned
        M[j[inner], i[inner]] = s[j[inner]] * turned[inner]
        np.einsum("ii->i", M[:, :r])[...] += self._followed @ np.diag(A)
        return self._Vt.T @ M.T @ self._U.T

    @cached_property
    def _followed(self):
        """(r, r) C K^-1 C' of the eigenvalues, from A_ii to A_ii."""
        return self._slopes.T @ np.linalg.solve(self._own, self._slopes)

    @cached_property
    def cross(self):
        """C' (E, T d) as a matrix; the weights of a task are adjacent."""
        i, j, s, r = self._i, self._j, self._s, self._U.shape[1]
        Ut = np.zeros((len(s), len(self._U)))
        Ut[:r] = self._U.T
        first = (s[i] * self._turn)[:, None, None] * self._Vt[j][:, :, None] * Ut[i][:, None, :]
        second = (s[j] * self._turn)[:, None, None] * self._Vt[i][:, :, None] * Ut[j][:, None, :]
        C = -(first + second).reshape(len(i), -1)
        diagonal = self._Vt[:r][:, :, None] * self._U.T[:, None, :]
        return np.vstack([C, self._slopes @ diagonal.reshape(r, -1)])

    @cached_property
    def stiffness(self):
        """K (E, E) as a matrix."""
        return block_diag(np.diag(self._pairs), self._own)


class Clustered:
    """rho1 eta (1 + eta) min_M tr(W (eta I + M)^-1 W'), eta = rho2 / rho1, over 0 <= M <= I with tr M = k.

    M (T, T) is the convex relaxation of the projection onto k clusters of tasks (Zhou, Chen, Ye 2011). In
    terms of singular values m_i = clip(s_i u - eta, 0, 1), with u such that they add up to k; so the same
    penalty has a matrix (d, d) of features in M's place, which is the convex form of ASO (Chen, Tang, Liu, Ye
    2009).
    """

    def __init__(self, k, rho1, rho2):
        self._k, self._eta = k, rho2 / rho1
        self._factor = rho2 * (1.0 + self._eta)

    def __call__(self, W):
        """Return the value, the matrix Q, and a function that returns its response."""
        U, s, Vt, m = self._optimum(W)
        q = self._factor / (self._eta + m)
        return float(np.sum(q[: len(s)] * s**2)), (Vt.T * q) @ Vt, lambda: self._response(U, s, Vt, m, q)

    def _response(self, U, s, Vt, m, q):
        (free,) = np.nonzero(_positive(s, (len(U), len(Vt))) & (m[: len(s)] > 0.0) & (m[: len(s)] < 1.0))
        if len(free) < 2:
            return Response(U, s, Vt, q)
        # The m_i between 0 and 1 follow the weights; their sum stays.
        sums, _ = np.linalg.qr(np.column_stack([np.ones(len(free)), np.eye(len(free))[:, 1:]]))
        basis, level = sums[:, 1:], self._eta + m[free]
        slopes = np.zeros((len(free) - 1, len(s)))
        slopes[:, free] = basis.T * (-2.0 * self._factor * s[free] / level**2)
        stiffness = (basis.T * (2.0 * self._factor * s[free] ** 2 / level**3)) @ basis
        return Response(U, s, Vt, q, slopes, stiffness)

    def matrix(self, W):
        """Return the optimal M (T, T)."""
        _, _, Vt, m = self._optimum(W)
        return (Vt.T * m) @ Vt

    def _optimum(self, W):
        """Return (U, s, Vt, m): the singular value decomposition with all of Vt (T, T), and m (T,)."""
        U, s, Vt = right_complete(W)
        m, rest = self._eigenvalues(s, W.shape)
        return U, s, Vt, np.concatenate([m, np.full(len(Vt) - len(s), rest)])

    def _eigenvalues(self, s, shape):
        """Return the m of the singular values, and m elsewhere."""
        n_tasks = shape[1]
        positive = _positive(s, shape)
        count = int(positive.sum())
        if self._k >= n_tasks:
            return np.ones_like(s), 1.0
        if count <= self._k:
            # What is left of the trace may lie anywhere where the weights are zero.
            rest = (self._k - count) / (n_tasks - count)
            return np.where(positive, 1.0, rest), rest
        return np.clip(s * self._level(s[positive]) - self._eta, 0.0, 1.0), 0.0

    def _level(self, s):
        """Return u with sum_i clip(s_i u - eta, 0, 1) = k, for more than k positive s."""
        # The sum is piecewise linear in u and bends where an m_i leaves 0 or reaches 1.
        bends = np.sort(np.concatenate([self._eta / s, (1.0 + self._eta) / s]))
        sums = np.clip(np.outer(bends, s) - self._eta, 0.0, 1.0).sum(axis=1)
        i = int(np.searchsorted(sums, self._k))
        low, high = bends[i - 1], bends[i]
        return low + (self._k - sums[i - 1]) / (sums[i] - sums[i - 1]) * (high - low)


class Tail:
    """lam1 sum_{i > h} s_i^2 + lam2 sum_i s_i^2: a ridge that spares the best subspace of h directions.

    It equals min_Theta lam1 ||W - Theta' Theta W||_F^2 + lam2 ||W||_F^2 over Theta (h, d) with orthonormal
    rows. It is not convex.
    """

    def __init__(self, h, lam1, lam2):
        self._h, self._lam1, self._lam2 = h, lam1, lam2

    def __call__(self, W):
        """Return the value, the matrix Q, and a function that returns its response."""
        U, s, Vt = right_complete(W)
        q = np.full(len(Vt), self._lam1 + self._lam2)
        q[: self._h] = self._lam2
        return float(np.sum(q[: len(s)] * s**2)), (Vt.T * q) @ Vt, lambda: Response(U, s, Vt, q)


def right_complete(W):
    """Return U (d, r), s (r,) and Vt (T, T), the singular value decomposition with all right vectors."""
    return np.linalg.svd(W, full_matrices=len(W) < W.shape[1])


def _positive(s, shape):
    """Return which singular values of a matrix of this shape are more than rounding."""
    return s > s[0] * np.finfo(float).eps * max(shape)
