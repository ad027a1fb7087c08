"""Making a split from its raw files, and reading features once, as functions and as scripts."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest
from scipy.io import savemat

from amtl.splits import ALL_TASKS
from helpers.datasets import ENTRIES, fails, features_job, load, options_of, prepare_job, run_script
from helpers.made_up_files import authors_content, write_sentences
from helpers.made_up_images import CLASSES, DECAF, awa_files, write_tar, write_tree
from workbench import plugins
from workbench.jobs import PrepareJob
from workbench.prepare import load_features, make_split, read_features
from workbench.result_files import StaleResult, file_checksum, load_record
from workbench.split_files import load_split, save_split

pytestmark = pytest.mark.slow

AUTHORS = "imbalanced-authors"
FILE = "synthetic_inbalance_3.mat"


@pytest.fixture
def authors_file(tmp_path):
    savemat(tmp_path / FILE, authors_content())
    return tmp_path / FILE


def test_a_split_names_its_entry_and_its_raw_files(authors_file):
    job = prepare_job(AUTHORS, [authors_file], index=3, verified=False, dataset="mine")
    split = make_split(load(AUTHORS), job, [str(authors_file)])
    assert split.dataset == "mine" and split.index == 3
    expected = {"name": FILE, "sha256": file_checksum(authors_file), "bytes": authors_file.stat().st_size}
    assert split.meta["files"] == [{**expected, "verified": False}]
    assert FILE in split.meta["note"]


def test_a_changed_raw_file_is_refused(authors_file):
    job = prepare_job(AUTHORS, [authors_file], index=3, verified=False)
    content = authors_content()
    content["train_y"][0] += 1
    savemat(authors_file, content)
    fails(lambda: make_split(load(AUTHORS), job, [authors_file]), authors_file, job.checksums[FILE])


def test_a_raw_file_other_than_the_published_one_is_refused(tmp_path):
    path = tmp_path / "synthetic_dataset.mat"
    savemat(path, authors_content())
    job = prepare_job("synthetic-authors", [path])
    fails(lambda: make_split(load("synthetic-authors"), job, [path]), path, ENTRIES[path.name]["sha256"])


def test_only_the_files_of_the_job_are_read(authors_file, tmp_path):
    job = prepare_job(AUTHORS, [authors_file], index=3, verified=False)
    (tmp_path / "other.mat").write_bytes(b"")
    assert (
        make_split(load(AUTHORS), job, [tmp_path / "other.mat", authors_file]).meta["files"][0]["name"]
        == FILE
    )


def test_scripts_make_a_split(authors_file, tmp_path):
    output = tmp_path / "split3.npz"
    job = prepare_job(AUTHORS, [authors_file], index=3, verified=False)
    done = run_script("prepare", "--job", job.to_json(), "--raw", authors_file, "--output", output)
    assert done.returncode == 0, done.stderr
    assert load_split(output, job.digest).meta["files"][0]["name"] == FILE
    output.unlink()
    authors_file.write_bytes(authors_file.read_bytes()[:2000])
    job = prepare_job(AUTHORS, [authors_file], index=3, verified=False)
    done = run_script("prepare", "--job", job.to_json(), "--raw", authors_file, "--output", output)
    assert done.returncode == 1 and not output.exists()
    assert done.stderr.startswith(f"error: {authors_file}: ") and done.stderr.count("\n") == 1


def test_code_that_changed_since_the_plan_makes_no_split(tmp_path):
    job = replace(prepare_job("synthetic"), code="0" * 20)
    split = make_split(load("synthetic"), job, [])
    fails(lambda: save_split(tmp_path / "a.npz", job, split), "workbench.datasets.synthetic")
    assert not list(tmp_path.iterdir())


# Task names that score tables cannot hold


@pytest.fixture
def plug_in(tmp_path, monkeypatch):
    """Return the function that makes the job of a user's dataset with the `tasks`."""
    folder = tmp_path / "my_plugins" / "datasets"
    folder.mkdir(parents=True)
    monkeypatch.syspath_prepend(str(tmp_path))
    for module in [name for name in sys.modules if name.split(".")[0] == "my_plugins"]:
        del sys.modules[module]

    def write(tasks):
        (folder / "tiny.py").write_text(
            "import numpy as np\n"
            "from amtl.splits import Part, Split\n"
            "from workbench.datasets._spec import DatasetSpec\n\n\n"
            "def make_split(index, options, raw, seed):\n"
            "    part = Part(np.ones((2, 1)), np.arange(2.0), np.array([0, 1, 2]))\n"
            f"    return Split('tiny', index, 'regression', {tasks!r}, part, part, part,\n"
            "        meta={'source': 'made up', 'note': 'Tiny.'})\n\n\n"
            "SPEC = DatasetSpec(name='tiny', title='Tiny', order=1, kind='regression',\n"
            "    make_split=make_split, splits=lambda options, available: 1)\n",
            encoding="utf-8",
        )
        module = plugins.find("datasets", [tmp_path / "my_plugins"])["tiny"]
        job = PrepareJob(
            code="",
            **{"dataset": "tiny", "module": module, "index": 1, "seed": 0, "options": {}, "files": {}},
            **{"checksums": {}, "features": ""},
        )
        return plugins.load_module(module), job

    return write


@pytest.mark.parametrize(("tasks", "name"), [(("a", "a"), "'a'"), (("a", ALL_TASKS), f"'{ALL_TASKS}'")])
def test_a_plug_in_with_invalid_task_names(plug_in, tmp_path, tasks, name):
    spec, job = plug_in(tasks)
    fails(lambda: save_split(tmp_path / "a.npz", job, make_split(spec, job, [])), "tiny split 1", name)
    assert not (tmp_path / "a.npz").exists()


