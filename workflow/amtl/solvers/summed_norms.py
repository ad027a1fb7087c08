"""The alternating direction method of multipliers (ADMM), for losses with a sum of norms of the same weights.

    min_W  sum_t F_t(w_t) + sum_k Omega_k(W_p)

Every norm has its own copy Z_k of W_p, and multipliers Y_k pull the copies together (Boyd et al. 2011). The
step in W is a Newton step; Hessians of the logistic loss are renewed after some steps. The multipliers give
the duality gap: each is in the ball of its dual norm, and at the optimum they add up to minus the gradient of
the losses.
"""

import numpy as np

from amtl.penalties.summed import Summed
from amtl.solvers.proximal import minimize_composite
from amtl.solvers.quasi_newton import Minimum

# Steps between two checks of the duality gap.
STEPS_PER_ITERATION = 10
# Over-relaxation of the squared loss (Boyd et al. 2011, section 3.4.3).
RELAXATION = 1.6
# The weight of the copies changes by this factor where one residual is this many times the other, ...
BALANCE_FACTOR, BALANCE_RATIO = 2.0, 3.0
# ... in at most this many iterations: with a fixed weight the method converges.
MAX_BALANCED_ITERATIONS = 60


def minimize_summed(problem, norms, W, multipliers=None, tolerance=1e-6, max_iterations=500):
    """Minimize sum_t F_t(w_t) + sum_k Omega_k(W_p). The objective need not fall from iteration to iteration.

    Parameters
    ----------
    problem : MultiTaskProblem
        The losses.
    norms : list of `amtl.penalties.Norm`
        The norms Omega_k, which take steps that are a number.
    W : ndarray of shape (d, T)
        The starting point.
    multipliers : ndarray of shape (K, p, T), optional
        The multipliers to start from.
    tolerance : float
        Stop when the residual, the duality gap relative to the loss at zero weights, is at most this.
    max_iterations : int
        Largest number of iterations, of `STEPS_PER_ITERATION` steps each.

    Returns
    -------
    quasi_newton.Minimum
        Its state is the multipliers.
    """
    p, shape = int(problem.penalized.sum()), (len(norms), int(problem.penalized.sum()), problem.n_tasks)
    copies = _Copies(problem, norms, W, np.zeros(shape) if multipliers is None else multipliers)

    def judge(W, multipliers):
        return minimize_composite(problem, Summed(norms, multipliers), W, tolerance, 0)

    found = judge(W, copies.multipliers)
    trace, iterations = [found.trace[-1]], 0
    while not found.converged and iterations < max_iterations:
        if problem.loss != "squared":
            copies.renew()
        for _ in range(STEPS_PER_ITERATION):
            copies.advance()
        iterations += 1
        found = judge(copies.W, copies.multipliers)
        trace.append(found.trace[-1])
        if iterations <= MAX_BALANCED_ITERATIONS:
            copies.balance()
    return Minimum(found.W, copies.multipliers[:, :p], trace, iterations, found.converged, found.residual)


class _Copies:
    """The weights, their copies and the multipliers; `weight` is that of the squared distances."""

    def __init__(self, problem, norms, W, multipliers):
        self._problem, self._norms = problem, norms
        self._p = multipliers.shape[1]
        self._hessians = problem.hessians(W)
        # The weight at which the distances count as much as the losses.
        scale = np.einsum("tjj->", self._hessians) / self._hessians.shape[0] / len(W)
        self.W, self.Z = W, np.repeat(W[None, : self._p], len(norms), axis=0)
        self._relaxation = RELAXATION if problem.loss == "squared" else 1.0
        self._set_weight(max(scale, 1e-300) / len(norms))
        self._scaled = multipliers / self.weight

    @property
    def multipliers(self):
        return self.weight * self._scaled

    def _set_weight(self, weight):
        self.weight = weight
        pull = weight * len(self._norms) * self._problem.penalized
        # A task without any rows may have no curvature in its intercept.
        tiny = 1e-12 * np.maximum(np.einsum("tjj->t", self._hessians), pull.sum())
        self._inverses = np.linalg.inv(self._hessians + (pull + tiny[:, None])[:, None] * np.eye(len(pull)))

    def advance(self):
        """Step in W, in the copies and in the multipliers."""
        gradient = self._problem.losses_and_gradient(self.W)[1]
        lacking = self.W[: self._p] - self.Z + self._scaled
        gradient[: self._p] += self.weight * lacking.sum(axis=0)
        self.W = self.W - np.matmul(self._inverses, gradient.T[:, :, None])[:, :, 0].T
        relaxed = self._relaxation * self.W[: self._p] + (1.0 - self._relaxation) * self.Z
        pairs = zip(self._norms, relaxed + self._scaled, strict=True)
        before, self.Z = self.Z, np.array([norm.shrunk(V, norm.strength / self.weight) for norm, V in pairs])
        self._scaled = self._scaled + relaxed - self.Z
        self._moved = np.linalg.norm((self.Z - before).sum(axis=0)) * np.sqrt(len(self.Z))

    def renew(self):
        """Make the second-order model of a loss that is not quadratic at the present weights."""
        self._hessians = self._problem.hessians(self.W)
        self._set_weight(self.weight)

    def balance(self):
        """Change the weight where the copies differ much more than they move, or less."""
        apart = np.linalg.norm(self.W[: self._p] - self.Z)
        ratio = apart / max(self._moved, 1e-300)
        if ratio > BALANCE_RATIO or ratio < 1.0 / BALANCE_RATIO:
            factor = BALANCE_FACTOR if ratio > 1.0 else 1.0 / BALANCE_FACTOR
            multipliers = self.multipliers
            self._set_weight(factor * self.weight)
            self._scaled = multipliers / self.weight
