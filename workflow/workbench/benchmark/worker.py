"""One contender in a process of its own, so that the memory is its own: told what to do line by line.

``python -m workbench.benchmark.worker MODULE GIVEN CONTENDER GIB`` reads one JSON object a line from its standard
input, ``{"tolerance", "limit"}``, and answers each with two: ``{"seconds", "cpu", "counts", ...}`` as soon as
the run has ended, and ``{"objective", "residual"}`` when the result has been judged.
"""

import gc
import importlib
import json
import math
import os
import sys
import time
import warnings

from workbench.benchmark import data, memory


def find(module, given, name):
    """Return the contender `name` of a module that can be measured, and its judge."""
    contender = next(each for each in module.contenders(given) if each.name == name)
    if contender.another_problem:
        return contender, lambda result: (None, None)
    return contender, module.judge(given)


def run_once(run, tolerance, limit):
    """Return (answer, account) of one timed run; memory is counted from what is held before it."""
    gc.collect()
    before = memory.held()
    memory.forget_most()
    cpu, started = time.process_time(), time.perf_counter()
    answer = run(tolerance, limit)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    account = {"seconds": seconds, "cpu": cpu, "counts": answer.counts, "stopped": answer.stopped}
    return answer, account | {"held_mib": before, "peak_mib": memory.most()}


def judge_once(judge, answer):
    """Return the objective and the residual of a result; what is not finite is null."""
    objective, residual = judge(answer.result)
    return {"objective": _finite(objective), "residual": _finite(residual)}


def _finite(value):
    return None if value is None or not math.isfinite(value) else float(value)


def serve(module, path, name, gib, commands, reply):
    """Answer `commands`, an iterable of lines, through reply(content)."""
    given = data.load(path)
    contender, judge = find(importlib.import_module(module), given, name)
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
            reply({"failed": f"{type(error).__name__}: {error}"[:300]})


def main():
    warnings.simplefilter("ignore")
    # Whatever a library prints goes to the log; the answers keep this process's standard output.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def reply(content):
        print(json.dumps(content), file=answers, flush=True)

    module, path, name, gib = sys.argv[1:]
    serve(module, path, name, float(gib), sys.stdin, reply)


if __name__ == "__main__":
    main()
