"""Strengths derived from the data: the path of a method, and a default in its middle."""

from dataclasses import replace
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from amtl.estimators._types import ByTask

if TYPE_CHECKING:
    from amtl.estimators._base import MultiTaskEstimator

# Points of the grid whose middle gives the default strengths. Some axes have no middle with few points.
DEFAULT_POINTS = 60


def default_strengths(spec, problem, context, options, given):
    """Return {name: value}: `given`, with the middle of the method's path in place of None.

    The middle is the median along each axis. An axis that is relative to another one follows its value.
    """
    missing = [name for name in spec.hyperparameters if given.get(name) is None]
    if not missing:
        return dict(given)
    points = spec.grid(problem, replace(context, only_params=True), options, DEFAULT_POINTS)
    axes = {axis.name: axis for axis in spec.axes}
    found = {}
    for name in spec.hyperparameters:
        if given.get(name) is not None:
            found[name] = given[name]
            continue
        axis = axes.get(name)
        values = _distinct(
            point.params[name] if axis is None else axis.value(point.params) for point in points
        )
        value = values[(len(values) - 1) // 2]
        if axis is not None and axis.relative_to in found:
            value *= found[axis.relative_to]
        found[name] = int(value) if isinstance(points[0].params[name], int) else float(value)
    return found


def _distinct(values):
    """Return the sorted values; those that differ by rounding are one."""
    found = []
    for value in sorted(values):
        if not found or value > found[-1] * (1 + 1e-9):
            found.append(value)
    return found


def start_context(spec, problem, context, options, rho):
    """Return (context, rho): with single-task weights at `rho` for a method that starts from them.

    rho : None for the middle of single-task learning's own path.
    """
    if spec.init is None:
        return context, None
    strengths = default_strengths(spec.init, problem, context, options, {"rho": rho})
    start = spec.init.fit(problem, strengths, context, options)
    return replace(context, init=start.W, init_rho=strengths["rho"]), strengths["rho"]


def strength_path(
    estimator: "MultiTaskEstimator",
    X: ByTask,
    y: ByTask,
    task: ArrayLike | None = None,
    n_points: int = 60,
) -> list[dict[str, float]]:
    """Return the path of strengths that an estimator's method has on some data, strongest first.

    Parameters
    ----------
    estimator : estimator
        One of this package. Its options apply; its strengths do not matter.
    X : array-like, list or dict
        The rows, as for the ``fit`` of the estimator.
    y : array-like, list or dict
        The targets.
    task : array-like of shape (n,), optional
        The task of each row.
    n_points : int
        Number of points.

    Returns
    -------
    list of dict
        Parameters for ``estimator.set_params(**point)``. A grid search takes ``[{k: [v] for k, v in
        point.items()} for point in path]``.

    Examples
    --------
    >>> import numpy as np
    >>> from amtl import STLRegressor, strength_path
    >>> rng = np.random.default_rng(0)
    >>> X, y, task = rng.normal(size=(40, 3)), rng.normal(size=40), np.repeat(["a", "b"], 20)
    >>> path = strength_path(STLRegressor(), X, y, task, n_points=4)
    >>> [sorted(point) for point in path]
    [['rho'], ['rho'], ['rho'], ['rho']]
    """
    from sklearn.base import clone

    prepared = clone(estimator)._prepare(X, y, task)
    problem, options = prepared.problem(), prepared.options
    rho = getattr(estimator, "rho", None)
    context, rho = start_context(prepared.spec, problem, prepared.context, options, rho)
    points = prepared.spec.grid(problem, replace(context, only_params=True), options, n_points)
    start = {} if rho is None else {"rho": rho}
    return [{**start, **point.params} for point in points]