def test_a_tag_called_like_the_aggregate(tmp_path):
    text = "\n".join(f"{tag}{k} {tag} O" for tag in ("NN", ALL_TASKS) for k in range(9))
    path = write_sentences(tmp_path / "conll2000.zip", text)
    sizes = {"train_rows": 3, "validation_rows": 3, "test_rows": 3, "tag_tokens": 9, "components": 2}
    job = prepare_job("conll-tags", [path], verified=False, **sizes)
    split = make_split(load("conll-tags"), job, [path])
    fails(lambda: save_split(tmp_path / "a.npz", job, split), "conll-tags split 1", f"'{ALL_TASKS}'")


def test_a_folder_of_images_called_like_the_aggregate(tmp_path, awa_archive):
    members = {name.replace("beast+07", ALL_TASKS): content for name, content in awa_files(3).items()}
    source = write_tar(tmp_path / "awa.tar.bz2", members)
    job, paths = read(source, tmp_path)
    split_job = prepare_job("awa", features=job.digest, **SMALL)
    split = make_split(load("awa"), split_job, paths)
    fails(lambda: save_split(tmp_path / "a.npz", split_job, split), "awa split 1", f"'{ALL_TASKS}'")


# Features

SMALL = {"images": 150, "train_rows": 1, "validation_rows": 1, "test_rows": 1, "components": 20}


@pytest.fixture(scope="module")
def awa_archive(tmp_path_factory):
    return write_tar(tmp_path_factory.mktemp("awa") / "awa.tar.bz2", awa_files(3))


def read(source, folder):
    """Read features as the workflow does; return the job and the paths of the array and its header."""
    job, paths = features_job("awa", source), [folder / "awa.npy", folder / "awa.json"]
    read_features(load("awa"), job, source, None, *paths)
    return job, paths


def test_scripts_read_features_and_make_a_split(awa_archive, tmp_path):
    array, header, output = (tmp_path / name for name in ("awa.npy", "awa.json", "split1.npz"))
    job = features_job("awa", awa_archive)
    places = ("--source", awa_archive, "--classes=", "--array", array, "--header", header)
    done = run_script("features", "--job", job.to_json(), *places)
    assert done.returncode == 0, done.stderr
    record = load_record(header, job.digest)
    assert record["array"] == file_checksum(array) and record["images"] == 150 and record["width"] == 4096
    assert [name for name, _ in record["classes"]] == CLASSES
    split_job = prepare_job("awa", features=job.digest, **SMALL)
    done = run_script("prepare", "--job", split_job.to_json(), "--raw", array, header, "--output", output)
    assert done.returncode == 0, done.stderr
    split = load_split(output, split_job.digest)
    expected = {"name": "AwA-features-decaf.tar.bz2", "sha256": file_checksum(awa_archive)}
    assert split.meta["files"] == [{**expected, "bytes": awa_archive.stat().st_size, "verified": False}]
    assert split.train.X.shape == (50, 21) and "AwA-features-decaf.tar.bz2" in split.meta["note"]


def test_features_of_a_folder_count_as_unverified(tmp_path):
    write_tree(tmp_path, awa_files(3))
    job, paths = read(tmp_path / DECAF, tmp_path)
    split = make_split(load("awa"), prepare_job("awa", features=job.digest, **SMALL), paths)
    (file,) = split.meta["files"]
    assert file["name"] == "decaf/" and file["verified"] is False and "decaf/" in split.meta["note"]


def test_features_of_another_job_are_refused(awa_archive, tmp_path):
    _, paths = read(awa_archive, tmp_path)
    job = prepare_job("awa", features="0" * 20, **SMALL)
    fails(lambda: make_split(load("awa"), job, paths), paths[1])


def test_an_array_that_does_not_belong_to_its_header_is_refused(awa_archive, tmp_path):
    job, paths = read(awa_archive, tmp_path)
    content = bytearray(paths[0].read_bytes())
    content[-1] ^= 1
    paths[0].write_bytes(content)
    with pytest.raises(StaleResult, match=r"awa\.npy"):
        load_features(paths, job.digest)


def test_an_edited_header_is_refused(awa_archive, tmp_path):
    job, paths = read(awa_archive, tmp_path)
    record = json.loads(paths[1].read_text(encoding="utf-8"))
    record["classes"].reverse()
    paths[1].write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(StaleResult, match=r"awa\.json"):
        load_features(paths, job.digest)


def test_a_changed_archive_is_refused(awa_archive, tmp_path):
    job = features_job("awa", awa_archive)
    other = write_tar(tmp_path / "awa.tar.bz2", awa_files(1))
    paths = [tmp_path / "awa.npy", tmp_path / "awa.json"]
    fails(lambda: read_features(load("awa"), job, other, None, *paths), other, job.checksum)
    assert list(tmp_path.iterdir()) == [other]


def test_code_that_changed_since_the_plan_places_no_features(awa_archive, tmp_path):
    job = replace(features_job("awa", awa_archive), code="0" * 20)
    paths = [tmp_path / "awa.npy", tmp_path / "awa.json"]
    fails(lambda: read_features(load("awa"), job, awa_archive, None, *paths), "workbench.datasets.awa")
    assert not list(tmp_path.iterdir())


def test_another_number_of_images_or_too_many_rows(awa_archive, tmp_path):
    job, paths = read(awa_archive, tmp_path)
    features, options = load_features(paths, job.digest), options_of("awa", **SMALL)
    split = load("awa").make_split
    fails(lambda: split(1, options | {"images": 151}, features, 0), load("awa").files({})[0], "150", "151")
    fails(lambda: split(1, options | {"train_rows": 2}, features, 0), "'beast+00'", "3 rows")
    X = np.load(paths[0])
    assert X.shape == (150, 4096) and X.dtype == np.float32
