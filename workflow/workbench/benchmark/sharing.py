"""One pass of accelerated 2MTL with softmax: new similarities, and the updates of all tasks."""

import numpy as np

from amtl.datasets.task_clusters import make_task_clusters
from amtl.two_mtl.similarity import similarity
from workbench.benchmark.contenders import Answer, Contender

# As for the activities of WISDM.
CLASSES = 6
SIGMA, C = 1.0, 2.0
# In units of 1 / (mean squared norm of a row); a fit would choose it on a part of the rows.
FIRST_STEP = 0.5


def generated_point(tasks, features, rows, groups, neighbors):
    """Return the problem: tasks in groups, and their weights after a pass of every task alone.

    neighbors : number of other tasks that count for a task, the most similar ones; 0 for all.
    """
    made = make_task_clusters(
        1, 0, tasks=tasks, clusters=min(groups, tasks), rows=rows, test_rows=1, features=features,
        classes=CLASSES,
    )  # fmt: skip
    given = {"X": np.concatenate(made.X), "y": np.concatenate(made.y), "offsets": rows * np.arange(tasks + 1)}
    given |= {"loss": "softmax", "neighbors": neighbors}
    objective = _objective(given)
    init = np.zeros((tasks, objective.model.n_weights))
    _update(objective, init, np.eye(tasks))
    return given | {"init": init}


def ours(given):
    """Return our contender."""

    def run(tolerance, limit):
        objective, W = _objective(given), given["init"].copy()
        A = similarity(W, "rbf", C, largest=given["neighbors"] or None)
        _update(objective, W, A)
        return Answer((W, A), {"iterations": 1})

    return Contender("ours", lambda: run)


def judge(given):
    """Return the judge of (W, A): the objective. A pass has no residual."""
    objective = _objective(given)
    return lambda result: (objective.evaluate(*result)[0], None)


def _objective(given):
    from amtl.two_mtl.models.softmax import Softmax
    from amtl.two_mtl.objective import Objective

    model = Softmax(given["X"], given["y"], given["offsets"], CLASSES)
    return Objective(model, np.full(model.n_weights, 1.0 / SIGMA**2))


def _update(objective, W, A):
    """Make one pass with the steps that the bounded rule gives from `FIRST_STEP`."""
    from amtl.two_mtl.solvers import RowDraws, first_steps, update_all

    n = objective.n_updates
    rows = RowDraws(objective.model.offsets, 0).take(n)
    update_all(objective, W, first_steps(objective, A, FIRST_STEP), A, rows, "bounded", n)
