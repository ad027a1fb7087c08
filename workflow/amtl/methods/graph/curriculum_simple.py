"""Curriculum-simple: tasks are learned one after another, each drawn towards the one before it.

The next task is the untrained one with the smallest V_t(p) = min_w F_t(w) + lam ||w_p - p||^2, p the weights
of the task before (zero at first). Few of the V_t are needed to know the smallest: F_t lies above its
tangent at any weights v, so with g the gradient there

    V_t(p) >= F_t(v) + g'(p - v) - ||g||^2 / (4 lam),

and a task whose bound exceeds a value already found need not be solved. At the weights that solve t
towards some p the bound is the tangent of V_t at that p, so it is close as long as p moves little.
"""

import numpy as np

from amtl.methods._fit import Fit, Point
from amtl.methods._grids import largest_curvature, ridge_grid
from amtl.solvers.coupled_w import solve_coupled_w, solve_towards

NAME = "curriculum-simple"
TITLE = "Curriculum-simple"
CITATION = "Pentina, Sharmanska, Lampert. Curriculum learning of multiple tasks. CVPR 2015."
OBJECTIVE = "per step: min_{t untrained} min_w F_t(w) + lam ||w - v||^2, v the task before it, at first 0"
OPTIONS = {}
INIT = None
APPLIES_TO = ("regression", "binary", "one-vs-rest")
NEEDS_TRUTH = False
ITERATIVE = False

# Values within this fraction of the smallest are equal to it: the solver knows them no better.
TIE = 1e-9


def grid(problem, context, options, n_points):
    """Return lam from almost-zero weights to almost none of the penalty; one pass needs no warm start."""
    return [Point({"lam": point.params["rho"]}) for point in ridge_grid(largest_curvature(problem), n_points)]


class LowerBounds:
    """Lower bounds on every task's V_t(p), from the tangents of the losses at W (d, T), the last solutions.

    The slope along a free intercept is zero but for the solver's tolerance, and is taken as zero.
    """

    def __init__(self, problem, lam, W):
        self._lam, self._penalized = lam, problem.penalized
        losses, gradient = problem.losses_and_gradient(W)
        self._slope = gradient * problem.penalized[:, None]
        self._constant = self._constant_of(losses, W, self._slope)

    def _constant_of(self, losses, W, slope):
        return losses - np.sum(slope * W, axis=0) - np.sum(slope**2, axis=0) / (4.0 * self._lam)

    def move(self, t, single, w):
        """Take task t's tangent at w (d, 1) in place of the one before; `single` is its problem."""
        loss, gradient = single.losses_and_gradient(w)
        slope = gradient * self._penalized[:, None]
        self._slope[:, t] = slope[:, 0]
        self._constant[t] = self._constant_of(loss, w, slope)[0]

    def at(self, p):
        """Return the bounds (T,) at the prior weights p (d,), of which a free intercept does not count."""
        return self._constant + p @ self._slope


def fit(problem, params, context, options):
    """Take the task with the smallest value and the weights that attain it; repeat.

    Ties go to the lowest task index. The trace holds the value of each pick. The residual covers every
    problem solved, that of a task compared and not picked as well: the order rests on it too.
    """
    lam = params["lam"]
    limits = context.tolerance, context.max_iterations
    # Towards zero all tasks are solved together: single-task ridge.
    first = solve_coupled_w(problem, np.eye(problem.n_tasks), lam, None, None, *limits)
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
    """Return the largest value that counts as equal to the smallest."""
    return values.min() * (1.0 + TIE)
