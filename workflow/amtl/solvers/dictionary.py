"""Tasks as sparse combinations of a few shared columns, W = L S with L (d, k) and S (k, T).

    GO-MTL (Kumar, Daume 2012):     min_{L, S}  sum_t F_t(L s_t) + mu ||S||_1 + lam ||L||_F^2
    SC-MTL (Maurer et al. 2013):    min_{L, S}  sum_t F_t(L s_t)   s.t.  ||l_j||_2 <= 1,  ||s_t||_1 <= alpha

Neither is convex. S is eliminated: phi(L) = min_S of the objective has the gradient at fixed S. A
preconditioned quasi-Newton iteration minimizes phi; the preconditioner is the L-step at fixed S. With memory
0 this is the alternation of both papers. Near the minimum the second derivatives of phi, in which the codes
follow L, replace the preconditioner (`dictionary_curvature`). The bound on a column of SC-MTL can be an
equality, because a longer column with a smaller code gives the same weights. So L is M with its columns
scaled to norm one.
"""

from dataclasses import replace
from functools import cached_property, partial

import numpy as np
from scipy.linalg import cho_solve

from amtl.solvers.codes import CODE_TOLERANCE, Ball, Codes, Lasso
from amtl.solvers.coupled_w import has_exact_curvature
from amtl.solvers.dictionary_curvature import DICTIONARY_FLOOR, DictionaryInverse
from amtl.solvers.quasi_newton import Kept, minimize
from amtl.solvers.symmetric import factorize

# Up to this many unknowns d k the L-step is one Cholesky factorization, and second derivatives of phi are
# available. Beyond it there is one inverse per column.
MAX_DENSE_ENTRIES = 1200
# The L-step is the preconditioner down to this residual, or for this number of iterations. The second
# derivatives of phi then need a third of the iterations, but one evaluation costs ten times as much, so it is
# kept for a number of iterations.
FOLLOWING_RESIDUAL = 1e-3
FIXED_CODE_ITERATIONS = 250
REUSE_ITERATIONS = 16
# The codes of an iterate are solved to this share of the residual of the iterate before, and at least to
# `MAX_CODE_TOLERANCE`.
CODE_TOLERANCE_SHARE = 1e-2
MAX_CODE_TOLERANCE = 1e-3


class _LStep:
    """The inverse of V -> sum_t H_t V s_t s_t' + V diag(ridge) for V (d, k), with a floor under the ridge."""

    def __init__(self, problem, W, S, ridge):
        curvature = problem.curvature(W)
        self._shared = problem.shared
        squares = (S**2).sum(axis=0)
        if problem.shared:
            kappa, (g, self._U) = curvature
            ridge = _with_floor(ridge, float(g.max() * np.max(kappa * squares)))
            # Diagonalize ridge^(-1/2) S diag(kappa) S' ridge^(-1/2) and G together.
            self._scale = np.sqrt(ridge)
            sigma, self._P = np.linalg.eigh((S * kappa) @ S.T / np.outer(self._scale, self._scale))
            self._total = np.maximum(g, 0.0)[:, None] * np.maximum(sigma, 0.0) + 1.0
            return
        ridge = _with_floor(ridge, float(np.max(np.einsum("tii->t", curvature) * squares)))
        d, k = len(W), len(S)
        self._dense = d * k <= MAX_DENSE_ENTRIES
        if self._dense:
            pairs = (S[:, None, :] * S[None, :, :]).reshape(k * k, -1)
            A = (pairs @ curvature.reshape(len(curvature), d * d)).reshape(k, k, d, d)
            A = A.transpose(0, 2, 1, 3).reshape(k * d, k * d)
            A += np.diag(np.repeat(ridge, d))
            self._factor = factorize(A, overwrite=True)
        else:
            blocks = np.tensordot(S**2, curvature, axes=1)
            np.einsum("jii->ji", blocks)[...] += ridge[:, None]
            self._inverse = np.linalg.inv(blocks)

    def solve(self, R):
        if self._shared:
            inner = (self._U.T @ (R / self._scale)) @ self._P / self._total
            return self._U @ inner @ self._P.T / self._scale
        d, k = R.shape
        if self._dense:
            return cho_solve(self._factor, R.T.ravel(), check_finite=False).reshape(k, d).T
        return np.matmul(self._inverse, R.T[:, :, None])[:, :, 0].T


def _with_floor(ridge, curvature):
    """Return `ridge` (k,), raised to a small share of the largest ridge or of `curvature`."""
    return np.maximum(ridge, max(DICTIONARY_FLOOR * max(float(ridge.max()), curvature), 1e-300))


