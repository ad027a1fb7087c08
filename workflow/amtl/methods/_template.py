"""Every task is drawn to the mean of all tasks. Copy this file, and replace what differs in your method."""

import numpy as np

from amtl.methods._axes import Axis
from amtl.methods._fit import fit_from_minimum
from amtl.methods._grids import largest_curvature, ridge_grid
from amtl.methods._spec import MethodSpec
from amtl.solvers.coupled_w import solve_coupled_w


def grid(problem, context, options, n_points):
    """Return `n_points` strengths, the strongest first; each fit starts from the one before."""
    return ridge_grid(largest_curvature(problem), n_points)


def fit(problem, params, context, options):
    """Return the fit to the training rows `problem` at the strengths `params`."""
    T = problem.n_tasks
    coupling = np.eye(T) + options["pull"] * (np.eye(T) - 1.0 / T)
    limits = {"tolerance": context.tolerance, "max_iterations": context.max_iterations}
    return fit_from_minimum(solve_coupled_w(problem, coupling, params["rho"], W=context.warm, **limits))


SPEC = MethodSpec(
    name="my-method",  # the name of the file, my_method.py, with - for _
    title="My method",  # in tables and figures; its estimators are MyMethodRegressor, MyMethodClassifier, ...
    order=900,  # place in tables
    citation="T. Evgeniou, M. Pontil. Regularized multi-task learning. KDD, 2004.",
    objective="sum_t F_t(w_t) + rho sum_t (||w_t||^2 + pull ||w_t - mean_s w_s||^2)",
    grid=grid,
    fit=fit,
    hyperparameters={"rho": "Ridge weight."},  # of every point of the grid
    axes=(Axis("rho"),),  # extended where validation chooses an end
    options={
        "pull": {
            "type": "number",
            "minimum": 0,
            "default": 10.0,
            "description": "Strength of the pull to the mean, relative to that to zero.",
        },
    },
)
