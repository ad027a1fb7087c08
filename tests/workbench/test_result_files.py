"""Results say which job made them, are whole or absent, and are refused when they are stale."""

import errno
import json
import os

import numpy as np
import pytest
from scipy.sparse import csr_array

from amtl.errors import InputError
from workbench import result_files
from workbench.result_files import (
    StaleResult,
    is_current,
    load_arrays,
    load_record,
    replacing,
    save_arrays,
    save_record,
    write_text,
)

CONTENT = {"text": "ä", "numbers": [1, 2.5, 1e-300], "nothing": None}
ARRAYS = {"W": np.arange(6.0).reshape(2, 3), "names": np.array(["a", "b"]), "one": np.array(3)}


class Job:
    """A job with a digest of its own."""

    def __init__(self, digest="d1", sound=True):
        self.digest, self.sound = digest, sound

    def require_code(self):
        if not self.sound:
            raise InputError("the code changed")


def saved(folder, kind, job=None):
    """Write a result of one kind; return its path and the function that reads it."""
    path = folder / f"result.{kind}"
    if kind == "json":
        save_record(path, job or Job(), CONTENT)
        return path, load_record
    save_arrays(path, job or Job(), ARRAYS)
    return path, load_arrays


@pytest.mark.parametrize("kind", ["json", "npz"])
class TestBothKinds:
    def test_what_was_saved_is_loaded(self, kind, tmp_path):
        path, load = saved(tmp_path, kind)
        found = load(path, "d1")
        if kind == "json":
            assert found == CONTENT
        else:
            assert found.keys() == ARRAYS.keys()
            assert all(np.array_equal(found[key], ARRAYS[key]) for key in ARRAYS)
        assert is_current(path, "d1")

    def test_a_result_of_another_job_is_stale(self, kind, tmp_path):
        path, load = saved(tmp_path, kind)
        with pytest.raises(StaleResult, match=str(path)):
            load(path, "d2")
        assert not is_current(path, "d2")
        load(path)

    def test_the_same_content_gives_the_same_bytes(self, kind, tmp_path):
        path, _ = saved(tmp_path, kind)
        before = path.read_bytes()
        saved(tmp_path, kind)
        assert path.read_bytes() == before

    @pytest.mark.parametrize("damage", [b"", b"{}", b"[]", b"PK", b"\xff\xfe"])
    def test_a_damaged_result_is_stale(self, kind, damage, tmp_path):
        path, load = saved(tmp_path, kind)
        path.write_bytes(damage)
        with pytest.raises(StaleResult, match=str(path)):
            load(path)
        assert not is_current(path, "d1")

    def test_a_missing_result_is_an_input_error(self, kind, tmp_path):
        path, load = saved(tmp_path, kind)
        path.unlink()
        with pytest.raises(InputError, match=str(path)):
            load(path, "d1")

    def test_a_result_of_changed_code_is_not_put_in_place(self, kind, tmp_path):
        path, load = saved(tmp_path, kind)
        with pytest.raises(InputError):
            saved(tmp_path, kind, Job("d2", sound=False))
        load(path, "d1")


def test_an_edited_record_is_stale(tmp_path):
    path, _ = saved(tmp_path, "json")
    content = json.loads(path.read_text(encoding="utf-8"))
    content["numbers"][1] = 2.4
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(StaleResult, match=str(path)):
        load_record(path, "d1")


@pytest.mark.parametrize("number", ["NaN", "1e999"])
def test_a_record_edited_to_hold_no_number_is_stale(number, tmp_path):
    path, _ = saved(tmp_path, "json")
    path.write_text(path.read_text(encoding="utf-8").replace("2.5", number), encoding="utf-8")
    with pytest.raises(StaleResult, match=str(path)):
        load_record(path, "d1")


@pytest.mark.parametrize("change", ["value", "shape", "type", "name"])
def test_edited_arrays_are_stale(change, tmp_path):
    path, _ = saved(tmp_path, "npz")
    with np.load(path) as archive:
        content = dict(archive)
    W = content.pop("W")
    content |= {
        "value": {"W": W + 1e-9},
        "shape": {"W": W.reshape(3, 2)},
        "type": {"W": W.view(np.int64)},
        "name": {"V": W},
    }[change]
    np.savez(path, **content)
    with pytest.raises(StaleResult, match=str(path)):
        load_arrays(path, "d1")


def test_pickles_are_refused(tmp_path):
    path = tmp_path / "result.npz"
    np.savez(path, job=np.array("d1"), checksum=np.array(""), W=np.array([{}], dtype=object))
    with pytest.raises(StaleResult):
        load_arrays(path)


def test_a_record_holds_no_nan(tmp_path):
    with pytest.raises(ValueError):
        save_record(tmp_path / "result.json", Job(), {"value": float("nan")})
    assert not list(tmp_path.iterdir())


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "file.txt"
    write_text(path, "old")
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("new", encoding="utf-8")
        raise RuntimeError
    assert path.read_text(encoding="utf-8") == "old" and list(tmp_path.iterdir()) == [path]


def test_text_is_utf8_with_unix_line_ends(tmp_path):
    write_text(tmp_path / "file.txt", "ä\nb")
    assert (tmp_path / "file.txt").read_bytes() == b"\xc3\xa4\nb"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_an_error_of_the_disk_names_the_file(code, tmp_path, monkeypatch):
    def fail(*arguments):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(result_files.os, "replace", fail)
    with pytest.raises(InputError, match="file.txt"):
        write_text(tmp_path / "file.txt", "text")
    assert not list(tmp_path.iterdir())


def test_an_error_about_another_file_stays_what_it_is(tmp_path):
    with pytest.raises(PermissionError), replacing(tmp_path / "file.txt"):
        raise PermissionError(errno.EACCES, "Permission denied", "elsewhere")


def test_a_file_in_the_place_of_a_folder_is_an_input_error(tmp_path):
    (tmp_path / "folder").touch()
    with pytest.raises(InputError, match="folder"):
        write_text(tmp_path / "folder" / "file.txt", "text")


def test_a_sparse_array_comes_back_as_one_beside_the_dense_ones(tmp_path):
    B = csr_array(([0.5, 2.0], ([0, 3], [2, 1])), shape=(4, 4))
    save_arrays(tmp_path / "fit.npz", Job(), {"B": B, **ARRAYS})
    found = load_arrays(tmp_path / "fit.npz", "d1")
    assert isinstance(found["B"], csr_array) and (found["B"].toarray() == B.toarray()).all()
    assert found["W"].tolist() == ARRAYS["W"].tolist() and not [name for name in found if ".csr." in name]
