"""What the `grid` and the `fit` of a method receive and return: `Point`, `Context` and `Fit`.

A method sees training rows only. `amtl.model_selection` chooses among the points of its grid.
"""

from dataclasses import dataclass, field, replace

import numpy as np


@dataclass(frozen=True)
class Point:
    """One setting of the hyper-parameters.

    parent : index of the grid point whose solution this fit starts from (a path of warm starts), or None.
    start : what the grid has found for the fit to start from, for example a dictionary, or None.
    """

    params: dict
    parent: int | None = None
    start: np.ndarray | None = None

    def after(self, count):
        """Return the point in a grid in which `count` points come before those among which its parent is."""
        return self if self.parent is None else replace(self, parent=count + self.parent)


@dataclass(frozen=True)
class Context:
    """What a fit may use besides the training rows.

    Parameters
    ----------
    tolerance : float
        A fit has converged when its residual is at most this.
    max_iterations : int
        Largest number of iterations.
    init : ndarray of shape (d, T) or None
        Tuned weights of the method that `MethodSpec.init` names.
    init_rho : float or None
        The ridge weight of `init`.
    warm : ndarray of shape (d, T) or None
        Solution of the parent point.
    learned : dict
        What the fit of the parent point has learned besides, as in `Fit`.
    start : ndarray or None
        The start that the grid has found for the point.
    truth : ndarray of shape (d, T) or None
        Weights that generated the data.
    validation_loss : ndarray of shape (T,) or None
        Mean loss of `init` on the validation rows.
    seed : tuple
        Names that seed random starts: base seed, dataset, split and method. The start's own number is added.
    only_params : bool
        Whether a grid is asked for the strengths of its points alone, without starts for them.
    """

    tolerance: float = 1e-6
    max_iterations: int = 300
    init: np.ndarray | None = None
    init_rho: float | None = None
    warm: np.ndarray | None = None
    learned: dict = field(default_factory=dict)
    start: np.ndarray | None = None
    truth: np.ndarray | None = None
    validation_loss: np.ndarray | None = None
    seed: tuple = (0,)
    only_params: bool = False


@dataclass
class Fit:
    """A fitted method.

    Parameters
    ----------
    W : ndarray of shape (d, T)
        Weights, column t those of task t.
    objective : list of float
        Trace of the optimization; its last entry belongs to `W`.
    iterations : int
        Number of iterations.
    converged : bool
        Whether `residual` is at most the tolerance.
    residual : float
        Relative violation of the optimality conditions.
    B : ndarray of shape (T, T) or None
        The learned graph; entry (s, t) is the weight of the edge from task s to task t.
    order : ndarray of shape (T,) or None
        Task indices in the order of training.
    closed : ndarray of bool of shape (T,) or None
        Tasks that have no outgoing edges by definition: zero weights fit their rows exactly.
    learned : dict
        What else was learned: {name: array}, the names as in `amtl.methods._spec.LEARNED`.
    fallback : bool
        Whether the usual solver did not converge and another one finished the fit.
    restarts : list of float
        Final objective of each start, in order, where the problem is not convex.
    params : dict
        Hyper-parameters of the fit; set by `amtl.model_selection.tune`.
    """

    W: np.ndarray
    objective: list
    iterations: int
    converged: bool
    residual: float
    B: np.ndarray | None = None
    order: np.ndarray | None = None
    closed: np.ndarray | None = None
    learned: dict = field(default_factory=dict)
    fallback: bool = False
    restarts: list = field(default_factory=list)
    params: dict = field(default_factory=dict)


def fit_from_minimum(minimum, **extra):
    """Return the `Fit` of a `quasi_newton.Minimum`; `extra` sets further fields of the fit."""
    return Fit(
        minimum.W,
        minimum.trace,
        minimum.iterations,
        minimum.converged,
        minimum.residual,
        fallback=minimum.fallback,
        **extra,
    )


def closed_form_fit(W, objective):
    """Return the `Fit` of weights that need no iteration."""
    return Fit(W, [float(objective)], 0, True, 0.0)
