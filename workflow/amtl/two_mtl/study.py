"""How fast the solvers reach the optimum of one objective, with the same rows and similarities for all."""

import time

import numpy as np

from amtl.two_mtl import solvers
from amtl.two_mtl.objective import Objective
from amtl.two_mtl.similarity import similarity
from amtl.two_mtl.steps import SHRINKAGE

# The penalty and the similarities are the same for all data, so that no solver is tuned to them.
SIGMA, C = 1.0, 1.0
PASSES = (1, 2, 5, 10)
# What the first step of the longest fit is multiplied by, and what its steps shrink to instead.
STEP_FACTORS, SHRINKAGES = (0.25, 0.5, 2.0, 4.0), (0.5, 0.2, 0.01)
# Name of a solver: its step rule.
RULES = {"2MTL-F": "bounded", "2MTL-F, printed rule": "printed", "First order": "first-order"}
# Up to so many weights of a task the Hessian is computed, for the bound of Theorem 3.1.
MAX_HESSIAN = 200


def compare_solvers(problem, seed):
    """Return how close every solver comes to the optimum, as builtin types.

    The similarities are fixed: RBF of the tasks learned alone. The optimum is that of L-BFGS to a relative
    gradient norm of 1e-8. A gap is (F - F*) / F*.

    Parameters
    ----------
    problem : SharingProblem
        The training rows.
    seed : int or str
        Seed of the order of rows and of the first weights.

    Returns
    -------
    dict
        ``optimum`` : objective, gradient, seconds and iterations of L-BFGS. ``runs`` : for every solver and
        number of passes the gap, the seconds and where it diverged. ``traces`` : {solver: pass, seconds and
        gap of the longest run, without passes after which the objective is above that of zero weights}.
        ``steps`` : gap of the longest fit of 2MTL-F with another first step, or another shrinkage of the
        steps. ``bound`` : Theorem 3.1's and the measured ratio, or None.
    """
    objective = Objective(problem.model, problem.penalized / SIGMA**2)
    alone = solvers.fit_batch(objective, lambda W: np.eye(problem.n_tasks), seed)
    A = similarity(alone.W[:, problem.kept], "rbf", C)
    started = time.process_time()
    best = solvers.fit_batch(objective, lambda W: A, seed)
    seconds = time.process_time() - started

    zero = objective.at_zero(A)

    def gap(value):
        return (value - best.objective) / best.objective

    runs, traces = [], {}
    for solver, rule in RULES.items():
        for passes in PASSES:
            fit = solvers.fit_online(objective, lambda W: A, passes, seed, rule)
            found = gap(fit.objective) if fit.diverged is None else None
            run = {"solver": solver, "passes": passes, "seconds": fit.trace[-1]["seconds"]}
            runs.append(run | {"gap": found, "diverged": fit.diverged})
            if passes == PASSES[-1]:
                traces[solver] = [
                    {"pass": each["pass"], "seconds": each["seconds"], "gap": gap(each["objective"])}
                    for each in fit.trace
                    if each["objective"] <= zero
                ]
            if passes == PASSES[-1] and rule == "bounded":
                first_step = fit.first_step
    steps = []
    for factor, shrinkage in [(c, SHRINKAGE) for c in STEP_FACTORS] + [(1.0, s) for s in SHRINKAGES]:
        given = {"first_step": factor * first_step, "shrinkage": shrinkage, "evaluate": False}
        fit = solvers.fit_online(objective, lambda W: A, PASSES[-1], seed, **given)
        found = gap(fit.objective) if fit.diverged is None else None
        steps.append({"factor": factor, "shrinkage": shrinkage, "gap": found, "diverged": fit.diverged})
    found = {"objective": best.objective, "gradient": best.trace[-1]["gradient"], "seconds": seconds}
    return {
        "optimum": found | {"iterations": sum(entry["iterations"] for entry in best.trace)},
        "runs": runs,
        "traces": traces,
        "steps": steps,
        "bound": _bound(objective, A, best.W, seed),
    }


def _bound(objective, A, W, seed):
    """Return Theorem 3.1's bound on ||w - w*|| / ||w_0 - w*|| and the measured ratio, of the worst task.

    The steps shrink by beta at every second update, as `smallest` does, for one pass. The bound is exp(-eta_0
    lambda beta / (1 - beta)), lambda the smallest eigenvalue of the Hessian at the optimum w*. None for
    models with many weights.
    """
    if objective.model.n_weights > MAX_HESSIAN:
        return None
    start, n = solvers.start_weights(objective, seed), objective.n_updates
    fit = solvers.fit_online(objective, lambda W: A, 1, seed, "smallest", W=start)
    beta = solvers.make_rule("smallest", n).low
    mass = A @ objective.sizes / n
    found = []
    for t, w in enumerate(W):
        measured = np.linalg.norm(fit.W[t] - w) / np.linalg.norm(start[t] - w)
        smallest = np.linalg.eigvalsh(_hessian(objective, w, A[t]) / n)[0]
        eta = fit.first_step / (objective.model.scale * mass[t])
        found.append((measured, float(np.exp(-eta * smallest * beta / (1.0 - beta)))))
    measured, bound = max(found, key=lambda pair: pair[0] - pair[1])
    return {"measured": float(measured), "bound": bound, "beta": float(beta)}


def _hessian(objective, w, a, step=1e-5):
    """Return the Hessian (p, p) of a task's objective by central differences of its gradient."""
    p = len(w)
    H = np.empty((p, p))
    for j in range(p):
        move = np.zeros(p)
        move[j] = step
        after, before = (objective.task_gradient(w + sign * move, a)[1] for sign in (1.0, -1.0))
        H[j] = (after - before) / (2.0 * step)
    return (H + H.T) / 2.0
