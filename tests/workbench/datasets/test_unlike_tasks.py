"""Datasets with several tasks on the same rows: overlapping digits, unlike tasks, two scores."""

import numpy as np
import pytest

from amtl.errors import InputError
from helpers.datasets import options_of
from workbench.datasets import mnist_unlike, multi_mnist
from workbench.datasets._readers import digits

SMALL = {"train_rows": 40, "validation_rows": 20, "test_rows": 30}


@pytest.fixture
def images(monkeypatch):
    """5,000 made-up images, each of one brightness: its number decides on it."""
    labels = np.repeat(np.arange(10), 500).astype(np.uint8)
    pixels = np.repeat(np.arange(5000, dtype=np.uint32)[:, None] % 251 + 1, 784, axis=1).astype(np.uint8)
    pixels[:, ::2] //= 2
    monkeypatch.setattr(digits, "read_bundled", lambda: (pixels, labels))
    return pixels, labels


def test_the_brighter_pixel_of_two_digits_counts(images):
    pixels, labels = images
    X, y = multi_mnist.overlay(np.random.default_rng(0), pixels[:2], np.array([3, 7]), 6)
    assert X.shape == (6, 18 * 18) and X.max() <= 1.0
    # Of two images the other one is always on the right.
    assert (y.sum(axis=1) == 10).all() and set(y[:, 0]) == {3.0, 7.0}
    cells = X.reshape(6, 18, 18)
    assert not cells[:, :4, -4:].any() and not cells[:, -4:, :4].any()
    for image, (left, right) in zip(cells, y, strict=True):
        brightness = {3.0: pixels[0].mean() / 255, 7.0: pixels[1].mean() / 255}
        assert image[0, 0] == pytest.approx(brightness[left])
        assert image[-1, -1] == pytest.approx(brightness[right])
        assert image[9, 9] == pytest.approx(max(brightness.values()))


def test_parts_have_different_images(images):
    parts = digits.divide_images(np.random.default_rng(0), "bundled", {})
    assert {name: len(labels) for name, (_, labels) in parts.items()} == {
        "train": 3000,
        "validation": 750,
        "test": 1250,
    }
    order = np.random.default_rng(0).permutation(5000)
    assert np.array_equal(parts["train"][0], images[0][order[:3000]])
    assert np.array_equal(parts["test"][1], images[1][order[3750:]])


@pytest.mark.parametrize("module", [multi_mnist, mnist_unlike])
def test_a_loss_scale_is_noted_and_changes_no_row(images, module):
    name = module.SPEC.name
    plain = module.make_split(1, options_of(name, **SMALL), {}, 0)
    scaled = module.make_split(1, options_of(name, **SMALL, loss_scale=50.0), {}, 0)
    n_tasks = len(plain.tasks)
    assert plain.meta["loss_scales"] == [1.0] * n_tasks
    assert scaled.meta["loss_scales"] == [1.0] * (n_tasks - 1) + [50.0]
    assert np.array_equal(plain.train.X, scaled.train.X) and np.array_equal(plain.test.y, scaled.test.y)


def test_unlike_tasks_follow_from_the_digit_and_its_pixels(images):
    split = mnist_unlike.make_split(1, options_of("mnist-unlike", **SMALL), {}, 0)
    digit, odd, large, ink = split.train.y.T
    assert np.array_equal(odd, digit % 2) and np.array_equal(large, digit >= 5)
    # The means of 2 x 2 pixels have the mean of all pixels.
    assert ink == pytest.approx(split.train.X[:, :-1].mean(axis=1))


def test_more_rows_than_images_are_refused(images):
    with pytest.raises(InputError, match="test_rows"):
        mnist_unlike.make_split(1, options_of("mnist-unlike", test_rows=1251), {}, 0)
