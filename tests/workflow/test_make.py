"""The Makefile: what it prints, that it does nothing twice, and how it goes on after a killed run."""

import os
import signal
import subprocess
import sys
import time

import pytest

from helpers.workflow_copy import error_line, run


def test_make_prints_table_and_report_and_then_has_nothing_to_do(finished, copy_of):
    copy = copy_of(finished)
    first = copy.make()
    assert first.returncode == 0, first.stdout + first.stderr
    assert "| STL" in first.stdout
    report = copy.root / "results" / "report.html"
    assert first.stdout.strip().splitlines()[-1] == f"Report: {report}"
    made = report.stat().st_mtime_ns
    second = copy.make()
    assert second.returncode == 0
    assert "Nothing to be done" in second.stdout + second.stderr
    assert report.stat().st_mtime_ns == made
    copy.configure(lambda config: config.update(report={"interval": "t"}))
    assert copy.make().returncode == 0
    assert report.stat().st_mtime_ns > made


def start(copy, *targets):
    """Start Snakemake and return when it works on a fit."""
    command = [sys.executable, "-m", "snakemake", "--configfile", "run.yaml", "--cores", "2", *targets]
    process = subprocess.Popen(
        command, cwd=copy.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    deadline = time.monotonic() + 600
    while not list((copy.root / "results" / "logs").glob("fit/*/*/*.log")):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    return process


def test_make_goes_on_after_a_killed_run_but_not_beside_a_living_one(fresh, copy_of):
    copy = copy_of(fresh)
    copy.configure(
        lambda config: config["run"].update(datasets=["synthetic"], methods=["mean", "stl"], splits=2)
    )
    process = start(copy)
    os.kill(process.pid, signal.SIGSTOP)
    try:
        line = error_line(copy.make())
        assert "another run works in this folder" in line
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert list((copy.root / ".snakemake" / "locks").iterdir())
    done = copy.make()
    assert done.returncode == 0, done.stdout + done.stderr
    assert (copy.root / "results" / "report.html").exists()


def test_the_environment_is_not_renewed_under_a_living_run(fresh, copy_of):
    copy = copy_of(fresh)
    process = start(copy)
    copy.set_up("mine")
    try:
        line = error_line(run(["make", f"BIN={os.path.dirname(sys.executable)}", ".venv/ready"], copy.root))
        assert "another run works in this folder" in line
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert (copy.root / ".venv" / "mine").exists()


def test_publish_is_told_which_run(fresh, copy_of):
    copy = copy_of(fresh)
    copy.set_up("ready")
    line = error_line(run(["make", "publish"], copy.root))
    assert line == "error: name the run to keep: make publish CONFIG=config/paper.yaml"


def test_make_says_which_python_it_needs(fresh, copy_of):
    copy = copy_of(fresh)
    done = run(["make", "PYTHON=false"], copy.root)
    assert done.returncode != 0
    assert "error: Python 3.11 or newer is needed" in done.stderr
    assert not (copy.root / ".venv").exists()


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ("CORES=0", "CORES=0: not a number of cores"),
        ("CORES=-1", "CORES=-1"),
        ("CORES=abc", "CORES=abc"),
        ("CORES=", "CORES="),
        ("PROFILE=nowhere", "PROFILE=nowhere: no profile is there"),
        ("PROFILE=workflow/profiles", "PROFILE=workflow/profiles"),
    ],
)
def test_make_refuses_a_variable_before_it_installs_anything(fresh, copy_of, given, part):
    copy = copy_of(fresh)
    line = error_line(run(["make", given], copy.root))
    assert part in line and "; give " in line
    assert not (copy.root / ".venv").exists()


@pytest.mark.parametrize("cores", [0, -1])
def test_snakemake_refuses_less_than_one_core(fresh, cores):
    line = error_line(fresh.snakemake(cores=cores))
    assert f"--cores {cores}" in line and "give 1 or more" in line
    assert fresh.snakemake("--dry-run", cores=cores).returncode == 0
