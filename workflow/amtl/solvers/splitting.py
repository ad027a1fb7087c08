"""The alternating direction method of multipliers (ADMM), for losses with several norms (Boyd et al. 2011).

    min_W         sum_t F_t(w_t) + sum_k Omega_k(W_p)                       `minimize_summed`
    min_{P_k}     sum_t F_t(w_t) + sum_k Omega_k(P_k),  sum_k P_k = W_p     `minimize_shared`

The step in W is a Newton step with exact Hessians, so that features of unequal scales cost nothing. Those of
the logistic loss are renewed after some steps. Both end on the duality gap.
"""

import numpy as np

from amtl.penalties.parts import Parts
from amtl.penalties.summed import Summed
from amtl.solvers.proximal import minimize_composite
from amtl.solvers.quasi_newton import Minimum

# Steps between two checks of the duality gap.
STEPS_PER_ITERATION = 10
# Over-relaxation for the squared loss (Boyd et al. 2011, section 3.4.3).
RELAXATION = 1.6
# The weight of the distances changes by this factor where one residual is this many times the other, ...
BALANCE_FACTOR, BALANCE_RATIO = 2.0, 1.5
# ... in at most this many iterations: with a fixed weight the method converges.
MAX_BALANCED_ITERATIONS = 60
# The gap bounds the objective; the weights need a smaller one. So many iterations more try to reach this
# share of the tolerance.
POLISHING_ITERATIONS, POLISHED_SHARE = 5, 1e-3
# A curvature below this share of a task's largest is raised to it.
CURVATURE_FLOOR = 1e-12


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
        The multipliers to start from. They divide the gradient of the losses among the norms.
    tolerance : float
        Stop when the residual, the duality gap relative to the loss at zero weights, is at most this.
    max_iterations : int
        Largest number of iterations, of `STEPS_PER_ITERATION` steps each.

    Returns
    -------
    quasi_newton.Minimum
        Its state is the multipliers.
    """
    if multipliers is None:
        multipliers = np.zeros((len(norms), int(problem.penalized.sum()), problem.n_tasks))
    return _run(problem, _Copies(problem, norms, W, multipliers), tolerance, max_iterations)


def minimize_shared(problem, norms, W, parts=None, tolerance=1e-6, max_iterations=500):
    """Minimize sum_t F_t(w_t) + sum_k Omega_k(P_k) over parts with sum_k P_k = W_p.

    `amtl.solvers.proximal` solves the same problem. This method takes fewer steps where the features have
    unequal scales. The objective need not fall from iteration to iteration.

    Parameters
    ----------
    parts : ndarray of shape (K, p, T), optional
        The parts to start from; by default the first is W_p and the others are zero.
    problem, norms, W, tolerance, max_iterations
        As for `minimize_summed`.

    Returns
    -------
    quasi_newton.Minimum
        Its state is the parts.
    """
    p = int(problem.penalized.sum())
    if parts is None:
        parts = np.zeros((len(norms), p, problem.n_tasks))
        parts[0] = W[:p]
    return _run(problem, _Shares(problem, norms, W, parts), tolerance, max_iterations)


def _run(problem, splitting, tolerance, max_iterations):
    found = splitting.judge(tolerance)
    trace, iterations, left = [found.trace[-1]], 0, 0 if found.converged else POLISHING_ITERATIONS
    while iterations < max_iterations and (not found.converged or left):
        if problem.loss != "squared":
            splitting.renew()
        for _ in range(STEPS_PER_ITERATION):
            splitting.advance()
        iterations += 1
        found = splitting.judge(tolerance)
        trace.append(found.trace[-1])
        left = left - 1 if found.residual > POLISHED_SHARE * tolerance else 0
        if not found.converged:
            left = POLISHING_ITERATIONS
        if iterations <= MAX_BALANCED_ITERATIONS:
            splitting.balance()
    return Minimum(found.W, splitting.state, trace, iterations, found.converged, found.residual)


class _Splitting:
    """The weights, and the distances to the variables of the norms with the factor `weight` / 2.

    pull : factor on `weight` in the curvature of the distances.
    """

    def __init__(self, problem, norms, W, p, pull):
        self._problem, self._norms, self._p, self._pull = problem, norms, p, pull
        self.W, self._hessians = W, problem.hessians(W)
        self._relaxation = RELAXATION if problem.loss == "squared" else 1.0
        # At first the distances count as much as the losses.
        size = float(np.einsum("tjj->", self._hessians)) / W.size
        self.weight = max(size, 1e-300) / pull
        self._invert()

    def _invert(self):
        pull = self.weight * self._pull * self._problem.penalized
        floor = CURVATURE_FLOOR * np.maximum(np.einsum("tjj->t", self._hessians), pull.sum())
        self._inverses = np.linalg.inv(self._hessians + (pull + floor[:, None])[:, None] * np.eye(len(pull)))

    def _newton_step(self, distances):
        """Step in W. distances : (p, T), the gradient of the distances relative to `weight`."""
        gradient = self._problem.losses_and_gradient(self.W)[1]
        gradient[: self._p] += self.weight * distances
        self.W = self.W - np.matmul(self._inverses, gradient.T[:, :, None])[:, :, 0].T

    def _shrunk(self, variables):
        pairs = zip(self._norms, variables, strict=True)
        return np.array([norm.shrunk(V, norm.strength / self.weight) for norm, V in pairs])

    def renew(self):
        """Make the second-order model of the losses at the present weights."""
        self._hessians = self._problem.hessians(self.W)
        self._invert()

    def balance(self):
        """Change the weight where the variables differ much more than they move, or much less."""
        ratio = self._apart / max(self._moved, 1e-300)
        if ratio > BALANCE_RATIO or ratio < 1.0 / BALANCE_RATIO:
            factor = BALANCE_FACTOR if ratio > 1.0 else 1.0 / BALANCE_FACTOR
            self.weight *= factor
            self._scaled = self._scaled / factor
            self._invert()


class _Copies(_Splitting):
    """A copy Z_k of W_p for each norm; the state is the multipliers."""

    def __init__(self, problem, norms, W, multipliers):
        super().__init__(problem, norms, W, multipliers.shape[1], len(norms))
        self._copies = np.repeat(W[None, : self._p], len(norms), axis=0)
        self._scaled = multipliers / self.weight

    @property
    def state(self):
        return self.weight * self._scaled

    def judge(self, tolerance):
        """Return the `Minimum` at the weights, without any iteration."""
        return minimize_composite(self._problem, Summed(self._norms, self.state), self.W, tolerance, 0)

    def advance(self):
        self._newton_step((self.W[: self._p] - self._copies + self._scaled).sum(axis=0))
        relaxed = self._relaxation * self.W[: self._p] + (1.0 - self._relaxation) * self._copies
        before, self._copies = self._copies, self._shrunk(relaxed + self._scaled)
        self._scaled = self._scaled + relaxed - self._copies
        self._apart = np.linalg.norm(self.W[: self._p] - self._copies)
        self._moved = np.linalg.norm(self._copies - before)


class _Shares(_Splitting):
    """A part P_k of W_p for each norm; the state is the parts. The multiplier is one for all."""

    def __init__(self, problem, norms, W, parts):
        super().__init__(problem, norms, W, parts.shape[1], 1.0 / len(norms))
        self.state = parts
        # The mean of the parts that W stands for; at the optimum the multiplier is the gradient.
        self._mean = W[: self._p] / len(norms)
        self._scaled = problem.losses_and_gradient(W)[1][: self._p] / self.weight

    def judge(self, tolerance):
        """Return the `Minimum` at the sum of the parts, without any iteration."""
        W = self.W.copy()
        W[: self._p] = self.state.sum(axis=0)
        return minimize_composite(self._problem, Parts(*self._norms), W, tolerance, 0, self.state)

    def advance(self):
        K = len(self.state)
        before = self.state - self.state.mean(axis=0) + self._mean
        self.state = self._shrunk(before - self._scaled)
        mean = self.state.mean(axis=0)
        relaxed = self._relaxation * mean + (1.0 - self._relaxation) * self._mean
        self._newton_step(self.W[: self._p] / K - self._scaled - relaxed)
        self._mean = self.W[: self._p] / K
        self._scaled = self._scaled + relaxed - self._mean
        self._apart = np.linalg.norm(mean - self._mean) * np.sqrt(K)
        self._moved = np.linalg.norm(self.state - mean + self._mean - before)
