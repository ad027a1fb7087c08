"""Penalties that are not convex, in stages, each with a convex penalty that touches the true one from above.

    min_W  sum_t F_t(w_t) + Omega(W_p),     Omega(V) <= majorizer(W)(V) + constant, with equality at V = W.

The objective falls from stage to stage (Hunter and Li 2005; Zhang 2010). The stages end where W solves its
own majorizer, which is the optimality condition of the whole problem.
"""

from amtl.solvers.proximal import minimize_composite, optimality_residual
from amtl.solvers.quasi_newton import Minimum

# Share of the tolerance to which a stage is solved.
STAGE_SHARE = 0.1


def minimize_reweighted(problem, majorizer, value, W, first=None, tolerance=1e-6, max_iterations=500):
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
        A convex penalty whose minimum is the starting point in place of W, unless W solves the problem.
    tolerance : float
        Stop when the residual of `minimize_composite` with the majorizer at W is at most this.
    max_iterations : int
        Largest number of stages, and of iterations within one.

    Returns
    -------
    quasi_newton.Minimum
        An iteration is a stage. Its trace holds the true objective; its state is (1, p, T), W_p.
    """
    p = int(problem.penalized.sum())
    # A stage is solved more accurately than the whole, so that the whole can meet the tolerance.
    settings = (STAGE_SHARE * tolerance, max_iterations)

    def measured(W):
        return float(problem.losses(W).sum()) + value(W[:p]), majorizer(W[:p])

    objective, penalty = measured(W)
    residual = optimality_residual(problem, penalty, W)
    if first is not None and residual > tolerance:
        W = minimize_composite(problem, first, W, *settings).W
        objective, penalty = measured(W)
        residual = optimality_residual(problem, penalty, W)
    trace, iterations = [objective], 0
    while residual > tolerance and iterations < max_iterations:
        W_new = minimize_composite(problem, penalty, W, *settings).W
        objective, penalty = measured(W_new)
        iterations += 1
        if objective > trace[-1]:
            # A stage can only lower the objective, so the rest is rounding.
            trace.append(trace[-1])
            break
        W = W_new
        trace.append(objective)
        residual = optimality_residual(problem, penalty, W)
    return Minimum(W, W[None, :p], trace, iterations, residual <= tolerance, residual)
