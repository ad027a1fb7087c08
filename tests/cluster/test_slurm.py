"""The workflow on a real Slurm gives the results of a local run, also after failures."""

import os
import subprocess
import sys
import time

import pytest
import yaml

from helpers.single_node import PROFILE
from helpers.workflow_copy import fresh_environment, require_success

pytestmark = pytest.mark.slow

UNFINISHED = "pending,running,completing"
MAKE = ["make", f"BIN={os.path.dirname(sys.executable)}", "CONFIG=run.yaml"]
MEAN = "workflow/amtl/methods/controls/mean.py"
# With this in its file a method waits for a file `go` while there is a file `hold`.
WAITS = """
import dataclasses
import time
from pathlib import Path


def _waiting_fit(*arguments):
    if Path("hold").exists():
        Path("held").touch()
        while not Path("go").exists():
            time.sleep(0.1)
    return fit(*arguments)


SPEC = dataclasses.replace(SPEC, fit=_waiting_fit)
"""
# With this in its file a method takes 480 MB for a while.
TAKES_MEMORY = """
import dataclasses
import time


def _large_fit(*arguments):
    held = np.ones(60 * 2**20)
    time.sleep(3)
    return fit(*arguments)


SPEC = dataclasses.replace(SPEC, fit=_large_fit)
"""
# A claim compares measured seconds.
TIMED = ("tables/claims.", "tables/evidence.")


@pytest.fixture
def start(slurm):
    """Return the function that starts a command in the folder of a copy; its output goes to a file there."""
    started = []
    environment = fresh_environment() | slurm.variables | {"PYTHONPATH": "workflow"}

    def start(copy, *command):
        with open(copy.root / "output.txt", "ab") as output:
            process = subprocess.Popen(command, cwd=copy.root, env=environment, stdout=output, stderr=output)
        started.append(process)
        return process

    yield start
    for process in started:
        # Snakemake may ignore a request to terminate while Slurm does not answer.
        process.kill()
        process.wait()


@pytest.fixture
def pending(slurm, start):
    """Return the function that starts a run on a copy and waits until its jobs are in Slurm's queue, held."""

    def begin(copy, *arguments, jobs=2):
        slurm.ask("scontrol", "update", "partitionname=main", "state=down")
        process = start(copy, *snakemake(*arguments))
        slurm.wait_for(
            lambda: len(slurm.jobs("%i", UNFINISHED)) == jobs or process.poll() is not None, seconds=120
        )
        assert process.poll() is None, output(copy)
        return process

    yield begin
    slurm.ask("scontrol", "update", "partitionname=main", "state=up")


def snakemake(*arguments):
    """Return the command for a run on the cluster."""
    command = [sys.executable, "-m", "snakemake", "--workflow-profile", PROFILE, "--configfile", "run.yaml"]
    return [*command, "--logger", "workbench", "--local-cores", "2", *arguments]


def output(copy):
    return (copy.root / "output.txt").read_text(encoding="utf-8")


def finish(process, copy):
    """Wait for a run to succeed; return its output."""
    process.wait(300)
    assert process.returncode == 0, output(copy)
    return output(copy)


def stop(process):
    """Kill a run, but nothing that it has submitted."""
    assert process.poll() is None
    process.kill()
    process.wait()


def release(slurm):
    """Let Slurm start the jobs in its queue, and wait until all have ended."""
    slurm.ask("scontrol", "update", "partitionname=main", "state=up")
    slurm.wait_for(lambda: not slurm.jobs("%i", UNFINISHED), seconds=120)


def fits(copy):
    """Return the records of the fits."""
    return list((copy.root / "results/fits").glob("*/*/*.json"))


def results(copy):
    """Return {path: sha256} of all results that contain no measured seconds."""
    return {name: digest for name, digest in copy.results().items() if not name.startswith(TIMED)}


