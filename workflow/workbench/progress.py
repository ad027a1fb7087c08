"""What the user sees of a run: its progress, its failed jobs and Snakemake's other messages.

``snakemake --logger workbench`` shows this in place of Snakemake's own output. Snakemake describes each step
by a log record with an event; Progress follows the jobs by these records and writes lines such as::

    fits 34 of 120, elapsed 0:02:10, about 0:05:30 left, running: school/amtl/split2, school/stl/split3
"""

import os
import re
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

# Jobs named in one line, and lines shown of the log of a failed job.
NAMED_JOBS, LOG_LINES = 3, 10
# Changes within this many seconds share one line: jobs start in batches.
PAUSE_SECONDS = 0.5
# The clock of a file server may lag behind by this many seconds.
CLOCK_LAG_SECONDS = 1.0
# What `--quiet rules` and `--quiet progress` hide.
QUIETED = {
    "job_info": "rules",
    "group_info": "rules",
    "shellcmd": "rules",
    "job_finished": "progress",
    "progress": "progress",
    "resources_info": "progress",
    "run_info": "progress",
}
# Events of a job. In a run the progress lines replace them; a dry run shows them as Snakemake does.
JOB_EVENTS = ("job_info", "job_started", "job_finished", "job_error", "group_info", "group_error", "progress")
# How a command ends that received Ctrl-C or a request to terminate, in Python's words.
INTERRUPTED = re.compile(r"SIGINT|SIGTERM|exit status (130|143)\b")


class Job(NamedTuple):
    """A job that was started or submitted and has not ended."""

    rule: str
    label: str
    local: bool
    resources: object
    since: float


