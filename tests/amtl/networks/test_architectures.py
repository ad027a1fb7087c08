"""Gradients by finite differences, and networks that must be the same as simpler ones."""

import numpy as np
import pytest

from amtl.networks.architectures.cross_stitch import CrossStitch
from amtl.networks.architectures.mmoe import MMoE
from amtl.networks.architectures.shared import SharedTrunk
from amtl.networks.architectures.single import SingleNetworks
from amtl.networks.losses import TaskLosses
from amtl.networks.rows import TaskRows

# A number, a label, and four classes.
CLASSES = (0, 2, 4)
FEATURES, STEP = 5, 1e-6
NETWORKS = {
    "shared": lambda width: SharedTrunk(FEATURES, 3, width, 6, 2),
    "three layers": lambda width: SharedTrunk(FEATURES, 3, width, 4, 3),
    "linear": lambda width: SharedTrunk(FEATURES, 3, width, 2, 1, linear=True),
    "single": lambda width: SingleNetworks(FEATURES, 3, width, 6, 2),
    "mmoe": lambda width: MMoE(FEATURES, 3, width, 6, 2, experts=2),
    "cross-stitch": lambda width: CrossStitch(FEATURES, 3, width, 6, 2),
}


def rows(shared):
    """Return the rows of the three tasks."""
    random = np.random.default_rng(0)
    y = [random.normal(size=20), random.integers(0, 2, 20), random.integers(0, 4, 20)]
    if shared:
        return TaskRows(random.normal(size=(20, FEATURES)), y)
    sizes = (20, 13, 9)
    X = [random.normal(size=(n, FEATURES)) for n in sizes]
    return TaskRows(X, [each[:n] for each, n in zip(y, sizes, strict=True)])


def batch(shared, size=7):
    return next(rows(shared).batches(np.random.default_rng(1), 1, size))


def some_weights(network):
    """Return weights of which none, bias or other, is zero."""
    random = np.random.default_rng(2)
    return network.initial(random) + 0.1 * random.normal(size=network.n_weights)


@pytest.mark.parametrize("shared", [True, False], ids=["shared rows", "own rows"])
@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_agree_with_finite_differences(name, shared):
    losses = TaskLosses(CLASSES)
    network = NETWORKS[name](losses.width)
    if network.needs_shared_rows and not shared:
        pytest.skip("this network needs shared rows")
    X, targets = batch(shared)
    weights = some_weights(network)

    def values(at):
        return losses.values_and_slopes(network.forward(at, X)[0], targets)[0]

    numeric = np.array(
        [(values(weights + STEP * e) - values(weights - STEP * e)) / (2 * STEP) for e in np.eye(len(weights))]
    )
    outputs, cache = network.forward(weights, X)
    slopes = losses.values_and_slopes(outputs, targets)[1]
    gradient = network.gradient(weights, cache, slopes.copy())
    assert gradient == pytest.approx(numeric.sum(axis=1), abs=1e-7)
    assert np.abs(gradient).max() > 1e-2
    if network.n_trunk:
        _, cache = network.forward(weights, X)
        J, heads = network.task_gradients(weights, cache, slopes.copy())
        n = network.n_trunk
        assert J == pytest.approx(numeric[:n].T, abs=1e-7)
        assert heads[n:] == pytest.approx(numeric[n:].sum(axis=1), abs=1e-7)


@pytest.mark.parametrize("classes", [[0, 0], [2, 2], [5, 5], [3, 5], [0, 2, 3, 7]])
def test_losses_and_their_slopes(classes):
    losses = TaskLosses(classes)
    random = np.random.default_rng(0)
    outputs = random.normal(size=(len(classes), 6, losses.width))
    targets = np.stack([random.integers(0, max(c, 1), 6) if c else random.normal(size=6) for c in classes])
    values, slopes = losses.values_and_slopes(outputs, targets.astype(float))
    for t, count in enumerate(classes):
        z, y = outputs[t], targets[t]
        if count == 0:
            expected = np.mean((z[:, 0] - y) ** 2)
        elif count == 2:
            expected = np.mean(np.log1p(np.exp(-(2 * y - 1) * z[:, 0])))
        else:
            z = z[:, :count]
            expected = np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(6), y.astype(int)])
        assert values[t] == pytest.approx(expected)
        assert not slopes[t, :, max(count, 1) if count > 2 else 1 :].any()
    for place in np.ndindex(outputs.shape):
        moved = outputs.copy()
        moved[place] += STEP
        change = losses.values_and_slopes(moved, targets.astype(float))[0] - values
        assert change.sum() / STEP == pytest.approx(slopes[place], abs=1e-5)


