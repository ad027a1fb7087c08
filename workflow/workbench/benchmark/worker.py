"""The process of one contender, separate so that its memory is measured alone.

``python -P worker.py MODULE GIVEN CONTENDER GIB`` reads one JSON object per line from standard input,
``{"tolerance", "limit"}``, and answers each with two: ``{"seconds", "cpu", "counts", ...}`` when the run has
ended, and ``{"objective", "residual"}`` when its result has been judged. A run that fails is answered with
one, ``{"failed"}``.
"""

import gc
import json
import math
import os
import sys
import time
import warnings

from workbench import source_loader

if __name__ == "__main__":
    # Our modules are compiled from source, as in `workbench.run_script`.
    source_loader.use_for(filter(None, os.environ["PYTHONPATH"].split(os.pathsep)))

from workbench import plugins  # noqa: E402
from workbench.benchmark import data, memory  # noqa: E402

MAX_MESSAGE_LENGTH = 300


def find(spec, given, name):
    """Return the contender `name` of a `ProblemSpec`, and its judge."""
    contender = next(each for each in spec.contenders(given) if each.name == name)
    if contender.another_problem:
        return contender, lambda result: (None, None)
    return contender, spec.judge(given)


def run_once(run, tolerance, limit):
    """Return (answer, account) of one timed run; ``held_mib`` is the memory that is held before it."""
    gc.collect()
    before = memory.held()
    memory.reset_peak()
    cpu, started = time.process_time(), time.perf_counter()
    answer = run(tolerance, limit)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    account = {"seconds": seconds, "cpu": cpu, "counts": answer.counts, "stopped": answer.stopped}
    return answer, account | {"held_mib": before, "peak_mib": memory.peak()}


def judge_once(judge, answer):
    """Return the objective and the residual of a result; a number that is not finite becomes None."""
    objective, residual = judge(answer.result)
    return {"objective": _finite(objective), "residual": _finite(residual)}


def _finite(value):
    return None if value is None or not math.isfinite(value) else float(value)


def serve(module, path, name, gib, commands, reply):
    """Answer `commands`, an iterable of lines, by calling reply(content)."""
    given = data.load(path)
    contender, judge = find(plugins.load_module(module), given, name)
    memory.limit(gib)
    run = contender.make()
    reply({"ready": True})
    for line in commands:
        try:
            answer, account = run_once(run, **json.loads(line))
            reply(account)
            reply(judge_once(judge, answer))
        except MemoryError:
            reply({"failed": f"needs more than {gib:g} GiB"})
        except Exception as error:
            reply({"failed": f"{type(error).__name__}: {error}"[:MAX_MESSAGE_LENGTH]})


def main():
    warnings.simplefilter("ignore")
    # Standard output carries the answers alone; what a library prints goes to standard error.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def reply(content):
        print(json.dumps(content), file=answers, flush=True)

    module, path, name, gib = sys.argv[1:]
    serve(module, path, name, float(gib), sys.stdin, reply)


if __name__ == "__main__":
    main()