class Progress:
    """Take Snakemake's log records and write what the user needs to `stream`.

    Parameters
    ----------
    settings
        Snakemake's output settings, as a logger plugin receives them.
    stream
        Text stream to write to.
    format_record : callable
        Returns Snakemake's own text of a record.
    """

    def __init__(self, settings, stream, format_record):
        self.settings, self.stream, self.format_record = settings, stream, format_record
        self.quiet = {item.name.lower() for item in settings.quiet or ()}
        self.unit, self.total, self.done = "jobs", 0, 0
        # Times are None until the first job, and the first job that is counted, have started.
        self.started = self.counted_since = None
        self.active, self.failed, self.interrupted = {}, {}, []
        # Texts of commands' exceptions. They wait for the record of their job, which follows.
        self.exceptions = []
        self.shown, self.last_state = set(), None
        self.lock, self.timer = threading.RLock(), None

    def take(self, record):
        """Follow one record, and show what it says to the user."""
        event = getattr(record, "event", None)
        with self.lock:
            if event in JOB_EVENTS and not self.settings.dryrun:
                self.follow(event, record)
            elif self.is_visible(event, record):
                self.show_record(event, record)
            if event == "run_info":
                self.unit = "fits" if record.stats.get("fit") else "jobs"
                self.total = record.stats.get("fit") or record.stats.get("total", 0)

    def is_visible(self, event, record):
        """Return whether --quiet, --printshellcmds and --debug-dag let a record be shown."""
        if "all" in self.quiet and not self.settings.dryrun:
            return False
        if event == "shellcmd" and not self.settings.printshellcmds:
            return False
        if event == "debug_dag" and not self.settings.debug_dag:
            return False
        quietness = getattr(record, "quietness", None)
        return (quietness.name.lower() if quietness else QUIETED.get(event)) not in self.quiet

    def show_record(self, event, record):
        """Write Snakemake's text of a record."""
        text = self.format_record(record)
        if event == "error" and self.active and "CalledProcessError" in text and not self.settings.verbose:
            self.exceptions.append(text)
            return
        # The scheduler announces each of its rounds by the same text.
        repeated = event is None and record.levelname == "INFO" and text in self.shown
        if text and text != "None" and not repeated:
            self.shown.add(text)
            self.write(f"\n{text}" if event == "job_info" else text)

    def follow(self, event, record):
        """Update the state of the run by the event of a job."""
        if event == "job_info":
            self.start(record)
        elif event == "job_finished":
            job = self.active.pop(record.job_id, None)
            self.done += job is not None and self.is_counted(job)
        elif event == "job_error":
            self.fail(record.jobid, record.output, record.log, record.rule_msg, record.shellcmd)
        elif event == "group_error":
            self.fail_group(record.job_error_info, record.aux_logs)
        if event in ("job_info", "job_finished", "job_error"):
            self.show_line_soon()

    def start(self, record):
        """Note a job that starts, for the first time or again."""
        now = time.time()
        job = Job(
            record.rule_name, label(record.rule_name, record.wildcards), record.local, record.resources, now
        )
        self.active[record.jobid] = job
        self.failed.pop(record.jobid, None)
        self.started = self.started or now
        if self.is_counted(job):
            self.counted_since = self.counted_since or now

    def is_counted(self, job):
        """Return whether a job counts in the line: fits, or all jobs of a run that has no fits."""
        return self.unit == "jobs" or job.rule == "fit"

    def fail(self, jobid, outputs, logs, reason=None, command=None):
        """Report a job that failed or was interrupted, and remember its `logs`."""
        job = self.active.pop(jobid, None)
        if job is None:
            return
        ending = self.command_ending(command)
        if INTERRUPTED.search(ending):
            self.interrupted.append(job.label)
            return
        self.failed[jobid] = logs
        self.report(f"failed: {job.label}" + (f" ({ending})" if ending else ""))
        for detail in (f"output: {', '.join(outputs)}", reason):
            if detail:
                self.report(f"    {detail}")
        for path in filter(os.path.exists, logs):
            self.report(f"    end of {path}:")
            for line in last_lines(path) or [killed(job.resources)]:
                self.report(f"        {line}")

    def command_ending(self, command):
        """Return how a shell command ended, such as "returned non-zero exit status 1", or an empty string."""
        for text in self.exceptions if command else []:
            if command in text:
                self.exceptions.remove(text)
                return text.rpartition(command)[2].strip("'. \n")
        return ""

    def fail_group(self, jobs, logs):
        """Report the jobs of a group that started and left an output missing; `logs` are the group's own."""
        started = [job for job in jobs if any(self.is_new(path, job["jobid"]) for path in job["log"])]
        culprits = [job for job in started if not all(map(os.path.exists, job["output"]))] or jobs[:1]
        for job in culprits:
            self.fail(job["jobid"], job["output"], job["log"] + (logs if job is culprits[-1] else []))
        # Snakemake logs an error for each job of the group, including those that never started.
        for job in jobs:
            self.active.pop(job["jobid"], None)

    def is_new(self, path, jobid):
        """Return whether the present attempt at a job wrote the log at `path`."""
        since = self.active[jobid].since - CLOCK_LAG_SECONDS if jobid in self.active else float("inf")
        return os.path.exists(path) and os.path.getmtime(path) >= since

    def state(self):
        """Return what has been done and what is under way, as two texts without times."""
        counts = f"{self.unit} {self.done} of {self.total}" if self.total else ""
        if self.failed:
            counts += f", {len(self.failed)} failed"
        doing = [
            f"{verb}: {named(jobs)}"
            for verb, local in (("running", True), ("submitted", False))
            if (jobs := [job.label for job in self.active.values() if job.local == local])
        ]
        return counts, ", ".join(doing)

    def times(self):
        """Return the elapsed time, and the time left if the remaining jobs take as long as those done."""
        now = time.time()
        texts = [f"elapsed {duration(now - self.started)}"] if self.started else []
        if 0 < self.done < self.total:
            left = (now - self.counted_since) / self.done * (self.total - self.done)
            texts.append(f"about {duration(left)} left")
        return ", ".join(texts)

    def show_line_soon(self):
        """Write the line after a pause in which further changes join it; at once when no job is left."""
        if not self.active:
            self.show_line()
        elif self.timer is None:
            self.timer = threading.Timer(PAUSE_SECONDS, self.show_line_now)
            self.timer.daemon = True
            self.timer.start()

    def show_line_now(self):
        """Write the line at the end of the pause."""
        with self.lock:
            self.timer = None
            if self.active:
                self.show_line()

    def show_line(self):
        """Write the line, unless nothing but the time has changed."""
        state = self.state()
        if state != self.last_state and not self.quiet & {"progress", "all"}:
            self.last_state = state
            counts, doing = state
            self.write(", ".join(text for text in (counts, self.times(), doing) if text))

    def close(self):
        """End the run: report interrupted jobs, and each error line of the failed jobs' logs once."""
        with self.lock:
            for text in self.exceptions:
                self.report(text)
            self.interrupted += [job.label for job in self.active.values()]
            if self.interrupted:
                self.report(f"interrupted: {named(self.interrupted)}")
            for line, (first, *others) in error_lines(self.failed.values()).items():
                self.report(f"{line} ({first}{f' and {len(others)} more' if others else ''})")
            # Python closes the handlers of logs once more when it exits.
            self.exceptions, self.interrupted, self.active, self.failed = [], [], {}, {}

    def report(self, text):
        """Write `text`, unless the user asked for no output at all."""
        if "all" not in self.quiet:
            self.write(text)

    def write(self, text):
        """Write one line of `text`."""
        try:
            self.stream.write(f"{text}\n")
            self.stream.flush()
        except BrokenPipeError:
            # The reader has gone, as in `snakemake -n | head`.
            pass


def label(rule, wildcards):
    """Return the name of a job: ``school/amtl/split2`` for a fit, ``RULE school/...`` for others."""
    values = "/".join(f"split{value}" if key == "split" else str(value) for key, value in wildcards.items())
    return values if rule == "fit" and values else f"{rule} {values}".strip()


def named(labels):
    """Return the first labels in one text, and how many more there are."""
    more = len(labels) - NAMED_JOBS
    return ", ".join(labels[:NAMED_JOBS]) + (f" and {more} more" if more > 0 else "")


def duration(seconds):
    """Return a time as hours:minutes:seconds."""
    return str(timedelta(seconds=round(seconds)))


def read_lines(path):
    """Return the lines of a log, which may hold any bytes."""
    return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()


def last_lines(path):
    """Return the last lines of a log that are not empty."""
    return [line for line in read_lines(path) if line.strip()][-LOG_LINES:]


def error_lines(logs):
    """Return {error line: paths of the logs that hold it} for the logs of several jobs."""
    found = {}
    for path in sorted({path for paths in logs for path in paths if os.path.exists(path)}):
        for line in read_lines(path):
            if line.startswith("error:") and path not in found.setdefault(line, []):
                found[line].append(path)
    return found


def killed(resources):
    """Return the likely reason why a job failed without a line in its log."""
    given = dict(resources.items())
    asked = ", ".join(f"{key}={given[key]}" for key in ("mem_mb", "runtime") if key in given)
    limits = f" (requested: {asked})" if asked else ""
    return f"(empty) The job was killed, perhaps for lack of memory or time{limits}."
