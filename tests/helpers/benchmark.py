"""Contenders that solve nothing, and made-up accounts and records of runs, for tests of the benchmark.

The processes of the harness import this module as ``helpers.benchmark``.
"""

import os
import signal
import time

from workbench.benchmark._spec import ProblemSpec
from workbench.benchmark.contenders import Answer, Contender, until


def returns(name, value=1.0, **options):
    """Return a contender that returns `value` at once."""
    return Contender(name, lambda: lambda tolerance, limit: Answer(value, {"iterations": 3}), **options)


def runs(name, run, **options):
    """Return a contender that calls run(tolerance, limit)."""
    return Contender(name, lambda: run, **options)


def _patient(tolerance, limit):
    value, stopped = until(lambda state: (state + 1, False), 0, limit)
    return Answer(1.5, {"iterations": value}, stopped)


# The judge of these contenders returns the value as the objective and the tolerance as the residual.
CONTENDERS = {
    "all": [
        returns("ours"),
        returns("same"),
        returns("higher", 2.0),
        returns("lower", 0.5),
        returns("other problem", 7.0, another_problem=True),
        returns("absent", package="a_package_that_does_not_exist"),
        runs("patient", _patient),
        runs("slow", lambda tolerance, limit: time.sleep(60.0)),
        runs("broken", lambda tolerance, limit: 1 / 0),
        runs("dead", lambda tolerance, limit: os._exit(3)),
        runs("killed", lambda tolerance, limit: os.kill(os.getpid(), signal.SIGKILL)),
        runs("printing", lambda tolerance, limit: print("text", flush=True) or Answer(1.0)),
    ],
    "calibrated": [
        returns("ours"),
        runs("coarse", lambda tolerance, limit: Answer(tolerance), levels=(1e-1, 1e-2, 1e-3, 1e-4)),
        runs("never", lambda tolerance, limit: Answer(0.3), levels=(1e-1, 1e-2)),
        runs("infinite", lambda tolerance, limit: Answer(float("inf")), levels=(1e-1, 1e-2)),
        Contender("unable to start", lambda: 1 / 0, levels=(1e-1, 1e-2)),
    ],
}


def _judge(given):
    if given["which"] == "calibrated":
        return lambda value: (1.0, value)
    return lambda value: (value, 1e-9)


SPEC = ProblemSpec(contenders=lambda given: CONTENDERS[given["which"]], judge=_judge)


def account(residual=1e-9, stopped=False, **changes):
    """Return the account of one run."""
    numbers = {"seconds": 1.0, "cpu": 1.0, "objective": 1.0, "counts": {}, "held_mib": 60.0, "peak_mib": 64.0}
    return numbers | {"residual": residual, "stopped": stopped} | changes


def record(name, seconds, warmup=None, **changes):
    """Return the record of a contender with one timed round per number of `seconds`.

    warmup : seconds of a warm-up round, or None. changes : of fields of the record or of every account.
    """
    fields = {"tolerance": 1e-6, "note": None, "rough": None, "difference": None, "agrees": None}
    fields = {key: changes.pop(key, value) for key, value in fields.items()}
    rounds = [(True, warmup)] if warmup is not None else []
    rounds += [(False, value) for value in seconds]
    runs = [
        account(**({"seconds": value, "round": number, "warmup": warm} | changes))
        for number, (warm, value) in enumerate(rounds)
    ]
    return {"name": name, "ours": name == "ours", "runs": runs, **fields}
