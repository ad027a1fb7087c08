"""The line that says how far a run is, and what is shown of a job that failed."""

import io
import logging
import os

import pytest

from workbench.progress import NAMED, Progress, ending, name, replaced


@pytest.fixture
def run():
    """A Progress on a stream, and the function that gives it one record."""
    progress = Progress(lambda: "running", io.StringIO())
    # Without the pause that lets changes share a line.
    progress.show = progress.write_line

    def tell(event, **content):
        progress.handle(logging.makeLogRecord({"msg": "", "event": event, **content}))
        return progress.stream.getvalue().splitlines()

    return progress, tell


def start(tell, jobid, method):
    wildcards = {"dataset": "school", "method": method, "split": "2"}
    return tell(
        "job_info", jobid=jobid, rule_name="fit", wildcards=wildcards, resources={"mem_mb": 500, "runtime": 5}
    )


def test_the_line_counts_fits_and_names_what_runs(run):
    progress, tell = run
    tell("run_info", stats={"fit": 5, "table": 3})
    assert start(tell, 1, "amtl")[-1] == "fits 0 of 5, running: school/amtl/split2"
    tell("job_info", jobid=9, rule_name="table", wildcards={"table": "data"}, resources={})
    assert tell("job_finished", job_id=1)[-1] == "fits 1 of 5, running: table data"
    # Jobs that are no fits do not count.
    assert tell("job_finished", job_id=9)[-1] == "fits 1 of 5"
    for number in range(2, 6):
        start(tell, number, f"method{number}")
    assert progress.line().endswith("school/method4/split2 and 1 more") and NAMED == 3


def test_the_same_line_is_not_written_twice(run):
    progress, tell = run
    tell("run_info", stats={"fit": 1})
    start(tell, 1, "amtl")
    before = tell("progress", done=0, total=1)
    assert tell("job_finished", job_id=77) == before


def test_a_failed_job_shows_the_end_of_its_log(run, tmp_path):
    progress, tell = run
    log = tmp_path / "fit.log"
    log.write_text("".join(f"line {number}\n\n" for number in range(50)))
    start(tell, 1, "amtl")
    shown = tell("job_error", jobid=1, log=[str(log)], output=[])
    assert shown[-12:] == [
        "failed: school/amtl/split2",
        *(f"    line {number}" for number in range(40, 50)),
        f"    (the end of {log})",
    ]
    assert progress.failed == {1: [str(log)]}
    # A second attempt makes good for it.
    start(tell, 1, "amtl")
    assert not progress.failed


def test_an_empty_log_is_explained_by_what_the_job_asked_for(run, tmp_path):
    _, tell = run
    log = tmp_path / "fit.log"
    log.write_text("")
    start(tell, 1, "amtl")
    shown = "\n".join(tell("job_error", jobid=1, log=[str(log)], output=[]))
    assert "ended from outside" in shown and "mem_mb=500, runtime=5" in shown


def test_of_a_group_the_jobs_that_failed_are_shown_with_the_log_of_the_group(run, tmp_path):
    progress, tell = run
    logs = {number: tmp_path / f"{number}.log" for number in (1, 2, 3)}
    output, whole = tmp_path / "made", tmp_path / "slurm.log"
    output.write_text("")
    logs[1].write_text("all is well\n")
    logs[2].write_text("Killed\n")
    logs[3].write_text("from before\n")
    whole.write_text("exceeded memory limit\n")
    for number in logs:
        start(tell, number, f"method{number}")
        # A log from an earlier attempt is no sign of this one.
        os.utime(logs[number], (0, 0)) if number == 3 else os.utime(logs[number])
    info = [
        {"jobid": 1, "log": [str(logs[1])], "output": [str(output)]},
        {"jobid": 2, "log": [str(logs[2])], "output": [str(tmp_path / "missing")]},
        # Its turn had not come.
        {"jobid": 3, "log": [str(logs[3])], "output": [str(tmp_path / "missing")]},
    ]
    tell("group_error", job_error_info=info, aux_logs=[str(whole)])
    for job in info:
        shown = tell("job_error", **job)
    text = "\n".join(shown)
    assert "failed: school/method2/split2" in text and "Killed" in text and "exceeded memory limit" in text
    assert "all is well" not in text and "from before" not in text and list(progress.failed) == [2]


def test_names_and_what_the_line_takes_the_place_of(tmp_path):
    assert name("prepare", {"dataset": "school", "split": "1"}) == "prepare school/split1"
    assert name("scores", {}) == "scores"
    assert replaced(logging.makeLogRecord({"msg": "Select jobs to execute..."}))
    assert not replaced(logging.makeLogRecord({"msg": "Building DAG of jobs..."}))
    assert not replaced(logging.makeLogRecord({"msg": "", "event": "job_error"}))
    log = tmp_path / "log"
    log.write_bytes(b"\xff\n\n")
    assert len(ending(log)) == 1
