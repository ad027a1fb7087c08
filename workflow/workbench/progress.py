"""What the user sees of a run: its progress, its failed jobs and Snakemake's other messages.

``snakemake --logger workbench`` shows this in place of Snakemake's own output. Snakemake describes each step
by a log record with an event; Progress follows the jobs by these records and writes lines such as::

    fits 34 of 120, elapsed 0:02:10, about 0:05:30 left, running: school/amtl/split2, school/stl/split3
"""

import contextlib
import os
import re
import threading
import time
from datetime import timedelta
from pathlib import Path

# Jobs named in one line, and lines shown of the log of a failed job.
NAMED_JOBS, LOG_LINES = 3, 10
# The rules of fits and of the parts of their grids.
FITS = ("fit", "paths")
# Changes within this many seconds share one line: jobs start in batches.
PAUSE_SECONDS = 0.5
# Events that the progress lines replace, or that say nothing about the results.
HIDDEN = ("job_started", "group_info", "progress", "resources_info", "workflow_started")
# How a command ends that received Ctrl-C or a request to terminate, in Python's words.
INTERRUPTED = re.compile(r"SIGINT|SIGTERM|exit status (130|143)\b")


class Progress:
    """Take Snakemake's log records and write what the user needs to `stream`.

    settings : Snakemake's output settings, as a logger plugin receives them.
    format_record : function that returns Snakemake's own text of a record.
    """

    def __init__(self, settings, stream, format_record):
        self.settings, self.stream, self.format_record = settings, stream, format_record
        self.quiet = {item.name.lower() for item in settings.quiet or ()}
        self.unit, self.total, self.done = "jobs", 0, 0
        # When this run started, and when its first job that is counted did.
        self.started, self.counted_since = time.time(), None
        # By id: records of the jobs that were started or submitted and have not ended, logs of failed jobs.
        self.active, self.failed, self.interrupted = {}, {}, []
        # Texts of commands' exceptions wait for the record of their job, which follows.
        self.exceptions, self.shown, self.last_state = [], set(), None
        self.lock, self.timer = threading.RLock(), None

    def take(self, record):
        """Follow one record, and show what it says to the user."""
        with self.lock:
            match getattr(record, "event", None):
                case "job_info":
                    self.active[record.jobid] = record
                    self.failed.pop(record.jobid, None)
                    if self.is_counted(record):
                        self.counted_since = self.counted_since or time.time()
                case "job_finished":
                    job = self.active.pop(record.job_id, None)
                    self.done += job is not None and self.is_counted(job)
                case "job_error":
                    self.fail({record.jobid: record.log}, [], record.rule_msg, record.shellcmd)
                case "group_error":
                    self.fail({job["jobid"]: job["log"] for job in record.job_error_info}, record.aux_logs)
                case event:
                    self.show(event, record)
                    return
            self.show_line_soon()

    def show(self, event, record):
        """Write Snakemake's text of a record that is not about one job."""
        text = self.format_record(record)
        if event == "run_info":
            fits, parts = (record.stats.get(rule, 0) for rule in FITS)
            self.unit = ("fits and their parts" if parts else "fits") if fits else "jobs"
            self.total = fits + parts if fits else record.stats.get("total", 0)
        if event in HIDDEN or (event == "shellcmd" and not self.settings.printshellcmds):
            return
        if event == "error" and self.active and "CalledProcessError" in text and not self.settings.verbose:
            self.exceptions.append(text)
        # The scheduler announces each of its rounds by the same text.
        elif not (event is None and record.levelname == "INFO" and text in self.shown):
            self.shown.add(text)
            self.write(text)

    def is_counted(self, job):
        """Return whether a job counts in the line: fits and their parts, or all jobs of a run without any."""
        return self.unit == "jobs" or job.rule_name in FITS

    def fail(self, logs, aux_logs, reason=None, command=None):
        """Report jobs that failed together or were interrupted.

        logs : {id: logs of the job}. aux_logs : those of the group. reason : of the executor.
        """
        jobs = [self.active.pop(jobid) for jobid in logs if jobid in self.active]
        if not jobs:  # Snakemake also logs an error for each job of a group.
            return
        ending = ""
        for text in [text for text in self.exceptions if command and command in text]:
            self.exceptions.remove(text)
            ending = text.rpartition(command)[2].strip("'. \n")
        if INTERRUPTED.search(ending):
            self.interrupted += jobs
            return
        self.failed |= logs
        details = "; ".join(filter(None, (ending, reason)))
        self.write(f"failed: {named(jobs)}" + (f" ({details})" if details else ""))
        limits = ", ".join(f"{k}={v}" for k, v in jobs[0].resources.items() if k in ("mem_mb", "runtime"))
        killed = f"(empty) The job was killed, perhaps for lack of memory or time ({limits})."
        own = next(iter(logs.values())) if len(jobs) == 1 else []
        for path in filter(os.path.exists, [*own, *aux_logs]):
            lines = [line for line in read_lines(path) if line.strip()] or [killed]
            self.write("\n        ".join([f"    end of {path}:", *lines[-LOG_LINES:]]))

    def state(self):
        """Return what has been done and what is under way, as two texts without times."""
        counts = f"{self.unit} {self.done} of {self.total}" if self.total else ""
        if self.failed:
            counts += f", {len(self.failed)} failed"
        verb = "running" if all(job.local for job in self.active.values()) else "submitted or running"
        return counts, f"{verb}: {named([*self.active.values()])}" if self.active else ""

    def times(self):
        """Return the elapsed time, and the time left if the remaining jobs take as long as those done."""
        now = time.time()
        text = f"elapsed {duration(now - self.started)}"
        if 0 < self.done < self.total:
            left = (now - self.counted_since) / self.done * (self.total - self.done)
            text += f", about {duration(left)} left"
        return text

    def show_line_soon(self):
        """Write the line after a pause in which further changes join it; at once when no job is left."""
        if not self.active:
            self.show_line()
        elif self.timer is None:
            self.timer = threading.Timer(PAUSE_SECONDS, self.show_line)
            self.timer.daemon = True
            self.timer.start()

    def show_line(self):
        """Write the line, unless nothing but the time has changed."""
        with self.lock:
            self.timer = None
            state = self.state()
            if state != self.last_state and "progress" not in self.quiet:
                self.last_state = state
                self.write(", ".join(filter(None, (state[0], self.times(), state[1]))))

    def close(self):
        """End the run: report interrupted jobs, and each error line of the failed jobs' logs once."""
        with self.lock:
            for text in self.exceptions:
                self.write(text)
            if interrupted := [*self.interrupted, *self.active.values()]:
                self.write(f"interrupted: {named(interrupted)}; the same command continues the run")
            for line, (first, *others) in error_lines(sum(self.failed.values(), [])).items():
                self.write(f"{line} ({first}{f' and {len(others)} more' if others else ''})")
            # Python closes the handlers of logs once more when it exits.
            self.exceptions, self.interrupted, self.active, self.failed = [], [], {}, {}
            self.last_state = self.state()

    def write(self, text):
        """Write `text`, unless it is empty or the user asked for no output at all."""
        # The reader may have gone, as in `snakemake | head`.
        with contextlib.suppress(BrokenPipeError):
            if text and "all" not in self.quiet:
                print(text, file=self.stream, flush=True)


def label(job):
    """Return the name of a job: ``school/amtl/split2`` for a fit, ``RULE school/...`` for others."""
    values = "/".join(f"split{value}" if key == "split" else value for key, value in job.wildcards.items())
    return values if job.rule_name == "fit" else f"{job.rule_name} {values}".strip()


def named(jobs):
    """Return the labels of the first jobs in one text, and how many more there are."""
    more = len(jobs) - NAMED_JOBS
    return ", ".join(map(label, jobs[:NAMED_JOBS])) + (f" and {more} more" if more > 0 else "")


def duration(seconds):
    """Return a time as hours:minutes:seconds."""
    return str(timedelta(seconds=round(seconds)))


def read_lines(path):
    """Return the lines of a log, which may hold any bytes."""
    return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()


def error_lines(logs):
    """Return {error line: paths of the logs that hold it}."""
    found = {}
    for path in sorted(filter(os.path.exists, set(logs))):
        for line in dict.fromkeys(line for line in read_lines(path) if line.startswith("error:")):
            found.setdefault(line, []).append(path)
    return found
