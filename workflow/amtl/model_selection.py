"""Fit a method over its grid, choose on validation, refit if asked. Never sees a test row."""

import time
from dataclasses import dataclass, field, replace

import numpy as np

from amtl.methods._fit import Context
from amtl.metrics import primary_metric
from amtl.problem import join_parts, problem_from_part


@dataclass
class Tuned:
    """The chosen fit, with every grid point's account.

    grid : one dict per point, strongest regularization first (params, validation_metric,
        validation_loss, objective, iterations, converged, residual, fallback, seconds).
    chosen : index into `grid`. edges : sentences on choices at an end of their axis.
    seconds : ``tune`` for the whole search, ``fit`` for the chosen point (or the refit) alone.
    """

    fit: object
    grid: list
    chosen: int
    edges: list
    warnings: list = field(default_factory=list)
    seconds: dict = field(default_factory=dict)


def tune(method, split, loss, options, n_points, tolerance=1e-6, max_iterations=300, seed=0):
    """Return the `Tuned` result of `method` on a split.

    The grid's fits run along its paths of warm starts. The best validation metric wins; ties go to the
    lower validation loss, then to the earlier point, the more strongly regularized one. A fit that did
    not converge takes part, is counted, and starts no other fit. Random starts are seeded by the names of
    the dataset, the split and the method on top of `seed`.
    """
    started = time.perf_counter()
    keys = {"loss": loss, "fit_loss": options["fit_loss"], "intercept": options["intercept"]}
    n_tasks = len(split.tasks)
    train = problem_from_part(split.train, split.kind, n_tasks, **keys)
    validation = problem_from_part(split.validation, split.kind, n_tasks, **keys)
    names = (seed, split.dataset, split.index, method.name)
    context = Context(tolerance, max_iterations, truth=split.truth, seed=names)

    def judge(W):
        """(metric, loss) on validation; weights that overflow are worse than any other."""
        with np.errstate(over="ignore", invalid="ignore"):
            scores = primary_metric(validation, split.kind, W), float(validation.mean_losses(W).mean())
        return scores if np.isfinite(scores).all() else (np.inf, np.inf)

    init = None
    if method.init is not None:
        init = _search(method.init, train, context, options, n_points, judge)
        context = _started_from(context, init, validation)
    best = _search(method, train, context, options, n_points, judge)
    fit, params = best.fit, best.grid[best.chosen]["params"]
    tuned = time.perf_counter()
    if split.refit:
        both = join_parts(split.train, split.validation, n_tasks)
        problem = problem_from_part(both, split.kind, n_tasks, **keys)
        if init is not None:
            start = method.init.fit(problem, init.grid[init.chosen]["params"], context, options)
            context = replace(context, init=start.W)
        fit = method.fit(problem, params, replace(context, warm=None), options)
    best.fit = fit
    best.fit.params = params
    best.warnings = _warnings(best, init)
    seconds = time.perf_counter() - tuned if split.refit else best.grid[best.chosen]["seconds"]
    best.seconds = {"tune": tuned - started, "fit": seconds}
    return best


def _started_from(context, init, validation):
    """Return `context` with the tuned single-task weights in it."""
    return replace(
        context,
        init=init.fit.W,
        init_rho=init.grid[init.chosen]["params"]["rho"],
        validation_loss=validation.mean_losses(init.fit.W),
    )


def _search(method, train, context, options, n_points, judge):
    """Fit every point of the grid, each from its parent's solution, and choose."""
    points = method.grid(train, context, options, n_points)
    fits, starts = {}, {}
    for k in range(len(points)):
        _fit_path(method, train, context, options, points, k, fits, starts)
    grid, keys = [], []
    for k, point in enumerate(points):
        fit, metric_and_loss, seconds = fits[k][0], judge(fits[k][0].W), fits[k][1]
        grid.append(
            {
                "params": point.params,
                "validation_metric": _finite(metric_and_loss[0]),
                "validation_loss": _finite(metric_and_loss[1]),
                "objective": _finite(fit.objective[-1]),
                "iterations": fit.iterations,
                "converged": bool(fit.converged),
                "residual": _finite(fit.residual),
                "fallback": fit.fallback,
                "seconds": seconds,
            }
        )
        keys.append((*metric_and_loss, k))
    chosen = min(keys)[2]
    return Tuned(fits[chosen][0], grid, chosen, _edges(points, chosen))


def _finite(value):
    """JSON has no infinity: an overflow is written as null."""
    return float(value) if np.isfinite(value) else None


def _fit_path(method, train, context, options, points, k, fits, starts):
    """Fit point k after the points it descends from; `starts` holds what a child may start from."""
    chain = []
    while k is not None and k not in fits:
        chain.append(k)
        k = points[k].parent
    for k in reversed(chain):
        warm = starts.get(points[k].parent)
        started = time.perf_counter()
        fit = method.fit(train, points[k].params, replace(context, warm=warm), options)
        fits[k] = fit, time.perf_counter() - started
        starts[k] = fit.W if fit.converged else warm


def _edges(points, chosen):
    """Say which of the chosen parameters lie at an end of their axis.

    mu is an axis relative to lam and sigma (its grid is scaled by them). sigma, whose values the paper
    fixes, has no ends: the points compared share it.
    """
    sentences = []
    same_sigma = [p for p in points if p.params.get("sigma") == points[chosen].params.get("sigma")]
    for name in points[chosen].params:
        axis = [_relative(point.params, name) for point in same_sigma]
        value = _relative(points[chosen].params, name)
        if max(axis) <= min(axis) * (1 + 1e-9):
            continue
        for end, limit in (("low", min(axis)), ("high", max(axis))):
            if abs(value - limit) <= 1e-9 * abs(limit):
                sentences.append(f"{name} is at the {end} end of its grid")
    return sentences


def _relative(params, name):
    return params["mu"] / params["lam"] if name == "mu" and "lam" in params else params[name]


def _warnings(tuned, init):
    """Collect what a reader of the results should know about this fit."""
    warnings = list(tuned.edges)
    if not tuned.fit.converged:
        warnings.append(
            f"the chosen fit did not converge: residual {tuned.fit.residual:.1e} "
            f"after {tuned.fit.iterations} iterations"
        )
    failed = sum(not point["converged"] for point in tuned.grid)
    if failed:
        warnings.append(f"{failed} of {len(tuned.grid)} grid points did not converge")
    replaced = sum(point["fallback"] for point in tuned.grid)
    if replaced:
        warnings.append(f"{replaced} of {len(tuned.grid)} grid points needed the fallback solver")
    if init is not None and not init.grid[init.chosen]["converged"]:
        warnings.append("the single-task weights it starts from did not converge")
    return warnings
