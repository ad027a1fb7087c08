"""The coupled W-step at the graph of a fitted AMTL, started from zero, compared with a generic solver."""

import numpy as np

from amtl.solvers.coupled_w import relative_gradient, solve_coupled_w
from workbench.benchmark import coupling, data
from workbench.benchmark._spec import CaseSpec
from workbench.benchmark.contenders import MAX_ITERATIONS, Answer, Contender, lbfgs
from workbench.benchmark.data import make_problem


def settings(sources):
    """Return the W-step of each dataset at the graph of its chosen point, with the loss of its fit."""
    found = {}
    for dataset, source in sources.items():
        split, fits = data.read_source(source)
        record = fits["amtl"]
        point = coupling.points(split, record, record["loss"], ["chosen"])["chosen"]
        problem = make_problem(point)
        B = coupling.fit_at(problem, point, coupling.START_TOLERANCE, point["init"]).B
        rest = np.eye(problem.n_tasks) - B
        ridge = point["ridge"]
        found[dataset] = data.arrays(split, record["loss"]) | {
            "lam": point["lam"],
            "Q": (1.0 - ridge) * rest @ rest.T + ridge * np.eye(problem.n_tasks),
            "a": 1.0 + point["mu"] / problem.n * B.sum(axis=1),
        }
    return found


def _objective(problem, given):
    def objective(W):
        losses, gradient = problem.losses_and_gradient(W)
        WQ = W @ given["Q"]
        value = given["a"] @ losses + given["lam"] * np.vdot(WQ, W)
        return float(value), given["a"] * gradient + 2.0 * given["lam"] * WQ

    return objective


def judge(given):
    """Return the judge of W: the objective and the largest relative gradient of a task."""
    problem = make_problem(given)
    objective = _objective(problem, given)

    def evaluate(W):
        value, gradient = objective(W)
        return value, relative_gradient(gradient, problem, given["a"])

    return evaluate


def contenders(given):
    """Return ours and the generic solver, both from zero weights."""
    problem = make_problem(given)
    zero = np.zeros((problem.n_features, problem.n_tasks))
    scale = float((given["a"] * problem.gradient_scale).max())
    return [
        Contender("ours", lambda: _ours(given)),
        lbfgs(lambda: _objective(make_problem(given), given), zero, scale),
    ]


def _ours(given):
    def run(tolerance, limit):
        found = solve_coupled_w(
            make_problem(given),
            given["Q"],
            given["lam"],
            given["a"],
            tolerance=tolerance,
            max_iterations=MAX_ITERATIONS,
        )
        return Answer(found.W, {"iterations": found.iterations, "w_solves": found.iterations})

    return run


SPEC = CaseSpec(
    title="Coupled W-step",
    convex=True,
    datasets=("synthetic-authors", "school", "usps"),
    fits=("amtl",),
    settings=settings,
    contenders=contenders,
    judge=judge,
)
