"""The Makefile: what it prints, that it does nothing twice, and which commands it refuses."""

import fcntl
import os
import re
import sys

import pytest

from helpers.workflow_copy import error_line, require_success, run

pytestmark = pytest.mark.slow

BIN = f"BIN={os.path.dirname(sys.executable)}"


def test_make_prints_the_tables_and_the_report_and_then_has_nothing_to_do(finished, copy_of):
    copy = copy_of(finished)
    # A table of an earlier run with other datasets.
    earlier = copy.root / "results" / "tables" / "table2.md"
    earlier.write_text("| STL | 12.34 of another run |\n", encoding="utf-8")
    first = require_success(copy.make())
    assert "\nSTL " in first.stdout and "another run" not in first.stdout
    assert "\nClaims of the paper: " in first.stdout and "in results/published" in first.stdout
    summary = first.stdout[first.stdout.index("Method ") : first.stdout.index("Tables: ")]
    assert max(map(len, summary.splitlines())) <= 100
    report = copy.root / "results" / "report.html"
    assert first.stdout.strip().splitlines()[-1] == f"Report: {report}"
    text = report.read_text(encoding="utf-8")
    for word in ("Tables", "Figures", "Fits", "Data", "table1.csv", "figures-figure1b", "sources.csv"):
        assert word in text
    record = (report.parent / "provenance.html").read_text(encoding="utf-8")
    assert "provenance.html" in text and "table1.html" in record and "figure1b.svg" in record
    assert not re.search(r'<(script|link|img)[^>]+(src|href)="https?://', text)
    made = report.stat().st_mtime_ns
    second = require_success(copy.make())
    assert "Nothing to be done" in second.stdout + second.stderr
    assert report.stat().st_mtime_ns == made
    copy.configure(lambda config: config.update(report={"interval": "normal"}))
    require_success(copy.make())
    assert report.stat().st_mtime_ns > made
    assert not list(copy.root.rglob("__pycache__"))


@pytest.fixture
def busy(fresh, copy_of):
    """A copy in which another run is at work: this process holds the lock of a run."""
    copy = copy_of(fresh)
    (copy.root / ".snakemake").mkdir(exist_ok=True)
    with open(copy.root / ".snakemake" / "run.lock", "w", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield copy


def test_make_waits_for_no_other_run(busy):
    assert "another run" in error_line(busy.make())
    assert not (busy.root / "results").exists()


def test_the_environment_is_not_renewed_during_a_run(busy):
    busy.set_up("mine")
    assert "another run" in error_line(run(["make", BIN, ".venv/ready"], busy.root))
    assert (busy.root / ".venv" / "mine").exists()


def test_publish_needs_the_name_of_a_run(fresh, copy_of):
    copy = copy_of(fresh)
    copy.set_up("ready")
    assert "make publish CONFIG=" in error_line(run(["make", "publish", BIN], copy.root))


def test_make_names_the_python_that_it_needs(fresh, copy_of):
    copy = copy_of(fresh)
    done = run(["make", "PYTHON=false"], copy.root)
    assert done.returncode != 0 and "error: Python 3.11" in done.stderr
    assert not (copy.root / ".venv").exists()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("CORES=0", "CORES=0"),
        ("CORES=-1", "CORES=-1"),
        ("CORES=abc", "CORES=abc"),
        ("CORES=", "CORES="),
        ("PROFILE=nowhere", "PROFILE=nowhere"),
        ("PROFILE=workflow/profiles", "PROFILE=workflow/profiles"),
        ("config=config/paper.yaml", "config"),
        ("paper replication", "paper replication"),
        ("SPLITS=2", "SPLITS"),
        ("cores=2", "CORES"),
        ("DRY=yes", "DRY=yes"),
        ("clean FORCE=yes", "FORCE=yes"),
        ("papre", "papre"),
    ],
)
def test_make_refuses_a_variable_before_it_installs_anything(fresh, given, named):
    before = fresh.tree()
    assert named in error_line(run(["make", *given.split(" ")], fresh.root))
    assert fresh.tree() == before


@pytest.mark.parametrize("target", ["run", "paper", "publish", "benchmark", "clean"])
def test_make_without_action_changes_no_file(finished, target):
    before = finished.tree()
    run(["make", "-n", target, "CONFIG=run.yaml"], finished.root)
    assert finished.tree() == before


def test_snakemake_refuses_less_than_one_core(fresh):
    assert "--cores 0" in error_line(fresh.snakemake(cores=0))


def test_a_dry_run_says_what_would_run_and_writes_nothing(fresh, copy_of):
    copy = copy_of(fresh)
    copy.set_up("ready")
    before = copy.tree(".snakemake")
    done = require_success(copy.make("dry-run"))
    lines = (done.stdout + done.stderr).splitlines()
    assert len(lines) < 20
    assert [line for line in lines if line.startswith("fit ") and "missing" in line]
    assert copy.tree(".snakemake") == before


def test_a_dry_run_names_results_of_other_settings(finished, copy_of):
    copy = copy_of(finished)
    done = require_success(copy.make("DRY=1"))
    assert "Nothing would run" in done.stdout + done.stderr
    copy.configure(lambda config: config["run"].update(max_iterations=31))
    done = require_success(copy.make("DRY=1"))
    assert re.search(r"^fit +\d+ +.*settings", done.stdout + done.stderr, re.MULTILINE)


def test_a_python_that_does_not_start_is_named(fresh, copy_of):
    copy = copy_of(fresh)
    copy.set_up("ready")
    assert ".venv" in error_line(run(["make", "CONFIG=run.yaml"], copy.root))
    wrong = run(["make", BIN, "CONFIG=run.yaml", "PYTHON=false"], copy.root)
    assert "PYTHON=false" in error_line(wrong)


def test_clean_needs_a_yes_and_waits_for_no_run(busy):
    busy.set_up("ready")
    results = busy.root / "results"
    (results / "fits").mkdir(parents=True)
    assert "another run" in error_line(run(["make", BIN, "clean", "FORCE=1"], busy.root))
    assert (results / "fits").exists()
