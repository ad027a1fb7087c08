"""What is checked and done when a run starts."""

import os
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from amtl.errors import InputError
from workbench import run_start

# A plan without datasets.
NO_FITS = SimpleNamespace(fit_files=lambda suffix: [], datasets=[])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run_start, "_held", [])
    return tmp_path


HOLD = (
    "import sys; from workbench import run_start as r; r.begin(); print('held', flush=True); sys.stdin.read()"
)


@pytest.fixture
def other_run(folder):
    """Another process that holds the lock of the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        env={**os.environ, "PYTHONPATH": str(run_start.__file__).rsplit("/", 2)[0]},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def test_a_second_run_is_refused_until_the_first_ends(other_run):
    assert run_start.another_runs()
    with pytest.raises(InputError):
        run_start.begin()
    other_run.kill()
    other_run.wait()
    assert not run_start.another_runs()
    run_start.begin()


def test_looking_for_another_run_creates_nothing(folder):
    assert not run_start.another_runs() and not list(folder.iterdir())


def test_unfinished_files_of_killed_runs_are_removed_and_partial_downloads_stay(folder):
    results = folder / "results" / "fits"
    results.mkdir(parents=True)
    for name in (".split1.json.1234.part", ".usps.h5.0a1b2c3d.part", "split1.json", "a.part"):
        (results / name).touch()
    run_start.begin()
    assert {path.name for path in results.iterdir()} == {".usps.h5.0a1b2c3d.part", "split1.json", "a.part"}


def test_unfinished_files_are_removed_behind_a_link_too(folder):
    elsewhere = folder / "disk" / "fits"
    elsewhere.mkdir(parents=True)
    (elsewhere / ".split1.json.1234.part").touch()
    (folder / "results").mkdir()
    (folder / "results" / "fits").symlink_to(elsewhere)
    run_start.begin()
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("lacking", run_start.NEEDED_TRIGGERS)
def test_every_trigger_is_needed(lacking):
    triggers = [name for name in run_start.NEEDED_TRIGGERS if name != lacking]
    with pytest.raises(InputError, match=f"rerun-triggers lacks {lacking}"):
        run_start.check_triggers(triggers)
    run_start.check_triggers([*triggers, lacking, "software-env"])


@pytest.mark.parametrize("blocked", ["results", ".snakemake"])
def test_a_file_in_the_place_of_a_folder_is_named(blocked, folder):
    (folder / blocked).touch()
    with pytest.raises(InputError, match=re.escape(blocked)):
        run_start.require_folders(NO_FITS)


@pytest.mark.parametrize("blocked", ["results", "results/fits/synthetic"])
def test_a_folder_without_permissions_is_named(blocked, folder, monkeypatch):
    (folder / "results" / "fits" / "synthetic").mkdir(parents=True)
    # The superuser, who may run the tests, has all permissions.
    monkeypatch.setattr(run_start.os, "access", lambda path, mode: str(path) != blocked)
    with pytest.raises(InputError, match=f"^{blocked}: "):
        run_start.require_folders(NO_FITS)


def test_a_broken_link_is_named(folder):
    (folder / "results").symlink_to("nowhere")
    with pytest.raises(InputError, match="results.*broken link"):
        run_start.require_folders(NO_FITS)


@pytest.mark.parametrize("names", [["a.b", "c"], ["x|y"]])
def test_a_pattern_of_names_matches_them_alone(names):
    pattern = re.compile(run_start.any_of(names))
    assert all(pattern.fullmatch(name) for name in names)
    assert not any(pattern.fullmatch(text) for text in ("axb", "x", "y", "", "a.bc"))


def test_a_pattern_of_no_names_matches_nothing():
    assert not re.fullmatch(run_start.any_of([]), "") and not re.fullmatch(run_start.any_of([]), "a")


def records_are_required(forced=(), everything=False):
    settings = SimpleNamespace(forcerun=set(forced), forceall=everything)
    run_start.require_records(settings, SimpleNamespace(stale_files=lambda: ["results/a.json"]))


def test_a_stale_result_is_an_error_unless_snakemake_has_a_record_of_it(folder):
    (folder / "results").mkdir()
    run_start.begin()
    records_are_required()
    (folder / ".snakemake" / "results.id").rename(folder / "moved.id")
    with pytest.raises(InputError, match="results/a.json"):
        records_are_required()
    # A run that finds results there has no record of them.
    (folder / "results" / "fits").mkdir()
    run_start._held.clear()
    run_start.begin()
    with pytest.raises(InputError, match="results/a.json"):
        records_are_required()


def test_a_forced_result_needs_no_record(folder):
    records_are_required(forced=["results/a.json"])
    records_are_required(everything=True)
    with pytest.raises(InputError, match="results/a.json"):
        records_are_required(forced=["results/b.json"])
