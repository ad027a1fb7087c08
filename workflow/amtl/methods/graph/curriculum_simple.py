"""Curriculum-simple: tasks are learned one after another, each shrunk towards the task before it.

The next task is the untrained one with the smallest V_t(p) = min_w F_t(w) + lam ||w_p - p||^2, where p holds
the weights of the task before (zero at first). Lower bounds save most of these minimizations. F_t lies above
its tangent at any weights v, so with g the gradient at v

    V_t(p) >= F_t(v) + g'(p - v) - ||g||^2 / (4 lam).

A task whose bound exceeds a value already found is not solved. At the weights that solve task t towards some
p the bound is the tangent of V_t at that p, so it stays tight while p moves little.
"""

import numpy as np

from amtl.methods._axes import Axis
from amtl.methods._fit import Fit, Point
from amtl.methods._grids import largest_curvature, ridge_grid
from amtl.methods._spec import MethodSpec
from amtl.solvers.coupled_w import solve_coupled_w, solve_towards
from amtl.solvers.couplings import RidgeCoupling

# Values within this fraction of the smallest are ties: the solver is no more accurate.
TIE_TOLERANCE = 1e-9


def grid(problem, context, options, n_points):
    """Return values of lam from almost-zero weights to almost unpenalized ones, without warm starts."""
    return [Point({"lam": point.params["rho"]}) for point in ridge_grid(largest_curvature(problem), n_points)]


class LowerBounds:
    """Lower bounds on every task's V_t(p), from the tangents of the losses at its last solution, W (d, T).

    The slope along a free intercept is zero up to the solver's tolerance, so it is set to zero.
    """

    def __init__(self, problem, lam, W):
        self._lam, self._penalized = lam, problem.penalized
        losses, gradient = problem.losses_and_gradient(W)
        self._slope = gradient * problem.penalized[:, None]
        self._constant = self._constant_of(losses, W, self._slope)

    def _constant_of(self, losses, W, slope):
        return losses - np.sum(slope * W, axis=0) - np.sum(slope**2, axis=0) / (4.0 * self._lam)

    def move(self, t, single, w):
        """Replace the tangent of task t by the one at w (d, 1); `single` is the problem of task t alone."""
        loss, gradient = single.losses_and_gradient(w)
        slope = gradient * self._penalized[:, None]
        self._slope[:, t] = slope[:, 0]
        self._constant[t] = self._constant_of(loss, w, slope)[0]

    def at(self, p):
        """Return the bounds (T,) at the prior weights p (d,); a free intercept in p has no effect."""
        return self._constant + p @ self._slope


def fit(problem, params, context, options):
    """Pick the task with the smallest value and the weights that attain it; repeat.

    Ties go to the lowest task index. The trace holds the value of each pick. The residual covers every
    problem solved, also for tasks that were compared and not picked, because the order depends on them.
    """
    lam = params["lam"]
    limits = context.tolerance, context.max_iterations
    # For the first pick p is zero: single-task ridge, for all tasks together.
    first = solve_coupled_w(problem, RidgeCoupling(problem.n_tasks), lam, None, None, *limits)
    W, worst = first.W.copy(), first.residual
    values = problem.losses(W) + lam * np.sum((W * problem.penalized[:, None]) ** 2, axis=0)
    bounds = LowerBounds(problem, lam, W)
    untrained = np.arange(problem.n_tasks)
    order, trace = [], []
    while len(untrained):
        if order:
            prior = W[:, order[-1]]
            lower = bounds.at(prior)
            values = np.full(problem.n_tasks, np.inf)
            for t in untrained[np.argsort(lower[untrained], kind="stable")]:
                if lower[t] > _tied_with(values):
                    break
                minimum = solve_towards(problem.single(t), 1.0, lam, prior, W[:, t], *limits)
                W[:, t] = minimum.W[:, 0]
                values[t] = minimum.trace[-1]
                worst = max(worst, minimum.residual)
                bounds.move(t, problem.single(t), minimum.W)
        pick = untrained[values[untrained] <= _tied_with(values[untrained])][0]
        untrained = untrained[untrained != pick]
        order.append(int(pick))
        trace.append(float(values[pick]))
    return Fit(W, trace, len(order), worst <= context.tolerance, worst, order=np.array(order))


def _tied_with(values):
    """Return the largest value that ties with the smallest."""
    return values.min() * (1.0 + TIE_TOLERANCE)


SPEC = MethodSpec(
    name="curriculum-simple",
    title="Curriculum-simple",
    order=50,
    citation="Pentina, Sharmanska, Lampert. Curriculum learning of multiple tasks. CVPR 2015.",
    objective="per step: min_{t untrained} min_w F_t(w) + lam ||w - v||^2, v the task before it, at first 0",
    grid=grid,
    fit=fit,
    hyperparameters={"lam": "Strength of the ridge towards the weights of the task before."},
    axes=(Axis("lam"),),
    learns=("order",),
)
