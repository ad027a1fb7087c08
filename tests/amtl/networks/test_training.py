"""Training: known limits, the same bits every time, early stopping, and losses that overflow."""

import numpy as np
import pytest

from amtl.networks.architectures.shared import SharedTrunk
from amtl.networks.architectures.single import SingleNetworks
from amtl.networks.balancing import find_rules, load_rule
from amtl.networks.losses import TaskLosses
from amtl.networks.optimizer import Adam
from amtl.networks.rows import TaskRows
from amtl.networks.training import conflict_share, train

STEPS = 40


def regression_rows(n=200, d=6, n_tasks=4, noise=0.3, seed=0):
    """Return (X, Y) of tasks on shared rows."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, d))
    W = random.normal(size=(d, n_tasks))
    return X, X @ W + noise * random.normal(size=(n, n_tasks))


def run(network, rows, losses, rule="equal", options=None, rate=0.01, judge=None, **changed):
    rule = load_rule(rule)
    settings = {
        "steps": STEPS,
        "batch": 32,
        "checks": 4,
        "scales": np.ones(rows.n_tasks),
        "seed": (0, "data", 1),
        "rule_seed": (0, "data", 1, "method"),
    }
    options = rule.defaults if options is None else options
    judge = judge or (lambda weights: (0.0,))
    return train(network, losses, rows, judge, rule, options, rate, **{**settings, **changed})


def shared_problem(n_tasks=4, **changed):
    X, Y = regression_rows(n_tasks=n_tasks)
    rows, losses = TaskRows(X, list(Y.T)), TaskLosses([0] * n_tasks)
    return SharedTrunk(X.shape[1], n_tasks, 1, 8, 2), rows, losses


def reduced_rank(X, Y, rank):
    """Return (W (d, rank), V (rank, T), biases (T,)) of reduced-rank regression with the identity weight."""
    Xc, Yc = X - X.mean(axis=0), Y - Y.mean(axis=0)
    B = np.linalg.lstsq(Xc, Yc, rcond=None)[0]
    _, _, right = np.linalg.svd(Xc @ B, full_matrices=False)
    V = right[:rank]
    W = B @ V.T
    return W, V, Y.mean(axis=0) - X.mean(axis=0) @ W @ V


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_linear_trunk_with_equal_weights_is_reduced_rank_regression(rank):
    X, Y = regression_rows()
    rows, losses = TaskRows(X, list(Y.T)), TaskLosses([0] * 4)
    network = SharedTrunk(6, 4, 1, rank, 1, linear=True)
    W, V, biases = reduced_rank(X, Y, rank)
    best = np.mean((Y - X @ W @ V - biases) ** 2, axis=0).sum()
    weights = np.concatenate([W.ravel(), np.zeros(rank), V.T.ravel(), biases])
    outputs, cache = network.forward(weights, rows.X)
    values, slopes = losses.values_and_slopes(outputs, rows.targets)
    # It is a stationary point of the network, and training from elsewhere ends there.
    assert values.sum() == pytest.approx(best)
    assert network.gradient(weights, cache, slopes) == pytest.approx(0.0, abs=1e-10)
    trained = run(network, rows, losses, steps=3000, batch=200, rate=0.01, checks=10)
    assert trained.losses[-1].sum() == pytest.approx(best, rel=1e-3)
    assert trained.losses[-1].sum() >= best - 1e-9


def test_adam_minimizes_a_quadratic():
    weights, target = np.zeros(3), np.array([1.0, -2.0, 0.5])
    adam = Adam(3, 0.05)
    for _ in range(2000):
        adam.step(weights, weights - target)
    assert weights == pytest.approx(target, abs=1e-3)


def test_the_first_step_of_adam_has_the_size_of_the_learning_rate():
    weights = np.zeros(2)
    Adam(2, 0.1).step(weights, np.array([1e-3, -50.0]))
    assert weights == pytest.approx([-0.1, 0.1], rel=1e-4)


@pytest.mark.parametrize("name", find_rules())
def test_every_rule_lowers_the_losses_and_repeats_bit_for_bit(name):
    found = [run(*shared_problem(), rule=name, steps=200) for _ in range(2)]
    assert not found[0].diverged and found[0].steps == 200
    assert found[0].losses[-1].sum() < 0.5 * found[0].losses[0].sum()
    assert np.isfinite(found[0].task_weights).all() and np.isfinite(found[0].conflicts).all()
    for name in ("weights", "losses", "task_weights", "conflicts"):
        assert getattr(found[0], name).tobytes() == getattr(found[1], name).tobytes()


def test_static_weights_of_one_are_equal_weights():
    equal = run(*shared_problem())
    static = run(*shared_problem(), rule="static", options={"ratio": 1.0, "direction": 3})
    assert static.weights == pytest.approx(equal.weights, rel=1e-10)
    other = run(*shared_problem(), rule="static", options={"ratio": 5.0, "direction": 3})
    assert np.abs(other.weights - equal.weights).max() > 1e-3


def test_a_scale_is_a_static_weight():
    scales = np.array([1.0, 0.1])
    scaled = run(*shared_problem(2), scales=scales)
    weighted = run(*shared_problem(2), rule="static", options={"ratio": 10.0, "direction": 0})
    # The mean weight differs, which Adam does not notice.
    assert scaled.weights == pytest.approx(weighted.weights, rel=1e-3, abs=1e-5)


@pytest.mark.parametrize("name", ["nash", "imtl-g"])
def test_scale_free_rules_do_not_notice_a_scale(name):
    plain = run(*shared_problem(2), rule=name)
    scaled = run(*shared_problem(2), rule=name, scales=np.array([1.0, 0.02]))
    equal = run(*shared_problem(2), scales=np.array([1.0, 0.02]))
    n = shared_problem(2)[0].n_trunk
    notices, expected = (np.abs(each.weights - plain.weights)[:n].max() for each in (scaled, equal))
    assert notices < 0.2 * expected


def test_the_starts_and_batches_depend_on_names_alone():
    first = run(*shared_problem())
    same = run(*shared_problem(), rule_seed=(0, "data", 1, "another method"))
    other = run(*shared_problem(), seed=(0, "data", 2))
    assert first.weights.tobytes() == same.weights.tobytes() != other.weights.tobytes()


@pytest.mark.parametrize("best", range(4))
def test_the_weights_of_the_best_check_are_kept(best):
    seen = []

    def judge(weights):
        seen.append(weights.copy())
        return (abs(len(seen) - 1 - best),)

    trained = run(*shared_problem(), judge=judge)
    assert trained.best == best and trained.steps == STEPS and len(trained.losses) == len(seen) == 4
    assert trained.weights.tobytes() == seen[best].tobytes() != seen[best - 1].tobytes()


def test_equal_judgements_keep_the_first_check():
    assert run(*shared_problem(), judge=lambda weights: (1.0,)).best == 0


def test_a_loss_that_overflows_stops_the_training():
    network, rows, losses = shared_problem()
    trained = run(network, rows, losses, rate=1e200, rule="nash")
    assert trained.diverged and trained.steps < STEPS
    assert np.isfinite(trained.weights).all()
    rows.targets[1, :] = np.nan
    trained = run(network, rows, losses)
    assert trained.diverged and trained.steps == 0 and len(trained.losses) == 0


def test_a_task_whose_loss_is_zero_and_a_head_that_never_fires():
    X, Y = regression_rows(n_tasks=3)
    Y[:, 1] = 0.0
    network = SharedTrunk(6, 3, 1, 8, 2)
    rows, losses = TaskRows(X, list(Y.T)), TaskLosses([0] * 3)
    original = network.initial

    def dead(random):
        weights = original(random)
        # The second head is zero: it predicts its targets, and gives the trunk no gradient.
        network._heads.views(weights[network.n_trunk :])["V"][1] = 0.0
        return weights

    network.initial = dead
    for name in find_rules():
        trained = run(network, rows, losses, rule=name)
        assert not trained.diverged and np.isfinite(trained.weights).all(), name
        if name != "mgda":
            assert trained.losses[-1].sum() < trained.losses[0].sum(), name


def test_one_task_is_trained_alike_by_all_rules():
    X, Y = regression_rows(n_tasks=1)
    rows, losses = TaskRows(X, [Y[:, 0]]), TaskLosses([0])
    for name in find_rules():
        trained = run(SharedTrunk(6, 1, 1, 8, 2), rows, losses, rule=name, steps=200)
        assert trained.losses[-1, 0] < 0.5 * trained.losses[0, 0], name
        assert np.isnan(trained.conflicts).all()


def test_networks_without_a_trunk_have_no_conflicts_to_measure():
    X, Y = regression_rows()
    rows, losses = TaskRows(X, list(Y.T)), TaskLosses([0] * 4)
    trained = run(SingleNetworks(6, 4, 1, 8, 2), rows, losses)
    assert np.isnan(trained.conflicts).all() and np.isnan(trained.task_weights).all()


def test_the_share_of_conflicts_counts_pairs():
    J = np.array([[1.0, 0.0], [-1.0, 0.1], [0.0, 1.0]])
    assert conflict_share(J @ J.T) == pytest.approx(1 / 3)
