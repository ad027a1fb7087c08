"""The objective of 2MTL at given similarities, and its optimum by L-BFGS."""

from functools import cached_property

import numpy as np
from scipy.optimize import minimize
from scipy.sparse.linalg import LinearOperator, cg

# Rounding of the objective stops L-BFGS early. A Newton step, which only needs gradients, goes on from there.
MAX_STARTS, MEMORY = 5, 20
# Relative accuracy and largest number of the conjugate gradients of a Newton step.
NEWTON_ACCURACY, NEWTON_ITERATIONS = 1e-2, 200


class Objective:
    """sum_t F_t(w_t), F_t(w) = decay'w^2 / 2 - sum_s A_ts L(w, d_s), which is minimized (3.10).

    Parameters
    ----------
    model : Logistic, Softmax or CRF
        The model with the rows of all tasks.
    decay : ndarray of shape (p,)
        Weight of the penalty of every weight: 1 / sigma^2, and 0 for a free intercept.
    """

    def __init__(self, model, decay):
        self.model, self.decay = model, decay
        self.sizes = np.diff(model.offsets)
        self.n_tasks = len(self.sizes)
        # Updates of a pass; every one draws a row of each task.
        self.n_updates = max(round(float(self.sizes.mean())), 1)
        self.task = np.repeat(np.arange(self.n_tasks), self.sizes)

    def task_gradient(self, w, a):
        """Return (F_t(w), its gradient (p,)) for the similarities a = A[t] (T,)."""
        value, gradient = self.model.gradient(w, a[self.task])
        return 0.5 * float(self.decay @ w**2) - value, self.decay * w - gradient

    def evaluate(self, W, A):
        """Return (objective, largest ||gradient of F_t|| relative to that at zero weights)."""
        results = [self.task_gradient(w, a) for w, a in zip(W, A, strict=True)]
        sizes = np.array([np.linalg.norm(gradient) for _, gradient in results])
        return sum(value for value, _ in results), float((sizes / self._gradient_sizes(A)).max())

    def at_zero(self, A):
        """Return the objective of zero weights."""
        return -float((A @ self._of_zero_weights[0]).sum())

    @cached_property
    def _of_zero_weights(self):
        """Log-likelihood (T,) of every task's rows at zero weights, and its gradients (T, p)."""
        zero = np.zeros(self.model.n_weights)
        found = [self.model.gradient(zero, row[self.task]) for row in np.eye(self.n_tasks)]
        values, gradients = zip(*found, strict=True)
        return np.array(values), np.array(gradients)

    def _gradient_sizes(self, A):
        sizes = np.linalg.norm(A @ self._of_zero_weights[1], axis=1)
        return np.where(sizes > 0.0, sizes, 1.0)

    def minimize_task(self, t, A, w, tolerance=1e-8, max_iterations=5000):
        """Return (w, iterations, relative gradient norm) of the minimum of F_t by L-BFGS from w."""
        a, size = A[t], self._gradient_sizes(A)[t]
        last = {}

        def function(w):
            value, last["gradient"] = self.task_gradient(w, a)
            return value, last["gradient"]

        def stop(intermediate_result):
            # The gradient of the last evaluation is that of the iterate.
            if np.linalg.norm(last["gradient"]) <= tolerance * size:
                raise StopIteration

        iterations, residual = 0, np.inf
        for _ in range(MAX_STARTS):
            left = max_iterations - iterations
            if residual <= tolerance or left < 1:
                break
            options = {"ftol": 0.0, "gtol": 0.0, "maxcor": MEMORY, "maxiter": left, "maxfun": 2 * left + 20}
            found = minimize(function, w, jac=True, method="L-BFGS-B", options=options, callback=stop)
            w, iterations = found.x, iterations + found.nit
            gradient = self.task_gradient(w, a)[1]
            residual = float(np.linalg.norm(gradient) / size)
            if tolerance < residual < 1e3 * tolerance:
                w = w - self._newton_step(w, a, gradient)
                residual = float(np.linalg.norm(self.task_gradient(w, a)[1]) / size)
        return w, iterations, residual

    def _newton_step(self, w, a, gradient):
        """Return H^-1 gradient by conjugate gradients; H v is a difference of gradients."""

        def product(v):
            v = v.ravel()
            h = 1e-5 / np.linalg.norm(v)
            return (self.task_gradient(w + h * v, a)[1] - self.task_gradient(w - h * v, a)[1]) / (2.0 * h)

        hessian = LinearOperator((len(w), len(w)), matvec=product, dtype=np.float64)
        return cg(hessian, gradient, rtol=NEWTON_ACCURACY, maxiter=NEWTON_ITERATIONS)[0]
