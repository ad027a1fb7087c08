"""The two environment files name the same versions, and the lock names no place to get them from."""

import re
import tomllib

import pytest
import yaml


@pytest.fixture(scope="module")
def lock(project):
    return (project / "envs" / "requirements.lock").read_text()


@pytest.fixture(scope="module")
def locked(lock):
    return dict(re.findall(r"^([a-z0-9.-]+)==([^\s;\\]+)", lock, re.MULTILINE))


@pytest.fixture(scope="module")
def direct(project):
    """Names of the packages that pyproject.toml asks for."""
    content = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    return {*content["dependencies"], *content["optional-dependencies"]["dev"]}


def test_conda_and_pip_have_the_same_versions(project, locked, direct):
    environment = yaml.safe_load((project / "envs" / "amtl.yaml").read_text())
    versions = dict(line.split("=") for line in environment["dependencies"])
    assert versions.pop("python").startswith("3.")
    assert versions == {name: locked[name] for name in direct}


def test_every_locked_package_has_one_version_and_hashes(lock, locked):
    blocks = re.split(r"\n(?=\S)", lock.strip())
    assert len(blocks) == len(locked)
    assert all("--hash=sha256:" in block for block in blocks)


def test_the_lock_names_no_host(lock):
    for word in ("http", "index", "find-links", "trusted-host", "file:"):
        assert word not in lock, word


@pytest.mark.parametrize("name", ["benchmark", "slurm"])
def test_the_lock_of_an_extra_adds_to_the_other_and_changes_nothing(project, lock, name):
    content = (project / "envs" / f"requirements-{name}.lock").read_text()
    extra = tomllib.loads((project / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    blocks = re.split(r"\n(?=\S)", content.strip())
    assert set(re.split(r"\n(?=\S)", lock.strip())) <= set(blocks)
    assert all("--hash=sha256:" in block for block in blocks)
    names = {block.split("==")[0] for block in blocks}
    assert set(extra[name]) <= names and not [package for package in extra[name] if f"\n{package}==" in lock]
    for word in ("http", "index", "find-links", "trusted-host", "file:"):
        assert word not in content, word


def test_the_workflow_asks_for_a_snakemake_that_the_lock_has(project, locked):
    asked = re.search(r'min_version\("([0-9.]+)"\)', (project / "Snakefile").read_text())[1]
    assert [int(part) for part in asked.split(".")] <= [int(part) for part in locked["snakemake"].split(".")]
