"""What is measured: a contender solves one problem, from its arrays to weights, and says what it needed.

A module that can be measured (`workbench.benchmark.cases`, `workbench.benchmark.scaling`) has two functions of `given`,
the arrays, numbers and texts that define one problem:

contenders(given) -> list of `Contender`, ours first
judge(given) -> function of an `Answer`'s result that returns (objective, residual), the same for all
"""

import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

# The tolerances that are tried, loosest first, until a result is as near its optimum as asked.
POWERS = tuple(10.0**-k for k in range(1, 15))
# For methods that run until they are told to stop.
MANY = 1_000_000


@dataclass(frozen=True)
class Answer:
    """What a contender returns: its `result` for the judge, and `counts` such as iterations.

    stopped : it ended at its time limit.
    """

    result: object
    counts: dict = field(default_factory=dict)
    stopped: bool = False


@dataclass(frozen=True)
class Contender:
    """One way to solve the problem.

    make : called once, untimed; imports what it needs and returns run(tolerance, limit) -> `Answer`, which is
        timed. limit : seconds after which it may end by itself.
    package : what must be installed, if not a dependency.
    levels : tolerances of its own to choose from; empty if it takes ours, or has none.
    another_problem : it is there for its seconds; its objective is not that of the others.
    """

    name: str
    make: Callable
    package: str | None = None
    levels: tuple = ()
    another_problem: bool = False

    @property
    def installed(self):
        return self.package is None or importlib.util.find_spec(self.package) is not None


def lbfgs(function, start, scale, name="scipy L-BFGS-B"):
    """Return the generic contender: scipy's L-BFGS-B on all weights at once.

    function() -> objective(W) -> (value, gradient), made inside the timed run; start : (d, T);
    scale : what a gradient is measured by, so that the tolerance has no unit.
    """

    def make():
        from scipy.optimize import minimize

        def run(tolerance, limit):
            objective = function()
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

            options = {"gtol": tolerance * scale, "ftol": 0.0, "maxiter": MANY, "maxfun": MANY}
            found = minimize(
                flat, start.ravel(), jac=True, method="L-BFGS-B", options=options, callback=callback
            )
            counts = {"iterations": int(found.nit), "evaluations": int(found.nfev)}
            return Answer(found.x.reshape(start.shape), counts, stopped)

        return run

    return Contender(name, make, levels=POWERS)


def until(step, start, limit):
    """Repeat ``state, done = step(state)``; return the last state and whether `limit` seconds ran out."""
    deadline = time.perf_counter() + limit
    state, done = start, False
    while not done and time.perf_counter() < deadline:
        state, done = step(state)
    return state, not done


def per_task(solve, X, Y):
    """Return W (d, T) with column t ``solve(X_t, y_t)``; X and Y as `workbench.benchmark.data.rows` gives them."""
    if isinstance(X, np.ndarray):
        return np.column_stack([solve(X, np.ascontiguousarray(y)) for y in Y.T])
    return np.column_stack([solve(x, y) for x, y in zip(X, Y, strict=True)])