def test_extreme_scores_have_finite_losses():
    losses = TaskLosses([2, 3])
    outputs = np.zeros((2, 2, 3))
    outputs[0, :, 0] = [800.0, -800.0]
    outputs[1, :, 1] = [900.0, -900.0]
    values, slopes = losses.values_and_slopes(outputs, np.array([[0.0, 1.0], [0.0, 1.0]]))
    assert np.isfinite(values).all() and np.isfinite(slopes).all() and values.min() > 100.0


def test_predictions_are_numbers_labels_and_classes():
    losses = TaskLosses(CLASSES)
    outputs = np.zeros((3, 2, 4))
    outputs[0, :, 0] = [1.5, -2.5]
    outputs[1, :, 0] = [0.1, -0.1]
    outputs[2, 0, 3] = outputs[2, 1, 2] = 1.0
    assert losses.predictions(outputs).tolist() == [[1.5, -2.5], [1.0, 0.0], [3.0, 2.0]]


def test_a_cross_stitch_network_that_mixes_nothing_is_single_networks():
    losses = TaskLosses(CLASSES)
    stitched, single = NETWORKS["cross-stitch"](losses.width), NETWORKS["single"](losses.width)
    X, targets = batch(shared=True)
    weights = some_weights(single)
    mixing = np.tile(np.eye(3).ravel(), 2)
    outputs, cache = stitched.forward(np.concatenate([weights, mixing]), X)
    expected, single_cache = single.forward(weights, X)
    assert outputs == pytest.approx(expected, abs=1e-12)
    slopes = losses.values_and_slopes(outputs, targets)[1]
    gradient = stitched.gradient(np.concatenate([weights, mixing]), cache, slopes.copy())
    assert gradient[: len(weights)] == pytest.approx(
        single.gradient(weights, single_cache, slopes), abs=1e-12
    )


@pytest.mark.parametrize("shared", [True, False], ids=["shared rows", "own rows"])
def test_a_mixture_of_one_expert_is_a_shared_trunk(shared):
    losses = TaskLosses(CLASSES)
    mixture, trunk = MMoE(FEATURES, 3, losses.width, 6, 2, experts=1), NETWORKS["shared"](losses.width)
    X, targets = batch(shared)
    weights = some_weights(trunk)
    gates = np.ones(mixture.n_weights - trunk.n_weights)
    outputs, cache = mixture.forward(np.concatenate([weights, gates]), X)
    expected, trunk_cache = trunk.forward(weights, X)
    assert outputs == pytest.approx(expected, abs=1e-12)
    slopes = losses.values_and_slopes(outputs, targets)[1]
    gradient = mixture.gradient(np.concatenate([weights, gates]), cache, slopes.copy())
    assert gradient[: len(weights)] == pytest.approx(trunk.gradient(weights, trunk_cache, slopes), abs=1e-12)
    assert gradient[len(weights) :] == pytest.approx(0.0, abs=1e-12)


def test_starting_weights_give_every_task_a_gradient():
    losses = TaskLosses(CLASSES)
    network = NETWORKS["shared"](losses.width)
    weights = network.initial(np.random.default_rng(0))
    X, targets = batch(shared=True)
    outputs, cache = network.forward(weights, X)
    J, _ = network.task_gradients(weights, cache, losses.values_and_slopes(outputs, targets)[1])
    assert np.linalg.norm(J, axis=1).min() > 1e-3


@pytest.mark.parametrize("shared", [True, False], ids=["shared rows", "own rows"])
def test_batches_show_every_row_before_any_comes_again(shared):
    given = rows(shared)
    seen = [[] for _ in range(3)]
    for X, targets in given.batches(np.random.default_rng(0), 12, 5):
        assert targets.shape == (3, 5) and X.shape[1] == 5
        for t in range(3):
            seen[t].append(X[min(t, len(X) - 1)])
    for t, n in enumerate(given.n):
        first = np.concatenate(seen[t])[:n]
        own = given.X[min(t, len(given.X) - 1), :n]
        assert sorted(map(tuple, first)) == sorted(map(tuple, own))
