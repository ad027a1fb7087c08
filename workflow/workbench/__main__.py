"""``python -m workbench COMMAND``, which `make` calls: Snakemake with the options that suit this workflow.

run : check the configuration, make stale results again, run, renew Snakemake's report, print the summary.
publish : the same, and keep the results under results/published. benchmark : measure and print the table.
data-check : print what is understood of the user's own tables, and run nothing.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from workbench import source_loader

# The plan is made by the sources, as that of the jobs is.
source_loader.use_for([source_loader.ROOT])

from amtl.errors import InputError  # noqa: E402
from workbench import config as configuration  # noqa: E402
from workbench import errors, own_table, run_start  # noqa: E402
from workbench.plan import REPORT, make_plan  # noqa: E402
from workbench.report import summary  # noqa: E402
from workbench.source_loader import ROOT  # noqa: E402

PROJECT = ROOT.parent
PROVENANCE, TABLES = Path("results/provenance.html"), Path("results/tables")
OPTIONS = [
    "--rerun-incomplete",
    # A personal profile may hide changes or change the configuration.
    *("--profile", "none"),
    # Dates decide nothing where Snakemake has a record: it compares the content of inputs, and the digests of
    # settings, code and data are in the parameters of the jobs.
    *("--max-checksum-file-size", "1GB"),
    *("--rerun-triggers", "code", "input", "params", "software-env"),
    *("--quiet", "rules", "host"),
    *("--logger", "workbench"),
    *("--scheduler", "greedy"),
]
# A limit on the jobs of a timespan that no run reaches, and the number of fits that lengthen it by a second.
JOBS_PER_TIMESPAN, FITS_PER_SECOND = 1_000_000, 100


def main():
    parser = argparse.ArgumentParser(prog="python -m workbench", description=__doc__.split("\n\n")[0])
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument(
        "--config", nargs="+", default=[], metavar="FILE", help="configuration files, the last one wins"
    )
    parser.add_argument("--cores", default="all", help="number of cores, or all")
    parser.add_argument("--data", default="", metavar="FOLDER", help="folder with raw files")
    parser.add_argument("--table", default="", metavar="FILE", help="a table of your own, the run's dataset")
    parser.add_argument("--task", default="", metavar="COLUMN", help="column of tasks of the table")
    parser.add_argument("--target", default="", metavar="COLUMN", help="column of the target of the table")
    parser.add_argument("--profile", default="", help="Snakemake workflow profile, for a cluster")
    parser.add_argument("--dry-run", action="store_true", help="only show what would run, and why")
    arguments = parser.parse_args()
    if (arguments.task or arguments.target) and not arguments.table:
        raise InputError("TASK and TARGET are columns of a table: give it too, make DATA_TABLE=patients.csv")
    # The tables hold characters that the terminal of some locales cannot show.
    sys.stdout.reconfigure(errors="replace")
    if os.pathsep in str(ROOT):
        raise InputError(
            f"{PROJECT}: Python cannot search a folder with {os.pathsep!r} in its name; rename it"
        )
    # These two change no result, and are possible during another run.
    if not arguments.dry_run and arguments.command != "data-check":
        run_start.hold(run_start.MAKE_LOCK)
    COMMANDS[arguments.command](arguments)


def run(arguments):
    plan = _plan(arguments)
    _unlock(arguments)
    stale = plan.stale_files()
    if arguments.dry_run:
        _snakemake(arguments, forced=stale)
        return
    if stale:
        print(f"made with other settings, code or data, so made again: {_some(stale)}", file=sys.stderr)
    _snakemake(arguments, *_rate(arguments, plan, stale), forced=stale)
    if _provenance_is_old():
        with tempfile.TemporaryDirectory(dir=PROVENANCE.parent, prefix=".report-") as folder:
            _snakemake(arguments, "--report", f"{folder}/report.html")
            os.replace(f"{folder}/report.html", PROVENANCE)
    print(f"\n{summary.summary(plan.info, plan.tables, TABLES)}\n")
    print(f"Tables: {TABLES.resolve()}\nReport: {Path(REPORT).resolve()}")


def publish(arguments):
    if not arguments.config:
        raise InputError("CONFIG is missing, the run to publish: make publish CONFIG=config/paper.yaml")
    plan = _plan(arguments)
    stale = plan.stale_files()
    _unlock(arguments)
    _snakemake(arguments, *_rate(arguments, plan, stale), "publish", forced=stale)


def benchmark(arguments):
    _plan(arguments)
    _unlock(arguments)
    # Their files have no record of their own.
    _snakemake(arguments, "benchmark", forced=["benchmark_table", "benchmark_curves"])
    if not arguments.dry_run:
        print(Path("results/benchmark/table.md").read_text(encoding="utf-8"))


def data_check(arguments):
    config = _configuration(arguments)
    found = configuration.normalise(config)
    entries = [found["datasets"][name] for name in found["run"]["datasets"]]
    tables = {entry["title"]: entry["options"] for entry in entries if entry["options"].get("table")}
    if not tables:
        raise InputError("the run has no table of your own: make data-check DATA_TABLE=patients.csv")
    if not own_table.check(tables):
        sys.exit(1)


COMMANDS = {"run": run, "publish": publish, "benchmark": benchmark, "data-check": data_check}


def _plan(arguments):
    """Return the plan of the run: it serves to check the configuration and the results."""
    plan = make_plan(_configuration(arguments), PROJECT)
    run_start.require_folders(plan)
    return plan


def _configuration(arguments):
    files = [PROJECT / "config" / "config.yaml", *arguments.config]
    return configuration.read(files, _overrides(arguments))


def _overrides(arguments):
    """Return the settings that the command line gives, by section of the configuration."""
    data = {"data": {"folder": arguments.data}} if arguments.data else {}
    table = own_table.settings(arguments.table, arguments.task, arguments.target) if arguments.table else {}
    return {**data, **table}


def _unlock(arguments):
    """Remove the lock that a killed run left; raise InputError while a run is at work."""
    if arguments.dry_run:
        return
    if run_start.another_runs():
        raise InputError(run_start.BUSY)
    with tempfile.NamedTemporaryFile(suffix=".smk") as empty:
        _call("--snakefile", empty.name, "--unlock", quiet=True)


def _snakemake(arguments, *more, forced=()):
    given = ["--configfile", *arguments.config] if arguments.config else []
    overrides = _overrides(arguments)
    if overrides:
        # Sections as JSON, which is YAML.
        sections = (f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in overrides.items())
        given += ["--config", *sections]
    given += ["--workflow-profile", arguments.profile or "none"]
    given += [] if arguments.profile else ["--cores", arguments.cores]
    given += ["--forcerun", *forced] if forced else []
    given += ["--dry-run"] if arguments.dry_run else []
    # The last option has one value, so that a target may follow.
    _call("--snakefile", str(PROJECT / "Snakefile"), *given, *OPTIONS, *more)


def _rate(arguments, plan, stale):
    """Return the option that keeps Snakemake's own work from growing with every job of a long run.

    Whenever Snakemake looks for jobs to start it sets a timer, after which it looks again; by default after a
    second, to start at most 100 jobs in it. So there are as many timers as there were jobs: after 500 fits
    they took a third of a core. A run of many fits has longer timers, and waits for the last of them at its
    end. A profile has a limit of its own.
    """
    if arguments.profile:
        return []
    files = plan.fit_files("json")
    count = sum(not Path(file).exists() for file in files) + len({*files}.intersection(stale))
    return ["--max-jobs-per-timespan", f"{JOBS_PER_TIMESPAN}/{max(count // FITS_PER_SECOND, 1)}s"]


def _call(*arguments, quiet=False):
    """Run Snakemake; end this process with its exit code when it fails."""
    output = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE} if quiet else {}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    # Ctrl-C reaches Snakemake too: it stops its jobs, reports them and ends by itself.
    signal.signal(signal.SIGINT, lambda *_: None)
    done = subprocess.run([sys.executable, "-m", "snakemake", *arguments], env=environment, **output)
    if done.returncode != 0:
        sys.stderr.buffer.write(done.stderr or b"")
        sys.exit(done.returncode)


def _some(files, most=3):
    more = f" and {len(files) - most} more" if len(files) > most else ""
    return ", ".join(files[:most]) + more


def _provenance_is_old():
    """Return whether a result, a caption or a rule is newer than Snakemake's own report."""
    if not PROVENANCE.is_file():
        return True
    made = PROVENANCE.stat().st_mtime
    walks = (
        os.walk(folder, followlinks=True) for folder in (PROVENANCE.parent, ROOT / "report", ROOT / "rules")
    )
    files = (Path(parent, name) for walk in walks for parent, _, names in walk for name in names)
    kept = (file for file in files if file.exists() and "logs" not in file.parts)
    return any(file.stat().st_mtime > made for file in kept)


if __name__ == "__main__":
    errors.run(main)
