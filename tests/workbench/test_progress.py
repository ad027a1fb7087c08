"""What the user sees of a run, from Snakemake's log records and from real runs of a small workflow."""

import io
import logging
import os
import re
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from workbench import progress as module
from workbench.dry_run import NOTHING
from workbench.progress import NAMED_JOBS, Progress, label

# Seconds that a small workflow may take on a busy machine.
PATIENCE = 600
SNAKEFILE = """
rule all:
    input: expand("out/school/{method}/2.txt", method=["amtl", "stl"])

rule fit:
    output: "out/{dataset}/{method}/{split}.txt"
    log: "log/{dataset}/{method}/{split}.log"
    resources: mem_mb=500
    shell: "sh job.sh {wildcards.method} {output} 2>&1 | tee {log}"
"""


class Run:
    """A Progress that writes to a string, a clock set by hand, and no pause between its lines."""

    def __init__(self, monkeypatch, quiet=(), **settings):
        settings = {"printshellcmds": False, "verbose": False, **settings}
        quiet = [SimpleNamespace(name=name.upper()) for name in quiet]
        self.stream, self.now = io.StringIO(), 1000.0
        monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: self.now))
        self.progress = Progress(
            SimpleNamespace(quiet=quiet, **settings), self.stream, lambda record: record.getMessage()
        )
        self.progress.show_line_soon = self.progress.show_line

    def tell(self, event=None, msg="", level="INFO", **content):
        """Pass one record on; return all lines written so far."""
        record = {"msg": msg, "levelname": level, **content} | ({"event": event} if event else {})
        self.progress.take(logging.makeLogRecord(record))
        return self.lines()

    def lines(self):
        return self.stream.getvalue().splitlines()

    def start(self, jobid, method="amtl", rule="fit", local=True):
        wildcards = {"dataset": "school", "method": method, "split": "2"} if rule == "fit" else {}
        resources = {"mem_mb": 500, "runtime": 5}
        return self.tell(
            "job_info", jobid=jobid, rule_name=rule, wildcards=wildcards, resources=resources, local=local
        )

    def finish(self, jobid):
        return self.tell("job_finished", job_id=jobid)

    def fail(self, jobid, log, shellcmd=None, reason=None):
        return self.tell(
            "job_error", jobid=jobid, output=["made.npz"], log=[str(log)], rule_msg=reason, shellcmd=shellcmd
        )


@pytest.fixture
def run(monkeypatch):
    return Run(monkeypatch)


def test_line_counts_fits_and_names_running_jobs(run):
    run.tell("run_info", stats={"fit": 5, "table": 3, "total": 8})
    assert run.start(1)[-1] == "fits 0 of 5, elapsed 0:00:00, running: school/amtl/split2"
    run.start(9, rule="table")
    run.now += 10
    assert run.finish(1)[-1] == "fits 1 of 5, elapsed 0:00:10, about 0:00:40 left, running: table"
    # Other jobs than fits do not count.
    assert run.finish(9)[-1].startswith("fits 1 of 5")
    for number in range(2, 6):
        run.start(number, f"method{number}")
    assert "elapsed 0:00:10, about 0:00:40 left" in run.lines()[-1]
    assert run.lines()[-1].endswith("school/method4/split2 and 1 more") and NAMED_JOBS == 3


def test_parts_of_fits_count_with_their_fits(run):
    run.tell("run_info", stats={"fit": 1, "paths": 3, "table": 3, "total": 7})
    for jobid in range(2):
        run.start(jobid, rule="paths")
        run.now += 60
        run.tell("job_finished", job_id=jobid)
    (*_, line) = run.lines()
    assert " 2 of 4" in line and "0:02:00 left" in line


def test_line_counts_all_jobs_of_a_run_without_fits(run):
    run.tell("run_info", stats={"table": 3, "total": 3})
    run.start(1, rule="table")
    assert run.finish(1)[-1].startswith("jobs 1 of 3")