def assert_same_results(copy, other):
    ours, theirs = results(copy), other if isinstance(other, dict) else results(other)
    assert sorted(ours) == sorted(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []


def one_job_per_split(copy):
    """Put all fits on a split into one Slurm job, as the profile offers."""
    path = copy.root / PROFILE / "config.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings["group-components"] = ["fits_{dataset}_{split}=100"]
    path.write_text(yaml.safe_dump(settings))


def test_run_equals_a_local_run_also_when_nodes_cannot_see_the_data_folder(slurm, pending, copy, local):
    one_job_per_split(copy)
    before = len(slurm.jobs("%i"))
    process = pending(copy)
    (copy.root / "data").rename(copy.root / "hidden")
    release(slurm)
    text = finish(process, copy)
    (copy.root / "hidden").rename(copy.root / "data")
    total = len(fits(local))
    assert f"fits {total} of {total}" in text
    # The records hold the digests of their jobs, so the nodes computed the same parameters.
    assert_same_results(copy, local)
    jobs = slurm.jobs("%T %C")[before:]
    assert jobs == [["COMPLETED", "1"]] * 2
    assert copy.planned() == set()


def test_a_grid_divided_among_slurm_jobs_gives_the_fits_of_a_local_run(slurm, start, copy, local):
    run = {"datasets": ["synthetic"], "methods": ["amtl"], "path_jobs": 2}
    copy.configure(lambda config: config["run"].update(run))
    before = len(slurm.jobs("%i"))
    finish(start(copy, *snakemake("results/scores.csv")), copy)
    # Part 0, then the two others, then the fit.
    assert slurm.jobs("%T")[before:] == [["COMPLETED"]] * 4
    ours, theirs = copy.results(), local.results()
    fits = [name for name in ours if name.startswith("fits/")]
    assert len(fits) == 2 and [name for name in fits if ours[name] != theirs[name]] == []


def test_whole_run_as_one_slurm_job_equals_a_local_run(start, copy, local):
    command = " ".join([*MAKE, "CORES=2"])
    finish(start(copy, "sbatch", "--wait", "--cpus-per-task=2", "--time=1:00:00", "--wrap", command), copy)
    assert_same_results(copy, local)


def test_jobs_of_a_killed_snakemake_finish_and_count(slurm, start, pending, copy, local):
    one_job_per_split(copy)
    stop(pending(copy))
    release(slurm)
    assert len(fits(copy)) == len(fits(local))
    submitted = slurm.jobs("%i")
    finish(start(copy, *MAKE, f"PROFILE={PROFILE}"), copy)
    assert slurm.jobs("%i") == submitted
    assert_same_results(copy, local)


@pytest.mark.parametrize("daemon", ["slurmd", "slurmctld"])
def test_restart_after_a_killed_daemon_equals_a_local_run(daemon, slurm, start, copy, local):
    one_job_per_split(copy)
    process = start(copy, *snakemake("results/scores.csv"))
    slurm.wait_for(lambda: fits(copy) or process.poll() is not None)
    assert process.poll() is None, output(copy)
    # The controller saves its state every few seconds; what happened later is lost when it is killed.
    time.sleep(3)
    slurm.kill(daemon)
    time.sleep(3)
    slurm.revive(daemon)
    slurm.wait_for(lambda: process.poll() is not None, seconds=20, strict=False)
    process.kill()
    process.wait()
    if daemon == "slurmctld":
        # The controller forgets what happened after it last saved its state. It takes steps that have ended
        # for running ones, so their job waits up to its time limit, and it drains a node whose jobs it does
        # not know.
        slurm.cancel_jobs()
        slurm.resume()
    finish(start(copy, *MAKE, f"PROFILE={PROFILE}"), copy)
    assert_same_results(copy, local)


def test_late_result_of_a_killed_run_with_other_settings_is_made_again(slurm, start, copy):
    copy.configure(lambda config: config["run"].update(datasets=["synthetic"], methods=["mean"]))
    copy.edit(MEAN, WAITS)
    (copy.root / "hold").touch()
    process = start(copy, *snakemake("results/scores.csv"))
    slurm.wait_for((copy.root / "held").exists, seconds=120)
    stop(process)
    (copy.root / "hold").unlink()
    copy.configure(lambda config: config["run"].update(seed=7))
    require_success(copy.make())
    expected = results(copy)
    (copy.root / "go").touch()
    slurm.wait_for(lambda: not slurm.jobs("%i", UNFINISHED), seconds=120)
    assert results(copy) != expected
    finish(start(copy, *MAKE, f"PROFILE={PROFILE}"), copy)
    assert_same_results(copy, expected)


def test_fit_over_its_memory_is_submitted_again_with_more(slurm, start, copy):
    copy.configure(lambda config: config["run"].update(datasets=["synthetic"], methods=["mean"]))
    copy.edit(MEAN, TAKES_MEMORY)
    before = len(slurm.jobs("%i"))
    text = finish(start(copy, *snakemake("results/scores.csv")), copy)
    assert "failed: synthetic/mean/split1" in text and "mem_mb=" in text
    requested = [int(memory.removesuffix("M")) for (memory,) in slurm.jobs("%m")[before:]]
    assert len(requested) == 2 and requested[1] == 2 * requested[0]
    assert len(fits(copy)) == 1
