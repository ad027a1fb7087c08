"""The whole path of AWA, from an archive or a folder in its layout to the tables, on made-up images."""

import pytest
import yaml

from helpers.made_up_images import CLASSES, DECAF, awa_files, class_list, write_tar, write_tree
from helpers.workflow_copy import Copy, error_line

pytestmark = pytest.mark.slow

IMAGES = 4
ARCHIVE = "awa/AwA-features-decaf.tar.bz2"
SETTINGS = {
    "images": 50 * IMAGES,
    "train_rows": 2,
    "validation_rows": 1,
    "test_rows": 1,
    "components": 40,
}


TARGETS = [f"results/tables/{name}.md" for name in ("table1", "data", "sources")]
# What the two methods reach on one split of these images.
ERROR = "58.33 ± 1.10"


@pytest.fixture
def copy(fresh, copy_of):
    """A copy that runs two fast methods on one split of AWA."""
    copy = copy_of(fresh)
    copy.configure(lambda config: config["run"].update(datasets=["awa"], methods=["mean", "stl"], splits=1))
    copy.configure(lambda config: config.update(datasets={"awa": SETTINGS}))
    return copy


@pytest.fixture(scope="module")
def members():
    return awa_files(IMAGES)


def table(copy, name="table1"):
    return (copy.root / "results" / "tables" / f"{name}.md").read_text(encoding="utf-8")


def test_features_come_from_the_archive_and_then_need_it_no_more(copy, members):
    archive = write_tar(copy.root / "data" / ARCHIVE, members)
    (copy.root / "data" / "awa" / "classes.txt").write_bytes(class_list(CLASSES))
    done = copy.succeed(*TARGETS)
    assert "200 images of 50 classes" in done.stdout + done.stderr
    assert ERROR in table(copy)
    # No checksum of the archive is published: the tables say so.
    assert archive.name in table(copy, "data")
    assert copy.planned(*TARGETS) == set()
    archive.unlink()
    (copy.root / "results" / "raw" / archive.name).unlink()
    assert copy.planned(*TARGETS) == set()
    (copy.root / "results" / "features" / "awa.json").unlink()
    assert DECAF in error_line(copy.snakemake("--dry-run"))


def test_features_come_from_a_folder_and_follow_its_changes(fresh, members, tmp_path):
    """The folders have names that a shell would expand; the run has another working directory."""
    project = fresh.duplicate(tmp_path / "the project's").root
    copy = Copy(tmp_path / "run {x} of mine")
    data = copy.root / """-raw "files" $HOME {split}"""
    write_tree(data, members)
    settings = yaml.safe_load((project / "run.yaml").read_text(encoding="utf-8"))
    settings["run"] |= {"datasets": ["awa"], "methods": ["mean", "stl"], "splits": 1}
    settings |= {"datasets": {"awa": SETTINGS}, "data": {**settings["data"], "folder": data.name}}
    (copy.root / "run.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    start = ("--snakefile", str(project / "Snakefile"), *TARGETS)
    copy.succeed(*start)
    assert ERROR in table(copy) and "decaf/" in table(copy, "sources")
    assert copy.planned(*start) == set()
    changed = next(data.rglob(f"{CLASSES[3]}_0002.txt"))
    changed.write_bytes(changed.read_bytes() + b"1.0\n")
    assert "Reading the features of awa" in copy.planned(*start)
    assert changed.name in error_line(copy.snakemake(*start))
