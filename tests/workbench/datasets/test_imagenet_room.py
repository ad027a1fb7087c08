"""ImageNet-Room, on made-up files in its layouts: MATLAB v5 and v7.3, in parts and undivided."""

import numpy as np
import pytest

from amtl.random import generator
from amtl.splits import check_split
from helpers.datasets import fails, options_of
from helpers.made_up_files import SAVE, classes_content, save_v73
from workbench.datasets import imagenet_room
from workbench.datasets._readers import matlab

NAME = imagenet_room.NAMES[0]


def made_up(sizes, width=30, seed=0):
    """Return X (n, width) and y (n, 1) of uint8 labels 1..20: `sizes[k]` rows of a class, shuffled."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.repeat(np.arange(1, 21), sizes))
    return rng.normal(size=(len(y), width)) + y[:, None], y.astype(np.uint8)[:, None]


def in_parts(train=4, width=30):
    return classes_content(20, (train, 2, 3), width)


def split_of(tmp_path, content, version="v5", **given):
    SAVE[version](tmp_path / NAME, content)
    return imagenet_room.make_split(1, options_of("imagenet-room", **given), {NAME: tmp_path / NAME}, 0)


@pytest.mark.parametrize("version", SAVE)
def test_parts_are_taken_as_they_are(tmp_path, version):
    content = in_parts()
    split = split_of(tmp_path, content, version)
    check_split(split)
    for part, theirs in (("train", "train"), ("validation", "val"), ("test", "test")):
        assert np.array_equal(getattr(split, part).X[:, :-1], content[f"{theirs}_x"])
        assert np.array_equal(getattr(split, part).y, content[f"{theirs}_y"].ravel() - 1.0)
    assert split.tasks == tuple(map(str, range(1, 21))) and not split.refit


def test_both_versions_give_the_same_split_at_the_real_width(tmp_path):
    content = in_parts(train=26, width=4096)
    first, second = (split_of(tmp_path, content, version) for version in SAVE)
    assert first.train.X.shape == (520, 501)
    assert "500" in first.meta["note"]
    for part in ("train", "validation", "test"):
        assert np.array_equal(getattr(first, part).X, getattr(second, part).X)
    centred = content["train_x"] - content["train_x"].mean(axis=0)
    scores = first.train.X[:, :-1]
    assert np.allclose(scores[:, 0] @ scores[:, 1], 0, atol=1e-6 * (scores[:, 0] @ scores[:, 0]))
    assert np.allclose((scores**2).sum(axis=0), np.linalg.eigvalsh(centred @ centred.T)[::-1][:500])


@pytest.mark.parametrize("version", SAVE)
def test_undivided_images_are_divided_by_the_papers_rule(tmp_path, version):
    sizes = [22, 50, 1020, *[60] * 17]
    X, y = made_up(sizes, width=5)
    split = split_of(tmp_path, {"x": X, "y": y}, version)
    counts = {
        part: np.bincount(getattr(split, part).y.astype(int), minlength=20).tolist()
        for part in ("train", "validation", "test")
    }
    assert counts["test"] == [20] * 20
    assert counts["validation"] == [1, 8, 250, *[10] * 17]
    assert counts["train"] == [1, 22, 750, *[30] * 17]
    assert split.refit, "the paper trains on the images held out"
    rows = np.concatenate([getattr(split, part).X[:, :-1] for part in counts])
    assert np.array_equal(np.unique(rows, axis=0), np.unique(X, axis=0)) and len(rows) == len(X)


def test_the_division_depends_on_the_split_and_the_seed():
    X, y = made_up([30] * 20, width=2)
    labels = y.ravel() - 1

    def test_rows(*axes):
        return imagenet_room.divide(generator(*axes), "a.mat", X, labels, 20, 0.25)["test"][0]

    assert np.array_equal(test_rows(0, 1), test_rows(0, 1))
    assert not np.array_equal(test_rows(0, 1), test_rows(0, 2))
    assert not np.array_equal(test_rows(0, 1), test_rows(1, 1))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"val_y": None}, ["'val_y'"]),
        ({"val_y": np.zeros((40, 1))}, ["label 0", "val_y, row 1", "1..20"]),
        ({"val_y": np.ones((40, 1))}, ["class 2", "val_y"]),
        ({"val_y": np.ones((39, 1))}, ["val_x", "(40, 30)", "val_y", "39"]),
        ({"val_x": np.zeros((40, 29))}, ["val_x", "29", "train_x", "30"]),
        ({"test_x": np.full((60, 30), np.nan)}, ["NaN", "test_x, row 1"]),
        ({"test_x": "text"}, ["'test_x'"]),
    ],
)
@pytest.mark.parametrize("version", SAVE)
def test_what_is_wrong_is_named(tmp_path, version, change, expected):
    content = {name: values for name, values in (in_parts() | change).items() if values is not None}
    fails(lambda: split_of(tmp_path, content, version), tmp_path / NAME, *expected)


def test_a_class_with_too_few_images_is_named(tmp_path):
    X, y = made_up([21, *[30] * 19])
    fails(lambda: split_of(tmp_path, {"x": X, "y": y}), "class 1", 21, "test_rows")
    assert split_of(tmp_path, {"x": X, "y": y}, test_rows=19).tasks


def test_features_are_reduced_only_when_wider_than_components(tmp_path):
    content = in_parts()
    assert split_of(tmp_path, content, components=30).train.X.shape == (80, 31)
    assert np.array_equal(split_of(tmp_path, content, components=30).train.X[:, :-1], content["train_x"])
    assert split_of(tmp_path, content, components=29).train.X.shape == (80, 30)


@pytest.mark.parametrize("size", [20, 600, 3000])
def test_a_damaged_file_of_the_newer_version(tmp_path, size):
    path = tmp_path / NAME
    save_v73(path, in_parts())
    path.write_bytes(path.read_bytes()[:size])
    fails(lambda: matlab.read(path, ["train_x"]), path, "v7.3")
