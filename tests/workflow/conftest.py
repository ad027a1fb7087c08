"""Copies of the project in temporary folders: before and after a complete run."""

import pytest
import yaml

from helpers.workflow_copy import RAW_FILE, SETTINGS, copy_project, write_raw_file


@pytest.fixture(scope="session")
def fresh(project, tmp_path_factory):
    """A copy of the project in which nothing has run yet."""
    copy = copy_project(project, tmp_path_factory.mktemp("fresh") / "project")
    write_raw_file(copy.root / "data" / RAW_FILE)
    copy.register()
    (copy.root / "run.yaml").write_text(yaml.safe_dump(SETTINGS), encoding="utf-8")
    return copy


@pytest.fixture(scope="session")
def finished(fresh, tmp_path_factory):
    """A copy of the project after a complete run on two cores. Tests that change it duplicate it first."""
    copy = fresh.duplicate(tmp_path_factory.mktemp("finished") / "project")
    copy.succeed(cores=2)
    return copy


@pytest.fixture
def copy_of(tmp_path):
    """Return the function that duplicates a copy for the test alone."""
    return lambda copy: copy.duplicate(tmp_path / "project")
