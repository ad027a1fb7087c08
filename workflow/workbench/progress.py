"""What a run has done and is doing, and what its failed jobs said: a handler for Snakemake's log.

Snakemake marks the records of its log with events. The handler follows the jobs by them and writes a line
such as ``fits 34 of 120, running: school/amtl/split2`` when that changes, and the end of a failed job's log.
"""

import logging
import os
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

# Jobs named in a line; lines shown of a log.
NAMED, LINES = 3, 10
# Changes within so many seconds share a line: the jobs of a group start and end together.
PAUSE = 0.5
# The clock of a file server may be so much behind, in seconds.
CLOCKS = 1.0
# What the line takes the place of, where Snakemake is told to be quiet about its rules.
REPLACED_EVENTS = ("job_started", "job_finished", "progress")
REPLACED_TEXT = "Select jobs to execute..."


class Job(NamedTuple):
    """A job that has not ended, and when it was begun or submitted."""

    rule: str
    label: str
    resources: dict
    since: float


class Progress(logging.Handler):
    """Follow the jobs of a run and write to `stream`; `doing()` says what a job does until it ends."""

    def __init__(self, doing, stream=None):
        super().__init__()
        self.doing, self.stream = doing, stream or sys.stderr
        self.total = self.done = 0
        self.written = None
        self.active, self.failed = {}, {}
        self.timer = None

    def emit(self, record):
        """Take one record of the log; the logger has the handler locked meanwhile."""
        event = getattr(record, "event", None)
        if event == "run_info":
            self.total = record.stats.get("fit", 0)
        elif event == "job_info":
            label = name(record.rule_name, record.wildcards)
            self.active[record.jobid] = Job(record.rule_name, label, record.resources, time.time())
            self.failed.pop(record.jobid, None)
        elif event == "job_finished":
            job = self.active.pop(record.job_id, None)
            self.done += job is not None and job.rule == "fit"
        elif event == "job_error":
            self.fail(record.jobid, record.log)
        elif event == "group_error":
            self.fail_group(record.job_error_info, record.aux_logs)
        if event in ("job_info", "job_finished", "job_error"):
            self.show()

    def fail(self, jobid, logs):
        """Note that the job `jobid` failed, and show the end of its `logs`."""
        job = self.active.pop(jobid, None)
        if job is None:
            return
        self.failed[jobid] = logs
        self.write(f"failed: {job.label}")
        for path in filter(os.path.exists, logs):
            for line in ending(path) or [empty(job.resources)]:
                self.write(f"    {line}")
            self.write(f"    (the end of {path})")

    def fail_group(self, jobs, logs):
        """Note the jobs of a group that have begun and made no output, and show its own `logs`."""
        begun = [job for job in jobs if any(self.is_of(job["jobid"], path) for path in job["log"])]
        culprits = [job for job in begun if not all(map(os.path.exists, job["output"]))] or jobs[:1]
        for job in culprits:
            self.fail(job["jobid"], job["log"] + (logs if job is culprits[-1] else []))
        # A record of each job follows; of the others there is nothing to say.
        for job in jobs:
            self.active.pop(job["jobid"], None)

    def is_of(self, jobid, path):
        """Say whether a log is of the present attempt at the job `jobid`."""
        return os.path.exists(path) and os.path.getmtime(path) >= self.active[jobid].since - CLOCKS

    def line(self):
        """Return how far the run is, in one line."""
        labels = [job.label for job in self.active.values()]
        more = f" and {len(labels) - NAMED} more" if len(labels) > NAMED else ""
        doing = f"{self.doing()}: {', '.join(labels[:NAMED])}{more}" if labels else ""
        fits = f"fits {self.done} of {self.total}" if self.total else ""
        return ", ".join(part for part in (fits, doing) if part)

    def show(self):
        """Write the line soon, with all that changes until then; at once when no job is left."""
        if not self.active:
            self.write_line()
        elif self.timer is None:
            self.timer = threading.Timer(PAUSE, self.show_now)
            self.timer.daemon = True
            self.timer.start()

    def show_now(self):
        """Write the line, unless nothing is left to say."""
        with self.lock:
            self.timer = None
            if self.active:
                self.write_line()

    def write_line(self):
        """Write the line, if it says anything new."""
        line = self.line()
        if line and line != self.written:
            self.written = line
            self.write(line)

    def write(self, text):
        """Write one line of `text`."""
        self.stream.write(f"{text}\n")
        self.stream.flush()


def name(rule, wildcards):
    """Return the name of a job: ``school/amtl/split2`` of a fit; of others the rule comes first."""
    values = "/".join(f"split{value}" if key == "split" else value for key, value in wildcards.items())
    return values if rule == "fit" else f"{rule} {values}".strip()


def ending(path):
    """Return the last lines of a log that are not empty."""
    lines = Path(path).read_text(errors="replace").splitlines()
    return [line for line in lines if line.strip()][-LINES:]


def empty(resources):
    """Return what a job that left nothing in its log most likely ended by."""
    given = dict(resources.items())
    asked = ", ".join(f"{key}={given[key]}" for key in ("mem_mb", "runtime") if key in given)
    return f"It wrote nothing: it was ended from outside, perhaps for want of memory or time ({asked})."


def replaced(record):
    """Say whether a record of the log tells what the line of the progress tells."""
    return getattr(record, "event", None) in REPLACED_EVENTS or record.msg == REPLACED_TEXT


def follow(logger, quiet, doing):
    """Add a Progress to Snakemake's `logger` and return it; `quiet` leaves out what says the same."""
    progress = Progress(doing)
    for handler in logger.handlers if quiet else []:
        if handler.name == "DefaultStreamHandler":
            handler.addFilter(lambda record: not replaced(record))
    logger.addHandler(progress)
    return progress
