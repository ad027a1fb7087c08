"""The coupled W-step: T losses, coupled by a quadratic form in the task space.

    min_W  sum_t a_t F_t(w_t) + lam tr(W_p Q W_p'),   a_t > 0,  Q (T, T) positive semidefinite,

with F_t the fit loss of task t and W_p the penalized rows of W. Q = I is single-task ridge; AMTL has Q = (I -
B)(I - B)'. `CoupledInverse` applies the inverse Hessian of this problem by the cheapest method for its shape.
It never builds a large dT x dT matrix.
"""

from functools import cached_property

import numpy as np
from scipy.linalg import cho_solve

from amtl.solvers.couplings import Coupling, RidgeCoupling
from amtl.solvers.graph_curvature import Reduced
from amtl.solvers.quasi_newton import Kept, minimize
from amtl.solvers.symmetric import factorize

# Largest number of unknowns for one Cholesky factorization of the whole system.
MAX_DENSE_UNKNOWNS = 500
# The preconditioner solves eigenvalues of the scaled Q below this exactly, in addition to the diagonal
# blocks, ...
MAX_COARSE_EIGENVALUE = 0.05
# ... with at most this many unknowns ...
MAX_COARSE_UNKNOWNS = 700
# ... and for at most this many tasks: the eigendecomposition of a larger Q costs more than it saves.
MAX_COARSE_TASKS = 400
# Relative residual of the iterative solution and largest number of its steps; a step needs no more accuracy.
LANCZOS_TOLERANCE = 0.1
MAX_LANCZOS_STEPS = 16
# Where phi is not convex, the absolute value of its curvature is used, and at least this much relative to the
# preconditioner's matrix.
MIN_RELATIVE_CURVATURE = 0.05
# Number of iterations that share the Hessians of a loss that is not quadratic, or a two-level preconditioner.
REUSE_ITERATIONS = 8
# On shared rows one scaled Gram matrix approximates the Hessians of all tasks. It is cheap, and accurate near
# zero weights. After this many iterations, and up to this many features, the exact Hessians are worth their
# cost.
SCALED_GRAM_ITERATIONS = 5
MAX_EXACT_FEATURES = 150
# Blocks of up to this many features are inverted as one stack; larger ones are factorized, which is cheaper.
MAX_INVERTED_FEATURES = 100
# Entries of the blocks that are made at a time.
BLOCK_ENTRIES = 4_000_000
# A curvature or penalty below this share of the largest is raised to it. This keeps a step finite in
# directions in which neither the data nor the penalty has curvature.
CURVATURE_FLOOR = 1e-12
# The penalty of a free intercept in the shared-rows preconditioner, relative to the other features.
FREE_INTERCEPT_PENALTY = 1e-8


def _factor(A):
    """Return the lower Cholesky factor of A with a small ridge. A is overwritten."""
    diagonal = np.einsum("ii->i", A)
    diagonal += CURVATURE_FLOOR * diagonal.max()
    return factorize(A, overwrite=True)


