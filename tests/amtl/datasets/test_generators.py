"""What the generators of the synthetic and the imbalanced data draw."""

import numpy as np
import pytest

from amtl.datasets import two_groups
from amtl.datasets.imbalanced import make_imbalanced
from amtl.datasets.synthetic import make_synthetic
from amtl.random import generator
from amtl.splits import check_split

EASY, HARD = [0, 1, 2, 6, 7, 8], [3, 4, 5, 9, 10, 11]


def parts_of(split):
    return split.train, split.validation, split.test


def test_weights_have_the_mean_deviation_and_support_of_the_paper():
    weights = np.stack([two_groups.draw_weights(generator(0, index)) for index in range(200)])
    assert weights.shape == (200, 21, 12)
    assert (weights[:, 10:20, :6] == 0).all() and (weights[:, 20] == 0).all()
    drawn = np.concatenate([weights[:, :10].ravel(), weights[:, 10:20, 6:].ravel()])
    assert np.mean(drawn) == pytest.approx(5, abs=0.02) and np.std(drawn) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    ("make", "easy", "hard"),
    [
        (lambda **rows: make_synthetic(1, 0, **rows), 5.0, 25.0),
        (lambda **rows: make_synthetic(1, 0, noise_easy=2.0, noise_hard=3.0, **rows), 2.0, 3.0),
        (lambda **rows: make_imbalanced(1, 0, **rows), 50.0, 50.0),
        (lambda **rows: make_imbalanced(1, 0, noise=7.0, **rows), 7.0, 7.0),
    ],
)
def test_residuals_have_the_noise_of_their_task(make, easy, hard):
    split = make(test_rows=4000)
    residuals = np.reshape(split.test.y, (12, 4000)) - np.array(
        [split.test.X[4000 * t : 4000 * (t + 1)] @ split.truth[:, t] for t in range(12)]
    )
    assert np.std(residuals[EASY], axis=1) == pytest.approx(easy, rel=0.05)
    assert np.std(residuals[HARD], axis=1) == pytest.approx(hard, rel=0.05)
    assert np.mean(residuals) == pytest.approx(0, abs=0.05 * hard)
    assert np.mean(split.test.X[:, :-1]) == pytest.approx(0, abs=0.01)
    assert np.std(split.test.X[:, :-1]) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    "split",
    [make_synthetic(2, 0, noise_easy=0.0, noise_hard=0.0), make_imbalanced(2, 0, noise=0.0)],
    ids=lambda split: split.dataset,
)
def test_offsets_give_each_row_to_the_task_that_generated_it(split):
    check_split(split)
    for part in parts_of(split):
        assert part.offsets[0] == 0 and part.offsets[-1] == len(part.X)
        for task in range(12):
            rows = slice(part.offsets[task], part.offsets[task + 1])
            np.testing.assert_allclose(part.y[rows], part.X[rows] @ split.truth[:, task], atol=1e-10)


def test_default_numbers_of_rows():
    split = make_synthetic(1, 0)
    assert {tuple(np.diff(part.offsets)) for part in parts_of(split)} == {(30,) * 12}
    split = make_imbalanced(1, 0)
    assert np.diff(split.train.offsets).tolist() == [500, 500, 500, 5, 5, 5] * 2
    assert np.diff(split.validation.offsets).tolist() == np.diff(split.test.offsets).tolist() == [50] * 12


def test_each_option_sets_its_own_part():
    split = make_synthetic(1, 0, train_rows=2, validation_rows=3, test_rows=4)
    assert [len(part.X) for part in parts_of(split)] == [24, 36, 48]
    split = make_imbalanced(1, 0, train_rows=9, train_rows_small=2, validation_rows=3, test_rows=4)
    assert [len(part.X) for part in parts_of(split)] == [66, 36, 48]


@pytest.mark.parametrize("make", [make_synthetic, make_imbalanced])
def test_meta_holds_the_difficulty_and_the_group_of_each_task(make):
    meta = make(1, 0).meta
    assert meta["difficulty"] == ["hard" if task in HARD else "easy" for task in range(12)]
    assert meta["group"] == [1] * 6 + [2] * 6


@pytest.mark.parametrize("make", [make_synthetic, make_imbalanced])
def test_splits_share_their_weights_and_no_row(make):
    one, other = make(1, 0), make(2, 0)
    assert np.array_equal(one.truth, other.truth)
    for ours, theirs in zip(parts_of(one), parts_of(other), strict=True):
        assert not np.isin(ours.X[:, 0], theirs.X[:, 0]).any()
    assert not np.isin(one.train.X[:, 0], one.test.X[:, 0]).any()
    assert not np.array_equal(one.truth, make(1, 1).truth)


@pytest.mark.parametrize("make", [make_synthetic, make_imbalanced])
def test_a_longer_training_part_leaves_the_other_rows_as_they_are(make):
    short, long = make(1, 0), make(1, 0, train_rows=600)
    assert np.array_equal(short.test.X, long.test.X) and np.array_equal(short.test.y, long.test.y)
    assert np.array_equal(short.validation.y, long.validation.y)


def test_the_two_datasets_are_drawn_apart():
    assert not np.array_equal(make_synthetic(1, 0).truth, make_imbalanced(1, 0).truth)


def test_the_numbers_of_the_published_results():
    """Seeds are part of the results: a new seed or order of draws changes every published number."""

    def sample(split):
        return [split.truth[0, 0], split.train.X[0, 0], split.train.y[-1], split.test.y[0]]

    expected = [4.306832350044983, -0.5935047725832349, -22.09358685296108, 15.833740000151487]
    assert sample(make_synthetic(1, 0)) == pytest.approx(expected, rel=1e-12)
    expected = [3.4538325048547747, 0.8176287739650331, -19.627394401658236, -26.62051031905204]
    assert sample(make_imbalanced(5, 0)) == pytest.approx(expected, rel=1e-12)
