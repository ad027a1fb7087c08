"""What a method receives and returns. A method is a module beside this one with

NAME, TITLE, CITATION, OBJECTIVE : what it is called, cited as, and minimizes
OPTIONS : JSON-schema properties of its options, a literal (read without importing the module)
INIT : the method module whose tuned weights it starts from (stl), or None
APPLIES_TO : the kinds of split it can be used on
NEEDS_TRUTH : whether it is defined on generated data only
ITERATIVE : whether its trace is one objective that falls from iteration to iteration, worth a figure
grid(problem, context, options, n_points) -> list of `Point`, strongest regularization first
fit(problem, params, context, options) -> `Fit`

A method sees training rows only. Choosing among the grid's points is `amtl.model_selection`'s work.
"""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Point:
    """One hyper-parameter setting; `parent` is the index of the point whose solution it starts
    from (a path of warm starts), or None."""

    params: dict
    parent: int | None = None


@dataclass(frozen=True)
class Context:
    """What a fit may know besides the training rows.

    init : (d, T) tuned weights of the INIT method, with ``init_rho`` their ridge weight, or None.
    warm : (d, T) solution of the parent point, or None.
    truth : (d, T) weights that generated the data, or None.
    validation_loss : (T,) mean loss of `init` on the validation rows, or None.
    seed : what a random start is seeded by, beside its own number: base seed, dataset, split, method.
    """

    tolerance: float = 1e-6
    max_iterations: int = 300
    init: np.ndarray | None = None
    init_rho: float | None = None
    warm: np.ndarray | None = None
    truth: np.ndarray | None = None
    validation_loss: np.ndarray | None = None
    seed: tuple = (0,)


@dataclass
class Fit:
    """A fitted method: W (d, T), the graph B (T, T) and training order (T,) where there are any,
    and the account of the optimization (objective trace, iterations, convergence, KKT residual).

    fallback : whether the solver that is meant for the problem did not converge, and another took over.
    restarts : where the problem is not convex, the objective that each start ended at, in their order.
    """

    W: np.ndarray
    objective: list
    iterations: int
    converged: bool
    residual: float
    B: np.ndarray | None = None
    order: np.ndarray | None = None
    fallback: bool = False
    restarts: list = field(default_factory=list)
    params: dict = field(default_factory=dict)


def fit_from_minimum(minimum, **extra):
    """Return the `Fit` of a `quasi_newton.Minimum`."""
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
