"""The curvature of the joint objective in the weights, with a fixed graph and with one that follows them.

Let R = W_p - W_p B, with the penalty coupling * ||R||_F^2. At a fixed B the second derivatives of the
objective f(W, B) of `asymmetric` are those of a coupled W-step (`couplings`). Those of phi(W) = min_B
f(W, B) are smaller by

    C K^-1 C',    C = d^2 f / dW dB,  K = d^2 f / dB^2,  both over the edges in use,

because to first order B changes by -K^-1 C' dW (`GraphResponse`). With A the matrix of the W-step, the
eigenvalues of K^-1 C'A^-1 C are the convergence rates of the plain alternation. For the edge (s, t)

    (C'V)_st = mu c_s g_s'v_s - 2 coupling (r_t'v_s + w_s'(V_p - V_p B)_t),

with g_s the gradient of the fit loss F_s (without this term for fixed prices). For column t of the graph with
sources A, K has the block 2 coupling W_A'W_A.
"""

from functools import cached_property

import numpy as np
from scipy.linalg import LinAlgError, cho_solve, solve_triangular
from scipy.sparse import csr_array

from amtl.solvers.symmetric import eigenpairs, factorize

# Relative ridge on the block of a column, for sources that are copies of each other.
RESPONSE_RIDGE = 1e-9
# Where phi is not convex along the edges, the absolute value of its curvature is used, and at least this much
# relative to the curvature of the edges. This keeps a step finite; the line search lengthens it if it is too
# short.
MIN_EDGE_CURVATURE = 0.2


