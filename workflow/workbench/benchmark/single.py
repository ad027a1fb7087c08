"""Single-task learning: the objective that scikit-learn's solvers share with ours, and how it is judged."""

import numpy as np

from amtl.solvers.coupled_w import relative_gradient, solve_coupled_w
from workbench.benchmark.contenders import MANY, Answer, Contender
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
    """Return our contender: all tasks together, from their arrays."""

    def make():
        def run(tolerance, limit):
            problem = make_problem(given)
            identity = np.eye(problem.n_tasks)
            found = solve_coupled_w(problem, identity, given["rho"], tolerance=tolerance, max_iterations=MANY)
            return Answer(found.W, {"iterations": found.iterations})

        return run

    return Contender("ours", make)
