"""The coupled W-step: T losses, coupled by a quadratic form in the task space.

    min_W  sum_t a_t F_t(w_t) + lam tr(W_p Q W_p'),   a_t > 0,  Q (T, T) positive semidefinite,

with F_t the fit loss of task t and W_p the penalized rows of W. Q = I is single-task ridge;
AMTL has Q = (I - B)(I - B)'. `CoupledInverse` applies the inverse of this problem's Hessian, by the
cheapest exact method for its shape, and never builds a large dT x dT matrix.
"""

from functools import cached_property

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from amtl.solvers.quasi_newton import minimize

# Up to this many unknowns one Cholesky factorization of the whole system is the fastest way.
DENSE_LIMIT = 700
# Eigenvalues of the scaled Q below this are solved exactly beside the diagonal blocks.
COARSE_LEVEL = 0.05
# Relative residual of the conjugate gradients: a preconditioner need not be solved further.
CG_ACCURACY = 3e-2
# Iterations that share one two-level preconditioner where making it is what costs.
REUSE = 6
# A curvature or penalty below this fraction of the largest counts as zero: it keeps a step finite
# in directions that neither the data nor the penalty sees.
FLOOR = 1e-12
# How far a free intercept's penalty is reduced in the shared-rows preconditioner.
FREE = 1e-8


