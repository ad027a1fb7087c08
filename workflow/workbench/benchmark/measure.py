"""Contenders side by side: each in a process of its own, in turn A B C A B C, on the same problem.

The tolerance of a contender is calibrated first, untimed: the loosest power of ten at which the residual of
its result, by our judge, is small enough. Then come the warm-up rounds, which are recorded separately, and
the timed rounds. A contender that cannot take part is recorded with the reason.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from workbench import plugins
from workbench.benchmark import data, memory, summary
from workbench.code_dependencies import ROOT

# By path, not by module name: Python never takes the file that it is given from cached byte code.
WORKER = Path(__file__).with_name("worker.py")
ONE_THREAD = {
    name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
}
# A process is killed at this multiple of the time limit: one that stops by itself may finish its iteration.
KILL_FACTOR = 1.25
MAX_START_SECONDS = 120.0
# A process that has closed its pipe has this time to end.
MAX_END_SECONDS = 10.0
# Start of the note on a contender that takes part although its residual stays above the plan's tolerance.
NOT_REACHED = "smallest residual reached:"


@dataclass(frozen=True)
class MeasurementPlan:
    """How contenders are measured.

    repeats, warmups : timed and untimed rounds. tolerance : the residual to reach.
    time_limit : seconds of one run. memory_limit : GiB of one process.
    """

    repeats: int
    warmups: int
    tolerance: float
    time_limit: float
    memory_limit: float = 20.0


class Stopped(Exception):
    """A run ended without a result. The text goes into the table; `account` is what was measured, or None."""

    def __init__(self, text, account=None):
        super().__init__(text)
        self.account = account


class Worker:
    """The process of a contender, as a context manager."""

    def __init__(self, module, path, name, plan):
        self._plan = plan
        command = [sys.executable, "-P", WORKER, module, str(path), name, str(plan.memory_limit)]
        folders = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": os.pathsep.join(folders)},
        )
        self._read = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Kill the process and close its pipes."""
        self._process.kill()
        self._process.wait()
        # A command that the process did not live to read.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdout.close()

    def start(self):
        """Wait until the process has loaded its data and imports; raise `Stopped` if it fails."""
        self._answer(MAX_START_SECONDS)

    def run(self, tolerance):
        """Return the account of one run, objective and residual included; raise `Stopped` without one."""
        limit = self._plan.time_limit
        try:
            command = {"tolerance": tolerance, "limit": limit}
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None
        account = self._answer(KILL_FACTOR * limit + 1.0)
        # The judge is not timed and may take longer than a run.
        return account | self._answer(10.0 * limit + MAX_START_SECONDS)

    def _ended(self):
        """Return why no answer comes: a signal, as where the system has too little memory, or an exit."""
        # One that has closed its pipe lives on.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(MAX_END_SECONDS)
        self._process.kill()
        status = self._process.wait()
        if status < 0:
            names = {each.value: each.name for each in signal.Signals}
            return Stopped(f"its process was killed by {names.get(-status, f'signal {-status}')}")
        return Stopped(f"its process ended with status {status}")

    def _answer(self, seconds):
        line = self._line(seconds)
        try:
            content = json.loads(line)
        except ValueError:
            raise Stopped(f"its process wrote {line[:80]!r} in place of an answer") from None
        if "failed" in content:
            raise Stopped(content["failed"])
        return content

    def _line(self, seconds):
        started = time.monotonic()
        stream = self._process.stdout
        while b"\n" not in self._read:
            ready, _, _ = select.select([stream], [], [], max(started + seconds - time.monotonic(), 0.0))
            if not ready:
                account = _unfinished(time.monotonic() - started, memory.peak(self._process.pid))
                self._process.kill()
                raise Stopped(stopped_after(self._plan), account)
            chunk = os.read(stream.fileno(), 1 << 16)
            if not chunk:
                raise self._ended()
            self._read += chunk
        line, self._read = self._read.split(b"\n", 1)
        return line


def calibrate(run, levels, plan):
    """Return (tolerance, account, reason): the loosest of `levels` with a small enough residual.

    run : function of a level that returns the account of one run, or raises `Stopped`.
    reason : None, or why no level was good enough. The account is then that of the smallest residual. If a
        run reached the time limit, it is that of this run, or the best one before it.
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
        return tolerance, None, "no finite result"
    return tolerance, nearest, f"{NOT_REACHED} {nearest['residual']:.1e}"


def _unfinished(seconds, peak_mib):
    """Return the account of a run that was killed: its time and memory so far."""
    account = {"seconds": seconds, "cpu": None, "counts": {}, "stopped": True, "objective": None}
    return account | {"residual": None, "held_mib": None, "peak_mib": peak_mib}


def stopped_after(plan):
    """Return the note on a run that reached the time limit."""
    return f"stopped after {plan.time_limit:g} s"


def measure(module, given, plan):
    """Return one record per contender on the problem `given`.

    module : full name of the module whose ``SPEC`` is a `ProblemSpec`.

    A record has ``name``, ``ours``, ``tolerance`` and ``note``; ``runs``, the accounts of all rounds with
    ``round`` and ``warmup``; ``rough``, the account of an untimed or unfinished run, which tables show for a
    contender without rounds; and for an alternative ``difference`` and ``agrees``, which compare its
    objective with ours.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "given.npz"
        data.save(path, given)
        return _measure(module, path, plugins.load_module(module).contenders(given), plan)


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
            _calibrate(module, path, contender, plan, record)
            if record["note"] is not None and not record["note"].startswith(NOT_REACHED):
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


def _calibrate(module, path, contender, plan, record):
    """Put the calibrated tolerance of a contender into its record, with the account and the reason."""
    with Worker(module, path, contender.name, plan) as worker:
        try:
            worker.start()
        except Stopped as stopped:
            record["note"] = str(stopped)
            return
        level, account, reason = calibrate(worker.run, contender.levels, plan)
    record.update(tolerance=level, note=reason, rough=account)


def _or_leave(workers, records, number, action):
    """Call ``action(worker, record)``. A contender without a result leaves the rounds with a note."""
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
        # Further rounds would take as long and show nothing new.
        raise Stopped(stopped_after(plan))


def last_account(record):
    """Return the account of a contender's last round, else that of its calibration, or None."""
    return record["runs"][-1] if record["runs"] else record["rough"]


def _with_agreement(records):
    """Add to the record of every alternative the difference of objectives and whether they agree."""
    ours = last_account(records[0]) or {}
    for record in records[1:]:
        theirs = last_account(record) or {}
        pair = ours.get("objective"), theirs.get("objective")
        record["difference"] = summary.difference(*pair)
        record["agrees"] = summary.agrees(*pair)
    return records