class GraphResponse:
    """C and K at one W and its optimal graph, over E edges.

    Parameters
    ----------
    coupling : GraphCoupling
        The graph.
    penalty : float
        The factor of ||R||_F^2.
    Wp, rest : ndarray of shape (d, T)
        The penalized weights, and R.
    slope : ndarray of shape (d, T) or None
        mu c_s g_s; None for fixed prices.
    penalized : ndarray of shape (d,)
        Zero for a free intercept.
    used : ndarray of bool or None
        Which edges of the graph, column by column, respond; None for all.
    """

    def __init__(self, coupling, penalty, Wp, rest, slope, penalized, used=None):
        self._given = coupling, penalty, Wp, rest, slope, penalized
        self._coupling, self._penalty, self._penalized = coupling, penalty, penalized
        self._W, self._rest = Wp.T, rest.T
        self._slope = None if slope is None else slope.T
        # Column by column, so the edges of a column are adjacent.
        target, source = coupling.transposed.nonzero()
        self.t, self.s = (target, source) if used is None else (target[used], source[used])
        self._weights = coupling.B[self.s, self.t]
        counts = np.bincount(self.t, minlength=len(self._W))
        self._starts = np.concatenate([[0], np.cumsum(counts)])

    def without(self, leaving):
        """Return the response without the edges `leaving` (E,). Call it on a response of all edges."""
        return GraphResponse(*self._given, used=~leaving)

    def leaving(self, V):
        """Return for every edge whether the step V (T, d) removes it, to first order."""
        return self._weights <= self._follow(self.across(V))

    @cached_property
    def _own(self):
        """(E, d) The part of C' that acts on the weights of the edge's source alone."""
        own = -2.0 * self._penalty * self._rest[self.t]
        return own if self._slope is None else own + self._slope[self.s]

    @cached_property
    def _sources(self):
        return self._W[self.s]

    def across(self, V):
        """Return C'V (E,) for V (T, d)."""
        passed = (V - self._coupling.transposed @ V) * self._penalized
        own = np.einsum("ed,ed->e", self._own, V[self.s])
        return own - 2.0 * self._penalty * np.einsum("ed,ed->e", self._sources, passed[self.t])

    @cached_property
    def _patterns(self):
        """Return sparse matrices for E values at the places of the edges: transposed, not transposed.

        The third result is the order of the values in the latter.
        """
        shape = (len(self._W), len(self._W))
        numbers = csr_array((np.arange(len(self.s)), self.s, self._starts), shape=shape).T.tocsr()
        rows = csr_array((np.zeros(len(self.s)), numbers.indices, numbers.indptr), shape=shape)
        return csr_array((np.zeros(len(self.s)), self.s, self._starts), shape=shape), rows, numbers.data

    def back(self, u):
        """Return C u (T, d) for u (E,)."""
        columns, rows, order = self._patterns
        columns.data, rows.data = u, u[order]
        received = columns @ self._W
        received = (received - self._coupling.graph @ received) * self._penalized
        found = -2.0 * self._penalty * (rows @ self._rest + received)
        if self._slope is not None:
            given = np.bincount(self.s, u, len(self._W))
            found += given[:, None] * self._slope
        return found

    def apply(self, V):
        """Return C K^-1 C'V for V (T, d)."""
        return self.back(self._follow(self.across(V)))

    @cached_property
    def _blocks(self):
        """Return (real, place, inverse): the inverses of K's blocks, padded to one width.

        place : (columns, width) the numbers of the edges of a column. real : which entries are edges.
        """
        counts = np.diff(self._starts)
        used = np.flatnonzero(counts)
        width = int(counts.max(initial=0))
        real = np.arange(width) < counts[used][:, None]
        place = np.where(real, self._starts[used][:, None] + np.arange(width), 0)
        W = np.where(real[:, :, None], self._sources[place], 0.0)
        K = 2.0 * self._penalty * np.matmul(W, W.transpose(0, 2, 1))
        diagonal = np.einsum("cii->ci", K)
        diagonal *= 1.0 + RESPONSE_RIDGE
        diagonal[~real] = 1.0
        return real, place, np.linalg.inv(K)

    def _follow(self, u):
        """Return K^-1 u."""
        real, place, inverse = self._blocks
        padded = np.where(real, u[place], 0.0)
        return np.matmul(inverse, padded[:, :, None])[:, :, 0][real]

    @cached_property
    def cross(self):
        """C' (E, T d) as a matrix; the weights of a task are adjacent."""
        n_tasks, d = self._W.shape
        M = np.eye(n_tasks) - self._coupling.B.T
        sources = -2.0 * self._penalty * self._penalized * self._sources
        C = M[self.t][:, :, None] * sources[:, None, :]
        C[np.arange(len(self.s)), self.s] += self._own
        return C.reshape(len(self.s), n_tasks * d)

    @cached_property
    def stiffness(self):
        """K (E, E) as a matrix."""
        same = self.t[:, None] == self.t
        K = np.where(same, 2.0 * self._penalty * (self._sources @ self._sources.T), 0.0)
        np.einsum("ii->i", K)[...] *= 1.0 + RESPONSE_RIDGE
        return K


class Reduced:
    """The inverse of A - C K^-1 C', for A given by its lower Cholesky factor L.

    By Woodbury's identity it is the inverse of A plus a correction over the edges, with S = K - C'A^-1 C. If
    S is not positive definite, the absolute value of the curvature along the edges replaces it.
    """

    def __init__(self, L, response):
        self._L = L
        self._Z = solve_triangular(L, response.cross.T, lower=True, check_finite=False)
        taken, K = self._Z.T @ self._Z, response.stiffness
        try:
            factor = factorize(K - taken, overwrite=True)
            self._correct = lambda v: cho_solve(factor, v, check_finite=False)
        except LinAlgError:
            rates, P = eigenpairs(taken, K)
            left = np.maximum(np.abs(1.0 - rates), MIN_EDGE_CURVATURE)
            self._correct = lambda v: P @ ((P.T @ v) / left)

    def solve(self, r):
        """Return the inverse applied to r."""
        y = solve_triangular(self._L, r, lower=True, check_finite=False)
        y += self._Z @ self._correct(self._Z.T @ y)
        return solve_triangular(self._L, y, lower=True, trans="T", check_finite=False)