class CoupledInverse:
    """The inverse of V -> (a_t H_t v_t + 2 lam p * (V Q)_t)_t, with H_t the Hessian of F_t.

    Shared rows: H_t = kappa_t G, so two symmetric eigendecompositions (G once per split, T x T
    here) diagonalize everything. Own rows: one Cholesky factor, or where dT is large conjugate
    gradients with two levels of preconditioner, the diagonal blocks and a coarse task space.
    """

    def __init__(self, problem, curvature, a, Q, lam):
        self._penalized = problem.penalized
        self._a, self._Q, self._lam = a, Q, lam
        d, n_tasks = problem.n_features, problem.n_tasks
        self.costly = not problem.shared and d * n_tasks > DENSE_LIMIT
        self._shared = problem.shared
        if problem.shared:
            self._kappa, self._eigen = curvature
        else:
            self._H = a[:, None, None] * curvature
            # With a diagonal Q the blocks are the whole matrix and one iteration is exact; a task alone
            # is one block, and one factorization.
            diagonal = np.count_nonzero(Q) == np.count_nonzero(np.diag(Q))
            self._iterative = n_tasks > 1 and (self.costly or diagonal)

    def solve(self, R):
        """Return the inverse applied to R (d, T)."""
        if self._shared:
            return self._solve_shared(R)
        return self._solve_iteratively(R) if self._iterative else self._solve_dense(R)

    @cached_property
    def _shared_factors(self):
        """(kappa_t a_t) G and 2 lam Q, brought to diagonal form together."""
        scale = np.sqrt(np.maximum(self._kappa * self._a, 1e-300))
        sigma, P = np.linalg.eigh(self._Q / np.outer(scale, scale))
        gamma, U = self._eigen
        if not self._penalized.all():
            # The intercept's row carries (almost) no penalty: G is rescaled along it instead.
            grow = np.where(self._penalized > 0, 1.0, FREE**-0.5)
            gamma, U = np.linalg.eigh((U * gamma) @ U.T * np.outer(grow, grow))
            U = U * grow[:, None]
        total = np.maximum(gamma, 0.0)[:, None] + 2.0 * self._lam * np.maximum(sigma, 0.0)
        return scale, P, U, np.maximum(total, FLOOR * total.max())

    def _solve_shared(self, R):
        scale, P, U, total = self._shared_factors
        return U @ (((U.T @ (R / scale)) @ P) / total) @ P.T / scale

    @cached_property
    def _dense_factor(self):
        n_tasks, d = self._H.shape[:2]
        A = np.zeros((n_tasks, d, n_tasks, d))
        tasks, features = np.arange(n_tasks), np.arange(d)
        A[tasks, :, tasks, :] = self._H
        A[:, features, :, features] += 2.0 * self._lam * self._penalized[:, None, None] * self._Q
        A = A.reshape(n_tasks * d, n_tasks * d)
        diagonal = np.einsum("ii->i", A)
        diagonal += FLOOR * diagonal.max()
        return cho_factor(A, lower=True, overwrite_a=True, check_finite=False)

    def _solve_dense(self, R):
        d, n_tasks = R.shape
        return cho_solve(self._dense_factor, R.T.ravel(), check_finite=False).reshape(n_tasks, d).T

    @cached_property
    def _blocks(self):
        """Inverses of the diagonal blocks, the first level of the preconditioner."""
        blocks = self._H.copy()
        diagonal = np.einsum("tii->ti", blocks)
        diagonal += 2.0 * self._lam * np.diag(self._Q)[:, None] * self._penalized
        diagonal += FLOOR * diagonal.max()
        return np.linalg.inv(blocks)

    @cached_property
    def _coarse(self):
        """The second level: directions in task space that Q hardly penalizes, solved exactly.

        A task that copies others leaves (I - B) almost singular, and there the blocks alone
        say nothing of the small curvature that is left. Returns (basis (T, k), Cholesky factor).
        """
        scale = np.sqrt(np.where(np.diag(self._Q) > 0.0, np.diag(self._Q), 1.0))
        sigma, P = np.linalg.eigh(self._Q / np.outer(scale, scale))
        n_tasks, d = self._H.shape[:2]
        k = min(int(np.sum(sigma < COARSE_LEVEL)), DENSE_LIMIT // d)
        if k == 0:
            return None
        V = P[:, :k] / scale[:, None]
        pairs = (V[:, :, None] * V[:, None, :]).reshape(n_tasks, k * k)
        A = (pairs.T @ self._H.reshape(n_tasks, d * d)).reshape(k, k, d, d).transpose(0, 2, 1, 3).copy()
        features = np.arange(d)
        A[:, features, :, features] += 2.0 * self._lam * self._penalized[:, None, None] * (V.T @ self._Q @ V)
        A = A.reshape(k * d, k * d)
        diagonal = np.einsum("ii->i", A)
        diagonal += FLOOR * diagonal.max()
        return V, cho_factor(A, lower=True, overwrite_a=True, check_finite=False)

    def _two_levels(self, R):
        """Both levels of the preconditioner, added; R and the result are (T, d)."""
        Z = np.matmul(self._blocks, R[:, :, None])[:, :, 0]
        if self._coarse is not None:
            V, factor = self._coarse
            right = V.T @ R
            Z += V @ cho_solve(factor, right.ravel(), check_finite=False).reshape(right.shape)
        return Z

    def _operator(self, V):
        """V and the result as (T, d): one task a row, so the stacked products are contiguous."""
        HV = np.matmul(self._H, V[:, :, None])[:, :, 0]
        return HV + 2.0 * self._lam * self._penalized * (self._Q @ V)

    def _solve_iteratively(self, R, max_iterations=1000):
        r = np.ascontiguousarray(R.T)
        x = np.zeros_like(r)
        goal = CG_ACCURACY * np.linalg.norm(r)
        z = self._two_levels(r)
        p, rz = z, np.vdot(r, z)
        for _ in range(max_iterations):
            if np.linalg.norm(r) <= goal:
                break
            Ap = self._operator(p)
            alpha = rz / np.vdot(p, Ap)
            x += alpha * p
            r = r - alpha * Ap
            z = self._two_levels(r)
            rz, before = np.vdot(r, z), rz
            p = z + (rz / before) * p
        return x.T


def relative_gradient(gradient, problem, a):
    """Return the largest ||gradient_t|| / (a_t ||grad F_t(0)||) over the tasks.

    A task whose targets are all zero has no scale of its own; it takes one from the others.
    """
    reference = a * problem.gradient_scale
    reference = np.maximum(reference, 1e-3 * max(reference.max(), 1e-300))
    return float(np.max(np.linalg.norm(gradient, axis=0) / reference))


class WeightState:
    """What the quasi-Newton iteration needs at one W: the residual and the preconditioner.

    previous : the state of the iterate before, whose preconditioner serves a few iterations more where
        it is dear to make; the iteration's memory makes up for what has changed since.
    """

    def __init__(self, problem, W, gradient, a, Q, lam, previous=None):
        self.residual = relative_gradient(gradient, problem, a)
        self._make = lambda: CoupledInverse(problem, problem.curvature(W), a, Q, lam)
        self._previous = previous
        self._age = 0

    @cached_property
    def inverse(self):
        previous, self._previous = self._previous, None
        if previous is not None and "inverse" in vars(previous):
            if previous.inverse.costly and previous._age + 1 < REUSE:
                self._age = previous._age + 1
                return previous.inverse
        return self._make()

    def precondition(self, R):
        return self.inverse.solve(R)


def solve_coupled_w(problem, Q, lam, a=None, W=None, tolerance=1e-6, max_iterations=500):
    """Solve the coupled W-step from W (zeros by default).

    Returns a `quasi_newton.Minimum` whose residual is the largest relative gradient of a task.
    """
    a = np.ones(problem.n_tasks) if a is None else a
    penalized = problem.penalized[:, None]

    def function(W, previous):
        losses, gradient = problem.losses_and_gradient(W)
        Wp = W * penalized
        WQ = Wp @ Q
        value = float(a @ losses + lam * np.vdot(WQ, Wp))
        gradient = a * gradient + 2.0 * lam * WQ
        return value, gradient, WeightState(problem, W, gradient, a, Q, lam)

    W = np.zeros((problem.n_features, problem.n_tasks)) if W is None else W
    return minimize(function, W, tolerance, max_iterations)


def solve_towards(problem, a, lam, prior, w, tolerance=1e-6, max_iterations=500):
    """Solve min_w a F(w) + lam ||w_p - prior||^2 for a single-task problem, from w (d,).

    prior : (d,) the point that replaces zero in the ridge penalty, zero where nothing is penalized.
    """
    weights, identity = np.array([a]), np.eye(1)
    prior = (prior * problem.penalized)[:, None]

    def function(W, previous):
        losses, gradient = problem.losses_and_gradient(W)
        rest = W * problem.penalized[:, None] - prior
        value = float(a * losses[0] + lam * np.vdot(rest, rest))
        gradient = a * gradient + 2.0 * lam * rest
        return value, gradient, WeightState(problem, W, gradient, weights, identity, lam)

    return minimize(function, w[:, None], tolerance, max_iterations)
