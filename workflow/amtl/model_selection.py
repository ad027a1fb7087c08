"""Fit a method over its grid, choose on the validation rows and refit if asked. Test rows are never seen."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import numpy as np

from amtl.errors import InputError, nearest
from amtl.methods._axes import ENDS, MAX_EXTENSION_SHARE, SAME_MODEL_TOLERANCE, Lattice
from amtl.methods._check import check_rows
from amtl.methods._fit import Context, Fit
from amtl.methods._options import COMMON, OF_DATASETS
from amtl.methods._spec import MethodSpec
from amtl.metrics import primary_metric
from amtl.problem import MultiTaskProblem, join_parts, problem_from_part
from amtl.splits import Part, Split


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
        CPU seconds of this process: ``tune`` for the whole search, ``fit`` for the chosen point (or the
        refit) alone.
    fits : list of Fit
        The fit of every fold at the chosen point.
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
    fits: list = field(default_factory=list)


@dataclass
class Known:
    """Fits of a grid that were made before, so that `tune` need not make them; see `fit_paths`.

    Parameters
    ----------
    init : Tuned or None
        The tuned fit of the method that `MethodSpec.init` names. Its grid holds the chosen point alone.
    fits : dict
        {index of a point of the initial grid: (Fit, CPU seconds)}.
    seconds : float
        CPU seconds that all this took.
    """

    init: Tuned | None = None
    fits: dict = field(default_factory=dict)
    seconds: float = 0.0

    @classmethod
    def joined(cls, parts: "Sequence[Known]") -> "Known":
        """Return what all parts of a grid together know; `parts` begins with part 0, or is empty."""
        found = cls(parts[0].init) if parts else cls()
        for part in parts:
            found.fits |= part.fits
            found.seconds += part.seconds
        return found


@dataclass
class Fold:
    """The rows that a fit is trained on, the rows that judge it, and the metric on them.

    Parameters
    ----------
    train, validation : MultiTaskProblem
        The rows.
    metric : callable
        ``metric(W)`` returns the number that ranks fits on the validation rows; lower is better.
    """

    train: MultiTaskProblem
    validation: MultiTaskProblem
    metric: Callable[[np.ndarray], float]

    def judge(self, W: np.ndarray) -> tuple[float, float]:
        """Return (metric, loss); weights that overflow are worse than any other."""
        with np.errstate(over="ignore", invalid="ignore"):
            # A task may have no validation rows.
            losses = self.validation.mean_losses(W)[self.validation.n > 0]
            scores = self.metric(W), float(losses.mean())
        return scores if np.isfinite(scores).all() else (np.inf, np.inf)

    def agree(self, W: np.ndarray, other: np.ndarray) -> bool:
        """Return whether two weights are one model: their predictions agree."""
        with np.errstate(over="ignore", invalid="ignore"):
            difference = _norm(self.validation.scores(W - other))
        return difference <= SAME_MODEL_TOLERANCE * _norm(self.validation.Y)


def tune(
    spec: MethodSpec,
    split: Split,
    loss: str,
    options: dict[str, Any] | None = None,
    n_points: int = 60,
    tolerance: float = 1e-6,
    max_iterations: int = 300,
    seed: int = 0,
    known: Known | None = None,
) -> Tuned:
    """Tune a method on a split.

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
    known : Known, optional
        Fits that `fit_paths` has made with the same arguments. The result is the same without them.

    Returns
    -------
    Tuned
        The chosen fit, and what happened at every grid point.

    Raises
    ------
    InputError
        For an unknown option or loss.
    """
    started = time.process_time()
    options, fold, context = _set_up(spec, split, loss, options, tolerance, max_iterations, seed)
    refit = None
    if spec.sees is None and split.refit:
        both = join_parts(split.train, split.validation, len(split.tasks))
        refit = part_problem(spec, split, both, loss, options)
    return tune_on_folds(
        spec, [fold], fold.train, refit, context, options, n_points, split.tasks, started, known
    )


def fit_paths(
    spec: MethodSpec,
    split: Split,
    loss: str,
    options: dict[str, Any] | None,
    n_points: int,
    tolerance: float,
    max_iterations: int,
    seed: int,
    part: int,
    n_parts: int,
    known: Known | None = None,
) -> Known:
    """Fit a part of the initial grid of a method, for `tune` to use: the parts may be fitted side by side.

    Part 0 is what the others start from: the tuned fit of `MethodSpec.init`, and the points from which more
    than one path of warm starts leads on, with those before them. The paths that lead on from there are dealt
    to the other parts in turn.

    Parameters
    ----------
    spec, split, loss, options, n_points, tolerance, max_iterations, seed
        As for `tune`.
    part, n_parts : int
        Which part, from 0, and how many there are, at least two.
    known : Known, optional
        What part 0 has returned. Without it this is computed again.

    Returns
    -------
    Known
        The fits of this part.

    Raises
    ------
    InputError
        For a part that is not among them.
    """
    started = time.process_time()
    if n_parts < 2 or not 0 <= part < n_parts:
        raise InputError(f"part is {part} of {n_parts}; give 0 to {n_parts - 1}, of two parts or more")
    options, fold, context = _set_up(spec, split, loss, options, tolerance, max_iterations, seed)
    given = known or Known()
    check_rows(spec, options, fold.train.n, split.tasks)
    init, (context,), _ = _starting(spec, [fold], fold.train, context, options, n_points, given)
    points = spec.grid(fold.train, context, options, n_points)
    path = _Path(spec, fold, context, options, fold.train, given.fits)
    wanted = _parts(points, n_parts)[part]
    for k in wanted:
        path.fit(points, k)
    if init is not None:
        init = Tuned(init.fit, [init.grid[init.chosen]], 0, 1, [], [], fits=init.fits)
    found = {k: path.fits[k] for k in wanted}
    return Known(None if part else init, found, time.process_time() - started)


def _parts(points, n_parts):
    """Return `n_parts` lists of indices of points: those up to the last fork of a path, then the paths."""
    children = Counter(point.parent for point in points)
    first = set()
    for k, count in children.items():
        while count > 1 and k is not None:
            first.add(k)
            k = points[k].parent
    paths = {}
    for k in range(len(points)):
        start = k
        while points[start].parent is not None and points[start].parent not in first:
            start = points[start].parent
        if k not in first:
            paths.setdefault(start, []).append(k)
    dealt = [list(paths.values())[i :: n_parts - 1] for i in range(n_parts - 1)]
    return [sorted(first), *(sorted(chain.from_iterable(some)) for some in dealt)]


def _set_up(spec, split, loss, options, tolerance, max_iterations, seed):
    """Return (options, fold, context) of the fits of a method on a split."""
    options = complete_options(spec, options or {})
    given = {key: split.meta.get(key) for key in OF_DATASETS if key in options and options[key] is None}
    options = {**options, **given}
    width, other = (np.shape(part.X)[-1] for part in (split.train, split.validation))
    if width != other:
        raise InputError(
            f"{split.dataset} split {split.index}: the training rows have {width} columns and the validation "
            f"rows {other}; give both the same features"
        )
    names = (seed, split.dataset, split.index, spec.name)
    context = Context(tolerance, max_iterations, truth=split.truth, seed=names)
    train = part_problem(spec, split, split.train, loss, options)
    validation = part_problem(spec, split, split.validation, loss, options, train)
    if spec.sees is not None:
        fold = validation.judging(train)
    else:
        fold = Fold(train, validation, lambda W: primary_metric(validation, split.kind, W, split.ranked_by))
    return options, fold, context


def part_problem(
    spec: MethodSpec,
    split: Split,
    part: Part,
    loss: str,
    options: dict[str, Any],
    like: MultiTaskProblem | None = None,
) -> MultiTaskProblem:
    """Return the problem that a method sees of a part of a split.

    Parameters
    ----------
    spec : MethodSpec
        The method.
    split : Split
        The split.
    part : Part
        The rows.
    loss : {"squared", "logistic"}
        The loss of linear methods.
    options : dict
        All options of the method.
    like : MultiTaskProblem, optional
        The problem of the training rows, for a method that `MethodSpec.sees` more than numbers.
    """
    if spec.sees is not None:
        return spec.sees(split, part, options, like)
    keys = {"loss": loss, "fit_loss": options["fit_loss"], "intercept": options["intercept"]}
    return problem_from_part(part, split.kind, len(split.tasks), **keys)


def tune_on_folds(
    spec: MethodSpec,
    folds: list[Fold],
    whole: MultiTaskProblem,
    refit: MultiTaskProblem | None,
    context: Context,
    options: dict[str, Any],
    n_points: int,
    tasks: Sequence[str],
    started: float | None = None,
    known: Known | None = None,
) -> Tuned:
    """Return the `Tuned` result of a method whose points are judged by their mean over folds.

    Parameters
    ----------
    folds : list of Fold
        Training and validation rows.
    whole : MultiTaskProblem
        The rows from which the grid is made: the training rows of a single fold, or the rows of all folds.
    refit : MultiTaskProblem or None
        The rows to fit the chosen point to; None to keep the fit of the only fold.
    context : Context
        Without tuned single-task weights.
    options : dict
        All options of the method.
    tasks : sequence of str
        Names of the tasks, for warnings.
    started : float, optional
        `time.process_time()` at the start, if more than this function is to be timed.
    known : Known, optional
        Fits that were made before. Only a single fold may have some.
    """
    started = time.process_time() if started is None else started
    known = known or Known()
    for problem in (fold.train for fold in folds):
        check_rows(spec, options, problem.n, tasks)
    init, contexts, grid_context = _starting(spec, folds, whole, context, options, n_points, known)
    best = _search(spec, folds, whole, contexts, grid_context, options, n_points, known.fits)
    best.same_as = None if spec.same_as is None else spec.same_as(whole, options)
    fit, params = best.fit, best.grid[best.chosen]["params"]
    tuned = time.process_time()
    if refit is not None:
        start = None if init is None else init.grid[init.chosen]["params"]
        fit = fit_at(spec, refit, params, contexts[0], options, start)
    best.fit = fit
    best.fit.params = params
    best.warnings = _warnings(best, init, tasks)
    seconds = best.grid[best.chosen]["seconds"] if refit is None else time.process_time() - tuned
    best.seconds = {"tune": tuned - started + known.seconds, "fit": seconds}
    return best


def _starting(spec, folds, whole, context, options, n_points, known):
    """Return (init, contexts, grid_context): the tuned fit of `MethodSpec.init` or None, and what the fits
    of each fold and the grid may use.
    """
    contexts = [context] * len(folds)
    if spec.init is None:
        return None, contexts, context
    init = known.init or _search(spec.init, folds, whole, contexts, context, options, n_points)
    contexts = [_started_from(context, init, fit, fold) for fit, fold in zip(init.fits, folds, strict=True)]
    grid_context = contexts[0]
    if whole is not folds[0].train:
        start = spec.init.fit(whole, init.grid[init.chosen]["params"], context, options)
        grid_context = replace(grid_context, init=start.W)
    return init, contexts, grid_context


def fit_at(
    spec: MethodSpec,
    problem: MultiTaskProblem,
    params: dict[str, float],
    context: Context,
    options: dict[str, Any],
    init_params: dict[str, float] | None = None,
) -> Fit:
    """Return the fit of a method at `params`, started from single-task weights at `init_params`.

    init_params : of the method that `spec.init` names; None if the method starts from no other.
    """
    if spec.init is not None:
        start = spec.init.fit(problem, init_params, context, options)
        context = replace(context, init=start.W)
    return spec.fit(problem, params, replace(context, warm=None, learned={}, start=None), options)


def complete_options(spec: MethodSpec, options: dict[str, Any]) -> dict[str, Any]:
    """Return `options` with the defaults of those that are missing; raise InputError for an unknown one."""
    own = {key: rule["default"] for key, rule in spec.options.items()}
    defaults = {**COMMON, **spec.defaults, **own}
    for key in options:
        if key not in defaults:
            raise InputError(f"{spec.name}: unknown option {key!r}{nearest(key, defaults)}")
    return {**defaults, **options}


def _started_from(context, init, fit, fold):
    """Return `context` with the tuned single-task weights of a fold in it."""
    losses = fold.validation.mean_losses(fit.W)
    return replace(
        context,
        init=fit.W,
        init_rho=init.grid[init.chosen]["params"]["rho"],
        # A task without validation rows counts as an average one.
        validation_loss=np.where(np.isnan(losses), np.nanmean(losses), losses),
    )


def _norm(values):
    """Return the norm of an array, or of a list of arrays together."""
    return float(np.sqrt(sum(np.vdot(each, each) for each in values)))


def _search(spec, folds, whole, contexts, grid_context, options, n_points, known=None):
    """Fit every point of the grid, each from its parent's solution, choose, and extend the grid there.

    known : {index of a point: (Fit, seconds)} of fits that were made before, on the only fold.
    """
    first = spec.grid(whole, grid_context, options, n_points)
    paths = [
        _Path(spec, fold, context, options, whole, known or {})
        for fold, context in zip(folds, contexts, strict=True)
    ]
    lattice = Lattice(first, spec.axes)
    points, initial = lattice.points, len(lattice.points)
    most = initial + int(MAX_EXTENSION_SHARE * initial)
    keys = []
    while True:
        for k in range(len(keys), len(points)):
            judged = [path.fold.judge(path.fit(points, k).W) for path in paths]
            keys.append((*(float(np.mean(each)) for each in zip(*judged, strict=True)), k))
        *scores, chosen = min(keys)
        left, limits = _ends(lattice, chosen, paths)
        room = most - len(points)
        if room == 0 or not np.isfinite(scores).all():
            break
        if left:
            lattice.extend(chosen, *left[0], room)
        elif not _extend_fixed_axis(spec, lattice, chosen, paths, whole, grid_context, options, room):
            break
    for axis, end in lattice.fixed_ends(chosen):
        reason = _natural_limit(axis, end, points[chosen].params, chosen, paths)
        if reason is None:
            left.append((axis, end))
        else:
            limits.append(f"{_place(axis, end)}: {reason}")
    why = "the most allowed" if len(points) >= most else "no fit is finite"
    edges = [
        f"{_place(axis, end)}: its values are fixed"
        if axis.fixed and spec.extend is None
        else f"{_place(axis, end)} after {len(points) - initial} added points: {why}"
        for axis, end in left
    ]
    grid = [
        _grid_record(point, [path.fits[k] for path in paths], *keys[k][:2]) for k, point in enumerate(points)
    ]
    fits = [path.fits[chosen][0] for path in paths]
    return Tuned(fits[0], grid, chosen, initial, edges, limits, fits=fits)


class _Path:
    """The fits of one fold along the paths of warm starts.

    ``fits`` is {index of a point: (Fit, seconds)}. known : the same of fits that were made before.
    """

    def __init__(self, spec, fold, context, options, whole, known):
        self.fold, self.fits, self._known = fold, {}, known
        self._spec, self._context, self._options = spec, context, options
        # What the grid has found for the rows of all folds is no start for one fold: it knows the others.
        self._knows_starts = fold.train is whole
        # {index of a point: (weights, what else was learned) for others to start from}.
        self._starts = {}

    def fit(self, points, k):
        """Return the fit of point k, after those of its ancestors."""
        chain, last = [], k
        while last is not None and last not in self.fits:
            chain.append(last)
            last = points[last].parent
        for each in reversed(chain):
            point = points[each]
            warm, learned = self._starts.get(point.parent, (None, {}))
            self.fits[each] = self._known.get(each) or self._fit(point, warm, learned)
            fit, _ = self.fits[each]
            self._starts[each] = (fit.W, fit.learned) if fit.converged else (warm, learned)
        return self.fits[k][0]

    def _fit(self, point, warm, learned):
        started = time.process_time()
        start = point.start if self._knows_starts else None
        context = replace(self._context, warm=warm, learned=learned, start=start)
        fit = self._spec.fit(self.fold.train, point.params, context, self._options)
        return fit, time.process_time() - started


def _extend_fixed_axis(spec, lattice, chosen, paths, whole, context, options, room):
    """Add the points of the next value where the choice has the last one; return whether there are any."""
    if spec.extend is None:
        return False
    params, count = lattice.points[chosen].params, min(lattice.alike(chosen), room)
    for axis, end in lattice.fixed_ends(chosen):
        if _natural_limit(axis, end, params, chosen, paths) is None:
            lattice.add(spec.extend(whole, context, options, params, end, count))
            return True
    return False


def _natural_limit(axis, end, params, chosen, paths):
    """Return the reason that the method gives for a natural limit, if it gives one on every fold."""
    reasons = [axis.natural_limit(path.fold.train, params, path.fits[chosen][0], end) for path in paths]
    return None if None in reasons else reasons[0]


def _ends(lattice, chosen, paths):
    """Return the (axis, end) at which the chosen point may be extended, and sentences about its limits."""
    left, limits = [], []
    params = lattice.points[chosen].params
    for axis, end in lattice.open_directions(chosen):
        reason = _natural_limit(axis, end, params, chosen, paths)
        inner = lattice.neighbour(chosen, axis, -ENDS[end])
        if reason is None and inner is not None and _agree(paths, chosen, inner):
            reason = "the fit no longer changes"
        if reason is None:
            left.append((axis, end))
        else:
            limits.append(f"{_place(axis, end)}: {reason}")
    return left, limits


def _agree(paths, k, other):
    return all(path.fold.agree(path.fits[k][0].W, path.fits[other][0].W) for path in paths)


def _place(axis, end):
    return f"{axis.name} is at the {end} end of its grid"


def _grid_record(point, done, metric, loss):
    """Return the record of one grid point; done : the (Fit, seconds) of every fold."""
    fits = [fit for fit, _ in done]
    return {
        "params": point.params,
        "parent": point.parent,
        "validation_metric": _finite(metric),
        "validation_loss": _finite(loss),
        "objective": _finite(sum(fit.objective[-1] for fit in fits)),
        "iterations": sum(fit.iterations for fit in fits),
        "converged": all(bool(fit.converged) for fit in fits),
        "residual": _finite(max(fit.residual for fit in fits)),
        "fallback": any(fit.fallback for fit in fits),
        "seconds": sum(seconds for _, seconds in done),
    }


def _finite(value):
    """Return a float, or None for an overflow, because JSON has no infinity."""
    return float(value) if np.isfinite(value) else None


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
