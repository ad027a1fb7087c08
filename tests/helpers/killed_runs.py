"""Runs of Snakemake that a test kills and starts again."""

import os
import subprocess
import sys
import time

import psutil

from helpers.workflow_copy import fresh_environment, require_success, run

# The settings of such a run are in the copy's file run.yaml.
START = [
    sys.executable,
    "-m",
    "snakemake",
    "--configfile",
    "run.yaml",
    "--cores",
    "2",
    "--scheduler",
    "greedy",
]


def leftovers(copy):
    """Return the unfinished files under results."""
    return list((copy.root / "results").rglob("*.part"))


def start(copy, *arguments):
    """Start Snakemake in a session of its own; its output goes to the copy's file `printed`."""
    with open(copy.root / "printed", "w", encoding="utf-8") as stream:
        return subprocess.Popen(
            [*START, *arguments],
            cwd=copy.root,
            env=fresh_environment(),
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def printed(copy):
    return (copy.root / "printed").read_text(encoding="utf-8", errors="replace")


def alive(process):
    """Return the living processes of the session that `process` leads or led."""
    found = []
    for each in psutil.process_iter():
        try:
            if os.getsid(each.pid) == process.pid and each.status() != psutil.STATUS_ZOMBIE:
                found.append(each)
        except (ProcessLookupError, psutil.NoSuchProcess):
            pass
    return found


def jobs_at_work(process, script):
    """Yield (process, its arguments) of the jobs of a script in the session of `process`."""
    for each in alive(process):
        try:
            command = each.cmdline()
        except psutil.NoSuchProcess:
            continue
        if command[2:5] == ["-m", "workbench.run_script", script]:
            yield each, command[5:]


def wait_until(condition, process=None):
    """Wait until `condition()` holds or, where a process is given, until that has ended."""
    deadline = time.monotonic() + 600
    while not condition() and (process is None or process.poll() is None):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def kill(process, whole):
    """kill -9 a run: all its processes, or Snakemake alone, so that its jobs go on."""
    for each in alive(process) if whole else [psutil.Process(process.pid)]:
        try:
            each.kill()
        except psutil.NoSuchProcess:
            pass
    process.wait()


def restart(copy, *targets):
    """Run Snakemake again by the commands that the documentation gives."""
    require_success(run([*START, "--unlock"], copy.root))
    return require_success(run([*START, "--rerun-incomplete", *targets], copy.root))
