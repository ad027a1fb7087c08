"""What goes wrong while a run works: killed processes, a full disk, a fit that fails, a second run.

After each, a plain start finishes, and every result is bit for bit that of an undisturbed run.
"""

import os
import random
import re
import subprocess
import sys
import time

import psutil
import pytest
import yaml

from helpers.workflow_copy import error_line, fresh_environment, run

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
# What the killed runs are asked for: every kind of job once or more. `make` goes on to the whole.
TARGETS = ["results/tables/table1.html", "results/figures/figure1a.svg", "results/settings.json"]
KILLS = 20
SEED = 2016
# The mean predictor of the copies waits, fails or fills a disk when a file of that name is in the folder.
RIGGED = """

_sound_fit = fit


def fit(*arguments):
    import time
    from pathlib import Path

    if Path("broken").exists():
        raise ZeroDivisionError("made to fail")
    if Path("hold").exists():
        Path("held").touch()
        while not Path("go").exists():
            time.sleep(0.05)
    return _sound_fit(*arguments)
"""
STEP = re.compile(r"^(\d+) of \d+ steps", re.MULTILINE)
FAILED = re.compile(r"^Error in rule fit:\n(    .*\n)*    output: results/fits/synthetic/mean/", re.MULTILINE)
# What a second run is told: Snakemake names the files that are being made, if it sees them before its lock.
REFUSED = "Directory cannot be locked|Incomplete files|another run works in this folder"
START = [
    sys.executable,
    "-m",
    "snakemake",
    "--configfile",
    "run.yaml",
    "--cores",
    "2",
    "--scheduler",
    "greedy",
]


def leftovers(copy):
    """Return the files under results that no run should leave behind."""
    unfinished = [
        path for path in (copy.root / "results").rglob("*") if path.name.endswith((".part", ".new"))
    ]
    marks = [path for path in (copy.root / "results/provenance/incomplete").rglob("*") if path.is_file()]
    return [str(path.relative_to(copy.root)) for path in (*unfinished, *marks)]


