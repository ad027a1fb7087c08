"""The split file: what is written comes back, and a damaged or foreign file is refused in one line."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from amtl.errors import InputError
from amtl.splits import KINDS, PARTS
from helpers.problems import random_split
from workbench.result_files import StaleResult
from workbench.split_files import load_split, save_split

# What `save_split` needs of a PrepareJob.
JOB = SimpleNamespace(digest="a" * 20, require_code=lambda: None)


def made(kind="regression"):
    split = random_split(kind, 0, np.ones((3, 2)), [4, 3], 1.0, others=2)
    return replace(split, meta={"source": "here"})


@pytest.mark.parametrize("kind", KINDS)
def test_a_split_is_read_as_it_was_written(kind, tmp_path):
    before = made(kind)
    save_split(tmp_path / "a.npz", JOB, before)
    save_split(tmp_path / "b.npz", JOB, before)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    after = load_split(tmp_path / "a.npz", JOB.digest)
    fields = ("dataset", "index", "kind", "tasks", "refit", "meta")
    assert all(getattr(after, field) == getattr(before, field) for field in fields)
    np.testing.assert_array_equal(after.truth, before.truth)
    for name in PARTS:
        ours, theirs = getattr(before, name), getattr(after, name)
        np.testing.assert_array_equal(ours.X, theirs.X)
        np.testing.assert_array_equal(ours.y, theirs.y)
        np.testing.assert_array_equal(ours.offsets, theirs.offsets)


def test_an_unusable_split_is_not_written(tmp_path):
    split = made()
    split.train.X[0, 0] = np.nan
    with pytest.raises(InputError, match="train part"):
        save_split(tmp_path / "a.npz", JOB, split)
    assert not list(tmp_path.iterdir())


def damage(path, how):
    content = path.read_bytes()
    if how == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "text":
        path.write_text("not an archive", encoding="utf-8")
    elif how == "other arrays":
        np.savez(path, W=np.ones(3))
    elif how == "objects":
        np.savez(path, header=np.array([{}], dtype=object))


@pytest.mark.parametrize("how", ["truncated", "empty", "text", "other arrays", "objects"])
def test_a_damaged_file_is_refused(how, tmp_path):
    path = tmp_path / "split1.npz"
    save_split(path, JOB, made())
    damage(path, how)
    with pytest.raises(StaleResult, match="split1.npz"):
        load_split(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="split1.npz"):
        load_split(tmp_path / "split1.npz")


def test_a_split_of_another_job_is_refused(tmp_path):
    path = tmp_path / "split1.npz"
    save_split(path, JOB, made())
    with pytest.raises(StaleResult, match="split1.npz"):
        load_split(path, "b" * 20)


def test_an_edited_split_is_refused(tmp_path):
    path = tmp_path / "split1.npz"
    save_split(path, JOB, made())
    with np.load(path) as archive:
        arrays = dict(archive)
    arrays["header"] = np.array(json.dumps(json.loads(str(arrays["header"])) | {"index": 2}))
    np.savez(path, **arrays)
    with pytest.raises(StaleResult, match="split1.npz"):
        load_split(path, JOB.digest)
