"""What the user sees when something is wrong: one clear line, no traceback, an exit code that is not 0."""

import json
import shutil
import sys

import pytest
import yaml

from helpers.workflow_copy import RAW_FILE, error_line, run


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ('run={"datasets": ["syntetic"]}', ["run.datasets", "did you mean 'synthetic'?"]),
        ('run={"methods": ["amtl-curiculum"]}', ["run.methods", "did you mean 'amtl-curriculum'?"]),
        ('run={"gridpoints": 3}', ["run.gridpoints", "did you mean 'grid_points'?"]),
        ('data={"folder": "nowhere"}', ["data.folder", "nowhere"]),
        ("splits=3", ["unknown key splits"]),
        ("run=3", ["run:", "'object'"]),
    ],
)
def test_a_wrong_configuration(fresh, given, parts):
    line = error_line(fresh.snakemake("--dry-run", "--config", given))
    for part in parts:
        assert part in line


def test_a_registry_that_cannot_be_read(fresh, copy_of):
    copy = copy_of(fresh)
    copy.edit("config/raw-files.yaml", "\nfiels: {}\n")
    assert "datasets.yaml" in error_line(copy.snakemake("--dry-run"))


def test_a_registry_without_a_file_that_the_benchmark_asks_for(fresh, copy_of):
    copy = copy_of(fresh)
    path = copy.root / "config" / "raw-files.yaml"
    content = yaml.safe_load(path.read_text())
    del content["files"]["usps.h5"]
    path.write_text(yaml.safe_dump(content))
    line = error_line(copy.snakemake("benchmark"))
    assert "no raw file 'usps.h5'; add it to the file that data.registry names" in line
    assert not list((copy.root / ".snakemake" / "locks").iterdir())


def test_a_raw_file_that_is_nowhere(fresh, copy_of):
    copy = copy_of(fresh)
    (copy.root / "data" / RAW_FILE).unlink()
    done = copy.snakemake(f"results/raw/{RAW_FILE}")
    output = done.stdout + done.stderr
    assert done.returncode != 0 and "Traceback" not in output
    line = next(text for text in output.splitlines() if text.startswith(f"error: {RAW_FILE}"))
    assert "elsewhere" in line and "data" in line
    assert not (copy.root / "results" / "raw" / RAW_FILE).exists()
    assert not list((copy.root / "results" / "raw").glob("*.part"))


def test_a_raw_file_that_is_downloaded(fresh, copy_of):
    copy = copy_of(fresh)
    copy.register()
    (copy.root / "elsewhere").mkdir()
    shutil.move(copy.root / "data" / RAW_FILE, copy.root / "elsewhere")
    copy.succeed(f"results/raw/{RAW_FILE}")
    assert (copy.root / "results" / "raw" / RAW_FILE).stat().st_size > 0


@pytest.fixture
def without_file(fresh, copy_of):
    """A copy that lacks the raw file of one of its two datasets."""
    copy = copy_of(fresh)
    (copy.root / "data" / RAW_FILE).unlink()
    return copy


@pytest.mark.parametrize(
    "given", ["strict=true", 'run={"strict": true}', 'run={"datasets": ["synthetic-authors"]}']
)
def test_a_dataset_that_cannot_be_had_is_an_error_when_strict_or_alone(without_file, given):
    line = error_line(without_file.snakemake("--dry-run", "--config", given))
    for part in ("synthetic-authors", f"elsewhere/{RAW_FILE} (No such file", "data folder data"):
        assert part in line
    assert ("run.strict" in line) == ("strict" in given)


def test_a_dataset_that_cannot_be_had_is_told_once_and_the_rest_is_run(without_file):
    without_file.configure(lambda config: config["run"].update(methods=["mean", "stl"], splits=1))
    done = without_file.succeed()
    told = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("not run:")]
    assert len(told) == 1 and told[0].startswith(f"not run: synthetic-authors: {RAW_FILE}: ")
    assert f"elsewhere/{RAW_FILE} (No such file" in told[0]
    table = (without_file.root / "results" / "tables" / "table1.md").read_text()
    assert "| not run |" in table and "20.87 ± 0.36" in table
    assert f"Not run: Synthetic (authors' file): {RAW_FILE} is not in the data folder and none of" in table
    settings = json.loads((without_file.root / "results" / "settings.json").read_text())
    assert list(settings["not_run"]) == ["synthetic-authors"]
    assert settings["run"]["datasets"] == ["synthetic"]
    assert without_file.planned() == set()


def test_what_an_earlier_run_has_stored_needs_no_data_folder(finished, copy_of):
    copy = copy_of(finished)
    (copy.root / "data" / RAW_FILE).unlink()
    assert copy.planned() == set()
    stored = copy.root / "results" / "raw" / RAW_FILE
    stored.write_bytes(stored.read_bytes()[:-1])
    assert "not run: synthetic-authors" in copy.succeed("--dry-run").stderr


FIT = "results/fits/synthetic/mean/split1"


def failed_fit(copy, code, limit="unlimited"):
    """Return what is shown of a fit that runs `code` first, with so much memory (kB) at hand."""
    copy.edit("workflow/amtl/methods/mean.py", f"\nimport os\n\nimport numpy as np\n\n{code}\n")
    command = f"ulimit -v {limit}; exec {sys.executable} -m snakemake --configfile run.yaml --cores 1"
    done = run(["bash", "-c", f"{command} {FIT}.json --scheduler greedy --quiet rules"], copy.root)
    assert done.returncode != 0
    assert not list((copy.root / "results" / "fits").rglob("*.*")), "something half-written stays"
    return done.stderr


def test_a_fit_that_has_too_little_memory_says_so_in_one_line(fresh, copy_of):
    shown = failed_fit(copy_of(fresh), "np.ones(2**31)", limit=6_000_000)
    assert "Traceback" not in shown
    assert "failed: synthetic/mean/split1" in shown
    line = "error: out of memory (Unable to allocate 16.0 GiB"
    assert any(text.startswith(line) for text in shown.splitlines())


def test_a_fit_that_is_killed_says_what_it_asked_for(fresh, copy_of):
    shown = failed_fit(copy_of(fresh), "os.kill(os.getpid(), 9)")
    assert "failed: synthetic/mean/split1" in shown
    assert "ended from outside, perhaps for want of memory or time (mem_mb=50" in shown


def test_a_defect_shows_the_last_lines_of_its_log(fresh, copy_of):
    shown = failed_fit(copy_of(fresh), "1 / 0")
    assert "    ZeroDivisionError: division by zero" in shown.splitlines()
    assert "    (the end of results/logs/fit/synthetic/mean/split1.log)" in shown.splitlines()
