"""Contenders: ways to solve one problem, from its arrays to the result that the judge of the problem takes.

`workbench.benchmark._spec` says how contenders and their judge are defined for a problem.
"""

import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from amtl.methods._fit import Context
from workbench.benchmark import data

# Tolerances tried by the calibration, loosest first.
TOLERANCES = tuple(10.0**-k for k in range(1, 15))
# Bound on the iterations of solvers that stop by their tolerance.
MAX_ITERATIONS = 1_000_000


@dataclass(frozen=True)
class Answer:
    """What a run returns: a `result` for the judge, and `counts` such as the number of iterations.

    stopped : whether the run ended at its time limit.
    """

    result: object
    counts: dict = field(default_factory=dict)
    stopped: bool = False


@dataclass(frozen=True)
class Contender:
    """One way to solve a problem.

    make : called once and not timed; it imports what it needs and returns run(tolerance, limit) -> `Answer`,
        which is timed. limit : seconds after which a run may stop by itself.
    package : package that must be installed, unless it is a dependency of the workflow.
    levels : tolerances to calibrate over, loosest first, or numbers of passes, fewest first; empty if the
        contender uses the plan's tolerance.
    another_problem : whether it solves another problem, so that its objective is not compared.
    """

    name: str
    make: Callable
    package: str | None = None
    levels: tuple = ()
    another_problem: bool = False

    @property
    def installed(self):
        return self.package is None or importlib.util.find_spec(self.package) is not None


def fit_of(spec, given, params, options=None, result=lambda fit: fit.W, counts=lambda fit: {}):
    """Return our contender that fits the method `spec` to `given` at one grid point.

    params : names of the point's parameters in `given`. options : the method's defaults if None.
    result : function of the `Fit` that returns what the judge takes. counts : function of it that returns
        counts besides the number of iterations.
    """
    options = data.default_options(spec) if options is None else options

    def run(tolerance, limit):
        known = {"init_rho": given.get("rho"), "validation_loss": given.get("validation_loss")}
        context = Context(tolerance, MAX_ITERATIONS, init=given["init"], **known)
        point = {name: given[name] for name in params}
        fit = spec.fit(data.make_problem(given), point, context, options)
        return Answer(result(fit), {"iterations": fit.iterations} | counts(fit))

    return Contender("ours", lambda: run)


def lbfgs(make_objective, start, scale):
    """Return the generic contender: scipy's L-BFGS-B on all weights at once.

    make_objective : function () -> objective(W) -> (value, gradient); its time counts. start : weights (d,
    T).
    scale : unit of the gradient; the solver's tolerance is relative to it.
    """

    def make():
        from scipy.optimize import minimize

        def run(tolerance, limit):
            objective = make_objective()
            deadline = time.perf_counter() + limit
            stopped = False

            def flat(w):
                value, gradient = objective(w.reshape(start.shape))
                return value, gradient.ravel()

            def callback(intermediate_result):
                nonlocal stopped
                if time.perf_counter() > deadline:
                    stopped = True
                    raise StopIteration

            options = {"gtol": tolerance * scale, "ftol": 0.0}
            options |= {"maxiter": MAX_ITERATIONS, "maxfun": MAX_ITERATIONS}
            found = minimize(
                flat, start.ravel(), jac=True, method="L-BFGS-B", options=options, callback=callback
            )
            counts = {"iterations": int(found.nit), "evaluations": int(found.nfev)}
            return Answer(found.x.reshape(start.shape), counts, stopped)

        return run

    return Contender("scipy L-BFGS-B", make, levels=TOLERANCES)


def until(step, start, limit):
    """Repeat ``state, done = step(state)``; return the last state and whether `limit` seconds ran out."""
    deadline = time.perf_counter() + limit
    state, done = start, False
    while not done and time.perf_counter() < deadline:
        state, done = step(state)
    return state, not done


def per_task(solve, X, Y):
    """Return W (d, T) with column t ``solve(X_t, y_t)``; X and Y as from `workbench.benchmark.data.rows`."""
    if isinstance(X, np.ndarray):
        return np.column_stack([solve(X, np.ascontiguousarray(y)) for y in Y.T])
    return np.column_stack([solve(x, y) for x, y in zip(X, Y, strict=True)])