class _DictionaryState:
    """The codes at one L, the residual over both blocks of variables, and the preconditioner."""

    def __init__(self, problem, codes, size, gradient, make_inverse, project, follows, previous):
        # The scale is the norm of the gradient with respect to L at W = 0 with these codes. If the codes
        # vanish, it is the loss there divided by `size`, the norm of L. Codes overflow only at trial points
        # that the line search rejects.
        with np.errstate(over="ignore", invalid="ignore"):
            reference = float(np.linalg.norm(problem.gradient_scale * codes.S))
            reference = max(reference, 1e-3 * problem.null_loss / max(size, 1e-150))
            self.residual = max(float(np.linalg.norm(gradient)) / reference, codes.violation)
        self.codes = codes
        self._make_inverse, self._project = make_inverse, project
        # With fixed codes the preconditioner is cheap, and every iterate has its own.
        self._kept = previous._kept if previous is not None else Kept(REUSE_ITERATIONS if follows else 1)
        self._iteration = 0 if previous is None else previous._iteration + 1

    @cached_property
    def _inverse(self):
        return self._kept.get("inverse", self._iteration, self._make_inverse)

    def precondition(self, R):
        return self._project(self._inverse.solve(self._project(R)))


def _make_inverse(problem, L, codes, ridge, follows, on_spheres=False):
    """Return the preconditioner at L, with codes that follow L or with fixed codes."""
    if follows:
        return DictionaryInverse(problem, L, codes, ridge, on_spheres)
    return _LStep(problem, codes.W, codes.S, ridge)


def _codes(problem, L, penalty, previous):
    """Return the optimal codes at L. Their error stays far below the residual of the previous iterate."""
    if previous is None:
        return Codes(problem, L, penalty)
    tolerance = np.clip(CODE_TOLERANCE_SHARE * previous.residual, CODE_TOLERANCE, MAX_CODE_TOLERANCE)
    return Codes(problem, L, penalty, previous.codes, tolerance)


def _minimize(function, problem, L, tolerance, max_iterations, memory):
    """Minimize function(L, previous, follows).

    The codes are fixed in the preconditioner first, and follow L near the minimum.
    """
    fixed, following = (partial(function, follows=follows) for follows in (False, True))
    if memory == 0 or L.size > MAX_DENSE_ENTRIES or not has_exact_curvature(problem):
        return minimize(fixed, L, tolerance, max_iterations, memory)
    near = max(tolerance, FOLLOWING_RESIDUAL)
    found = minimize(fixed, L, near, min(FIXED_CODE_ITERATIONS, max_iterations), memory)
    if found.residual <= tolerance or found.iterations == max_iterations:
        return replace(found, converged=found.residual <= tolerance)
    last = minimize(following, found.W, tolerance, max_iterations - found.iterations, memory)
    return replace(last, trace=found.trace + last.trace[1:], iterations=found.iterations + last.iterations)


def solve_penalized(problem, L, mu, lam, tolerance=1e-6, max_iterations=500, memory=20):
    """Solve GO-MTL's problem.

    Parameters
    ----------
    problem : MultiTaskProblem
        The losses F_t.
    L : ndarray of shape (d, k)
        The starting dictionary.
    mu, lam : float
        Strengths of the penalties on S and on L.
    tolerance : float
        Stop when the residual, over L and S, is at most this.
    max_iterations : int
        Largest number of iterations.
    memory : int
        As for `quasi_newton.minimize`; 0 gives the plain alternation.

    Returns
    -------
    quasi_newton.Minimum
        Its W is L; its ``state.codes`` holds S and the weights.
    """
    penalty = Lasso(mu)
    mask = problem.penalized[:, None]

    def function(L, previous, follows):
        codes = _codes(problem, L, penalty, previous)
        value = float(codes.losses.sum() + penalty.cost(codes.S).sum() + lam * np.vdot(L, L))
        gradient = (codes.gradient @ codes.S.T + 2.0 * lam * L) * mask
        inverse = partial(_make_inverse, problem, L, codes, np.full(L.shape[1], 2.0 * lam), follows)
        state = _DictionaryState(
            problem, codes, np.linalg.norm(L), gradient, inverse, lambda R: R * mask, follows, previous
        )
        return value, gradient, state

    return _minimize(function, problem, L * mask, tolerance, max_iterations, memory)


def solve_constrained(problem, L, alpha, tolerance=1e-6, max_iterations=500, memory=20):
    """Solve SC-MTL's problem.

    Parameters
    ----------
    L : ndarray of shape (d, k)
        The starting dictionary; its columns are scaled to norm one.
    alpha : float
        Bound on the 1-norm of a task's codes.
    problem, tolerance, max_iterations, memory
        As for `solve_penalized`.

    Returns
    -------
    quasi_newton.Minimum
        As for `solve_penalized`, but the columns of its W are not scaled.
    """
    penalty = Ball(alpha)
    mask = problem.penalized[:, None]

    def function(M, previous, follows):
        norms = np.maximum(np.linalg.norm(M, axis=0), 1e-300)
        L = M / norms
        codes = _codes(problem, L, penalty, previous)
        slope = codes.gradient @ codes.S.T * mask
        along = (L * slope).sum(axis=0)

        def along_the_spheres(R):
            R = R * norms * mask
            return R - L * (L * R).sum(axis=0)

        gradient = (slope - L * along) / norms
        # The multiplier of the bound on a column is a ridge on it.
        inverse = partial(_make_inverse, problem, L, codes, np.maximum(-along, 0.0), follows, on_spheres=True)
        state = _DictionaryState(
            problem, codes, 1.0, slope - L * along, inverse, along_the_spheres, follows, previous
        )
        return float(codes.losses.sum()), gradient, state

    return _minimize(function, problem, L * mask, tolerance, max_iterations, memory)
