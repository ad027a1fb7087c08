"""The split file: what is written comes back, and what is damaged or senseless is named in one line."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from amtl.errors import InputError
from amtl.splits import Part, Split, check_split
from workbench.split_files import load_split, save_split


def part(rows, tasks, kind, width=3):
    """Return `rows` rows for each of `tasks` tasks."""
    X = np.arange(float(rows * tasks * width)).reshape(rows * tasks, width)
    if kind == "one-vs-rest":
        return Part(X, np.tile(np.arange(tasks), rows).astype(float))
    y = np.arange(rows * tasks) % 2 if kind == "binary" else np.linspace(-1.0, 1.0, rows * tasks)
    return Part(X, y.astype(float), rows * np.arange(tasks + 1))


def split(kind="regression", tasks=2):
    """Return a small sound split."""
    parts = {name: part(rows, tasks, kind) for name, rows in (("train", 4), ("validation", 2), ("test", 2))}
    names = tuple(f"t{t}" for t in range(tasks))
    return Split("made-up", 1, kind, names, truth=np.ones((3, tasks)), meta={"source": "here"}, **parts)


@pytest.mark.parametrize("kind", ["regression", "binary", "one-vs-rest"])
def test_what_is_written_comes_back_and_is_the_same_bytes(kind, tmp_path):
    before = split(kind)
    save_split(tmp_path / "a.npz", before)
    save_split(tmp_path / "b.npz", before)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    after = load_split(tmp_path / "a.npz")
    assert (after.dataset, after.index, after.kind, after.tasks) == ("made-up", 1, kind, ("t0", "t1"))
    assert after.meta == before.meta and after.refit is False
    np.testing.assert_array_equal(after.truth, before.truth)
    for name in ("train", "validation", "test"):
        ours, theirs = getattr(before, name), getattr(after, name)
        np.testing.assert_array_equal(ours.X, theirs.X)
        np.testing.assert_array_equal(ours.y, theirs.y)
        assert (ours.offsets is None) == (theirs.offsets is None)


def with_value(array, row, value):
    changed = array.copy()
    changed[row] = value
    return changed


@pytest.mark.parametrize(
    ("kind", "name", "change", "words"),
    [
        ("regression", "train", {"X": lambda p: with_value(p.X, 3, np.nan)}, "train part: NaN .* in row 3"),
        (
            "regression",
            "test",
            {"y": lambda p: with_value(p.y, 1, np.inf)},
            "test part: NaN or infinite targets",
        ),
        ("regression", "test", {"X": lambda p: p.X[:, :2]}, "test part: features have shape"),
        ("regression", "train", {"y": lambda p: p.y[:-1]}, "train part: features have shape"),
        ("regression", "validation", {"offsets": lambda p: np.array([0, 4, 4])}, "task 't1' has no rows"),
        ("regression", "train", {"offsets": lambda p: np.array([0, 8])}, "row offsets do not match 2 tasks"),
        ("regression", "train", {"offsets": lambda p: None}, "row offsets do not match"),
        ("binary", "train", {"y": lambda p: p.y + 1.0}, "label 2 is outside the classes 0..1"),
        ("one-vs-rest", "test", {"y": lambda p: p.y + 1.0}, "label 2 is outside the classes 0..1"),
        ("one-vs-rest", "validation", {"y": lambda p: 0.0 * p.y}, "task 't1' has no rows"),
    ],
)
def test_a_senseless_part_is_named(kind, name, change, words, tmp_path):
    sound = split(kind)
    old = getattr(sound, name)
    new = replace(old, **{key: make(old) for key, make in change.items()})
    with pytest.raises(InputError, match=words) as error:
        save_split(tmp_path / "a.npz", replace(sound, **{name: new}))
    assert "made-up split 1" in str(error.value) and "\n" not in str(error.value)
    assert not list(tmp_path.iterdir())


def test_an_empty_part_is_named():
    empty = Part(np.empty((0, 3)), np.empty(0), np.array([0, 0, 0]))
    with pytest.raises(InputError, match="validation part is empty"):
        check_split(replace(split(), validation=empty))


def test_an_unknown_kind_and_misshapen_truth_are_named():
    with pytest.raises(InputError, match="unknown kind 'ranking'"):
        check_split(replace(split(), kind="ranking"))
    with pytest.raises(InputError, match="true weights have shape"):
        check_split(replace(split(), truth=np.ones((2, 2))))


def damaged(path, how):
    content = path.read_bytes()
    if how == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "text":
        path.write_text("not an archive")
    elif how == "other arrays":
        np.savez(path, W=np.ones(3))
    elif how == "objects":
        np.savez(path, header=np.array([{}], dtype=object))


@pytest.mark.parametrize("how", ["truncated", "empty", "text", "other arrays", "objects"])
def test_a_damaged_file_is_named(how, tmp_path):
    path = tmp_path / "split1.npz"
    save_split(path, split())
    damaged(path, how)
    with pytest.raises(InputError, match="split1.npz: not a readable split file .* run the workflow again"):
        load_split(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="split1.npz: no such split file"):
        load_split(tmp_path / "split1.npz")


def fit(project, folder, job):
    """Return the finished job that fits on the split in `folder`."""
    command = [sys.executable, str(project / "workflow/scripts/fit.py"), "--job", json.dumps(job)]
    outputs = ["--npz", str(folder / "fit.npz"), "--json", str(folder / "fit.json")]
    return subprocess.run(
        [*command, "--split", str(folder / "split1.npz"), *outputs],
        env={"PYTHONPATH": str(project / "workflow")},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("truncated", "changed", "says"),
    [
        (True, {}, "not a readable split file"),
        (False, {"dataset": "other"}, "holds split 1 of made-up instead; delete it"),
        (False, {"split": 2}, "holds split 1 of made-up instead; delete it"),
    ],
)
def test_a_fit_on_a_wrong_split_ends_with_one_line(tmp_path, project, truncated, changed, says):
    path = tmp_path / "split1.npz"
    save_split(path, split())
    if truncated:
        damaged(path, "truncated")
    done = fit(project, tmp_path, {"module": "stl", "dataset": "made-up", "split": 1, **changed})
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {path}: {says}") and done.stderr.count("\n") == 1
    assert sorted(file.name for file in tmp_path.iterdir()) == ["split1.npz"]
