"""What a dry run shows with ``snakemake -n --logger workbench``: the number of jobs of each rule, and why.

Snakemake's own output describes each job in ten lines.
"""

import contextlib
import logging
from collections import Counter

from tabulate import tabulate

# How Snakemake's reasons begin, and what they mean here.
REASONS = {
    "Missing output files": "results are missing",
    "Incomplete output files": "an interrupted run left the results unfinished",
    "Forced execution": "forced, or results of other settings, code or data",
    "Params have changed": "settings, code or data changed",
    "Code has changed": "the command of the rule changed",
    "Software environment definition has changed": "the environment changed",
    "Set of input files has changed": "other inputs",
    "Updated input files": "inputs changed",
    "Input files updated by another job": "inputs are made again",
    "Rules with": "always",
}
NOTHING = "Nothing would run: all results are up to date."


class DryRun:
    """Take Snakemake's log records of a dry run and write a summary to `stream` at its end.

    format_record : function that returns Snakemake's own text of a record.
    """

    def __init__(self, settings, stream, format_record):
        self.stream, self.format_record = stream, format_record
        self.silent = any(item.name.lower() == "all" for item in settings.quiet or ())
        # {rule: {reason: number of jobs}} in the order of the records.
        self.jobs, self.planned, self.failed, self.closed = {}, False, False, False

    def take(self, record):
        """Count the job of one record; show warnings and errors."""
        event = getattr(record, "event", None)
        # Rules that only collect files, such as `all`, have no log.
        if event == "job_info" and record.log:
            self.jobs.setdefault(record.rule_name, Counter())[meaning(record.reason)] += 1
        elif event == "error" or record.levelno >= logging.WARNING:
            self.failed |= event == "error" or record.levelno >= logging.ERROR
            self.write(self.format_record(record))
        self.planned |= event in ("workflow_started", "run_info") or record.getMessage().startswith("Nothing")

    def close(self):
        """Write the summary, unless the dry run failed."""
        if self.planned and not self.failed and not self.closed:
            self.write(self.summary())
        # Python closes the handlers of logs once more when it exits.
        self.closed = True

    def summary(self):
        """Return the jobs and reasons of each rule as a table."""
        if not self.jobs:
            return NOTHING
        rows = [(rule, reasons.total(), "; ".join(_texts(reasons))) for rule, reasons in self.jobs.items()]
        rows.append(("total", sum(row[1] for row in rows), ""))
        return "Would run (nothing was done):\n\n" + tabulate(rows, ["rule", "jobs", "why"], "simple")

    def write(self, text):
        # The reader may have gone, as in `snakemake -n | head`.
        with contextlib.suppress(BrokenPipeError):
            if text and not self.silent:
                print(text, file=self.stream, flush=True)


def meaning(reason):
    """Return what one of Snakemake's reasons means; it begins with the strongest."""
    return next((text for start, text in REASONS.items() if reason.startswith(start)), reason or "needed")


def _texts(reasons):
    """Return the reasons, the most frequent first; several have their numbers of jobs."""
    return [f"{text} ({n})" if len(reasons) > 1 else text for text, n in reasons.most_common()]