def _solve_blocks(a, curvature, added):
    """Return a function that solves (a_t H_t + diag(added_t)) z_t = r_t for R (T, d)."""

    def blocks(tasks):
        found = a[tasks, None, None] * curvature[tasks]
        diagonal = np.einsum("tii->ti", found)
        diagonal += added[tasks]
        return found

    n_tasks, d = added.shape
    if d <= MAX_INVERTED_FEATURES:
        # Some tasks at a time: with many tasks each array of this size counts.
        inverses, some = np.empty(curvature.shape), max(BLOCK_ENTRIES // d**2, 1)
        for begin in range(0, n_tasks, some):
            tasks = slice(begin, begin + some)
            inverses[tasks] = np.linalg.inv(blocks(tasks))
        return lambda R: np.matmul(inverses, R[:, :, None])[:, :, 0]
    factors = [factorize(blocks([t])[0], overwrite=True) for t in range(n_tasks)]
    return lambda R: np.array(
        [cho_solve(factor, r, check_finite=False) for factor, r in zip(factors, R, strict=True)]
    )


class SharedLevel:
    """The exact inverse of V -> (a_t kappa_t G v_t + 2 lam p * (Q V)_t)_t.

    Two symmetric eigendecompositions (of G once per split, of a T x T matrix here) diagonalize both terms
    together.
    """

    def __init__(self, problem, curvature, a, coupling, lam):
        kappa, (gamma, U) = curvature
        scale = np.sqrt(np.maximum(kappa * a, 1e-300))
        sigma, P = np.linalg.eigh(coupling.matrix / np.outer(scale, scale))
        if not problem.penalized.all():
            # The intercept has almost no penalty, so G is rescaled along it.
            grow = np.where(problem.penalized > 0, 1.0, FREE_INTERCEPT_PENALTY**-0.5)
            gamma, U = np.linalg.eigh((U * gamma) @ U.T * np.outer(grow, grow))
            U = U * grow[:, None]
        total = np.maximum(gamma, 0.0) + 2.0 * lam * np.maximum(sigma, 0.0)[:, None]
        self._P, self._U, self._total = (
            P / scale[:, None],
            U,
            np.maximum(total, CURVATURE_FLOOR * total.max()),
        )

    def solve(self, R):
        """Return the inverse applied to R (T, d)."""
        return self._P @ ((self._P.T @ (R @ self._U)) / self._total) @ self._U.T


class TwoLevels:
    """An approximate inverse for own rows: the sum of two exact solutions.

    One is for the diagonal blocks, the other for the directions in task space that Q hardly penalizes. A task
    that copies others makes (I - B) almost singular, and the blocks alone miss the small curvature that
    remains.
    """

    def __init__(self, problem, curvature, a, coupling, lam):
        self._coarse = self._coarse_level(problem, a, curvature, coupling, lam)
        added = 2.0 * lam * coupling.diagonal[:, None] * problem.penalized
        diagonal = a[:, None] * np.einsum("tii->ti", curvature) + added
        added += CURVATURE_FLOOR * diagonal.max()
        self._solve_blocks = _solve_blocks(a, curvature, added)

    @staticmethod
    def _coarse_level(problem, a, H, coupling, lam):
        """Return (basis V (T, k), Cholesky factor of the system within it), or None for no basis."""
        n_tasks, d = H.shape[:2]
        if coupling.is_diagonal:
            return None
        if n_tasks <= MAX_COARSE_TASKS:
            scale = np.sqrt(np.where(coupling.diagonal > 0.0, coupling.diagonal, 1.0))
            sigma, P = np.linalg.eigh(coupling.matrix / np.outer(scale, scale))
            V = P[:, sigma < MAX_COARSE_EIGENVALUE] / scale[:, None]
        else:
            V = coupling.weak_directions
        k = 0 if V is None else min(V.shape[1], MAX_COARSE_UNKNOWNS // d)
        if k == 0:
            return None
        V = V[:, :k]
        pairs = (a[:, None, None] * V[:, :, None] * V[:, None, :]).reshape(n_tasks, k * k)
        A = (pairs.T @ H.reshape(n_tasks, d * d)).reshape(k, k, d, d).transpose(0, 2, 1, 3).copy()
        features = np.arange(d)
        A[:, features, :, features] += (
            2.0 * lam * problem.penalized[:, None, None] * (V.T @ coupling.apply(V))
        )
        return V, _factor(A.reshape(k * d, k * d))

    def solve(self, R):
        """Return the inverse applied to R (T, d)."""
        Z = self._solve_blocks(R)
        if self._coarse is not None:
            V, factor = self._coarse
            right = V.T @ R
            Z += V @ cho_solve(factor, right.ravel(), check_finite=False).reshape(right.shape)
        return Z


class CoupledInverse:
    """The inverse of V -> (a_t H_t v_t + 2 lam p * (Q V)_t)_t - response(V).

    H_t is the Hessian of F_t. V is (T, d), the weights of a task in a row.

    Parameters
    ----------
    curvature : as from `MultiTaskProblem.curvature`
        The second derivatives of the losses.
    response : GraphResponse or None
        The response of the graph.
    level : SharedLevel, TwoLevels or None
        A preconditioner from nearby weights; None to make one.

    Notes ----- A small system has one Cholesky factor. Shared rows without a response have an exact inverse
    (`SharedLevel`). All others use the preconditioned Lanczos process. Negative curvature is replaced by its
    absolute value, so that the step descends.
    """

    def __init__(self, problem, curvature, a, coupling, lam, response=None, level=None):
        self._problem, self._curvature, self._a = problem, curvature, a
        self._coupling, self._lam, self._response, self._level = coupling, lam, response, level
        self._shared = isinstance(curvature, tuple)
        small = problem.n_tasks > 1 and problem.n_features * problem.n_tasks <= MAX_DENSE_UNKNOWNS
        # With a diagonal Q the matrix consists of its diagonal blocks.
        self._dense = small and not self._shared and not coupling.is_diagonal

    @property
    def level(self):
        """The preconditioner, which later weights may reuse; None if there is none."""
        if self._level is None and not self._dense:
            make = SharedLevel if self._shared else TwoLevels
            self._level = make(self._problem, self._curvature, self._a, self._coupling, self._lam)
        return self._level

    def solve(self, R):
        """Return the inverse applied to R (d, T).

        The step is -solve(gradient). An edge that the step would remove does not respond along the whole
        step. With many edges the step is therefore computed again without such edges.
        """
        r = np.ascontiguousarray(R.T)
        response = self._response
        if self._dense:
            solve = self._factor_solve if response is None else self._reduced.solve
            return solve(r.ravel()).reshape(r.shape).T
        if response is None:
            return (self.level.solve(r) if self._shared else self._solve_iteratively(r)).T
        x = self._solve_iteratively(r, response)
        leaving = response.leaving(-x)
        return (self._solve_iteratively(r, response.without(leaving)) if leaving.any() else x).T

    def _factor_solve(self, r):
        return cho_solve(self._factor, r, check_finite=False)

    @cached_property
    def _factor(self):
        n_tasks, d = self._curvature.shape[:2]
        A = np.zeros((n_tasks, d, n_tasks, d))
        tasks, features = np.arange(n_tasks), np.arange(d)
        A[tasks, :, tasks, :] = self._a[:, None, None] * self._curvature
        penalty = 2.0 * self._lam * self._problem.penalized
        A[:, features, :, features] += penalty[:, None, None] * self._coupling.matrix
        return _factor(A.reshape(n_tasks * d, n_tasks * d))

    @cached_property
    def _reduced(self):
        return Reduced(self._factor[0], self._response)

    @cached_property
    def _shared_hessian(self):
        kappa, (gamma, U) = self._curvature
        return (self._a * kappa)[:, None], (U * gamma) @ U.T

    def _operator(self, V, response):
        """Apply the matrix to V (T, d)."""
        if self._shared:
            factor, G = self._shared_hessian
            HV = factor * (V @ G)
        else:
            HV = self._a[:, None] * np.matmul(self._curvature, V[:, :, None])[:, :, 0]
        HV += 2.0 * self._lam * self._problem.penalized * self._coupling.apply(V)
        return HV if response is None else HV - response.apply(V)

    def _solve_iteratively(self, r, response=None):
        """Solve by the preconditioned Lanczos process: conjugate gradients if the matrix is definite.

        On the subspace that it builds the matrix is tridiagonal. If it has a negative eigenvalue there, all
        eigenvalues are replaced by their absolute values, and at least `MIN_RELATIVE_CURVATURE`. Where
        numbers overflow, the result is that of the preconditioner alone.
        """
        z = self.level.solve(r)
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            x = self._lanczos(r, z, response)
        return x if np.isfinite(x).all() else z

    def _lanczos(self, r, z, response):
        """Return the solution, from the preconditioned right side z; NaN where numbers overflow."""
        first = beta = np.sqrt(np.vdot(r, z))
        if not beta > 0.0:
            return z
        diagonal, off, basis = [], [], []
        before, u, y = np.zeros_like(r), r / beta, z / beta
        # The last pivot of the tridiagonal matrix, and the last entry of the solution.
        pivot, last, positive = None, None, True
        while True:
            basis.append(y)
            w = self._operator(y, response) - (off[-1] * before if off else 0.0)
            alpha = np.vdot(y, w)
            pivot = alpha if pivot is None else alpha - off[-1] ** 2 / pivot
            last = first / pivot if last is None else -last * off[-1] / pivot
            positive &= pivot > 0.0
            diagonal.append(alpha)
            w -= alpha * u
            z = self.level.solve(w)
            beta = np.sqrt(max(np.vdot(w, z), 0.0))
            if beta * abs(last) <= LANCZOS_TOLERANCE * first or len(basis) >= MAX_LANCZOS_STEPS:
                break
            off.append(beta)
            before, u, y = u, w / beta, z / beta
        if not np.isfinite([*diagonal, *off]).all():
            return np.full_like(r, np.nan)
        values, P = np.linalg.eigh(np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1))
        sizes = values if positive else np.maximum(np.abs(values), MIN_RELATIVE_CURVATURE)
        weights = P @ (P[0] * (first / sizes))
        return np.tensordot(weights, np.array(basis), axes=1)


def relative_gradient(gradient, problem, a):
    """Return the largest ||gradient_t|| / (a_t ||grad F_t(0)||) over the tasks.

    The scales of the other tasks bound the scale of a task from below, because it is zero if all its targets
    are.
    """
    reference = a * problem.gradient_scale
    reference = np.maximum(reference, 1e-3 * max(reference.max(), 1e-300))
    return float(np.max(np.linalg.norm(gradient, axis=0) / reference))


def has_exact_curvature(problem):
    """Return whether the preconditioner uses exact Hessians of the losses."""
    return problem.loss == "squared" or not problem.shared or problem.n_features <= MAX_EXACT_FEATURES


class WeightState:
    """The state of the iteration at W: the residual and the preconditioner.

    previous : the state of the previous iterate, or None. response : as for `CoupledInverse`.
    """

    def __init__(self, problem, W, gradient, a, coupling, lam, previous=None, response=None):
        self.residual = relative_gradient(gradient, problem, a)
        self._iteration = 0 if previous is None else previous._iteration + 1
        self._kept = Kept(REUSE_ITERATIONS) if previous is None else previous._kept
        self._make = lambda curvature, level: CoupledInverse(
            problem, curvature, a, coupling, lam, response, level
        )
        self._problem, self._W = problem, W

    def _curvature(self):
        problem, W = self._problem, self._W
        if problem.loss == "squared":
            return problem.curvature(W)
        if not problem.shared:
            return self._kept.get("curvature", self._iteration, lambda: problem.curvature(W))
        if self._iteration < SCALED_GRAM_ITERATIONS or not has_exact_curvature(problem):
            return problem.curvature(W)
        return self._kept.get("hessians", self._iteration, lambda: problem.hessians(W))

    @cached_property
    def inverse(self):
        curvature = self._curvature()
        if isinstance(curvature, tuple):
            return self._make(curvature, None)
        return self._make(
            curvature, self._kept.get("level", self._iteration, lambda: self._make(curvature, None).level)
        )

    def precondition(self, R):
        return self.inverse.solve(R)


def solve_coupled_w(problem, Q, lam, a=None, W=None, tolerance=1e-6, max_iterations=500):
    """Solve min_W sum_t a_t F_t(w_t) + lam tr(W_p Q W_p').

    Parameters
    ----------
    problem : MultiTaskProblem
        The losses F_t.
    Q : ndarray of shape (T, T) or Coupling
        Positive semidefinite coupling of the tasks.
    lam : float
        Strength of the coupling.
    a : ndarray of shape (T,), optional
        Factors on the losses; ones by default.
    W : ndarray of shape (d, T), optional
        The starting point; zeros by default.
    tolerance : float
        Stop when the residual, the largest relative gradient of a task, is at most this.
    max_iterations : int
        Largest number of iterations.

    Returns
    -------
    quasi_newton.Minimum
    """
    a = np.ones(problem.n_tasks) if a is None else a
    coupling = Q if isinstance(Q, Coupling) else Coupling(Q)
    penalized = problem.penalized[:, None]

    def function(W, previous):
        losses, gradient = problem.losses_and_gradient(W)
        Wp = W * penalized
        WQ = coupling.apply(Wp.T).T
        value = float(a @ losses + lam * np.vdot(WQ, Wp))
        gradient = a * gradient + 2.0 * lam * WQ
        return value, gradient, WeightState(problem, W, gradient, a, coupling, lam, previous)

    W = np.zeros((problem.n_features, problem.n_tasks)) if W is None else W
    return minimize(function, W, tolerance, max_iterations)


def solve_towards(problem, a, lam, prior, w, tolerance=1e-6, max_iterations=500):
    """Solve min_w a F(w) + lam ||w_p - prior||^2 for a problem of one task.

    Parameters
    ----------
    problem : MultiTaskProblem
        One task, with loss F.
    a, lam : float
        Factor on the loss, and strength of the ridge.
    prior : ndarray of shape (d,)
        The point that replaces zero in the ridge; its entry for a free intercept has no effect.
    w : ndarray of shape (d,)
        The starting point.
    tolerance, max_iterations
        As for `solve_coupled_w`.

    Returns
    -------
    quasi_newton.Minimum
        Its W is (d, 1).
    """
    weights, identity = np.array([a]), RidgeCoupling(1)
    prior = (prior * problem.penalized)[:, None]

    def function(W, previous):
        losses, gradient = problem.losses_and_gradient(W)
        rest = W * problem.penalized[:, None] - prior
        value = float(a * losses[0] + lam * np.vdot(rest, rest))
        gradient = a * gradient + 2.0 * lam * rest
        return value, gradient, WeightState(problem, W, gradient, weights, identity, lam, previous)

    return minimize(function, w[:, None], tolerance, max_iterations)
