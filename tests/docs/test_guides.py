"""The guides for adding something, followed word for word in a copy of the project."""

import shlex
import shutil
import sys

import pytest
import yaml

from helpers.pages import blocks
from helpers.workflow_copy import copy_project, run

pytestmark = pytest.mark.slow

READ = """

def read(paths):
    with open(paths["houses.csv"], encoding="utf-8") as stream:
        return float(len(stream.read()))


def make_from_file(index, options, raw, seed):
    level = read(raw)
    split = make_split(index, options, raw, seed)
    parts = {
        name: Part(part.X, part.y + level, part.offsets)
        for name, part in (("train", split.train), ("validation", split.validation), ("test", split.test))
    }
    meta = {"source": "houses.csv", "note": "Two lines."}
    return Split("houses", index, "regression", ("low", "high"), **parts, meta=meta)


SPEC = DatasetSpec(
    name="houses",
    title="Houses",
    order=901,
    kind="regression",
    make_split=make_from_file,
    splits=lambda options, available: 1000,
    {files}
)
"""


@pytest.fixture
def page(project):
    return (project / "docs" / "how-to" / "add-a-dataset.md").read_text(encoding="utf-8")


@pytest.fixture
def copy(project, page, tmp_path):
    """A copy of the project with its tests and the dataset of the guide."""
    copy = copy_project(project, tmp_path / "project")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(project / "tests", copy.root / "tests", ignore=ignore)
    for name in ("pyproject.toml", "conftest.py"):
        shutil.copy(project / name, copy.root)
    write(copy, "two_lines", blocks(page, "python")[0])
    return copy


def write(copy, name, text):
    (copy.root / "workflow" / "workbench" / "datasets" / f"{name}.py").write_text(text, encoding="utf-8")


def check(copy, words, **variables):
    command = [sys.executable, *words, "-q", "-p", "no:cacheprovider"]
    return run(command, copy.root, variables=variables).stdout


def test_the_dataset_of_the_guide_passes_the_contract(copy, page):
    (words,) = (shlex.split(code) for code in blocks(page, "bash"))
    assert words.pop(0) == ".venv/bin/python" and words[-1] == "two-lines"
    output = check(copy, words)
    assert " passed" in output and "failed" not in output and "skipped" not in output, output
    given = next(each for each in map(yaml.safe_load, blocks(page, "yaml")) if "run" in each)
    (copy.root / "run.yaml").write_text(yaml.safe_dump(given), encoding="utf-8")
    assert "Fitting amtl on split 5 of two-lines" in copy.planned()


def test_a_dataset_with_a_raw_file_needs_the_entry_of_the_guide_alone(copy, page, tmp_path):
    line = next(code for code in blocks(page, "text") if code.startswith("files="))
    write(copy, "houses", blocks(page, "python")[0].partition("SPEC = ")[0] + READ.replace("{files}", line))
    entry = next(each for each in map(yaml.safe_load, blocks(page, "yaml")) if "files" in each)
    registry = copy.root / "config" / "raw-files.yaml"
    text = yaml.safe_dump(
        {"files": yaml.safe_load(registry.read_text(encoding="utf-8"))["files"] | entry["files"]}
    )
    registry.write_text(text, encoding="utf-8")
    data = tmp_path / "data"
    (data / "houses").mkdir(parents=True)
    (data / "houses" / "houses.csv").write_bytes(b"foo")  # the guide's checksum is that of foo
    words = ["-m", "pytest", "tests/contract/test_datasets.py", "-k", "houses"]
    output = check(copy, words, DATA=str(data))
    assert " passed" in output and "failed" not in output and "skipped" not in output, output
