"""Faults during a run: killed processes, a full disk, a fit that fails, a second run.

After each of them a plain start finishes the run, and every result has the same bits as after an undisturbed
run.
"""

import os
import random
import re
import shutil
import subprocess
import time

import pytest
import yaml

from helpers.killed_runs import (
    START,
    alive,
    jobs_at_work,
    kill,
    leftovers,
    printed,
    restart,
    start,
    wait_until,
)
from helpers.workflow_copy import error_line, fresh_environment, require_success, run

pytestmark = pytest.mark.slow

SETTINGS = {
    "run": {
        "datasets": ["synthetic"],
        "methods": ["mean", "stl"],
        "splits": 2,
        "grid_points": 6,
        "max_iterations": 30,
        "tolerance": 1.0e-2,
    }
}
# One job or more of every rule of a run without raw files.
TARGETS = ["results/tables/table1.html", "results/figures/figure1a.svg", "results/settings.json"]
ROUNDS, KILLS_PER_ROUND = 3, 4
SEED = 2016
# In the copies the mean predictor waits or fails while a file of a certain name is in the folder.
RIGGED = """

import dataclasses
import time
from pathlib import Path


def _rigged_fit(*arguments):
    if Path("broken").exists():
        raise ZeroDivisionError("made to fail")
    if Path("hold").exists():
        Path("held").touch()
        while not Path("go").exists():
            time.sleep(0.05)
    return fit(*arguments)


SPEC = dataclasses.replace(SPEC, fit=_rigged_fit)
"""
MEAN = "results/fits/synthetic/mean/split"
# Snakemake names the files that are being made if it sees them before its lock.
REFUSED = re.compile("cannot be locked|Incomplete files|another run")


def require_same(copy, expected):
    """Require that all results are among those of an undisturbed run, and nothing is unfinished."""
    found = copy.results()
    assert found and found == {name: expected[name] for name in found}
    assert not leftovers(copy)


def require_all(copy, expected):
    """Require that the results are those of an undisturbed run, and nothing is unfinished."""
    assert copy.results() == expected and not leftovers(copy)


@pytest.fixture(scope="module")
def rigged(fresh, tmp_path_factory):
    """A copy in which nothing has run and whose mean predictor can be made to wait or to fail."""
    copy = fresh.duplicate(tmp_path_factory.mktemp("rigged") / "project")
    (copy.root / "run.yaml").write_text(yaml.safe_dump(SETTINGS), encoding="utf-8")
    copy.edit("workflow/amtl/methods/controls/mean.py", RIGGED)
    return copy


@pytest.fixture(scope="module")
def undisturbed(rigged, tmp_path_factory):
    """(copy after an undisturbed run, seconds that the `TARGETS` took of it)."""
    copy = rigged.duplicate(tmp_path_factory.mktemp("undisturbed") / "project")
    begun = time.monotonic()
    require_success(run([*START, *TARGETS], copy.root))
    seconds = time.monotonic() - begun
    require_success(run(START, copy.root))
    return copy, seconds


@pytest.fixture(scope="module")
def expected(undisturbed):
    """The results of an undisturbed run."""
    return undisturbed[0].results()


@pytest.fixture
def copy(rigged, copy_of):
    return copy_of(rigged)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_run_that_is_killed_four_times_goes_on(number, copy, undisturbed, expected):
    """At random moments, in turn with its jobs and without them, so that these work beside the next run."""
    generator = random.Random(f"{SEED}/{number}")
    kills, processes, left = 0, [], undisturbed[1]
    while kills < KILLS_PER_ROUND:
        # With what the dead run left, as a restart has it.
        run([*START, "--unlock"], copy.root)
        process = start(copy, "--rerun-incomplete", *TARGETS)
        processes.append(process)
        deadline = time.monotonic() + generator.uniform(0.1, 1.0) * left
        wait_until(lambda: time.monotonic() > deadline, process)  # noqa: B023  (called at once)
        if process.poll() is None:
            kill(process, whole=kills % 2 == 0)
            kills += 1
        else:
            # It ended before: the next one begins anew and is killed earlier.
            assert process.returncode == 0, printed(copy)
            shutil.rmtree(copy.root / "results", ignore_errors=True)
            left /= 2
    if number == 0:
        require_success(copy.make())
    else:
        restart(copy, *TARGETS)
    # Jobs without their run have to be over, too.
    wait_until(lambda: not any(map(alive, processes)))
    require_same(copy, expected)
    assert copy.planned(*TARGETS) == set()


@pytest.fixture
def hold_a_fit(copy):
    """Return the function that starts a run and returns it when a fit of the mean predictor waits."""
    started = []

    def hold(*arguments):
        (copy.root / "hold").touch()
        process = start(copy, *arguments)
        started.append(process)
        wait_until((copy.root / "held").exists, process)
        assert process.poll() is None, printed(copy)
        (copy.root / "hold").unlink()
        return process

    yield hold
    for process in started:
        kill(process, whole=True)


def held_fit(process):
    """Return the Python process of a fit that waits."""
    jobs = jobs_at_work(process, "fit")
    return next(job for job, arguments in jobs if '"method":"mean"' in arguments[1])


