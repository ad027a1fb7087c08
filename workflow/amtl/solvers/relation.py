"""Weights together with a learned relation of the tasks, which is eliminated.

    min_W  sum_t F_t(w_t) + omega(W_p),     omega(W) = min_Omega tr(W Q(Omega) W') + g(Omega).

For the optimal Omega the gradient of omega is 2 W Q (the envelope theorem), and the curvature of omega is at
most that of tr(W Q W'). The coupled W-step of that Q is therefore a good preconditioner, and L-BFGS learns
what it misses.

The two relations here are functions of the singular values s_1 >= s_2 >= ... of W.
"""

import numpy as np

from amtl.solvers.coupled_w import WeightState
from amtl.solvers.graph_curvature import Coupling
from amtl.solvers.quasi_newton import minimize


def minimize_related(problem, relation, W, tolerance=1e-6, max_iterations=500):
    """Minimize sum_t F_t(w_t) + omega(W_p).

    Parameters
    ----------
    problem : MultiTaskProblem
        The losses F_t.
    relation : callable
        ``relation(V)`` returns omega(V) and the matrix Q (T, T) of the optimal relation, for V (p, T).
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

    def function(W, previous):
        losses, gradient = problem.losses_and_gradient(W)
        Wp = W * penalized
        value, Q = relation(Wp)
        gradient = gradient + 2.0 * Wp @ Q
        state = WeightState(problem, W, gradient, ones, Coupling(Q), 1.0, previous)
        return float(losses.sum()) + value, gradient, state

    return minimize(function, W, tolerance, max_iterations)


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
        """Return the value, and the matrix Q."""
        s, m, V, rest = self._optimum(W)
        value = self._factor * float(np.sum(s**2 / (self._eta + m)))
        scale = 1.0 / (self._eta + m) - 1.0 / (self._eta + rest)
        Q = (V.T * scale) @ V
        Q[np.diag_indices_from(Q)] += 1.0 / (self._eta + rest)
        return value, self._factor * Q

    def matrix(self, W):
        """Return the optimal M (T, T)."""
        _, m, V, rest = self._optimum(W)
        return (V.T * (m - rest)) @ V + rest * np.eye(W.shape[1])

    def _optimum(self, W):
        """Return (s, m, V, rest): singular values, their m, right singular vectors (rows) and m elsewhere."""
        _, s, V = np.linalg.svd(W, full_matrices=False)
        n_tasks = W.shape[1]
        positive = s > s[0] * np.finfo(float).eps * max(W.shape)
        count = int(positive.sum())
        if self._k >= n_tasks:
            return s, np.ones_like(s), V, 1.0
        if count <= self._k:
            # What is left of the trace may lie anywhere where the weights are zero.
            rest = (self._k - count) / (n_tasks - count)
            return s, np.where(positive, 1.0, rest), V, rest
        m = np.clip(s * self._level(s[positive]) - self._eta, 0.0, 1.0)
        return s, m, V, 0.0

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
        """Return the value, and the matrix Q."""
        _, s, V = np.linalg.svd(W, full_matrices=False)
        leading = V[: self._h]
        value = self._lam1 * float(np.sum(s[self._h :] ** 2)) + self._lam2 * float(np.sum(s**2))
        return value, (self._lam1 + self._lam2) * np.eye(W.shape[1]) - self._lam1 * leading.T @ leading
