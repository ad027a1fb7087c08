"""ELLA: lifelong learning. A dictionary is learned one task at a time, around the single-task weights."""

from dataclasses import replace

import numpy as np

from amtl.methods._axes import Axis
from amtl.methods._fit import Fit
from amtl.methods._grids import LATENT_AXIS
from amtl.methods._options import LATENT
from amtl.methods._spec import MethodSpec
from amtl.methods.latent import go_mtl
from amtl.methods.single import stl
from amtl.solvers.lifelong import Dictionary, without_intercept


def grid(problem, context, options, n_points):
    """Return values of one strength mu = lam for every k, as for GO-MTL."""
    return go_mtl.grid(problem, replace(context, only_params=True), options, n_points)


def extend(problem, context, options, params, end, count):
    """Return a path with the next smaller or larger k."""
    return go_mtl.extend(problem, replace(context, only_params=True), options, params, end, count)


def fit(problem, params, context, options):
    """Learn the tasks in their order, in one pass or several."""
    theta, D = context.init, 0.5 * problem.hessians(context.init)
    features, slopes = theta, None
    if problem.intercept == "free":
        D, slopes = without_intercept(theta, D)
        features = theta[:-1]
    learner = Dictionary(len(features), params["k"], problem.n_tasks, params["mu"], params["lam"])
    for _ in range(options["passes"]):
        for t in range(problem.n_tasks):
            learner.learn(t, features[:, t], D[t])
    W = learner.L @ learner.S
    if slopes is not None:
        W = np.vstack([W, theta[-1] - np.sum(slopes.T * (W - features), axis=0)])
    penalty = params["mu"] * np.abs(learner.S).sum() + params["lam"] * np.sum(learner.L**2)
    objective = float(problem.losses(W).sum() + penalty)
    return Fit(W, [objective], 0, True, 0.0, learned={"dictionary": learner.L, "codes": learner.S})


SPEC = MethodSpec(
    name="ella",
    title="ELLA",
    order=610,
    citation="Ruvolo, Eaton. ELLA: an efficient lifelong learning algorithm. ICML 2013.",
    objective="sum_t F_t(L s_t) + mu ||S||_1 + lam ||L||_F^2, L (d, k), one task at a time with the "
    "quadratic model of F_t around its single-task weights; not solved to its minimum",
    grid=grid,
    fit=fit,
    extend=extend,
    hyperparameters=LATENT
    | {"lam": "Strength of the ridge on L.", "mu": "Strength of the norm of the codes S."},
    axes=(LATENT_AXIS, Axis("lam"), Axis("mu", relative_to="lam")),
    options={
        "passes": {
            "type": "integer",
            "minimum": 1,
            "default": 1,
            "examples": [3],
            "description": "Number of times that the tasks arrive, in their order.",
        },
    },
    init=stl.SPEC,
    learns=("dictionary", "codes"),
    ordered=True,
)
