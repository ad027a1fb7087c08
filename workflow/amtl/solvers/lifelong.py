"""ELLA: a dictionary that is learned one task at a time (Ruvolo and Eaton 2013).

Every task is replaced by the quadratic model of its loss around its single-task weights theta_t,

    min_{L, S}  sum_t ((theta_t - L s_t)' D_t (theta_t - L s_t) + mu ||s_t||_1) + lam ||L||_F^2,

with 2 D_t the Hessian of F_t. A new task finds its codes s_t for the present dictionary L; then L is the best
one for the codes of all tasks so far. The rows of earlier tasks are not needed any more.
"""

import numpy as np

from amtl.solvers.codes import Lasso, quadratic_codes

# A column of L below this share of the largest one is unused, and the next task replaces it.
UNUSED_SHARE = 1e-10
# A curvature of the system for L below this share of its largest is raised to it.
CURVATURE_FLOOR = 1e-12


def without_intercept(theta, D):
    """Return (D of the features, slopes): the last entry, without a penalty, takes its best value.

    It is theta_last - slopes'(w - theta) at weights w of the features. theta : (d, T). D : (T, d, d).
    """
    corner = np.maximum(D[:, -1, -1], 1e-300)
    slopes = D[:, :-1, -1] / corner[:, None]
    return D[:, :-1, :-1] - corner[:, None, None] * slopes[:, :, None] * slopes[:, None, :], slopes


class Dictionary:
    """The dictionary L (p, k) and the codes S (k, T) of the tasks that have arrived."""

    def __init__(self, n_features, k, n_tasks, mu, lam):
        self.L, self.S = np.zeros((n_features, k)), np.zeros((k, n_tasks))
        self._penalty, self._mu, self._lam = Lasso(mu), mu, lam
        self._seen = np.zeros(n_tasks, dtype=bool)
        size = n_features * k
        # The system for the entries of L, column after column.
        self._A, self._b = np.zeros((size, size)), np.zeros((n_features, k))

    def learn(self, t, theta, D):
        """Take task t, with weights theta (p,) and D (p, p), or take it once more."""
        if self._seen[t]:
            self._add(t, theta, D, -1.0)
        self._replace_unused(theta)
        self.S[:, t] = self.codes(theta, D)
        self._seen[t] = True
        self._add(t, theta, D, 1.0)
        p, k = self.L.shape
        A = self._A.copy()
        diagonal = np.einsum("ii->i", A)
        # With few tasks so far the ridge has their share of its final weight.
        diagonal += self._lam * self._seen.mean() + CURVATURE_FLOOR * diagonal.max()
        self.L = np.linalg.solve(A, self._b.T.ravel()).reshape(k, p).T

    def codes(self, theta, D):
        """Return the codes (k,) of a task."""
        DL = D @ self.L
        G, q = 2.0 * self.L.T @ DL, 2.0 * DL.T @ theta
        return quadratic_codes(G[None], q[:, None], self._penalty)[0][:, 0]

    def _add(self, t, theta, D, sign):
        s = self.S[:, t]
        self._A += sign * np.kron(np.outer(s, s), D)
        self._b += sign * np.outer(D @ theta, s)

    def _replace_unused(self, theta):
        """Put the direction of the new task's weights in place of the first column that is zero.

        For the single-task weights alone the penalties are least, mu |s| + lam ||theta / s||^2, at the size s
        of their code below. In this way a change of the targets' unit changes only the unit of the results.
        """
        sizes = np.linalg.norm(self.L, axis=0)
        unused = np.flatnonzero(sizes <= UNUSED_SHARE * sizes.max())
        if len(unused) and theta.any():
            size = 1.0
            if self._mu > 0.0 and self._lam > 0.0:
                size = np.cbrt(2.0 * self._lam / self._mu * np.vdot(theta, theta))
            self.L = self.L.copy()
            self.L[:, unused[0]] = theta / size
