"""Nodes plan without a search for raw files. Their jobs must be those of the main process."""

import shutil
from pathlib import Path

import pytest

from helpers.workflow_copy import RAW_FILE, write_raw_file
from workbench.plan import make_plan
from workbench.raw_files import registry as raw_registry
from workbench.result_files import save_record

GIVEN = {
    "run": {"datasets": ["synthetic", "synthetic-authors"], "methods": ["mean", "amtl"], "splits": 2},
    "data": {"folder": "data"},
}
AWA = {"run": {"datasets": ["awa"], "methods": ["stl"], "splits": 1}, "data": {"folder": "data"}}
AWA_ARCHIVE, AWA_FOLDER = "AwA-features-decaf.tar.bz2", "data/Animals_with_Attributes/Features/decaf"


@pytest.fixture
def project_without_checksum(project, tmp_path, monkeypatch):
    """A working directory with a registry that lacks the checksum of the raw file."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(project / "config", "config")
    load = raw_registry.load

    def without_checksum(path):
        registry = load(path)
        registry[RAW_FILE] |= {"sha256": None, "bytes": None, "urls": [], "unverified": True}
        return registry

    monkeypatch.setattr(raw_registry, "load", without_checksum)
    return tmp_path


def node_jobs(plan):
    """Return the parameters of the jobs that run on nodes, and the digests of what they read."""
    return [plan.fit(*fit).to_json() for fit in plan.fits()]


def test_fit_jobs_of_nodes_that_cannot_see_the_data_folder_are_the_same(project_without_checksum):
    write_raw_file(Path("data") / RAW_FILE)
    main = make_plan(GIVEN, project_without_checksum)
    assert main.prepare("synthetic-authors", 1).checksums
    expected = node_jobs(main)
    assert len(expected) == len(main.fits()) > 0
    # The splits are made before a node starts, from the copy of the raw file in results.
    Path("results/raw").mkdir(parents=True)
    Path("data").rename("results/raw/data")
    Path("results/raw/data", RAW_FILE).rename(Path("results/raw", RAW_FILE))
    assert node_jobs(make_plan(GIVEN, project_without_checksum, search=False)) == expected
    # The parameters do depend on the content of that file.
    Path("results/raw", RAW_FILE).write_bytes(b"other")
    assert node_jobs(make_plan(GIVEN, project_without_checksum, search=False)) != expected


def test_fit_jobs_of_nodes_are_the_same_for_features_from_a_folder_in_the_data_folder(
    project_without_checksum,
):
    Path(AWA_FOLDER).mkdir(parents=True)
    expected = node_jobs(make_plan(AWA, project_without_checksum))
    shutil.rmtree("data")
    assert node_jobs(make_plan(AWA, project_without_checksum, search=False)) == expected != []


@pytest.mark.parametrize("visible", [True, False])
def test_fit_jobs_of_nodes_are_the_same_when_an_earlier_run_stored_the_archive(
    visible, project_without_checksum
):
    Path(AWA_FOLDER).mkdir(parents=True)
    Path("results/raw").mkdir(parents=True)
    Path("results/raw", AWA_ARCHIVE).write_bytes(b"archive")
    expected = node_jobs(make_plan(AWA, project_without_checksum))
    if not visible:
        shutil.rmtree("data")
    assert node_jobs(make_plan(AWA, project_without_checksum, search=False)) == expected != []


def test_features_count_as_current_after_the_unverified_archive_was_deleted(project_without_checksum):
    archive = Path("data", AWA_ARCHIVE)
    archive.parent.mkdir()
    archive.write_bytes(b"archive")
    main = make_plan(AWA, project_without_checksum)
    job, expected = main.features("awa"), node_jobs(main)
    array, header = main.feature_files("awa")
    file = {"name": AWA_ARCHIVE, "sha256": job.checksum, "bytes": 7, "verified": False}
    save_record(header, job, {"files": [file]})
    Path(array).touch()
    archive.unlink()
    again = make_plan(AWA, project_without_checksum)
    assert list(again.sources.read) == [AWA_ARCHIVE]
    assert node_jobs(again) == expected
    assert node_jobs(make_plan(AWA, project_without_checksum, search=False)) == expected
