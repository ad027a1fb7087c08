"""The workflow on a real Slurm: the bits of a local run, whatever fails on the way."""

import json
import os
import subprocess
import sys
import time
from datetime import datetime

import pytest
import yaml

from helpers.single_node import PROFILE
from helpers.workflow_copy import MAKE_VARIABLES, run

UNFINISHED = "pending,running,completing"
# A method with this in its file waits for a file `go` where there is a file `hold`.
WAITS = """
import time
from pathlib import Path

if Path("hold").exists():
    Path("held").touch()
    while not Path("go").exists():
        time.sleep(0.1)
"""
# Told, among other things, from seconds.
TIMED = ("tables/claims", "tables/evidence")


@pytest.fixture
def start(slurm):
    """Return the function that starts a command in the folder of a copy, its output going to a file there."""
    started = []
    environment = {name: value for name, value in slurm.environment.items() if name not in MAKE_VARIABLES}

    def start(copy, *command):
        with open(copy.root / "output.txt", "ab") as output:
            process = subprocess.Popen(command, cwd=copy.root, env=environment, stdout=output, stderr=output)
        started.append(process)
        return process

    yield start
    for process in started:
        # Snakemake may take no notice of a request while Slurm does not answer.
        process.kill()
        process.wait()


def snakemake(*arguments):
    """Return the command for a run on the cluster."""
    command = [sys.executable, "-m", "snakemake", "--workflow-profile", PROFILE, "--configfile", "run.yaml"]
    return [*command, "--local-cores", "2", *arguments]


def finish(process, copy):
    """Wait for a run to end well; return what it said."""
    process.wait(900)
    said = (copy.root / "output.txt").read_text()
    assert process.returncode == 0, said
    return said


def fits(copy):
    """Return the records of the fits that are there."""
    return list((copy.root / "results" / "fits").glob("*/*/*.json"))


def results(copy):
    """Return {path: sha256} of all results but those that tell of seconds."""
    return {name: digest for name, digest in copy.results().items() if not name.startswith(TIMED)}


def configure(copy, source, **run):
    """Give the copy the configuration of the file `source`, with the keys of `run` changed."""
    settings = yaml.safe_load((copy.root / source).read_text())
    settings["run"].update(run)
    (copy.root / "run.yaml").write_text(yaml.safe_dump(settings))


def one_job_a_split(copy):
    """Have all fits on a split in one job, as the profile says that short ones may be."""
    profile = copy.root / PROFILE / "config.yaml"
    settings = yaml.safe_load(profile.read_text())
    settings["group-components"] = ["fits_{dataset}_{split}=100"]
    profile.write_text(yaml.safe_dump(settings))


