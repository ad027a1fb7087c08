"""The shipped datasets as a whole: their order, the registry, and measured facts on the real files."""

import numpy as np
import pytest

from amtl.datasets.imbalanced import make_imbalanced
from amtl.datasets.synthetic import make_synthetic
from helpers.datasets import ENTRIES, load, options_of, prepare_job, real_files
from workbench import plugins
from workbench.datasets._readers import digits, matlab
from workbench.prepare import make_split


def real_split(name, index, data, folder):
    paths = real_files(load(name).files(options_of(name), index), data, folder)
    return make_split(load(name), prepare_job(name, paths, index=index), paths)


def ridge_rmse(split, rho, parts=("train",)):
    """Mean per-task test RMSE of ridge on the summed squared error, the constant penalised like the rest."""
    errors = []
    for task in range(len(split.tasks)):
        rows = {}
        for name in (*parts, "test"):
            part = getattr(split, name)
            chosen = slice(part.offsets[task], part.offsets[task + 1])
            rows[name] = part.X[chosen], part.y[chosen]
        X, y = (np.concatenate(arrays) for arrays in zip(*(rows[name] for name in parts), strict=True))
        w = np.linalg.solve(X.T @ X + rho * np.eye(X.shape[1]), X.T @ y)
        errors.append(np.sqrt(np.mean((rows["test"][0] @ w - rows["test"][1]) ** 2)))
    return np.mean(errors)


@pytest.mark.parametrize(
    ("name", "rho", "rmse"), [("synthetic-authors", 10.0, 19.6682), ("imbalanced-authors", 100.0, 51.6096)]
)
def test_ridge_on_the_authors_data(shared_data, tmp_path, name, rho, rmse):
    assert ridge_rmse(real_split(name, 1, shared_data, tmp_path), rho) == pytest.approx(rmse, abs=5e-5)


def test_ridge_on_school(shared_data, tmp_path):
    splits = [real_split("school", index, shared_data, tmp_path) for index in range(1, 6)]
    values = [ridge_rmse(split, 10.0, ("train", "validation")) for split in splits]
    assert np.mean(values) == pytest.approx(10.333, abs=1e-3)
    assert 1.96 * np.std(values, ddof=1) / np.sqrt(5) == pytest.approx(0.127, abs=1e-3)


def test_school_splits_hold_every_pupil_once(shared_data, tmp_path):
    split = real_split("school", 7, shared_data, tmp_path)
    content = matlab.read(tmp_path / "school_b.mat", ["x", "y"])
    rows = np.vstack([np.delete(content["x"], [3, 4], axis=0), content["y"].T]).T
    parts = (split.train, split.validation, split.test)
    ours = np.vstack([np.column_stack([part.X, part.y]) for part in parts])
    assert np.array_equal(ours[np.lexsort(ours.T)], rows[np.lexsort(rows.T)])
    assert [len(part.X) for part in parts] == [8604, 2868, 3890]


def test_bundled_digits_are_those_of_the_full_data(shared_data, tmp_path):
    paths = real_files(digits.TRAIN_FILES, shared_data, tmp_path)
    pixels, labels = digits.read_idx_pair(*paths)
    bundled, classes = digits.read_bundled()
    for digit in range(10):
        assert np.array_equal(bundled[classes == digit], pixels[labels == digit][:500])


@pytest.mark.parametrize(("name", "make"), [("synthetic", make_synthetic), ("imbalanced", make_imbalanced)])
def test_defaults_of_generated_data_are_those_of_the_library(name, make):
    assert options_of(name) == make.__kwdefaults__


@pytest.mark.parametrize(
    ("name", "rows", "others"),
    [
        ("mnist", (1000, 500, 500), {"components": 64, "source": "bundled"}),
        ("usps", (1000, 500, 500), {"components": 87, "source": "hdf5"}),
        ("conll-tags", (30, 30, 30), {"components": 100, "tag_tokens": 90}),
        ("wisdm-users", (30, 15, 15), {}),
    ],
)
def test_default_sizes_of_drawn_data(name, rows, others):
    sizes = dict(zip(("train_rows", "validation_rows", "test_rows"), rows, strict=True))
    assert options_of(name) == {**sizes, **others}


def test_defaults_of_data_with_held_out_rows():
    assert options_of("school") == {"columns": 26, "validation_fraction": 0.25, "refit": True}
    expected = {"components": 500, "test_rows": 20, "validation_fraction": 0.25}
    assert options_of("imagenet-room") == expected


def test_order_of_the_datasets_in_tables():
    """The paper's datasets in the order of its tables, each next to its variants, then the others."""
    expected = ["synthetic", "synthetic-authors", "mnist", "usps", "usps-authors", "school", "awa"]
    expected += ["imbalanced", "imbalanced-authors", "imagenet-room", "awa2", "conll-tags", "wisdm-users"]
    assert sorted(expected, key=lambda name: load(name).order) == expected


def test_every_raw_file_is_in_the_registry_and_every_entry_is_used():
    named = set()
    for name in plugins.find("datasets"):
        spec = load(name)
        for source in spec.options.get("source", {"enum": [None]})["enum"]:
            named.update(spec.files(options_of(name, source=source)))
    assert named == set(ENTRIES)