def test_line_has_no_time_left_after_the_last_fit(run):
    run.tell("run_info", stats={"fit": 1, "total": 2})
    run.start(1)
    run.now += 7
    assert run.finish(1)[-1] == "fits 1 of 1, elapsed 0:00:07"


def test_jobs_on_a_cluster_may_wait(run):
    run.start(1, local=False)
    line = run.start(2, rule="scores")[-1]
    assert "submitted or running: school/amtl/split2, scores" in line
    assert ", running: scores" in run.finish(1)[-1]


def test_line_is_written_again_only_after_a_change(run):
    run.tell("run_info", stats={"fit": 1, "total": 1})
    before = run.start(1)
    run.now += 100
    assert run.tell("progress", done=0, total=1) == before
    assert run.finish(77) == before


def test_changes_at_the_same_time_share_a_line(monkeypatch):
    run = Run(monkeypatch)
    del run.progress.show_line_soon
    for number in range(3):
        run.start(number)
    assert not run.lines()
    deadline = time.monotonic() + 10
    while not run.lines() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(run.lines()) == 1


def test_failed_job_shows_its_reason_and_the_end_of_its_log(run, tmp_path):
    log = tmp_path / "fit.log"
    log.write_text("".join(f"line {number}\n\n" for number in range(50)), encoding="utf-8")
    run.start(1)
    shown = "\n".join(run.fail(1, log, reason="SLURM status is: 'TIMEOUT'"))
    assert shown.startswith("elapsed") and "failed: school/amtl/split2 (SLURM status is: 'TIMEOUT')" in shown
    assert str(log) in shown and "1 failed" in shown
    assert [number for number in range(50) if f"line {number}\n" in shown] == list(range(40, 50))


def test_error_lines_are_repeated_once_at_the_end(run, tmp_path):
    for number, line in enumerate(["error: a.csv: bad", "error: b.csv: bad", "error: a.csv: bad"]):
        (tmp_path / f"{number}.log").write_bytes(f"text\n{line} \xff\n".encode("latin-1"))
        run.start(number)
        run.fail(number, tmp_path / f"{number}.log")
    before = run.lines()
    run.progress.close()
    last = run.lines()[len(before) :]
    assert [line.split(" \ufffd")[0] for line in last] == ["error: a.csv: bad", "error: b.csv: bad"]
    assert str(tmp_path / "0.log") in last[0] and "1 more" in last[0]
    run.progress.close()
    assert len(run.lines()) == len(before) + len(last)


def test_job_that_succeeds_at_its_second_attempt_has_not_failed(run, tmp_path):
    log = tmp_path / "fit.log"
    log.write_text("error: node lost\n", encoding="utf-8")
    run.start(1)
    run.fail(1, log)
    run.start(1)
    run.finish(1)
    before = run.lines()
    run.progress.close()
    assert run.lines() == before


def command_error(command, ending):
    return f"RuleException:\nCalledProcessError in line 7:\nCommand 'set -e; {command}' {ending}."


def test_exit_status_is_shown_with_its_job_and_without_the_command(run, tmp_path):
    for number in (1, 2):
        run.start(number, f"method{number}")
        text = command_error(f"fit {number} 'x'", f"returned non-zero exit status {number + 40}")
        run.tell("error", text, "ERROR", exception="RuleException")
    run.fail(2, tmp_path / "none", "fit 2 'x'")
    shown = "\n".join(run.fail(1, tmp_path / "none", "fit 1 'x'"))
    assert "method2/split2 (returned non-zero exit status 42)" in shown
    assert "method1/split2 (returned non-zero exit status 41)" in shown
    run.progress.close()
    assert "set -e" not in run.stream.getvalue()


def test_command_is_shown_if_its_job_is_not_reported_or_with_verbose(monkeypatch):
    for verbose in (False, True):
        run = Run(monkeypatch, verbose=verbose)
        run.start(1)
        text = command_error("fit 1", "returned non-zero exit status 2")
        shown = run.tell("error", text, "ERROR")
        assert ("CalledProcessError" in "\n".join(shown)) == verbose
        run.progress.close()
        assert run.stream.getvalue().count("CalledProcessError") == 1


