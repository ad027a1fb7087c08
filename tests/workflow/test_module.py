"""The workflow as a module of another workflow, and in other working directories."""

import shutil

import pytest
import yaml

from helpers.workflow_copy import Copy

pytestmark = pytest.mark.slow

# What snakedeploy writes, with the path of a clone in place of a repository's address.
SNAKEFILE = """
configfile: "run.yaml"


module amtl:
    snakefile:
        "{snakefile}"
    config:
        config


use rule * from amtl as amtl_*


rule everything:
    default_target: True
    input:
        rules.amtl_all.input,
"""
TARGET = "results/tables/table1.md"


# Snakemake finds the first in a clone; its catalog and snakedeploy look for the second.
@pytest.fixture(params=["Snakefile", "workflow/Snakefile"])
def deployed(fresh, tmp_path, request):
    """A workflow in a folder of its own that uses the project as a module."""
    project = fresh.duplicate(tmp_path / "library of workflows" / "project")
    user = tmp_path / "user"
    (user / "workflow").mkdir(parents=True)
    text = SNAKEFILE.format(snakefile=project.root / request.param)
    (user / "workflow" / "Snakefile").write_text(text, encoding="utf-8")
    settings = yaml.safe_load((project.root / "run.yaml").read_text(encoding="utf-8"))
    settings["run"].update(datasets=["synthetic"], methods=["mean"], splits=1)
    (user / "run.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    shutil.copytree(project.root / "data", user / "data")
    return Copy(user)


def test_the_workflow_runs_as_a_module_of_another(deployed, tmp_path):
    before = Copy(tmp_path / "library of workflows").tree()
    deployed.succeed(TARGET)
    assert (deployed.root / TARGET).stat().st_size > 0
    assert deployed.planned(TARGET) == set()
    # All results of the module can be planned, and none is made in the project's folder.
    assert "Making the table convergence" in deployed.planned()
    assert Copy(tmp_path / "library of workflows").tree() == before


def test_both_snakefiles_plan_the_same(fresh):
    planned = fresh.planned()
    assert planned and fresh.planned("--snakefile", "workflow/Snakefile") == planned


def test_another_working_directory_has_its_own_results(deployed, fresh, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    shutil.copytree(deployed.root / "data", folder / "data")
    caller = fresh.duplicate(tmp_path / "caller")
    before = caller.tree()
    snakefile = tmp_path / "library of workflows" / "project" / "Snakefile"
    (caller.root / "run.yaml").write_bytes((deployed.root / "run.yaml").read_bytes())
    caller.succeed("--snakefile", str(snakefile), "--directory", str(folder), TARGET)
    assert (folder / TARGET).stat().st_size > 0
    assert caller.tree().keys() == before.keys()
    # Nothing runs again after the project and the results were moved.
    shutil.move(tmp_path / "library of workflows", tmp_path / "moved")
    shutil.move(folder, tmp_path / "results moved")
    moved = ["--snakefile", str(tmp_path / "moved" / "project" / "Snakefile")]
    moved += ["--directory", str(tmp_path / "results moved")]
    assert caller.planned(*moved, TARGET) == set()
