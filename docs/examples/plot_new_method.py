"""
A method of your own
====================

A method is a `MethodSpec`: a grid of strengths and a fit. This one draws every task to
the mean of all tasks (Evgeniou and Pontil, 2004). It is compared with others at once.
In a file of its own it also takes part in the workflow, see *Add a method*.
"""

import matplotlib.pyplot as plt
import numpy as np

from amtl import MethodSpec, compare, make_estimator, summarize
from amtl.methods._axes import Axis
from amtl.methods._fit import fit_from_minimum
from amtl.methods._grids import largest_curvature, ridge_grid
from amtl.solvers.coupled_w import solve_coupled_w


def grid(problem, context, options, n_points):
    """Return the strengths to choose from, the strongest first."""
    return ridge_grid(largest_curvature(problem), n_points)


def fit(problem, params, context, options):
    """Return the fit at the strengths `params`."""
    T = problem.n_tasks
    coupling = np.eye(T) + options["pull"] * (np.eye(T) - 1.0 / T)
    return fit_from_minimum(
        solve_coupled_w(problem, coupling, params["rho"], W=context.warm)
    )


pull = {
    "type": "number",
    "minimum": 0,
    "default": 10.0,
    "description": "Strength of the pull to the mean.",
}
SPEC = MethodSpec(
    name="mean-mtl",
    title="Mean-MTL",
    order=900,
    citation="T. Evgeniou, M. Pontil. Regularized multi-task learning. KDD, 2004.",
    objective="sum_t F_t(w_t) + rho sum_t (||w_t||^2 + pull ||w_t - mean_s w_s||^2)",
    grid=grid,
    fit=fit,
    hyperparameters={"rho": "Ridge weight."},
    axes=(Axis("rho"),),
    options={"pull": pull},
)

# %%
# Its estimator has the parameters of the method.
MeanMTL = make_estimator(SPEC, "RegressorCV")
print(MeanMTL(pull=3.0))

# %%
# The stronger the pull, the more alike the tasks become. These tasks are similar, so it
# helps.
rng = np.random.default_rng(0)
common = rng.normal(size=10)
Xs = [rng.normal(size=(20, 10)) for _ in range(8)]
ys = [X @ (common + 0.3 * rng.normal(size=10)) + 2.0 * rng.normal(size=20) for X in Xs]
pulls = [0.0, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0]
methods = {str(pull): MeanMTL(pull=pull, n_points=20, cv=3) for pull in pulls}
summary = summarize(compare(Xs, ys, methods=methods, splits=5), baseline="0.0").loc[
    list(methods)
]

figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
low, high = (
    summary["difference"] - summary["difference_low"],
    summary["difference_high"] - summary["difference"],
)
axes.errorbar(
    range(1, len(pulls)),
    summary["difference"][1:],
    [low[1:], high[1:]],
    fmt="o",
    capsize=4,
)
axes.axhline(0, color="0.6", linewidth=0.8)
axes.set_xticks(range(1, len(pulls)), list(methods)[1:])
axes.set(
    xlabel="pull",
    ylabel="RMSE minus that of pull = 0",
    title="Five splits, with 95 % intervals",
)
plt.show()
