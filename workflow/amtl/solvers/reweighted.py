"""Penalties that are not convex, in stages, each with a convex penalty that touches the true one from above.

    min_W  sum_t F_t(w_t) + Omega(W_p),     Omega(V) <= majorizer(W)(V) + constant, with equality at V = W.

The objective falls from stage to stage (Hunter and Li 2005; Zhang 2010). The stages end where W solves its
own majorizer, which is the optimality condition of the whole problem.
"""

from collections import deque

import numpy as np

from amtl.solvers.proximal import minimize_composite, optimality_residual
from amtl.solvers.quasi_newton import Minimum

# Share of the tolerance to which a stage is solved.
STAGE_SHARE = 0.1
# A stage is solved to this share of the residual at its start.
STAGE_ACCURACY = 0.01
# A logistic score beyond this is that of weights that grow without bound: the classes are separable, and the
# penalty does not hold the weights.
LARGEST_SCORE = 200.0
# Stages that an extrapolation combines, and the ridge of their combination relative to their squared lengths.
MEMORY, MEMORY_RIDGE = 6, 1e-10


def minimize_reweighted(
    problem, majorizer, value, W, first=None, tolerance=1e-6, max_iterations=500, keep=True
):
    """Minimize sum_t F_t(w_t) + Omega(W_p) from W.

    Parameters
    ----------
    problem : MultiTaskProblem
        The losses.
    majorizer : callable
        ``majorizer(W_p)`` returns the convex penalty that touches Omega at W_p.
    value : callable
        ``value(W_p)`` returns Omega.
    W : ndarray of shape (d, T)
        The starting point.
    first : penalty, optional
        A convex penalty whose minimum is the starting point in place of W, ...
    tolerance : float
        Stop when the residual of `minimize_composite` with the majorizer at W is at most this.
    max_iterations : int
        Largest number of stages, and of iterations within one.
    keep : bool
        ... unless W solves the problem and is to be kept.

    Returns
    -------
    quasi_newton.Minimum
        An iteration is a stage. Its trace holds the true objective; its state is (1, p, T), W_p. It has not
        converged where the problem has no minimum: separable classes with a penalty that does not grow.
    """
    p = int(problem.penalized.sum())
    # A stage is solved more accurately than the whole, so that the whole can meet the tolerance.
    settings = (STAGE_SHARE * tolerance, max_iterations)

    def measured(W):
        return float(problem.losses(W).sum()) + value(W[:p]), majorizer(W[:p])

    objective, penalty = measured(W)
    residual = optimality_residual(problem, penalty, W)
    if first is not None and not (keep and residual <= tolerance):
        W = minimize_composite(problem, first, W, *settings).W
        objective, penalty = measured(W)
        residual = optimality_residual(problem, penalty, W)
    trace, iterations, memory = [objective], 0, Extrapolation()
    while residual > tolerance and iterations < max_iterations:
        # Early stages need not be solved to the end.
        accuracy = max(settings[0], STAGE_ACCURACY * residual)
        W_new = minimize_composite(problem, penalty, W, accuracy, max_iterations).W
        objective, penalty = measured(W_new)
        iterations += 1
        further = memory.point(W, W_new)
        if further is not None:
            found = measured(further)
            if found[0] < objective:
                W_new, (objective, penalty) = further, found
        if objective > trace[-1]:
            # A stage can only lower the objective, so the rest is rounding.
            trace.append(trace[-1])
            break
        W = W_new
        trace.append(objective)
        residual = optimality_residual(problem, penalty, W)
        if is_unbounded(problem, W):
            break
    return Minimum(W, W[None, :p], trace, iterations, residual <= tolerance, residual)


def minimize_stages(problem, majorizer, value, W, first, count, tolerance=1e-6, max_iterations=500):
    """Solve the first `count` stages, each a convex problem, and return (`Minimum`, weights of each stage).

    The first stage has the penalty `first` and starts from W. Other parameters are as for
    `minimize_reweighted`. The weights are (count, p, T), those of all stages. The trace of the minimum holds
    the true objective after each stage; the residual is that of the last stage's own problem.
    """
    p, penalty, trace, weights = int(problem.penalized.sum()), first, [], []
    for _ in range(count):
        minimum = minimize_composite(problem, penalty, W, tolerance, max_iterations)
        W = minimum.W
        weights.append(W[:p])
        trace.append(float(problem.losses(W).sum()) + value(W[:p]))
        penalty = majorizer(W[:p])
    # A stage can only lower the objective; the rest is rounding.
    trace = np.minimum.accumulate(trace).tolist()
    found = Minimum(W, W[None, :p], trace, count - 1, minimum.converged, minimum.residual)
    return found, np.array(weights)


def is_unbounded(problem, W):
    """Return whether logistic scores at W are so large that the weights seem to have no limit."""
    if problem.loss != "logistic":
        return False
    scores = problem.scores(W)
    largest = max(np.abs(each).max(initial=0.0) for each in ([scores] if problem.shared else scores))
    return bool(largest > LARGEST_SCORE)


class Extrapolation:
    """Anderson's (1965) acceleration of a fixed-point iteration W -> stage(W)."""

    def __init__(self):
        self._memory = deque(maxlen=MEMORY)

    def point(self, W, W_new):
        """Return the combination of the last stages whose moves cancel best, or None after the first."""
        self._memory.append((W_new, W_new - W))
        if len(self._memory) < 2:
            return None
        moves = np.array([move.ravel() for _, move in self._memory])
        gram = moves @ moves.T
        gram += MEMORY_RIDGE * max(np.trace(gram), 1e-300) * np.eye(len(gram))
        share = np.linalg.solve(gram, np.ones(len(gram)))
        return np.tensordot(share / share.sum(), [end for end, _ in self._memory], axes=1)