def test_empty_log_is_explained_by_the_requested_resources(run, tmp_path):
    log = tmp_path / "fit.log"
    log.touch()
    run.start(1)
    run.tell("error", command_error("fit", "returned non-zero exit status 137"), "ERROR")
    shown = "\n".join(run.fail(1, log, "fit"))
    assert "memory" in shown and "mem_mb=500, runtime=5" in shown


@pytest.mark.parametrize(
    "ending",
    [
        "died with <Signals.SIGINT: 2>",
        "died with <Signals.SIGTERM: 15>",
        "returned non-zero exit status 130",
        "returned non-zero exit status 143",
    ],
)
def test_interrupted_job_has_not_failed(run, tmp_path, ending):
    log = tmp_path / "fit.log"
    log.touch()
    run.start(1)
    run.tell("error", command_error("fit", ending), "ERROR")
    run.fail(1, log, "fit")
    run.progress.close()
    assert run.lines()[-1].startswith("interrupted: school/amtl/split2; ")
    assert "memory" not in run.stream.getvalue() and "failed" not in run.stream.getvalue()


def test_jobs_without_an_end_were_interrupted(run):
    run.start(1, local=False)
    run.progress.close()
    assert run.lines()[-1].startswith("interrupted: school/amtl/split2; ")


def fail_group(run, aux_log, logs):
    """Let jobs fail as one group; `logs` are their own by number."""
    jobs = [{"jobid": number, "log": [str(log)]} for number, log in logs.items()]
    run.tell("group_error", job_error_info=jobs, aux_logs=[str(aux_log)])
    for job in jobs:  # Snakemake also logs an error for each job.
        run.tell("job_error", rule_msg=None, shellcmd=None, **job)
    return run.stream.getvalue()


def test_failed_group_of_one_job_shows_the_logs_of_the_job_and_of_the_group(run, tmp_path):
    own, whole = tmp_path / "own.log", tmp_path / "slurm.log"
    own.touch()
    whole.write_text("no such partition", encoding="utf-8")
    run.start(1, local=False)
    text = fail_group(run, whole, {1: own})
    assert text.count("failed: school/amtl/split2") == 1 and "no such partition" in text
    assert "mem_mb=500, runtime=5" in text and "1 failed" in text


def test_failed_group_shows_its_log_once_and_the_errors_of_its_jobs_at_the_end(run, tmp_path):
    logs = {number: tmp_path / f"{number}.log" for number in (1, 2, 3)}
    for number, text in zip((1, 2), ["all is well", "error: a.csv: bad"], strict=True):
        logs[number].write_text(text, encoding="utf-8")
    for number in logs:
        run.start(number, f"method{number}")
    whole = tmp_path / "slurm.log"
    whole.write_text("exceeded memory limit", encoding="utf-8")
    text = fail_group(run, whole, logs)
    assert "failed: school/method1/split2, school/method2/split2, school/method3/split2" in text
    assert text.count("exceeded memory limit") == 1 and "all is well" not in text and "3 failed" in text
    run.progress.close()
    assert run.lines()[-1] == f"error: a.csv: bad ({logs[2]})"


def test_other_records_are_shown(run):
    run.tell(msg="Select jobs", level="INFO")
    run.tell(msg="Select jobs", level="INFO")
    run.tell(msg="locked", level="ERROR")
    run.tell(msg="locked", level="ERROR")
    run.tell("error", msg="missing input", level="ERROR")
    # Not an exception of a job: no job is active.
    run.tell("error", msg="CalledProcessError in the workflow file", level="ERROR")
    run.tell("run_info", msg="Job stats", stats={})
    run.tell("shellcmd", msg="python fit.py")
    expected = ["Select jobs", "locked", "locked", "missing input"]
    assert run.lines() == [*expected, "CalledProcessError in the workflow file", "Job stats"]


