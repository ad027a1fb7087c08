"""Single-task learning: our contender and the judge for the objective that scikit-learn's solvers share."""

import numpy as np

from amtl.solvers.coupled_w import relative_gradient, solve_coupled_w
from amtl.solvers.couplings import RidgeCoupling
from workbench.benchmark.contenders import MAX_ITERATIONS, Answer, Contender
from workbench.benchmark.data import make_problem


def judge(given):
    """Return the judge of W: sum_t F_t(w_t) + rho ||W||^2 and the largest relative gradient of a task."""
    problem, rho = make_problem(given), given["rho"]

    def evaluate(W):
        losses, gradient = problem.losses_and_gradient(W)
        residual = relative_gradient(gradient + 2.0 * rho * W, problem, np.ones(problem.n_tasks))
        return losses.sum() + rho * np.vdot(W, W), residual

    return evaluate


def ours(given):
    """Return our contender, which solves all tasks in one call."""

    def run(tolerance, limit):
        problem = make_problem(given)
        alone = RidgeCoupling(problem.n_tasks)
        found = solve_coupled_w(
            problem, alone, given["rho"], tolerance=tolerance, max_iterations=MAX_ITERATIONS
        )
        return Answer(found.W, {"iterations": found.iterations})

    return Contender("ours", lambda: run)