def test_an_orphan_with_other_settings_never_becomes_a_number(copy, hold_a_fit, expected):
    """The jobs of a killed run end after the next run, and replace its results by those of other settings."""
    copy.configure(lambda config: config["run"].update(seed=1))
    process = hold_a_fit(f"{MEAN}1.json")
    kill(process, whole=False)
    copy.configure(lambda config: config["run"].pop("seed"))
    restart(copy, *TARGETS)
    require_same(copy, expected)
    made = copy.results()
    assert alive(process)
    (copy.root / "go").touch()
    wait_until(lambda: not alive(process))
    stale = {name for name, content in copy.results().items() if content != made[name]}
    assert stale == {f"{MEAN}1.{suffix}".removeprefix("results/") for suffix in ("json", "npz")}
    # Plain Snakemake does not look into results: who reads one of them fails.
    (copy.root / "results" / "scores.csv").unlink()
    done = copy.snakemake("results/scores.csv")
    assert f"error: {MEAN}1.json: " in done.stdout + done.stderr and done.returncode != 0
    assert not (copy.root / "results" / "scores.csv").exists()
    done = require_success(copy.make())
    assert f"{MEAN}1.json" in done.stderr
    require_all(copy, expected)


def test_an_orphan_that_ends_during_the_next_run_never_becomes_a_number(copy, hold_a_fit, expected):
    """It writes its result while the run that replaced it works on other fits."""
    copy.configure(lambda config: config["run"].update(seed=1))
    process = hold_a_fit(f"{MEAN}1.json")
    kill(process, whole=False)
    copy.configure(lambda config: config["run"].pop("seed"))
    restart(copy, f"{MEAN}1.json", f"{MEAN}2.json")
    (copy.root / "go").touch()
    wait_until(lambda: not alive(process))
    done = copy.snakemake(*TARGETS)
    assert f"error: {MEAN}1.json: " in done.stdout + done.stderr and done.returncode != 0
    require_success(copy.make())
    require_all(copy, expected)


def test_a_killed_fit_is_named_and_made_again(copy, hold_a_fit, expected):
    process = hold_a_fit("--keep-going", *TARGETS)
    held_fit(process).kill()
    (copy.root / "go").touch()
    assert process.wait() != 0
    assert re.search(rf"^Error in rule fit:\n(    .*\n)*    output: {MEAN}", printed(copy), re.MULTILINE)
    restart(copy, *TARGETS)
    require_same(copy, expected)


def test_a_fit_that_raises_leaves_the_others_and_is_made_again(copy, expected):
    (copy.root / "broken").touch()
    done = copy.snakemake("--keep-going", *TARGETS)
    assert done.returncode != 0
    log = (copy.root / "results/logs/fit/synthetic/mean/split1.log").read_text(encoding="utf-8")
    assert "Traceback" in log and "error: ZeroDivisionError: made to fail" in log.splitlines()
    fits = copy.root / "results" / "fits" / "synthetic"
    assert sorted(path.name for path in (fits / "stl").glob("*.json")) == ["split1.json", "split2.json"]
    assert not list(fits.glob("mean/*")) and not (copy.root / "results" / "scores.csv").exists()
    (copy.root / "broken").unlink()
    made = {path: path.stat().st_mtime_ns for path in (fits / "stl").iterdir()}
    restart(copy, *TARGETS)
    assert {path: path.stat().st_mtime_ns for path in made} == made
    require_same(copy, expected)


def test_a_second_run_is_refused_and_the_first_goes_on(copy, hold_a_fit, expected):
    process = hold_a_fit(*TARGETS)
    second = copy.snakemake()
    assert second.returncode != 0 and REFUSED.search(second.stdout + second.stderr)
    assert "another run" in error_line(copy.make())
    # Also a run with other targets that was started after --unlock.
    require_success(run([*START, "--unlock"], copy.root))
    assert "another run" in error_line(copy.snakemake("results/data/mnist/split1.npz"))
    assert not (copy.root / "results" / "data" / "mnist").exists()
    # A dry run is allowed, also while another job is at work on its files.
    assert "Collecting the scores of all fits" in copy.planned("--rerun-incomplete")
    (copy.root / "go").touch()
    assert process.wait() == 0, printed(copy)
    require_same(copy, expected)


def test_of_two_runs_started_at_once_one_finishes(copy, expected):
    both = [
        subprocess.Popen(
            [*START, *TARGETS],
            cwd=copy.root,
            env=fresh_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    outputs = {process: process.communicate()[0] for process in both}
    refused = [process for process in both if process.returncode != 0]
    assert len(refused) <= 1, outputs
    for process in refused:
        assert REFUSED.search(outputs[process])
    require_same(copy, expected)
    assert copy.planned(*TARGETS) == set()


@pytest.fixture
def small_disk(tmp_path):
    """An empty file system of 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.parametrize("room", [4, 100, 300])
def test_a_run_on_a_full_disk_goes_on_when_there_is_space(room, rigged, small_disk, expected):
    """room : the kilobytes that are free when the run starts."""
    copy = rigged.duplicate(small_disk / "project")
    # Byte code and Snakemake's own files are written first, so that the jobs find the disk full.
    copy.planned()
    ballast = small_disk / "ballast"
    free = os.statvfs(small_disk)
    ballast.write_bytes(bytes(free.f_bavail * free.f_frsize - room * 1024))
    done = copy.snakemake("--keep-going", *TARGETS)
    assert done.returncode != 0
    assert "No space left on device" in done.stdout + done.stderr
    ballast.unlink()
    restart(copy, *TARGETS)
    require_same(copy, expected)
    assert copy.planned(*TARGETS) == set()
