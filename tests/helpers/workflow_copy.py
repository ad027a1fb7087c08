"""A small copy of the project with a configuration of its own, and Snakemake run in it."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

import numpy as np
import yaml

PARTS = ("Snakefile", "Makefile", "README.md", "config", "envs", "workflow")
METHODS = ["mean", "stl", "amtl-noloss", "amtl", "amtl-curriculum"]
RAW_FILE = "synthetic_dataset.mat"
MAKE_VARIABLES = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "PYTHONPATH", "CONFIG", "CORES", "DATA"}
# Measured seconds, and what is made from them, differ from run to run; the rest tells of the run.
TIMED = re.compile(r"timings\.csv|tables/runtime\..*")
ABOUT_THE_RUN = ("logs", "provenance", "report.html")
# Runs a command that is bound by the rights to files, also where root runs it: PR_CAPBSET_DROP of
# CAP_DAC_OVERRIDE and of CAP_DAC_READ_SEARCH.
UNPRIVILEGED = (
    *(sys.executable, "-c"),
    "import ctypes, os, sys; drop = ctypes.CDLL(None).prctl; drop(24, 1, 0, 0, 0); drop(24, 2, 0, 0, 0); "
    "os.execvp(sys.argv[1], sys.argv[1:])",
)
SETTINGS = {
    "run": {
        "datasets": ["synthetic", "synthetic-authors"],
        "methods": METHODS,
        "splits": 2,
        "grid_points": 6,
        "max_iterations": 30,
        "tolerance": 1.0e-2,
    },
    "data": {"folder": "data", "registry": "config/raw-files.yaml", "attempts": 1},
}


class Copy:
    """A copy of the project at `root`, with a configuration of its own."""

    def __init__(self, root):
        self.root = root

    def snakemake(self, *arguments, cores=2, prefix=()):
        """Run Snakemake on the copy's configuration; return the finished process.

        prefix : command that is given the one of Snakemake to run.
        """
        command = [sys.executable, "-m", "snakemake", "--configfile", "run.yaml", "--cores", str(cores)]
        return run([*prefix, *command, "--scheduler", "greedy", *arguments], self.root)

    def make(self, *arguments):
        """Run the Makefile's `run` with this Python in place of `.venv`; return the finished process."""
        self.set_up("ready")
        binaries = os.path.dirname(sys.executable)
        return run(["make", f"BIN={binaries}", "CONFIG=run.yaml", "CORES=2", *arguments], self.root)

    def set_up(self, *names):
        """Have `make` take what the `names` of marks in .venv stand for as installed."""
        (self.root / ".venv").mkdir(exist_ok=True)
        for name in names:
            (self.root / ".venv" / name).touch()

    def succeed(self, *arguments, **options):
        done = self.snakemake(*arguments, **options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def planned(self, *arguments):
        """Return the set of job messages that a run would carry out now."""
        done = self.succeed("--dry-run", *arguments)
        return set(re.findall(r"^ *Job \d+: (.*)$", done.stdout + done.stderr, re.MULTILINE))

    def results(self):
        """Return {path: sha256} of the results but for measured seconds, those in the records of fits too."""
        found = {}
        root = self.root / "results"
        for path in sorted(root.rglob("*")):
            name = path.relative_to(root)
            if path.is_dir() or name.parts[0] in ABOUT_THE_RUN or TIMED.fullmatch(name.as_posix()):
                continue
            content = path.read_bytes()
            if name.parts[0] == "fits" and path.suffix == ".json":
                # The fit's and those of every point of its grid.
                content = json.dumps(json.loads(content, object_hook=without_seconds)).encode()
            found[name.as_posix()] = hashlib.sha256(content).hexdigest()
        return found

    def configure(self, change):
        """Apply `change` to the configuration."""
        path = self.root / "run.yaml"
        content = yaml.safe_load(path.read_text())
        change(content)
        path.write_text(yaml.safe_dump(content))

    def edit(self, file, text="\n# edited\n"):
        """Append `text` to one of the copy's files."""
        with open(self.root / file, "a") as stream:
            stream.write(text)

    def register(self, download=True):
        """Give the registry the raw file's sum, and as its address a folder of the copy, or none."""
        path = self.root / "config" / "raw-files.yaml"
        registry = yaml.safe_load(path.read_text())
        content = (self.root / "data" / RAW_FILE).read_bytes()
        registry["files"][RAW_FILE].update(
            sha256=hashlib.sha256(content).hexdigest(),
            bytes=len(content),
            urls=[(self.root / "elsewhere" / RAW_FILE).as_uri()] if download else [],
        )
        path.write_text(yaml.safe_dump(registry))

    def forbid(self, name):
        """Take the addresses of the raw file `name` out of the registry."""
        path = self.root / "config" / "raw-files.yaml"
        registry = yaml.safe_load(path.read_text())
        registry["files"][name]["urls"] = []
        path.write_text(yaml.safe_dump(registry))

    def duplicate(self, root):
        """Return a copy of this copy, results and modification times included."""
        shutil.copytree(self.root, root)
        return Copy(root)


def without_seconds(content):
    return {key: value for key, value in content.items() if key != "seconds"}


def copy_project(project, root):
    """Copy the `project` to the new folder `root`; nothing has run in the copy."""
    root.mkdir()
    ignore = shutil.ignore_patterns("__pycache__", ".*")
    for part in PARTS:
        source = project / part
        shutil.copytree(source, root / part, ignore=ignore) if source.is_dir() else shutil.copy2(source, root)
    return Copy(root)


def fresh_environment():
    """Return the environment as of a fresh shell: without what a make around the tests has set."""
    return {name: value for name, value in os.environ.items() if name not in MAKE_VARIABLES}


def run(command, folder, timeout=900, **options):
    """Run `command` in `folder` as from a fresh shell."""
    options |= {"env": fresh_environment(), "capture_output": True, "text": True}
    return subprocess.run(command, cwd=folder, timeout=timeout, **options)


def error_line(done):
    """Return the only line of complaint of a start that failed."""
    output = done.stdout + done.stderr
    assert done.returncode != 0, output
    assert "Traceback" not in output
    lines = [line for line in output.splitlines() if line.startswith("error:")]
    assert len(lines) == 1, output
    return lines[0]


def write_raw_file(path, seed=0):
    """Write a file of the authors' format: 12 tasks, 20 features, 30, 50 and 50 rows a task."""
    from scipy.io import savemat

    rng = np.random.default_rng(seed)
    weights = rng.normal(5, 1, (20, 12))
    content = {}
    for part, starts, rows in (("train", "trindex", 30), ("val", "valindex", 50), ("test", "teindex", 50)):
        X = rng.normal(size=(12 * rows, 20))
        y = np.sum(X * np.repeat(weights, rows, axis=1).T, axis=1) + 5 * rng.normal(size=len(X))
        content |= {f"{part}_x": X, f"{part}_y": y[:, None], starts: np.arange(1, 12 * rows, rows)[:, None]}
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(path, content)
