"""Fit a method over its grid, choose on the validation rows and refit if asked. Test rows are never seen."""

import time
from dataclasses import dataclass, field, replace

import numpy as np

from amtl.errors import InputError, nearest
from amtl.methods._axes import ENDS, MAX_EXTENSION_SHARE, SAME_MODEL_TOLERANCE, Lattice
from amtl.methods._fit import Context, Fit
from amtl.methods._options import COMMON
from amtl.metrics import primary_metric
from amtl.problem import join_parts, problem_from_part


@dataclass
class Tuned:
    """The chosen fit, and what happened at every grid point.

    Parameters
    ----------
    fit : Fit
        The chosen fit, after the refit if there was one.
    grid : list of dict
        One dict per point, strongest regularization first and points beyond the initial grid last, with the
        keys params, parent, validation_metric, validation_loss, objective, iterations, converged, residual,
        fallback and seconds.
    chosen : int
        Index of the chosen point in `grid`.
    initial_points : int
        Number of points of the initial grid.
    edges : list of str
        Sentences about hyper-parameters that were chosen at an end of their axis that is no natural limit.
    limits : list of str
        Sentences about those that were chosen at a natural limit, with the reason.
    same_as : str or None
        The method that this one is on these training rows.
    warnings : list of str
        `edges` and what else a reader of the results should know.
    seconds : dict
        ``tune`` for the whole search, ``fit`` for the chosen point (or the refit) alone.
    """

    fit: Fit
    grid: list
    chosen: int
    initial_points: int
    edges: list
    limits: list
    same_as: str | None = None
    warnings: list = field(default_factory=list)
    seconds: dict = field(default_factory=dict)


def tune(spec, split, loss, options=None, n_points=60, tolerance=1e-6, max_iterations=300, seed=0):
    """Return the `Tuned` result of a method on a split.

    The fits run along the grid's paths of warm starts. The best validation metric wins; ties go to the lower
    validation loss, then to the earlier, more strongly regularized point. A fit that did not converge takes
    part and is counted, but no other fit starts from it. Where the choice lies at an end of an axis that is
    no natural limit, the grid is extended (`amtl.methods._axes`); added points lose ties.

    Parameters
    ----------
    spec : MethodSpec
        The method.
    split : Split
        The data; only its training and validation rows are used.
    loss : {"squared", "logistic"}
        The loss.
    options : dict, optional
        Options of the method, ``fit_loss`` and ``intercept``. Missing options have their defaults.
    n_points : int
        Number of points of the initial grid.
    tolerance : float
        A fit has converged when its residual is at most this.
    max_iterations : int
        Largest number of iterations of one fit.
    seed : int
        Random starts are seeded by this and by the names of the dataset, the split and the method.

    Raises
    ------
    InputError
        For an unknown option or loss.
    """
    started = time.perf_counter()
    options = _complete(spec, options or {})
    keys = {"loss": loss, "fit_loss": options["fit_loss"], "intercept": options["intercept"]}
    n_tasks = len(split.tasks)
    train = problem_from_part(split.train, split.kind, n_tasks, **keys)
    validation = problem_from_part(split.validation, split.kind, n_tasks, **keys)
    names = (seed, split.dataset, split.index, spec.name)
    context = Context(tolerance, max_iterations, truth=split.truth, seed=names)

    judge = _Judge(validation, split.kind)
    init = None
    if spec.init is not None:
        init = _search(spec.init, train, context, options, n_points, judge)
        context = _started_from(context, init, validation)
    best = _search(spec, train, context, options, n_points, judge)
    best.same_as = None if spec.same_as is None else spec.same_as(train, options)
    fit, params = best.fit, best.grid[best.chosen]["params"]
    tuned = time.perf_counter()
    if split.refit:
        both = join_parts(split.train, split.validation, n_tasks)
        problem = problem_from_part(both, split.kind, n_tasks, **keys)
        if init is not None:
            start = spec.init.fit(problem, init.grid[init.chosen]["params"], context, options)
            context = replace(context, init=start.W)
        fit = spec.fit(problem, params, replace(context, warm=None), options)
    best.fit = fit
    best.fit.params = params
    best.warnings = _warnings(best, init, split.tasks)
    seconds = time.perf_counter() - tuned if split.refit else best.grid[best.chosen]["seconds"]
    best.seconds = {"tune": tuned - started, "fit": seconds}
    return best


def _complete(spec, options):
    """Return `options` with the defaults of those that are missing; raise InputError for an unknown one."""
    defaults = {**COMMON, **{key: rule["default"] for key, rule in spec.options.items()}}
    for key in options:
        if key not in defaults:
            raise InputError(f"{spec.name}: unknown option {key!r}{nearest(key, defaults)}")
    return {**defaults, **options}


def _started_from(context, init, validation):
    """Return `context` with the tuned single-task weights in it."""
    return replace(
        context,
        init=init.fit.W,
        init_rho=init.grid[init.chosen]["params"]["rho"],
        validation_loss=validation.mean_losses(init.fit.W),
    )