def start(copy, *arguments):
    """Start Snakemake on a copy in a session of its own; what it prints goes to the copy's file `printed`."""
    with open(copy.root / "printed", "w") as stream:
        return subprocess.Popen(
            [*START, *arguments],
            cwd=copy.root,
            env=fresh_environment(),
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def printed(copy):
    return (copy.root / "printed").read_text(errors="replace")


def alive(process):
    """Return the processes of the session that `process` leads or led."""
    found = []
    for each in psutil.process_iter():
        try:
            if os.getsid(each.pid) == process.pid and each.status() != psutil.STATUS_ZOMBIE:
                found.append(each)
        except (ProcessLookupError, psutil.NoSuchProcess):
            pass
    return found


def wait_until(true, process=None):
    """Wait until `true()`, or, where a process is given, until that has ended."""
    deadline = time.monotonic() + 900
    while not true():
        assert time.monotonic() < deadline
        if process is not None and process.poll() is not None:
            return
        time.sleep(0.02)


def kill(process, whole):
    """kill -9 the run: all of its processes, or Snakemake alone, so that its jobs go on without it."""
    for each in alive(process) if whole else [psutil.Process(process.pid)]:
        try:
            each.kill()
        except psutil.NoSuchProcess:
            pass
    process.wait()


def restart(copy, *targets):
    """Start again as a user would, by `make` or by hand; return the finished process, which went well."""
    if targets:
        assert run([*START, "--unlock"], copy.root).returncode == 0
        done = run([*START, "--rerun-incomplete", *targets], copy.root)
    else:
        done = copy.make()
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def rigged(fresh, tmp_path_factory):
    """A copy in which nothing has run and whose mean predictor can be told to wait or to fail."""
    copy = fresh.duplicate(tmp_path_factory.mktemp("rigged") / "project")
    (copy.root / "run.yaml").write_text(yaml.safe_dump(SETTINGS))
    copy.edit("workflow/amtl/methods/mean.py", RIGGED)
    return copy


@pytest.fixture(scope="module")
def undisturbed(rigged, tmp_path_factory):
    """(results, seconds until each step of a run of the `TARGETS` ended, and the run) of undisturbed runs."""
    copy = rigged.duplicate(tmp_path_factory.mktemp("undisturbed") / "project")
    begun, ends = time.monotonic(), []
    process = start(copy, *TARGETS)
    while process.poll() is None:
        ends += [time.monotonic() - begun] * (len(STEP.findall(printed(copy))) - len(ends))
        time.sleep(0.02)
    assert process.returncode == 0, printed(copy)
    ends.append(time.monotonic() - begun)
    assert start(copy).wait() == 0, printed(copy)
    assert not leftovers(copy)
    return copy.results(), ends


@pytest.fixture
def copy(rigged, copy_of):
    return copy_of(rigged)


@pytest.fixture(scope="module")
def outcomes():
    """Rows of the table of kills, printed at the end (``pytest -s``)."""
    rows = []
    yield rows
    print("\n| kill | at, share of the run | killed | jobs done | restarted with | made again | results |")
    print("|--:|--:|---|--:|---|--:|---|")
    for row in rows:
        print("|", " | ".join(map(str, row)), "|")


def moments():
    """Return KILLS shares of a run's length: one at random in each of as many equal parts of it."""
    generator = random.Random(SEED)
    return [(number + generator.random()) / KILLS for number in range(KILLS)]


def killed(rigged, folder, moment, ends, whole):
    """Return (copy, process) of a run that was killed at `moment`, a share of the undisturbed run's length.

    The moment is counted from the step before it, so that it stays within the run when the machine is less
    busy than before. A run that has ended all the same does not count: another one is killed earlier.
    """
    at = moment * ends[-1]
    before = sum(end <= at for end in ends)
    rest = at - max((end for end in ends if end <= at), default=0.0)
    for attempt in range(10):
        copy = rigged.duplicate(folder / str(attempt))
        process = start(copy, *TARGETS)
        wait_until(lambda: len(STEP.findall(printed(copy))) >= before, process)  # noqa: B023  (called at once)
        time.sleep(rest / 2**attempt)
        if process.poll() is None:
            kill(process, whole)
            return copy, process
    raise AssertionError("no run was caught alive")


@pytest.mark.parametrize(
    ("number", "moment"), list(enumerate(moments(), 1)), ids=lambda value: f"{value:.3g}"
)
def test_a_killed_run_goes_on(number, moment, rigged, tmp_path, undisturbed, outcomes):
    expected, ends = undisturbed
    whole, targets = number % 2 == 0, TARGETS if number % 5 else []
    copy, process = killed(rigged, tmp_path, moment, ends, whole)
    steps = STEP.findall(printed(copy))
    done = restart(copy, *targets)
    again = STEP.findall(done.stdout + done.stderr)
    # Jobs that went on without their run have to be over, too, before the results count.
    wait_until(lambda: not alive(process))
    found = copy.results()
    same = found == {name: expected[name] for name in (found if targets else expected)}
    outcomes.append(
        (
            number,
            f"{moment:.3f}",
            "all processes" if whole else "Snakemake alone",
            steps[-1] if steps else 0,
            "snakemake" if targets else "make",
            again[-1] if again else 0,
            "the same bits" if same else "DIFFER",
        )
    )
    assert same and not leftovers(copy)
    assert copy.planned(*targets) == set()


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


def fit_process(process):
    """Return the Python process of the fit that is held."""
    return next(
        each
        for each in alive(process)
        if "workflow/scripts/fit.py" in each.cmdline() and any('"mean"' in part for part in each.cmdline())
    )


def test_what_a_killed_run_left_at_work_overwrites_nothing(copy, hold_a_fit, undisturbed):
    """Its jobs go on with the old configuration, and end after a later run has made the new results."""
    expected, _ = undisturbed
    copy.configure(lambda config: config["run"].update(seed=1))
    process = hold_a_fit()
    kill(process, whole=False)
    copy.configure(lambda config: config["run"].pop("seed"))
    restart(copy)
    assert copy.results() == expected and alive(process)
    (copy.root / "go").touch()
    wait_until(lambda: not alive(process))
    assert copy.results() == expected and not leftovers(copy)
    assert copy.planned() == set()
    assert "error: a later run works in this folder" in printed(copy)


def test_a_killed_fit_is_named_and_made_again(copy, hold_a_fit, undisturbed):
    process = hold_a_fit("--keep-going")
    fit_process(process).kill()
    (copy.root / "go").touch()
    assert process.wait() != 0
    assert FAILED.search(printed(copy))
    assert "Killed" in printed(copy)
    restart(copy)
    assert copy.results() == undisturbed[0] and not leftovers(copy)


def test_a_fit_that_raises_leaves_the_others_and_is_made_again(copy, undisturbed):
    (copy.root / "broken").touch()
    done = copy.snakemake("--keep-going")
    output = done.stdout + done.stderr
    assert done.returncode != 0
    # The job, and at the end the cause with the place of the whole story.
    assert FAILED.search(output)
    log = "results/logs/fit/synthetic/mean/split1.log"
    assert f"error: ZeroDivisionError: made to fail ({log} and 1 more)" in output.splitlines()
    assert "Traceback" in (copy.root / log).read_text()
    fits = copy.root / "results" / "fits" / "synthetic"
    assert sorted(path.name for path in (fits / "stl").glob("*.json")) == ["split1.json", "split2.json"]
    assert not list(fits.glob("mean/*")) and not (copy.root / "results" / "scores.csv").exists()
    (copy.root / "broken").unlink()
    made = {path: path.stat().st_mtime_ns for path in (fits / "stl").iterdir()}
    restart(copy)
    assert {path: path.stat().st_mtime_ns for path in made} == made
    assert copy.results() == undisturbed[0] and not leftovers(copy)


def test_a_second_run_is_refused_and_the_first_goes_on(copy, hold_a_fit, undisturbed):
    process = hold_a_fit()
    second = copy.snakemake()
    assert second.returncode != 0
    assert re.search(REFUSED, second.stdout + second.stderr)
    assert "another run works in this folder; wait until it ends, or stop it" in error_line(copy.make())
    # Not even who takes the lock away gets in, nor who wants something else.
    assert run([*START, "--unlock"], copy.root).returncode == 0
    for targets in ([], ["results/data/mnist/split1.npz"]):
        assert "another run works in this folder" in error_line(copy.snakemake(*targets))
    assert not (copy.root / "results" / "data" / "mnist").exists()
    # Looking is allowed.
    assert "Collecting the scores of all fits" in copy.planned()
    (copy.root / "go").touch()
    assert process.wait() == 0, printed(copy)
    assert copy.results() == undisturbed[0] and not leftovers(copy)


def test_two_runs_started_at_once(copy, undisturbed):
    first, second = (
        subprocess.Popen(
            START,
            cwd=copy.root,
            env=fresh_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    )
    outputs = {process: process.communicate()[0] for process in (first, second)}
    refused = [process for process in outputs if process.returncode != 0]
    assert len(refused) <= 1, outputs
    for process in refused:
        assert re.search(REFUSED, outputs[process])
    assert copy.results() == undisturbed[0] and not leftovers(copy)
    assert copy.planned() == set()


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


@pytest.mark.parametrize("room", [4, 100, 200, 400, 600])
def test_a_full_disk(room, rigged, small_disk, undisturbed):
    """`room` : the kilobytes that are free when the run starts."""
    copy = rigged.duplicate(small_disk / "project")
    # A start that changes nothing, so that the run itself finds the disk full.
    copy.planned()
    ballast = small_disk / "ballast"
    free = os.statvfs(small_disk)
    ballast.write_bytes(bytes(free.f_bavail * free.f_frsize - room * 1024))
    done = copy.snakemake("--keep-going")
    output = done.stdout + done.stderr
    assert done.returncode != 0
    assert "No space left on device" in output
    ballast.unlink()
    restart(copy)
    assert copy.results() == undisturbed[0] and not leftovers(copy)
    assert copy.planned() == set()