def test_smoke_has_the_bits_of_a_local_run(slurm, start, copy, tmp_path):
    configure(copy, "config/smoke.yaml")
    one_job_a_split(copy)
    local = copy.duplicate(tmp_path / "local")
    before = len(slurm.jobs("%i"))
    began = time.monotonic()
    said = finish(start(copy, *snakemake()), copy)
    seconds = {"Slurm": time.monotonic() - began}
    began = time.monotonic()
    local.succeed()
    seconds["local"] = time.monotonic() - began
    total = len(fits(local))
    assert f"fits {total} of {total}" in said and f"fits 0 of {total}, submitted: " in said
    ours, theirs = results(copy), results(local)
    assert sorted(ours) == sorted(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []
    # One job for all fits on one split, each for one processor and as long and large as its data asks for.
    jobs = slurm.jobs("%T %C %m %S %e")[before:]
    times = [[datetime.fromisoformat(moment) for moment in job[3:]] for job in jobs]
    took = sum((end - begin).seconds for begin, end in times)
    fitted = sum(json.loads(path.read_text())["seconds"]["total"] for path in fits(copy))
    print(
        f"{len(jobs)} jobs for {total} fits;",
        *(f"{key}: {value:.0f} s;" for key, value in seconds.items()),
        f"on the node {took} s, of these {fitted:.0f} s in fits",
    )
    assert len(jobs) == len({path.parts[-3:-2] + path.parts[-1:] for path in fits(local)}) == 6
    assert all(state == "COMPLETED" and processors == "1" for state, processors, *_ in jobs)
    assert len({memory for _, _, memory, *_ in jobs}) > 1


def test_a_run_on_one_node_has_the_bits_of_a_local_run(slurm, start, copy, tmp_path):
    """As the README says: the whole run as a single job."""
    two_fits(copy)
    local = copy.duplicate(tmp_path / "local")
    copy.set_up("ready", "slurm")
    make = f"make BIN={os.path.dirname(sys.executable)} CONFIG=run.yaml CORES=2"
    finish(start(copy, "sbatch", "--wait", "--cpus-per-task=2", "--time=1:00:00", "--wrap", make), copy)
    local.succeed()
    assert results(copy) == results(local)


def make_command():
    """Return the command of a user who starts again."""
    return ["make", f"BIN={os.path.dirname(sys.executable)}", "CONFIG=run.yaml", f"PROFILE={PROFILE}"]


def kill_when(condition, process, copy, slurm):
    """Kill the run, and nothing of what it has submitted, once `condition()` holds."""
    slurm.wait_for(lambda: condition() or process.poll() is not None)
    assert process.poll() is None, (copy.root / "output.txt").read_text()
    process.kill()
    process.wait()


def two_fits(copy):
    """Configure the copy for two fits."""
    settings = {"datasets": ["synthetic"], "splits": 1, "methods": ["mean", "stl"], "ablations": []}
    configure(copy, "config/smoke.yaml", **settings)


def test_what_a_dead_run_makes_with_other_settings_is_made_again(slurm, start, copy):
    """Its jobs end well before the next run starts, so nobody refuses what they make."""
    two_fits(copy)
    target = "results/scores.csv"
    copy.succeed(target)
    expected = results(copy)
    copy.configure(lambda config: config["run"].update(grid_points=6))
    process = start(copy, *snakemake(target))
    kill_when(lambda: len(slurm.jobs("%i", UNFINISHED)) == 2, process, copy, slurm)
    slurm.wait_for(lambda: not slurm.jobs("%i", UNFINISHED))
    assert results(copy) != expected
    copy.configure(lambda config: config["run"].update(grid_points=12))
    assert run([*snakemake(), "--unlock"], copy.root).returncode == 0
    finish(start(copy, *snakemake(target)), copy)
    assert results(copy) == expected


def test_waiting_jobs_of_a_dead_run_do_nothing_later(slurm, start, copy):
    two_fits(copy)
    copy.set_up("ready", "slurm")
    slurm.ask("scontrol", "update", "partitionname=main", "state=down")
    process = start(copy, *snakemake())
    kill_when(lambda: len(slurm.jobs("%i", UNFINISHED)) == 2, process, copy, slurm)
    waiting = ",".join(number for (number,) in slurm.jobs("%i", UNFINISHED))
    slurm.ask("scontrol", "hold", waiting)
    slurm.ask("scontrol", "update", "partitionname=main", "state=up")
    finish(start(copy, *make_command()), copy)
    expected = results(copy)
    slurm.ask("scontrol", "release", waiting)
    slurm.wait_for(lambda: not slurm.jobs("%i", UNFINISHED))
    assert len(fits(copy)) == 2 and results(copy) == expected


def test_a_working_job_of_a_dead_run_leaves_what_a_later_one_made(slurm, start, copy):
    two_fits(copy)
    copy.set_up("ready", "slurm")
    copy.edit("workflow/amtl/methods/mean.py", WAITS)
    (copy.root / "hold").touch()
    process = start(copy, *snakemake())
    kill_when((copy.root / "held").exists, process, copy, slurm)
    (copy.root / "hold").unlink()
    finish(start(copy, *make_command()), copy)
    expected = results(copy)
    (copy.root / "go").touch()
    slurm.wait_for(lambda: not slurm.jobs("%i", UNFINISHED))
    assert len(fits(copy)) == 2 and results(copy) == expected
    assert "a later run works in this folder" in "".join(
        path.read_text() for path in (copy.root / "results/logs").rglob("*.log")
    ) + "".join(path.read_text() for path in (copy.root / ".snakemake").rglob("*.log"))


@pytest.mark.parametrize("victim", ["snakemake", "slurmd", "slurmctld"])
def test_after_a_kill_a_plain_restart_has_the_bits_of_a_local_run(victim, slurm, start, copy, tmp_path):
    methods = ["mean", "pooled", "stl", "mtfl", "amtl", "amtl-curriculum"]
    configure(copy, "config/smoke.yaml", datasets=["synthetic"], splits=2, methods=methods)
    # A controller that was killed takes jobs that ended after it last saved its state for running ones, up to
    # their time limit. Jobs that come and go in seconds would all be of this kind.
    one_job_a_split(copy)
    local = copy.duplicate(tmp_path / "local")
    process = start(copy, *snakemake("results/scores.csv"))
    slurm.wait_for(lambda: fits(copy) or process.poll() is not None)
    assert process.poll() is None
    if victim != "snakemake":
        # The controller saves what it knows seconds later; what a kill takes before that is lost to Slurm.
        time.sleep(5)
        slurm.kill(victim)
        time.sleep(5)
        slurm.revive(victim)
        # It may end by itself. Without its controller Snakemake may wait for jobs of which nobody knows.
        slurm.wait_for(lambda: process.poll() is not None, seconds=30, strict=False)
    print(
        f"{victim} killed: the run", "goes on" if process.poll() is None else f"ended, {process.returncode}"
    )
    process.kill()
    process.wait()
    # A controller that knows less than its node does takes no more jobs to it until an administrator says so.
    slurm.resume()
    copy.set_up("ready", "slurm")
    finish(start(copy, *make_command()), copy)
    local.succeed("results/scores.csv")
    for name in ("scores", "warnings", "methods"):
        path = f"results/{name}.csv"
        assert (copy.root / path).read_bytes() == (local.root / path).read_bytes()


def test_a_fit_over_its_memory_is_tried_again_with_more(slurm, start, copy):
    configure(copy, "config/smoke.yaml", datasets=["synthetic"], splits=1, methods=["mean"], ablations=[])
    copy.edit(
        "workflow/amtl/methods/mean.py",
        "\nimport time\n\nimport numpy as np\n\nheld = np.ones(60 * 2**20)\ntime.sleep(3)\n",
    )
    before = len(slurm.jobs("%i"))
    said = finish(start(copy, *snakemake("results/scores.csv")), copy)
    assert "failed: synthetic/mean/split1" in said and "perhaps for want of memory or time (mem_mb=" in said
    asked = [int(memory.removesuffix("M")) for (memory,) in slurm.jobs("%m")[before:]]
    assert len(asked) == 2 and asked[1] == 2 * asked[0]
    assert fits(copy)