class _Judge:
    """The validation rows."""

    def __init__(self, validation, kind):
        self._validation, self._kind = validation, kind
        self._norm = _norm(validation.Y)

    def __call__(self, W):
        """Return (metric, loss); weights that overflow are worse than any other."""
        with np.errstate(over="ignore", invalid="ignore"):
            scores = (
                primary_metric(self._validation, self._kind, W),
                float(self._validation.mean_losses(W).mean()),
            )
        return scores if np.isfinite(scores).all() else (np.inf, np.inf)

    def agree(self, W, other):
        """Return whether two weights are one model: their predictions agree."""
        with np.errstate(over="ignore", invalid="ignore"):
            return _norm(self._validation.scores(W - other)) <= SAME_MODEL_TOLERANCE * self._norm


def _norm(values):
    """Return the norm of an array, or of a list of arrays together."""
    return float(np.sqrt(sum(np.vdot(each, each) for each in values)))


def _search(spec, train, context, options, n_points, judge):
    """Fit every point of the grid, each from its parent's solution, choose, and extend the grid there."""
    lattice = Lattice(spec.grid(train, context, options, n_points), spec.axes)
    points, initial = lattice.points, len(lattice.points)
    most = initial + int(MAX_EXTENSION_SHARE * initial)
    fits, starts, keys = {}, {}, []
    while True:
        for k in range(len(keys), len(points)):
            _fit_path(spec, train, context, options, points, k, fits, starts)
            keys.append((*judge(fits[k][0].W), k))
        *scores, chosen = min(keys)
        left, limits = _ends(lattice, chosen, fits, train, judge)
        room = most - len(points)
        if room == 0 or not np.isfinite(scores).all():
            break
        if left:
            lattice.extend(chosen, *left[0], room)
        elif not _extend_fixed_axis(spec, lattice, chosen, fits, train, context, options, room):
            break
    why = "the most allowed" if len(points) >= most else "no fit is finite"
    edges = [f"{_place(*end)} after {len(points) - initial} added points: {why}" for end in left]
    for axis, end in lattice.fixed_ends(chosen):
        reason = axis.natural_limit(train, points[chosen].params, fits[chosen][0], end)
        if reason is None:
            edges.append(f"{_place(axis, end)}: its values are fixed")
        else:
            limits.append(f"{_place(axis, end)}: {reason}")
    grid = [_grid_record(points[k], *fits[k], *keys[k][:2]) for k in range(len(points))]
    return Tuned(fits[chosen][0], grid, chosen, initial, edges, limits)


def _extend_fixed_axis(spec, lattice, chosen, fits, train, context, options, room):
    """Add the points of the next value where the choice has the last one; return whether there are any."""
    if spec.extend is None:
        return False
    params, count = lattice.points[chosen].params, min(lattice.alike(chosen), room)
    for axis, end in lattice.fixed_ends(chosen):
        if axis.natural_limit(train, params, fits[chosen][0], end) is None:
            lattice.add(spec.extend(train, context, options, params, end, count))
            return True
    return False


def _ends(lattice, chosen, fits, train, judge):
    """Return the (axis, end) at which the chosen point may be extended, and sentences about its limits."""
    left, limits = [], []
    fit = fits[chosen][0]
    for axis, end in lattice.open_directions(chosen):
        reason = axis.natural_limit(train, lattice.points[chosen].params, fit, end)
        inner = lattice.neighbour(chosen, axis, -ENDS[end])
        if reason is None and inner is not None and judge.agree(fit.W, fits[inner][0].W):
            reason = "the fit no longer changes"
        if reason is None:
            left.append((axis, end))
        else:
            limits.append(f"{_place(axis, end)}: {reason}")
    return left, limits


def _place(axis, end):
    return f"{axis.name} is at the {end} end of its grid"


def _grid_record(point, fit, seconds, metric, loss):
    """Return the record of one grid point."""
    return {
        "params": point.params,
        "parent": point.parent,
        "validation_metric": _finite(metric),
        "validation_loss": _finite(loss),
        "objective": _finite(fit.objective[-1]),
        "iterations": fit.iterations,
        "converged": bool(fit.converged),
        "residual": _finite(fit.residual),
        "fallback": fit.fallback,
        "seconds": seconds,
    }


def _finite(value):
    """Return a float, or None for an overflow, because JSON has no infinity."""
    return float(value) if np.isfinite(value) else None


def _fit_path(spec, train, context, options, points, k, fits, starts):
    """Fit point k after its ancestors. `starts` holds the weights that children start from."""
    chain = []
    while k is not None and k not in fits:
        chain.append(k)
        k = points[k].parent
    for k in reversed(chain):
        warm = starts.get(points[k].parent)
        started = time.perf_counter()
        at_point = replace(context, warm=warm, start=points[k].start)
        fit = spec.fit(train, points[k].params, at_point, options)
        fits[k] = fit, time.perf_counter() - started
        starts[k] = fit.W if fit.converged else warm


def _warnings(tuned, init, tasks):
    """Return what a reader of the results should know about this fit, as a list of sentences."""
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
    if tuned.fit.closed is not None and tuned.fit.closed.any():
        names = ", ".join(str(tasks[t]) for t in np.flatnonzero(tuned.fit.closed))
        warnings.append(f"zero weights fit the training rows exactly, so these tasks give no edges: {names}")
    return warnings
