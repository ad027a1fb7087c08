"""``pytest --amtl-method FILE`` runs the contract tests on one file."""

import shutil
import sys

import pytest

from helpers.workflow_copy import run

pytestmark = pytest.mark.slow


@pytest.fixture
def check(project):
    """Return the function that runs pytest on a file; it returns the output."""

    def call(*words):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rf", *map(str, words)]
        return run(command, project).stdout

    return call


def test_the_template_passes_in_any_folder(project, check, tmp_path):
    file = tmp_path / "my_method.py"
    shutil.copy(project / "workflow" / "amtl" / "methods" / "_template.py", file)
    output = check(f"--amtl-method={file}")
    assert "failed" not in output and " passed" in output and "deselected" in output


def test_what_breaks_a_rule_is_found(project, check, tmp_path):
    text = (project / "workflow" / "amtl" / "methods" / "_template.py").read_text(encoding="utf-8")
    file = tmp_path / "my_study" / "methods" / "my_method.py"
    file.parent.mkdir(parents=True)
    file.write_text(text.replace('{"rho": "Ridge weight."}', "{}"), encoding="utf-8")
    output = check(f"--amtl-method={file}", "-k", "hyperparameters or spec_is_complete")
    assert "FAILED" in output and "hyperparameters_of_the_spec[my-method]" in output and "1 passed" in output


def test_a_file_of_the_project_may_follow_after_a_space(check):
    output = check("--amtl-method", "workflow/amtl/methods/single/stl.py", "-k", "spec_is_complete")
    assert "1 passed" in output
