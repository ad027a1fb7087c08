"""The second derivatives of phi(L) = min_S of the dictionary problems, in which the codes follow L.

At fixed codes the second derivatives in L are those of the L-step, A = sum_t s_t s_t' (x) H_t + diag(ridge).
Those of phi are A - C'K C, because to first order the codes in use change by -K C dL. For the code (t, j)

    (C V)_tj = l_j' H_t V s_t + g_t'v_j,    V (d, k) a change of L,

with H_t and g_t the Hessian and gradient of the fit loss F_t. K has for each task the inverse of L'H_t L over
its codes in use. On the boundary of a ball the codes move along its face, and K is the inverse within the
face. A free intercept is one more code, with a fixed column.
"""

import numpy as np
from scipy.linalg import LinAlgError, cho_solve, solve_triangular

from amtl.solvers.symmetric import eigenpairs, factorize

# Relative ridge on the codes of a task, for columns of L that give it the same predictions.
CODE_RESPONSE_RIDGE = 1e-9
# Where phi is not convex, the absolute value of its curvature is used, and at least this much relative to A.
MIN_DICTIONARY_CURVATURE = 0.2
# A curvature or a ridge below this share of the largest is raised to it.
DICTIONARY_FLOOR = 1e-9


class DictionaryInverse:
    """The inverse of A - C'K C; negative curvature is replaced by its absolute value.

    Parameters
    ----------
    problem : MultiTaskProblem
        The losses.
    L : ndarray of shape (d, k)
        The dictionary.
    codes : Codes
        The optimal codes at L.
    ridge : ndarray of shape (k,)
        Non-negative ridge on every column.
    on_spheres : bool
        Whether the columns of L keep norm one; then the inverse is within the tangent space.
    """

    def __init__(self, problem, L, codes, ridge, on_spheres=False):
        self._shape = d, k = L.shape
        penalized, S = problem.penalized, codes.S
        hessians = problem.hessians(codes.W)
        columns = np.hstack([L, np.eye(d)[:, penalized == 0.0]])
        along = np.matmul(hessians, columns)
        each = np.arange(k)
        C = np.einsum("it,tdj->tjid", S, along)
        C[:, each, each] += codes.gradient.T[:, None, :]
        C *= penalized
        pairs = (S[:, None, :] * S[None, :, :]).reshape(k * k, -1)
        A = (pairs @ hessians.reshape(-1, d * d)).reshape(k, k, d, d).transpose(0, 2, 1, 3).copy()
        A *= penalized[:, None, None] * penalized
        A[each[:, None], np.arange(d), each[:, None], np.arange(d)] += ridge[:, None]
        A, C = A.reshape(k * d, k * d), C.reshape(-1, k * d)
        if on_spheres:
            A, C = _within_tangents(A, C, L)
        diagonal = np.einsum("ii->i", A)
        diagonal += DICTIONARY_FLOOR * diagonal.max()
        root = _root_of_response(np.matmul(columns.T, along), S, codes.full)
        Y = np.matmul(root, C.reshape(len(root), -1, k * d)).reshape(-1, k * d)
        self._apply = _inverse(A, Y)

    def solve(self, R):
        """Return the inverse applied to R (d, k)."""
        return self._apply(R.T.ravel()).reshape(self._shape[::-1]).T


def _root_of_response(G, S, full):
    """Return a root (T, k', k') of K, root' root = K, which is zero for unused codes.

    G : (T, k', k') the Hessians along the columns of L and of a free intercept.
    """
    n_tasks, width = G.shape[:2]
    signs = np.zeros((n_tasks, width))
    signs[:, : len(S)] = np.sign(S).T
    used = np.ones((n_tasks, width), dtype=bool)
    used[:, : len(S)] = S.T != 0.0
    G = np.where(used[:, :, None] & used[:, None, :], G, 0.0)
    values, P = np.linalg.eigh(G)
    values = np.maximum(values, 0.0) + CODE_RESPONSE_RIDGE * np.maximum(values[:, -1:], 1e-300)
    # Unused codes have a zero eigenvalue; the product with `used` removes their rounding errors.
    root = (P / np.sqrt(values)[:, None, :]).transpose(0, 2, 1) * used[:, None, :]
    # On the boundary K has no part along the signs, which would change the norm.
    across = np.einsum("tij,tj->ti", root, np.where(full[:, None], signs, 0.0))
    length = np.maximum(np.sum(across**2, axis=1), 1e-300)
    return root - (across / length[:, None])[:, :, None] * np.einsum("ti,tij->tj", across, root)[:, None, :]


def _within_tangents(A, C, L):
    """Return A and C on the tangent spaces of the unit spheres; A has a mean diagonal along the normals."""
    d, k = L.shape
    normals = np.zeros((k, d, k))
    normals[np.arange(k), :, np.arange(k)] = L.T
    normals = normals.reshape(k * d, k)
    AN = A @ normals
    inner = normals.T @ AN
    A = (
        A
        - AN @ normals.T
        - normals @ AN.T
        + normals @ (inner + np.eye(k) * np.trace(A) / (k * d)) @ normals.T
    )
    return A, C - (C @ normals) @ normals.T


def _inverse(A, Y):
    """Return a function that applies the inverse of A - Y'Y."""
    try:
        factor = factorize(A - Y.T @ Y, overwrite=True)
        return lambda r: cho_solve(factor, r, check_finite=False)
    except LinAlgError:
        pass
    L, _ = factorize(A)
    Z = solve_triangular(L, Y.T, lower=True, check_finite=False)
    if len(Z) > Z.shape[1]:
        rates, P = eigenpairs(Z.T @ Z)
        Z = Z @ P / np.sqrt(np.maximum(rates, 1e-300))
    else:
        rates, Z = eigenpairs(Z @ Z.T)
    more = np.maximum(rates, 0.0) / np.maximum(np.abs(1.0 - rates), MIN_DICTIONARY_CURVATURE)

    def apply(r):
        y = solve_triangular(L, r, lower=True, check_finite=False)
        y += Z @ (more * (Z.T @ y))
        return solve_triangular(L, y, lower=True, trans="T", check_finite=False)

    return apply
