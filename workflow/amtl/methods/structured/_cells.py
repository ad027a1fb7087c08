"""Tasks as cells of a grid, such as school x year: what the tensor methods share.

A dataset says where its tasks are: ``meta["task_grid"]`` of a `Split` holds the position of each task, one
number for each mode of the grid. Cells without a task, or whose task has no rows, have weights
too, which the others determine.
"""

import numpy as np

from amtl.errors import InputError
from amtl.methods._fit import Fit
from amtl.problem import MultiTaskProblem

OPTIONS = {
    "task_grid": {
        "type": ["array", "null"],
        "items": {"type": ["integer", "array"]},
        "default": None,
        "examples": [[2, 2]],
        "description": "The grid whose cells the tasks are: its sizes, if the tasks fill it in order with "
        "the last index running fastest; or the position of each task, as a list of indices from 0. null "
        "takes the grid of the dataset, or one row of all tasks if it has none.",
    },
}


def grid_of(task_grid, n_tasks):
    """Return (shape of the grid, number of the cell of each task (T,)).

    task_grid : as the option. Raises InputError where it does not fit the tasks.
    """
    if task_grid is None:
        return (n_tasks,), np.arange(n_tasks)
    try:
        given = np.array(task_grid, dtype=int)
    except (TypeError, ValueError):
        raise InputError("task_grid: give sizes, or as many indices for each task") from None
    if given.ndim == 1:
        if (given < 1).any() or given.prod() != n_tasks:
            raise InputError(
                f"task_grid: sizes {given.tolist()} make no grid of {n_tasks} cells, one for each task"
            )
        return tuple(given.tolist()), np.arange(n_tasks)
    if given.ndim != 2 or len(given) != n_tasks or (given < 0).any():
        raise InputError(
            f"task_grid: {len(given)} positions for {n_tasks} tasks; give one for each, from 0 up"
        )
    shape = tuple((given.max(axis=0) + 1).tolist())
    cells = np.ravel_multi_index(tuple(given.T), shape)
    if len(np.unique(cells)) < n_tasks:
        raise InputError("task_grid: two tasks are in one cell; give each its own position")
    return shape, cells


def on_cells(problem, shape, cells):
    """Return the problem with a task for every cell, in order; tasks of empty cells have no loss.

    A cell whose task has no rows is an empty cell.
    """
    n_cells = int(np.prod(shape))
    has_rows = problem.n > 0
    if n_cells == problem.n_tasks and (cells == np.arange(n_cells)).all() and has_rows.all():
        return problem
    if problem.shared:
        X, Y = problem.X, np.zeros((len(problem.X), n_cells))
        Y[:, cells] = problem.Y
    else:
        X = [np.zeros((1, problem.X[0].shape[1]))] * n_cells
        Y = [np.zeros(1)] * n_cells
        for t in np.flatnonzero(has_rows):
            X[cells[t]], Y[cells[t]] = problem.X[t], problem.Y[t]
    # The constant column of "none" is gone already.
    intercept = "feature" if problem.intercept == "none" else problem.intercept
    whole = MultiTaskProblem(X, Y, problem.loss, problem.fit_loss, intercept)
    weight = np.zeros(n_cells)
    weight[cells[has_rows]] = problem.weight[has_rows]
    whole.weight = weight
    return whole


def fit_cells(problem, options, context, solve):
    """Return the `Fit` of the tasks, with the weights of all cells as ``learned["cells"]``.

    solve : ``solve(problem, shape, W, learned)`` returns the `quasi_newton.Minimum` of the problem of all
    cells from the weights W (d, cells), and {name: array} of what else it has learned.
    """
    shape, cells = grid_of(options["task_grid"], problem.n_tasks)
    whole = on_cells(problem, shape, cells)
    start = context.learned.get("cells")
    if start is None:
        start = whole.null_weights.copy()
        if context.warm is not None:
            start[:, cells] = context.warm
    minimum, learned = solve(whole, shape, start)
    minimum.W[:, cells] = problem.fill_intercepts(minimum.W[:, cells])
    return Fit(
        minimum.W[:, cells],
        minimum.trace,
        minimum.iterations,
        minimum.converged,
        minimum.residual,
        learned={"cells": minimum.W, **learned},
    )


def needs_rows(options):
    """Return why every task needs training rows without a grid of tasks, or None with one."""
    return (
        "without a task_grid no other task determines its weights" if options["task_grid"] is None else None
    )


def one_mode(problem, options):
    """Return "trace-norm" if the tasks form a row: both tensor norms are then the trace norm."""
    return "trace-norm" if len(grid_of(options["task_grid"], problem.n_tasks)[0]) == 1 else None
