"""What the dataset modules draw, project and read, and the measured facts on the real files."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from amtl import random as seeds
from amtl.datasets import two_groups
from amtl.errors import InputError
from workbench.datasets import _generated as generated
from workbench.datasets import _one_vs_rest as one_vs_rest
from workbench.datasets import _registry as registry
from workbench.datasets import imbalanced, mnist, synthetic, usps
from workbench.raw_files import raw
from workbench.split_files import load_split

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
ENTRIES = raw.load_registry(ROOT / "config" / "raw-files.yaml")
DATASETS = {
    *("synthetic", "imbalanced", "mnist", "usps", "school"),
    *("synthetic_authors", "imbalanced_authors", "usps_authors"),
    *("awa", "awa2", "imagenet_room", "conll_tags", "wisdm_users"),
}
HEAVY = {"sklearn", "scipy", "pandas", "h5py", "mlxtend", "matplotlib"}


def options_of(name, **given):
    return {key: rule["default"] for key, rule in registry.load(name).OPTIONS.items()} | given


def real_split(name, index, folder):
    options = options_of(name)
    paths = {}
    for file in registry.load(name).files(options, index):
        if raw.find_local(ENTRIES[file], DATA) is None:
            pytest.skip(f"{file} is not in {DATA}")
        paths[file] = folder / file
        raw.acquire(file, ENTRIES[file], DATA, paths[file])
    job = {"dataset": name, "module": name, "index": index, "seed": 0, "options": options}
    return registry.prepare(job | {"files": {file: ENTRIES[file] for file in paths}}, paths)


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


# Measured facts on the real files


def test_ridge_on_the_authors_synthetic_data(tmp_path):
    assert ridge_rmse(real_split("synthetic_authors", 1, tmp_path), 10.0) == pytest.approx(19.6682, abs=5e-5)


def test_ridge_on_the_authors_imbalanced_data(tmp_path):
    assert ridge_rmse(real_split("imbalanced_authors", 1, tmp_path), 100.0) == pytest.approx(
        51.6096, abs=5e-5
    )


def test_ridge_on_school(tmp_path):
    values = [
        ridge_rmse(real_split("school", index, tmp_path), 10.0, ("train", "validation"))
        for index in range(1, 6)
    ]
    assert np.mean(values) == pytest.approx(10.333, abs=1e-3)
    assert 1.96 * np.std(values, ddof=1) / np.sqrt(5) == pytest.approx(0.127, abs=1e-3)


def test_school_splits_hold_every_pupil_once(tmp_path):
    from workbench.datasets.readers import matlab

    split = real_split("school", 7, tmp_path)
    content = matlab.read(tmp_path / "school_b.mat", ["x", "y"])
    rows = np.vstack([np.delete(content["x"], [3, 4], axis=0), content["y"].T]).T
    parts = (split.train, split.validation, split.test)
    ours = np.vstack([np.column_stack([part.X, part.y]) for part in parts])
    assert np.array_equal(ours[np.lexsort(ours.T)], rows[np.lexsort(rows.T)])
    assert [len(part.X) for part in parts[:2]] == [8604, 2868] and len(split.test.X) == 3890


def test_digits_are_the_real_ones_in_both_sources(tmp_path):
    one = real_split("mnist", 1, tmp_path)
    assert one.meta["files"][0]["sha256"] == mnist.BUNDLED_SHA256
    if raw.find_local(ENTRIES["train-images-idx3-ubyte"], DATA) is None:
        pytest.skip(f"no MNIST in {DATA}")
    for name in mnist.TRAIN_FILES:
        raw.acquire(name, ENTRIES[name], DATA, tmp_path / name)
    pixels, labels = mnist.read_idx_pair(*(tmp_path / name for name in mnist.TRAIN_FILES))
    bundled, digits = mnist.read_bundled()
    for digit in range(10):
        assert np.array_equal(bundled[digits == digit], pixels[labels == digit][:500])


# Generators


def test_true_weights_are_those_of_the_paper():
    weights = np.stack([generated.true_weights(seeds.generator(0, index)) for index in range(200)])
    assert (weights[:, 10:20, :6] == 0).all() and (weights[:, 20] == 0).all()
    drawn = np.concatenate([weights[:, :10].ravel(), weights[:, 10:20, 6:].ravel()])
    assert np.mean(drawn) == pytest.approx(5, abs=0.02) and np.std(drawn) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    ("module", "noise"),
    [(synthetic, two_groups.per_task(5.0, 25.0)), (imbalanced, two_groups.per_task(50.0, 50.0))],
)
def test_generated_rows_have_the_noise_of_their_task(module, noise):
    split = module.make_split(1, options_of(module.__name__.split(".")[-1], test_rows=4000), {}, 0)
    residuals = split.test.y - np.einsum("nd,dn->n", split.test.X, split.truth[:, np.repeat(range(12), 4000)])
    assert np.std(residuals.reshape(12, 4000), axis=1) == pytest.approx(noise, rel=0.05)
    assert np.mean(split.test.X[:, :-1]) == pytest.approx(0, abs=0.01)
    assert np.std(split.test.X[:, :-1]) == pytest.approx(1, abs=0.01)


def test_sizes_of_the_generated_parts():
    one = synthetic.make_split(1, options_of("synthetic"), {}, 0)
    assert {tuple(np.diff(part.offsets)) for part in (one.train, one.validation, one.test)} == {(30,) * 12}
    other = imbalanced.make_split(1, options_of("imbalanced"), {}, 0)
    assert np.diff(other.train.offsets).tolist() == [500, 500, 500, 5, 5, 5] * 2
    assert other.meta["difficulty"][:4] == ["easy", "easy", "easy", "hard"]


def test_one_draw_of_the_weights_and_new_rows_per_split():
    options = options_of("synthetic")
    one, other = (synthetic.make_split(index, options, {}, 0) for index in (1, 2))
    assert (
        np.array_equal(one.truth, other.truth) and not np.isin(one.train.X[:, 0], other.train.X[:, 0]).any()
    )
    reseeded = synthetic.make_split(1, options, {}, 1)
    assert not np.array_equal(one.truth, reseeded.truth)
    longer = synthetic.make_split(1, options | {"train_rows": 60}, {}, 0)
    assert np.array_equal(one.test.X, longer.test.X) and np.array_equal(one.test.y, longer.test.y)


# Digits


@pytest.fixture
def toy_images():
    rng = np.random.default_rng(0)
    return {part: (rng.random((40, 30)), rng.integers(0, 10, 40)) for part in ("train", "validation", "test")}


def test_projection_agrees_with_the_eigenvectors_of_the_covariance(toy_images):
    pixels = toy_images["train"][0]
    axes = np.linalg.eigh(np.cov(pixels.T))[1][:, ::-1][:, :8]
    axes *= np.sign(axes[np.argmax(abs(axes), axis=0), range(8)])
    split = one_vs_rest.digits_split("toy", 1, toy_images, 8, "", [], "")
    for part, (rows, _) in toy_images.items():
        expected = np.column_stack([(rows - pixels.mean(axis=0)) @ axes, np.ones(40)])
        np.testing.assert_allclose(getattr(split, part).X, expected, atol=1e-12)


def test_too_many_components_or_rows(toy_images):
    with pytest.raises(
        InputError, match="31 components asked for, but 40 training rows with 30 columns give at most 30"
    ):
        one_vs_rest.digits_split("toy", 1, toy_images, 31, "", [], "")
    options = options_of("mnist", train_rows=4000, validation_rows=600)
    with pytest.raises(InputError, match=r"train_rows \+ validation_rows \+ test_rows = 5100 .* 5000 images"):
        mnist.make_split(1, options, {}, 0)


def test_a_digit_that_was_not_drawn(toy_images):
    labels = toy_images["validation"][1]
    labels[labels == 4] = 5
    with pytest.raises(
        InputError, match="toy split 1: no image of task 4 among the 40 rows drawn for validation; "
    ):
        one_vs_rest.digits_split("toy", 1, toy_images, 8, "", [], "")


def test_rows_of_a_class_are_drawn_apart_from_other_classes():
    options = {"train_rows": 5, "validation_rows": 3, "test_rows": 2}
    rows_of = {name: np.arange(start, start + 20) for name, start in (("a", 0), ("b", 100), ("c", 200))}
    drawn = one_vs_rest.draw_per_class("toy", 1, 0, rows_of, options)
    assert {part: len(rows) for part, (rows, _) in drawn.items()} == {"train": 15, "validation": 9, "test": 6}
    everything = np.concatenate([rows for rows, _ in drawn.values()])
    assert len(set(everything)) == 30
    for rows, labels in drawn.values():
        assert np.array_equal(rows // 100, labels)
    train = drawn["train"][0]
    assert not np.array_equal(train[:5], train[5:10] - 100), "every class has a draw of its own"
    two = one_vs_rest.draw_per_class("toy", 1, 0, {name: rows_of[name] for name in ("c", "a")}, options)
    assert np.array_equal(two["train"][0], np.concatenate([train[10:], train[:5]]))
    assert two["train"][1].tolist() == [0] * 5 + [1] * 5


def test_drawn_rows_are_disjoint():
    rows = one_vs_rest.draw(
        seeds.generator(0, "toy"), "toy", 100, {"train": 50, "validation": 30, "test": 20}
    )
    assert sorted(np.concatenate(list(rows.values()))) == list(range(100))
    assert [len(chosen) for chosen in rows.values()] == [50, 30, 20]


def test_other_images_in_validation_and_test_leave_train_as_it_is(monkeypatch):
    rng = np.random.default_rng(0)
    halves = {half: (rng.random((n, 256)), rng.integers(0, 10, n)) for half, n in usps.IMAGES.items()}
    monkeypatch.setattr(usps, "read_hdf5", lambda path, half: halves[half])
    before = usps.make_split(1, options_of("usps"), {"usps.h5": None}, 0)
    halves["test"] = (halves["test"][0] + 7.0, halves["test"][1])
    after = usps.make_split(1, options_of("usps"), {"usps.h5": None}, 0)
    assert np.array_equal(before.train.X, after.train.X) and not np.allclose(before.test.X, after.test.X)


def test_images_that_are_not_trained_on_leave_train_as_it_is(monkeypatch):
    pixels, labels = mnist.read_bundled()
    options = options_of("mnist", components=10)
    before = mnist.make_split(3, options, {}, 0)
    used = one_vs_rest.draw(
        seeds.generator(0, "mnist", "split", 3),
        "mnist",
        5000,
        {"train": 1000, "validation": 500, "test": 500},
    )
    changed = 255 - pixels
    changed[used["train"]] = pixels[used["train"]]
    monkeypatch.setattr(mnist, "read_bundled", lambda: (changed, labels))
    after = mnist.make_split(3, options, {}, 0)
    assert np.array_equal(before.train.X, after.train.X) and not np.allclose(before.test.X, after.test.X)


# Names and jobs


def test_names_are_the_modules_in_the_folder():
    assert set(registry.names()) == DATASETS
    with pytest.raises(InputError, match="unknown dataset 'scool'; did you mean 'school'"):
        registry.load("scool")
    assert registry.load("usps-authors") is registry.load("usps_authors")


@pytest.mark.parametrize("name", sorted(DATASETS))
def test_a_dataset_loads_no_other_one_and_no_heavy_package(name):
    program = (
        "import sys; from amtl.datasets import registry; registry.names(); registry.load(sys.argv[1]); "
        "print(*sys.modules)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workflow")}
    loaded = subprocess.run(
        [sys.executable, "-c", program, name], env=environment, capture_output=True, text=True, check=True
    ).stdout.split()
    assert {module.removeprefix("amtl.datasets.") for module in loaded} & DATASETS == {name}
    assert not HEAVY & set(loaded)


def run_script(name, *arguments):
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workflow"), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, ROOT / "workflow" / "scripts" / f"{name}.py", *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def test_scripts_from_a_file_in_the_folder_to_a_split(tmp_path):
    from scipy.io import savemat

    rng = np.random.default_rng(0)
    content = {}
    for theirs, starts in (("train", "trindex"), ("val", "valindex"), ("test", "teindex")):
        content |= {f"{theirs}_x": rng.normal(size=(24, 20)), f"{theirs}_y": rng.normal(size=(24, 1))}
        content[starts] = np.arange(1, 25, 2)[:, None]
    name = "synthetic_inbalance_3.mat"
    savemat(tmp_path / name, content)
    output, split = tmp_path / "raw" / name, tmp_path / "split3.npz"
    done = run_script(
        *("acquire", "--file", name, "--registry", ROOT / "config" / "raw-files.yaml"),
        *("--folder", tmp_path, "--output", output),
    )
    assert done.returncode == 0 and "taken from the data folder" in done.stderr
    job = {"dataset": "mine", "module": "imbalanced_authors", "index": 3, "seed": 0, "options": {}}
    job["files"] = {name: ENTRIES[name]}
    done = run_script("prepare", "--job", json.dumps(job), "--raw", f"{name}={output}", "--output", split)
    assert done.returncode == 0, done.stderr
    loaded = load_split(split)
    assert loaded.dataset == "mine" and loaded.index == 3 and loaded.meta["rows"]["test"] == 24
    assert loaded.meta["files"][0]["verified"] is False
    assert loaded.meta["note"].endswith(f"Unverified, as no checksum is published: {name}.")
    output.write_bytes(output.read_bytes()[:2000])
    split.unlink()
    done = run_script("prepare", "--job", json.dumps(job), "--raw", f"{name}={output}", "--output", split)
    assert done.returncode == 1 and not split.exists()
    assert (
        done.stderr.startswith(f"error: {output}: not a readable MATLAB v5 file")
        and done.stderr.count("\n") == 1
    )


def test_acquire_script_names_an_unknown_file(tmp_path):
    done = run_script(
        *("acquire", "--file", "usps.h6", "--registry", ROOT / "config" / "raw-files.yaml"),
        *("--output", tmp_path / "usps.h6"),
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: registry: no raw file 'usps.h6'; add it ")
    assert done.stderr.endswith("; did you mean 'usps.h5'?\n") and done.stderr.count("\n") == 1


def test_every_raw_file_is_in_the_registry_and_every_entry_is_used():
    named = set()
    for name in DATASETS:
        for source in registry.load(name).OPTIONS.get("source", {"enum": [None]})["enum"]:
            named.update(registry.load(name).files(options_of(name) | {"source": source}))
    assert named == set(ENTRIES)
