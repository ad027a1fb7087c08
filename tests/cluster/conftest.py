"""A Slurm cluster of one node, and copies of the project that are configured for it as a user would do."""

import importlib.util

import pytest
import yaml

from helpers.single_node import PROFILE, SingleNode, install, reason_to_skip
from helpers.workflow_copy import RAW_FILE, copy_project, write_raw_file

SETTINGS = {
    "run": {
        "datasets": ["synthetic", "synthetic-authors"],
        "methods": ["mean", "stl", "amtl"],
        "splits": 1,
        "grid_points": 6,
        "max_iterations": 30,
        "tolerance": 1.0e-2,
    },
    "data": {"folder": "data", "attempts": 1},
}


@pytest.fixture(scope="session")
def slurm(tmp_path_factory):
    """A running Slurm, stopped at the end."""
    reason = reason_to_skip()
    if reason is None and importlib.util.find_spec("snakemake_executor_plugin_slurm") is None:
        reason = "Snakemake's plugin for Slurm is not installed (make .venv/slurm)"
    reason = reason or install()
    if reason:
        pytest.skip(reason)
    cluster = SingleNode(tmp_path_factory.mktemp("slurm"))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def fresh(project, tmp_path_factory):
    """A copy of the project before any run: the profile is filled in, a raw file has no checksum."""
    copy = copy_project(project, tmp_path_factory.mktemp("fresh") / "project")
    write_raw_file(copy.root / "data" / RAW_FILE)
    copy.register(download=False, checksum=False)
    (copy.root / "run.yaml").write_text(yaml.safe_dump(SETTINGS))
    path = copy.root / PROFILE / "config.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings["default-resources"].update(slurm_account="test", slurm_partition="main")
    # This cluster keeps no accounts, and its jobs end within seconds.
    settings |= {"slurm-status-command": "squeue", "slurm-init-seconds-before-status-checks": 2}
    # The plugin would delete the folder of logs at the end of a run, and jobs that start later would fail.
    settings["slurm-keep-successful-logs"] = True
    path.write_text(yaml.safe_dump(settings))
    copy.set_up("ready", "slurm")
    return copy


@pytest.fixture
def copy(fresh, tmp_path):
    """A copy of the project for one test."""
    return fresh.duplicate(tmp_path / "project")


@pytest.fixture(scope="session")
def local(fresh, tmp_path_factory):
    """The same project after a run without Slurm."""
    copy = fresh.duplicate(tmp_path_factory.mktemp("local") / "project")
    copy.succeed()
    return copy
