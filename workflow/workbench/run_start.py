"""What is checked and done when a run of Snakemake starts. No result depends on it."""

import fcntl
import json
import os
import re
import secrets
import sys
from pathlib import Path

from amtl.errors import InputError

# Held by Snakemake while it works, and by `make` from the plan to the summary.
LOCK, MAKE_LOCK = Path(".snakemake/run.lock"), Path(".snakemake/make.lock")
RESULTS = Path("results")
# The same text in both files: Snakemake has a record of every result.
RECORDS = (Path(".snakemake/results.id"), Path("results/snakemake-id.txt"))
# What results may hold before the first run.
NO_RESULTS = {"published", "logs"}
BUSY = "another run is at work in this folder; wait until it ends, or stop it"
# What `workbench.result_files.replacing` leaves when its process is killed; a partial download differs.
LEFTOVER = re.compile(r"\..+\.\d{1,7}\.part")
NEEDED_TRIGGERS = ("code", "input", "params")
DATA_VARIABLE, PLUGINS_VARIABLE = "WORKBENCH_DATA", "WORKBENCH_PLUGINS"
_held = []


def check(workflow, plan):
    """Raise InputError for a start that cannot work; print which datasets are not run.

    workflow : Snakemake's `workflow` object.
    """
    cores = workflow.resource_settings.cores
    dry = workflow.output_settings.dryrun
    if cores is not None and cores < 1 and not dry:
        raise InputError(f"--cores {cores}: no job can run; give 1 or more, or all")
    require_folders(plan)
    for line in plan.advice():
        print(f"not run: {line}", file=sys.stderr)


def check_triggers(triggers):
    """Raise InputError unless Snakemake re-runs jobs whose parameters changed."""
    missing = [name for name in NEEDED_TRIGGERS if name not in map(str, triggers)]
    if missing:
        raise InputError(
            f"rerun-triggers lacks {', '.join(missing)}: changed settings or code would go unnoticed; remove "
            "rerun-triggers from your profile, or pass --rerun-triggers code input params software-env"
        )


def require_records(settings, plan):
    """Raise InputError for stale results that Snakemake would keep, because it has no record of them.

    They come from another folder, or .snakemake was deleted. settings : Snakemake's, with the forced results.
    """
    ours, theirs = (path.read_text(encoding="utf-8") if path.is_file() else "" for path in RECORDS)
    if settings.forceall or ours == theirs != "":
        return
    stale = [path for path in plan.stale_files() if path not in settings.forcerun]
    if stale:
        more = f", and so were {len(stale) - 1} more" if stale[1:] else ""
        raise InputError(
            f"{stale[0]}: was made with other settings, code or data{more}, and Snakemake has no record of "
            "it; run make, or delete the results"
        )


def require_folders(plan):
    """Raise InputError unless the working directory and all folders of results and logs can be written to."""
    kinds = ("raw", "features", "data", "paths", "fits", "pairs", "solvers", "tables", "figures", "logs")
    files = [*plan.fit_files("json"), *(plan.split_file(dataset, 1) for dataset in plan.datasets)]
    needed = {parent for file in files for parent in Path(file).parents} | {RESULTS / kind for kind in kinds}
    found = {Path(parent, name) for parent, names, _ in os.walk(RESULTS, followlinks=True) for name in names}
    # Outer folders come first.
    for path in (Path.cwd(), LOCK.parent, RESULTS, *sorted(needed | found)):
        require_folder(path)


def require_folder(path):
    """Raise InputError when `path` exists and is not a folder that can be read and written to."""
    if os.path.lexists(path) and not path.is_dir():
        what = "a broken link" if path.is_symlink() else "a file"
        raise InputError(f"{path}: is {what}, but the run needs a folder there; move it away")
    if path.exists() and not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise InputError(
            f"{path}: no permission to read and write in this folder; change its permissions, or run in "
            "another folder with --directory"
        )


def environment(plan, workflow_folder):
    """Return the environment variables of the jobs: where they find Python and our code, and the data folder.

    How a raw file is fetched is not part of a job: another data folder is no reason to fetch a file again.
    """
    data = {key: plan.config["data"][key] for key in ("folder", "attempts", "timeout")}
    data["registry"] = plan.registry
    data["own"] = {dataset: plan.own_files(dataset) for dataset in plan.datasets if plan.own_files(dataset)}
    plugins = dict.fromkeys(str(Path(folder).resolve().parent) for folder in plan.config["plugins"])
    return {
        "PYTHONPATH": str(workflow_folder),
        # Last on the path: a user's folder may hold files with the names of other modules.
        PLUGINS_VARIABLE: json.dumps(list(plugins)),
        "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")]),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        DATA_VARIABLE: json.dumps(data),
    }


def wildcards(plan):
    """Return {wildcard: regular expression} of the names that a run has."""
    names = {
        "dataset": plan.names("datasets"),
        "method": plan.names("methods"),
        "table": plan.tables,
        "figure": plan.figures,
        "case": plan.config["benchmark"]["cases"],
        "axis": plan.config["benchmark"]["scaling"],
        "file": plan.fetchable,
        "feature_set": plan.readable_features,
    }
    return {wildcard: any_of(found) for wildcard, found in names.items()}


def any_of(names):
    """Return a regular expression that matches each of `names` and nothing else."""
    return "|".join(map(re.escape, names)) or "(?!)"


def begin():
    """Make this process the only run in the folder, and remove unfinished files of earlier runs.

    Raises InputError when another run is at work.
    """
    hold(LOCK)
    for parent, _, names in os.walk(RESULTS, followlinks=True):
        for name in filter(LEFTOVER.fullmatch, names):
            Path(parent, name).unlink(missing_ok=True)
    if not RESULTS.is_dir() or NO_RESULTS.issuperset(os.listdir(RESULTS)):
        RESULTS.mkdir(exist_ok=True)
        name = secrets.token_hex(8)
        for path in RECORDS:
            path.write_text(name, encoding="utf-8")


def hold(lock):
    """Lock the file `lock` until this process ends; raise InputError when another run has it."""
    require_folder(lock.parent)
    lock.parent.mkdir(exist_ok=True)
    stream = lock.open("a", encoding="utf-8")
    if is_locked(stream):
        raise InputError(BUSY)
    _held.append(stream)


def is_locked(stream):
    """Lock the file of `stream` for this process, or return that another process has. Ends with the process.

    A file system without locks never refuses.
    """
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return isinstance(error, BlockingIOError | PermissionError)
    return False


def another_runs():
    """Return whether another run is at work in this folder."""
    if not LOCK.exists():
        return False
    with LOCK.open("a", encoding="utf-8") as stream:
        return is_locked(stream)
