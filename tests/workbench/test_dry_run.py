"""The summary of a dry run, from Snakemake's log records."""

import io
import logging
from types import SimpleNamespace

import pytest

from workbench.dry_run import NOTHING, DryRun, meaning


@pytest.fixture
def dry_run():
    return DryRun(SimpleNamespace(quiet=()), io.StringIO(), lambda record: record.getMessage())


def record(event, text="", level=logging.INFO, **facts):
    made = logging.LogRecord("snakemake", level, "", 0, text, (), None)
    made.__dict__.update(event=event, **facts)
    return made


def job(rule, reason, log=("a.log",)):
    return record("job_info", rule_name=rule, reason=reason, log=list(log))


def test_jobs_are_counted_by_rule_and_reason(dry_run):
    for number in range(1000):
        reason = "Missing output files: a" if number else 'Params have changed since last execution: {"a; b"}'
        dry_run.take(job("fit", reason))
    dry_run.take(job("scores", "Input files updated by another job: x"))
    dry_run.take(job("all", "Input files updated by another job: x", log=()))
    dry_run.take(record("run_info"))
    dry_run.close()
    dry_run.close()
    lines = dry_run.stream.getvalue().splitlines()
    assert len(lines) < 10
    (fit,) = (line for line in lines if line.startswith("fit"))
    assert fit.split()[1] == "1000" and "missing (999)" in fit and "(1)" in fit
    assert lines[-1].split() == ["total", "1001"] and not [line for line in lines if line.startswith("all")]


def test_nothing_to_do_is_said(dry_run):
    dry_run.take(record(None, "Nothing to be done (all requested files are present and up to date)."))
    dry_run.close()
    assert dry_run.stream.getvalue().strip() == NOTHING


def test_a_failed_dry_run_shows_its_error_and_no_summary(dry_run):
    dry_run.take(record("workflow_started"))
    dry_run.take(record("error", "no rule", logging.ERROR))
    dry_run.close()
    assert dry_run.stream.getvalue() == "no rule\n"


@pytest.mark.parametrize("reason", ["Missing output files: a; Input files updated by another job: b"])
def test_the_first_reason_counts(reason):
    assert "missing" in meaning(reason) and meaning("of a later version") == "of a later version"
