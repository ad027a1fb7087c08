"""The whole path of AWA, from an archive or a folder in its layout to the tables, on made-up images."""

import pytest
import yaml

from helpers.made_up_images import CLASSES, DECAF, awa_files, class_list, write_tar, write_tree
from helpers.workflow_copy import Copy

IMAGES = 4
ARCHIVE = "awa/AwA-features-decaf.tar.bz2"
SETTINGS = {
    "images": 50 * IMAGES,
    "train_rows": 2,
    "validation_rows": 1,
    "test_rows": 1,
    "components": 40,
}


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
    return (copy.root / "results" / "tables" / f"{name}.md").read_text()


def test_from_the_archive_to_the_tables_and_then_without_it(copy, members):
    archive = write_tar(copy.root / "data" / ARCHIVE, members)
    (copy.root / "data" / "awa" / "classes.txt").write_bytes(class_list(CLASSES))
    done = copy.succeed()
    assert "200 images of 50 classes read" in done.stdout + done.stderr
    text = table(copy)
    assert "AWA, error %: this run, n = 1" in text and "58.33 ± 1.10" in text
    assert "Unverified, as no checksum is published: AwA-features-decaf.tar.bz2." in table(copy, "data")
    assert "no checksum known" in table(copy, "sources")
    assert copy.planned() == set()
    # What was read needs its source no more.
    archive.unlink()
    (copy.root / "results" / "raw" / archive.name).unlink()
    assert copy.planned() == set()
    (copy.root / "results" / "features" / "awa.json").unlink()
    done = copy.snakemake("--dry-run")
    assert done.returncode != 0
    assert "no dataset of the run is left" in done.stderr and DECAF in done.stderr


def test_from_the_folder_and_again_when_a_file_of_it_changes(copy, members):
    write_tree(copy.root / "data", members)
    copy.succeed()
    assert "58.33 ± 1.10" in table(copy)
    assert "decaf/" in table(copy, "sources")
    assert copy.planned() == set()
    path = copy.root / "data" / DECAF / CLASSES[3] / f"{CLASSES[3]}_0002.txt"
    path.write_bytes(path.read_bytes() + b"1.0\n")
    assert "Reading the features of awa" in copy.planned()
    done = copy.snakemake()
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert f"{CLASSES[3]}_0002.txt: holds 4,097 numbers, expected 4,096" in done.stderr


def test_folders_with_spaces_in_their_names(fresh, members, tmp_path):
    project = fresh.duplicate(tmp_path / "the project's").root
    folder = tmp_path / "run of mine"
    write_tar(folder / "raw files" / ARCHIVE, members)
    (folder / "raw files" / "awa" / "classes.txt").write_bytes(class_list(CLASSES))
    settings = yaml.safe_load((project / "run.yaml").read_text())
    settings["run"] |= {"datasets": ["awa", "synthetic"], "methods": ["mean", "stl"], "splits": 1}
    settings |= {"datasets": {"awa": SETTINGS}, "data": {**settings["data"], "folder": "raw files"}}
    (folder / "run.yaml").write_text(yaml.safe_dump(settings))
    copy = Copy(folder)
    copy.succeed("--snakefile", project / "Snakefile")
    assert "58.33 ± 1.10" in table(copy) and (folder / "results" / "figures" / "figure1a.svg").exists()
