"""Contenders side by side: each in its own process, in turn A B C A B C, on the same problem.

A contender's own tolerance is calibrated first, untimed: the loosest power of ten at which its result is as
near the optimum as asked, by our measure. Then come the warm-up rounds, which are kept and shown by
themselves, and the timed ones. What cannot take part is reported with the reason.
"""

import importlib
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from workbench.benchmark import data, memory, summary
from workbench.benchmark.one_thread import ONE_THREAD
from workbench.code_dependencies import ROOT

# A contender that ends by itself at the limit may finish its iteration.
GRACE = 1.25
START_SECONDS = 120.0
# What the table says of a contender that takes part although it comes less near the optimum than asked.
SHORT = "comes no nearer than a residual of"


@dataclass(frozen=True)
class Plan:
    """How contenders are measured: rounds, the residual to reach, and what a run may take.

    time_limit : seconds of one run. memory_limit : GiB of one process.
    """

    repeats: int = 5
    warmups: int = 1
    tolerance: float = 1e-6
    time_limit: float = 120.0
    memory_limit: float = 20.0


class Stopped(Exception):
    """A run that gave no result; the text is for the table, `account` what is known of it, or None."""

    def __init__(self, text, account=None):
        super().__init__(text)
        self.account = account


class Worker:
    """A contender's process. Use as a context; `run` returns its account of one run."""

    def __init__(self, module, path, name, plan):
        self._plan = plan
        command = [sys.executable, "-m", "workbench.benchmark.worker", module, str(path), name]
        self._process = subprocess.Popen(
            [*command, str(plan.memory_limit)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": str(ROOT)},
        )
        self._read = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def start(self):
        """Wait until the process has its data and its imports; raise `Stopped` if it fails."""
        self._answer(START_SECONDS)

    def run(self, tolerance):
        """Return the account of one run, judged; raise `Stopped` when there is none."""
        limit = self._plan.time_limit
        try:
            command = {"tolerance": tolerance, "limit": limit}
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise Stopped("its process ended") from None
        account = self._answer(GRACE * limit + 1.0)
        # Judging is not timed, and may take as long as a run.
        return account | self._answer(10.0 * limit + START_SECONDS)

    def _answer(self, seconds):
        content = json.loads(self._line(seconds))
        if "failed" in content:
            raise Stopped(content["failed"])
        return content

    def _line(self, seconds):
        started = time.monotonic()
        stream = self._process.stdout
        while b"\n" not in self._read:
            ready, _, _ = select.select([stream], [], [], max(started + seconds - time.monotonic(), 0.0))
            if not ready:
                account = _unfinished(time.monotonic() - started, memory.most(self._process.pid))
                self._process.kill()
                raise Stopped(stopped_after(self._plan), account)
            chunk = os.read(stream.fileno(), 1 << 16)
            if not chunk:
                raise Stopped("its process ended")
            self._read += chunk
        line, self._read = self._read.split(b"\n", 1)
        return line


def calibrate(run, levels, plan):
    """Return (tolerance, account, reason): the loosest of `levels` whose result is near enough.

    run(level) -> the account of one run; raises `Stopped` where there is none. Where no level is near enough
    the nearest one is returned with the reason, and where a run took too long that one, or the one before.
    """
    tolerance, nearest = levels[0], None
    for level in levels:
        try:
            account = run(level)
        except Stopped as stopped:
            return level, stopped.account or nearest, str(stopped)
        if account["stopped"]:
            return level, account, stopped_after(plan)
        if account["residual"] is not None:
            if account["residual"] <= plan.tolerance:
                return level, account, None
            if nearest is None or account["residual"] < nearest["residual"]:
                tolerance, nearest = level, account
    if nearest is None:
        return tolerance, None, "gives no finite weights"
    return tolerance, nearest, f"{SHORT} {nearest['residual']:.1e}"


def _unfinished(seconds, peak_mib):
    """Return the account of a run that had to be ended: what it took so far."""
    account = {"seconds": seconds, "cpu": None, "counts": {}, "stopped": True, "objective": None}
    return account | {"residual": None, "held_mib": None, "peak_mib": peak_mib}


def stopped_after(plan):
    """Return what the table says of a run that took too long."""
    return f"stopped after {plan.time_limit:g} s"


def measure(module, given, plan):
    """Return one record per contender of the module called `module` on the problem `given`.

    A record has ``name``, ``ours``, ``tolerance``, ``note``; ``runs``, the accounts of all rounds with
    ``round`` and ``warmup``; and ``rough``, the account of a run of the calibration, which stands in for a
    contender that took no part in the rounds.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "given.npz"
        data.save(path, given)
        return _measure(module, path, importlib.import_module(module).contenders(given), plan)


def _measure(module, path, contenders, plan):
    records, workers = [], {}
    for number, contender in enumerate(contenders):
        record = {"name": contender.name, "ours": number == 0, "tolerance": plan.tolerance}
        record |= {"note": None, "runs": [], "rough": None}
        records.append(record)
        if not contender.installed:
            record["note"] = f"{contender.package} is not installed"
            continue
        if contender.levels:
            with Worker(module, path, contender.name, plan) as worker:
                worker.start()
                level, account, reason = calibrate(worker.run, contender.levels, plan)
            record |= {"tolerance": level, "note": reason, "rough": account}
            if reason is not None and not reason.startswith(SHORT):
                continue
        workers[number] = Worker(module, path, contender.name, plan)
    try:
        for number in list(workers):
            _or_leave(workers, records, number, lambda worker, record: worker.start())
        for turn in range(plan.warmups + plan.repeats):
            for number in list(workers):
                _or_leave(workers, records, number, partial(_take, turn=turn, plan=plan))
    finally:
        for worker in workers.values():
            worker.close()
    return _with_agreement(records)


def _or_leave(workers, records, number, action):
    """Carry out `action`; a contender that gives no result leaves the rounds with the reason."""
    try:
        action(workers[number], records[number])
    except Stopped as stopped:
        records[number]["note"] = str(stopped)
        records[number]["rough"] = records[number]["rough"] or stopped.account
        workers.pop(number).close()


def _take(worker, record, turn, plan):
    account = worker.run(record["tolerance"])
    record["runs"].append({"round": turn, "warmup": turn < plan.warmups, **account})
    if account["stopped"]:
        # Once says it all: the other rounds would take as long.
        raise Stopped(stopped_after(plan))


def last_account(record):
    """Return the account of a contender's last run, one outside the rounds if need be, or None."""
    return record["runs"][-1] if record["runs"] else record["rough"]


def _with_agreement(records):
    """Add to every alternative how its objective compares with ours, and whether that is as it should be."""
    ours = last_account(records[0]) or {}
    for record in records[1:]:
        theirs = last_account(record) or {}
        pair = ours.get("objective"), theirs.get("objective")
        record["difference"] = summary.difference(*pair)
        record["agrees"] = summary.agrees(*pair)
    return records
