"""What a user sees when something is wrong: one line, no traceback, and an exit code other than 0."""

import json
import shutil
import sys

import pytest
import yaml

from helpers.workflow_copy import RAW_FILE, error_line, run

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ('run={"datasets": ["syntetic"]}', ["run.datasets", "'synthetic'"]),
        ('run={"gridpoints": 3}', ["run.gridpoints", "'grid_points'"]),
        ('data={"folder": "nowhere"}', ["data.folder", "nowhere"]),
        ("splits=3", ["splits"]),
    ],
)
def test_invalid_configuration(fresh, given, parts):
    line = error_line(fresh.snakemake("--dry-run", "--config", given))
    for part in parts:
        assert part in line


def test_invalid_registry(fresh, copy_of):
    copy = copy_of(fresh)
    copy.edit("config/raw-files.yaml", "\nfiels: {}\n")
    assert "raw-files.yaml" in error_line(copy.snakemake("--dry-run"))


def test_registry_without_a_file_that_the_benchmark_reads(fresh, copy_of):
    copy = copy_of(fresh)
    path = copy.root / "config" / "raw-files.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    del content["files"]["usps.h5"]
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    line = error_line(copy.snakemake("benchmark"))
    assert "'usps.h5'" in line and "data.registry" in line
    assert not list((copy.root / ".snakemake" / "locks").iterdir())


@pytest.fixture
def without_file(fresh, copy_of):
    """A copy that lacks the raw file of one of its two datasets."""
    copy = copy_of(fresh)
    (copy.root / "data" / RAW_FILE).unlink()
    return copy


def test_missing_raw_file(without_file):
    line = error_line(without_file.snakemake(f"results/raw/{RAW_FILE}"))
    assert line.startswith(f"error: {RAW_FILE}: ") and f"elsewhere/{RAW_FILE}" in line and "data" in line
    assert not list((without_file.root / "results" / "raw").glob("*"))


def test_raw_file_is_downloaded(fresh, copy_of):
    copy = copy_of(fresh)
    copy.register()
    (copy.root / "elsewhere").mkdir()
    shutil.move(copy.root / "data" / RAW_FILE, copy.root / "elsewhere")
    copy.succeed(f"results/raw/{RAW_FILE}")
    assert (copy.root / "results" / "raw" / RAW_FILE).stat().st_size > 0


@pytest.mark.parametrize("given", ['run={"strict": true}', 'run={"datasets": ["synthetic-authors"]}'])
def test_unavailable_dataset_is_an_error_if_strict_or_alone(without_file, given):
    line = error_line(without_file.snakemake("--dry-run", "--config", given))
    for part in ("synthetic-authors", f"elsewhere/{RAW_FILE}", "data folder data"):
        assert part in line
    assert ("run.strict" in line) == ("strict" in given)


def test_unavailable_dataset_is_reported_once_and_the_rest_is_run(without_file):
    targets = ["results/tables/table1.md", "results/settings.json"]
    without_file.configure(lambda config: config["run"].update(methods=["mean", "stl"], splits=1))
    done = without_file.succeed(*targets)
    reported = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("not run:")]
    assert len(reported) == 1 and reported[0].startswith(f"not run: synthetic-authors: {RAW_FILE}: ")
    assert f"elsewhere/{RAW_FILE}" in reported[0]
    table = (without_file.root / "results" / "tables" / "table1.md").read_text(encoding="utf-8")
    assert "| not run |" in table and "20.87 ± 0.36" in table
    settings = json.loads((without_file.root / "results" / "settings.json").read_text(encoding="utf-8"))
    assert list(settings["not_run"]) == ["synthetic-authors"]
    assert settings["run"]["datasets"] == ["synthetic"]
    assert without_file.planned(*targets) == set()


def test_stored_raw_files_need_no_data_folder(finished, copy_of):
    copy = copy_of(finished)
    (copy.root / "data" / RAW_FILE).unlink()
    assert copy.planned() == set()
    stored = copy.root / "results" / "raw" / RAW_FILE
    stored.write_bytes(stored.read_bytes()[:-1])
    assert "not run: synthetic-authors" in copy.succeed("--dry-run").stderr


FIT = "results/fits/synthetic/mean/split1"
LOG = "results/logs/fit/synthetic/mean/split1.log"


def failed_fit(copy, code, limit="unlimited"):
    """Return the output of a run whose fit executes `code` first, with a limit of memory (kB)."""
    file = "workflow/amtl/methods/controls/mean.py"
    copy.replace(
        file, "\nSPEC = ", f"\nimport os\n\n_fit = fit\n\n\ndef fit(*arguments):\n    {code}\n\n\nSPEC = "
    )
    command = f"ulimit -v {limit}; exec {sys.executable} -m snakemake --configfile run.yaml --cores 1"
    command += f" {FIT}.json --scheduler greedy --quiet rules --logger workbench"
    done = run(["bash", "-c", command], copy.root, variables={"PYTHONPATH": str(copy.root / "workflow")})
    assert done.returncode != 0
    assert not list((copy.root / "results" / "fits").rglob("*.*"))
    return done.stdout + done.stderr


def test_a_fit_without_enough_memory_is_one_line(fresh, copy_of):
    shown = failed_fit(copy_of(fresh), "np.ones(2**31)", limit=6_000_000)
    assert "Traceback" not in shown and "failed: synthetic/mean/split1" in shown
    assert "error: out of memory (Unable to allocate 16.0 GiB" in shown


def test_a_killed_fit_shows_its_limits(fresh, copy_of):
    shown = failed_fit(copy_of(fresh), "os.kill(os.getpid(), 9)")
    assert "failed: synthetic/mean/split1" in shown and "mem_mb=50" in shown


def test_a_defect_shows_the_end_of_its_log(fresh, copy_of):
    shown = failed_fit(copy_of(fresh), "1 / 0")
    assert "        ZeroDivisionError: division by zero" in shown.splitlines()
    assert f"    end of {LOG}:" in shown.splitlines()
