"""A small copy of the project with a configuration of its own, and Snakemake run in it."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import yaml

PARTS = ("Snakefile", "Makefile", "README.md", "config", "envs", "workflow")
METHODS = ["mean", "stl", "amtl-noloss", "amtl", "amtl-curriculum"]
RAW_FILE = "synthetic_dataset.mat"
MAKE_VARIABLES = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "PYTHONPATH", "CONFIG", "CORES", "DATA", "PROFILE"}
# Measured seconds, and what is made from them (claims about time), differ from run to run.
TIMED = re.compile(
    r"tables/((claims|evidence)(-2mtl)?|runtime|solvers)\..*|figures/(solvers|time)\..*|"
    r"timings\.csv|scores\.json|report\..*"
)
NOT_RESULTS = ("logs", "provenance.html", "snakemake-id.txt")
# Runs a command that respects the permissions of files, also where root starts it: PR_CAPBSET_DROP of
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

    def snakemake(self, *arguments, cores=2, prefix=(), variables=None):
        """Run Snakemake on the copy's configuration; return the finished process.

        prefix : command that starts the one of Snakemake. variables : further environment variables.
        """
        command = [sys.executable, "-m", "snakemake", "--configfile", "run.yaml", "--cores", str(cores)]
        return run([*prefix, *command, "--scheduler", "greedy", *arguments], self.root, variables=variables)

    def make(self, *arguments, variables=None):
        """Run `make` with this Python in place of `.venv`; return the finished process."""
        binaries = os.path.dirname(sys.executable)
        command = ["make", f"BIN={binaries}", "CONFIG=run.yaml", "CORES=2", *arguments]
        return run(command, self.root, variables=variables)

    def set_up(self, *names):
        """Create the marks `names` in .venv, so that `make` takes what they stand for as installed."""
        (self.root / ".venv").mkdir(exist_ok=True)
        for name in names:
            # A mark keeps its date: what is installed after it would be installed again.
            if not (self.root / ".venv" / name).exists():
                (self.root / ".venv" / name).touch()

    def succeed(self, *arguments, **options):
        """Run Snakemake, which has to succeed."""
        return require_success(self.snakemake(*arguments, **options))

    def planned(self, *arguments, **options):
        """Return the set of messages of the jobs that a run would carry out now."""
        done = self.succeed("--dry-run", *arguments, **options)
        return set(re.findall(r"^ *Job \d+: (.*)$", done.stdout + done.stderr, re.MULTILINE))

    def results(self):
        """Return {path: sha256} of the results, without measured seconds."""
        found = {}
        root = self.root / "results"
        walk = os.walk(root, followlinks=True)
        for path in sorted(Path(folder, name) for folder, _, names in walk for name in names):
            name = path.relative_to(root)
            if name.parts[0] in NOT_RESULTS or TIMED.fullmatch(name.as_posix()):
                continue
            content = path.read_bytes()
            if name.parts[0] in ("fits", "solvers") and path.suffix == ".json":
                content = json.dumps(json.loads(content, object_hook=without_seconds)).encode()
            found[name.as_posix()] = hashlib.sha256(content).hexdigest()
        return found

    def tree(self, *without):
        """Return {path: (date, content)} of all files and folders, without those that begin with `without`.

        The content is the sha256 of a file, the target of a link, or None for a folder.
        """
        found = {}
        for path in [self.root, *self.root.rglob("*")]:
            name = path.relative_to(self.root).as_posix()
            if name.startswith(without):
                continue
            if path.is_symlink():
                content = os.readlink(path)
            else:
                content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
            found[name] = (path.lstat().st_mtime_ns, content)
        return found

    def configure(self, change):
        """Apply `change` to the configuration."""
        self._change_yaml("run.yaml", change)

    def _change_yaml(self, file, change):
        path = self.root / file
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        change(content)
        path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")

    def edit(self, file, text="\n# edited\n"):
        """Append `text` to one of the copy's files."""
        with open(self.root / file, "a", encoding="utf-8") as stream:
            stream.write(text)

    def replace(self, file, old, new):
        """Replace the text `old`, which has to occur once, in one of the copy's files."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file}: {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def register(self, download=True, checksum=True):
        """Write the raw file's checksum and an address in the copy to the registry, or none of them."""
        content = (self.root / "data" / RAW_FILE).read_bytes()
        entry = {
            "sha256": hashlib.sha256(content).hexdigest() if checksum else None,
            "bytes": len(content) if checksum else None,
            "unverified": not checksum,
            "urls": [(self.root / "elsewhere" / RAW_FILE).as_uri()] if download else [],
        }
        self._change_yaml("config/raw-files.yaml", lambda registry: registry["files"][RAW_FILE].update(entry))

    def forbid(self, name):
        """Remove the addresses of the raw file `name` from the registry."""
        self._change_yaml("config/raw-files.yaml", lambda registry: registry["files"][name].update(urls=[]))

    def duplicate(self, root):
        """Return a copy of this copy, with its results and all dates."""
        shutil.copytree(self.root, root, symlinks=True)
        return Copy(root)


def fits(planned):
    """Return {(method, dataset)} of the planned fits."""
    found = (re.fullmatch(r"Fitting (\S+) on split \d+ of (\S+)", message) for message in planned)
    return {match.groups() for match in found if match}


def without_seconds(content):
    """Return a mapping without measured seconds, and without the checksum that covers them."""
    return {key: value for key, value in content.items() if key not in ("seconds", "checksum")}


def copy_project(project, root):
    """Copy the `project` to the new folder `root`; nothing has run in the copy."""
    root.mkdir()
    ignore = shutil.ignore_patterns("__pycache__", ".*")
    for part in PARTS:
        source = project / part
        shutil.copytree(source, root / part, ignore=ignore) if source.is_dir() else shutil.copy2(source, root)
    return Copy(root)


def fresh_environment():
    """Return the environment of a fresh shell, without what a make around the tests has set."""
    hidden = {*MAKE_VARIABLES, "PYTHONDONTWRITEBYTECODE"}
    return {name: value for name, value in os.environ.items() if name not in hidden}


def run(command, folder, timeout=900, variables=None, **options):
    """Run `command` in `folder` as from a fresh shell with further environment `variables`."""
    environment = {**fresh_environment(), **(variables or {})}
    options |= {"env": environment, "capture_output": True, "text": True, "errors": "replace"}
    return subprocess.run(command, cwd=folder, timeout=timeout, **options)


def require_success(done):
    """Return a finished process, which has to have succeeded."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def error_line(done):
    """Return the one error line of a process that failed without a traceback."""
    output = done.stdout + done.stderr
    assert done.returncode != 0, output
    assert "Traceback" not in output, output
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