@pytest.mark.parametrize(
    ("quiet", "hidden"),
    [
        ("rules", set()),
        ("host", set()),
        ("progress", {"fits 0 of 2"}),
        ("all", {"fits 0 of 2", "failed:", "warning"}),
    ],
)
def test_quiet_hides_progress_or_all(monkeypatch, quiet, hidden, tmp_path):
    run = Run(monkeypatch, [quiet])
    run.tell("workflow_started", msg="host")
    run.tell("run_info", msg="stats", stats={"fit": 2, "total": 2})
    run.tell(msg="warning", level="WARNING")
    run.start(1)
    run.fail(1, tmp_path / "none")
    text = run.stream.getvalue()
    assert {word for word in ("fits 0 of 2", "failed:", "warning") if word not in text} == hidden
    assert "host" not in text


def test_shell_commands_are_shown_if_asked_for(monkeypatch):
    assert Run(monkeypatch, printshellcmds=True).tell("shellcmd", msg="python fit.py") == ["python fit.py"]


def test_reader_that_has_gone_is_no_error(monkeypatch):
    run = Run(monkeypatch)

    def broken(text):
        raise BrokenPipeError

    run.stream.write = broken
    run.tell(msg="text")


def test_label_of_a_job():
    job = SimpleNamespace(rule_name="prepare", wildcards={"dataset": "school", "split": "1"})
    assert label(job) == "prepare school/split1"
    assert label(SimpleNamespace(rule_name="scores", wildcards={})) == "scores"


@pytest.fixture
def snakemake(project, tmp_path):
    """Start Snakemake with the plugin on a small workflow whose jobs run the given shell script."""
    (tmp_path / "Snakefile").write_text(SNAKEFILE, encoding="utf-8")

    def start(script, *options):
        (tmp_path / "job.sh").write_text(script, encoding="utf-8")
        command = [sys.executable, "-m", "snakemake", "--cores", "2", "--scheduler", "greedy"]
        return subprocess.Popen(
            [*command, "--logger", "workbench", "--quiet", "rules", "host", *options],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(project / "workflow")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # A test run in the background of a shell ignores the signal, and so would its children.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    return start


def test_run_with_a_failed_and_a_finished_job(snakemake):
    script = 'if [ $1 = stl ]; then echo "error: bad.csv: column 3"; exit 3; fi; touch $2\n'
    process = snakemake(script, "--keep-going")
    text = process.communicate(timeout=PATIENCE)[0]
    assert process.returncode == 1
    assert "failed: school/stl/split2 (returned non-zero exit status 3)" in text
    assert "fits 1 of 2, 1 failed" in text
    assert text.splitlines()[-1].startswith("error: bad.csv: column 3 (log/school/stl/2.log")


def test_interrupted_run_names_its_jobs(snakemake, tmp_path):
    process = snakemake(f": > started.$1; exec sleep {2 * PATIENCE}\n")
    deadline = time.monotonic() + PATIENCE
    while len(list(tmp_path.glob("started.*"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    text = process.communicate(timeout=PATIENCE)[0]
    assert "memory" not in text and "failed:" not in text
    assert "interrupted: " in text and "school/stl/split2" in text.rpartition("interrupted: ")[2]


def test_dry_run_and_nothing_to_do(snakemake):
    for options in (("--quiet", "host"), ()):
        text = snakemake("touch $2\n", "--dry-run", *options).communicate(timeout=PATIENCE)[0]
        assert re.search(r"^fit +2 ", text, re.MULTILINE) and "rule fit:" not in text
    assert snakemake("touch $2\n").wait(timeout=PATIENCE) == 0
    assert "Nothing to be done" in snakemake("touch $2\n").communicate(timeout=PATIENCE)[0]
    assert NOTHING in snakemake("touch $2\n", "--dry-run").communicate(timeout=PATIENCE)[0]
