"""What the user sees when something is wrong: one clear line, no traceback, an exit code that is not 0."""

import shutil

import pytest

from workflow_copy import RAW_FILE, error_line


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
    copy.edit("config/datasets.yaml", "\nfiels: {}\n")
    assert "datasets.yaml" in error_line(copy.snakemake("--dry-run"))


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


def test_a_dataset_whose_first_file_cannot_be_had(fresh, copy_of):
    copy = copy_of(fresh)
    copy.register(download=False)
    (copy.root / "data" / RAW_FILE).unlink()
    line = error_line(copy.snakemake("--dry-run"))
    assert RAW_FILE in line and "data.folder" in line
