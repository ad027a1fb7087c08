"""A Slurm for the tests, and copies of the project set up for it as a user would."""

import importlib.util

import pytest
import yaml

from helpers.single_node import PROFILE, SingleNode, install, reason_to_skip
from helpers.workflow_copy import copy_project


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


@pytest.fixture
def copy(project, tmp_path):
    """A copy of the project in which nothing has run, its profile filled in."""
    copy = copy_project(project, tmp_path / "project")
    path = copy.root / PROFILE / "config.yaml"
    settings = yaml.safe_load(path.read_text())
    settings["default-resources"].update(slurm_account="test", slurm_partition="main")
    # No accounts are kept here; and the jobs are over within seconds.
    settings |= {"slurm-status-command": "squeue", "slurm-init-seconds-before-status-checks": 2}
    # Or a job that starts after a run has ended would not find the folder for its log.
    settings["slurm-keep-successful-logs"] = True
    path.write_text(yaml.safe_dump(settings))
    return copy
