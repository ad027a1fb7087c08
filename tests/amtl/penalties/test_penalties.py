"""What holds for every penalty: the proximal point, the dual norm and the largest useful strength."""

import numpy as np
import pytest

from amtl.penalties import Norm, Parts
from amtl.penalties._norm import RowNorm
from amtl.penalties.rows import ElasticNet
from amtl.solvers.proximal import minimize_composite, null_gradient
from helpers.penalties import NORMS, PENALTIES, STEP_SHAPES
from helpers.problems import related_problem

SHAPE = (6, 4)
each_norm = pytest.mark.parametrize("name", NORMS)
each_penalty = pytest.mark.parametrize("name", PENALTIES)


def draw(seed, scale=1.0):
    return scale * np.random.default_rng(seed).normal(size=SHAPE)


def steps_of(penalty, seed=0):
    """Return steps of the finest shape that the penalty takes."""
    return np.random.default_rng(seed).uniform(0.2, 1.5, STEP_SHAPES[penalty.steps])


@each_penalty
def test_prox_minimizes_its_objective(name):
    """No other point is better: neither near the proximal point nor far from it."""
    penalty, rng = PENALTIES[name](0.6), np.random.default_rng(1)
    for seed in range(5):
        W = draw(seed)
        step = steps_of(penalty, seed)

        def objective(V, W=W, step=step):
            return np.sum((V - W) ** 2 / (2.0 * step)) + penalty.value(V)

        V, value = penalty.prox(W, step)
        assert value == pytest.approx(penalty.value(V), rel=1e-12, abs=1e-12)
        best = objective(V)
        others = [
            V + size * rng.normal(size=SHAPE) for size in 10.0 ** np.arange(-6.0, 1.0) for _ in range(20)
        ]
        others += [(1.0 - size) * V + size * W for size in (0.01, 0.5, 1.0)] + [0.0 * W]
        # Directions in which some entries alone move, and those that keep its zeros.
        others += [V + size * rng.normal(size=SHAPE) * (V != 0.0) for size in (1e-5, 1e-3, 0.1)]
        assert all(objective(other) >= best - 1e-12 for other in others)


@each_penalty
def test_prox_steps_satisfy_the_optimality_condition_exactly(name):
    """(W - V) / step is a subgradient at V: Fenchel's inequality is an equality there."""
    penalty = PENALTIES[name](0.6)
    W = draw(7)
    step = steps_of(penalty, 7)
    V, value = penalty.prox(W, step)
    slope = (W - V) / step
    scale, conjugate = penalty.conjugate(-slope)
    assert scale == pytest.approx(1.0, abs=1e-9)
    assert value + conjugate == pytest.approx(np.vdot(slope, V), rel=1e-9)


@each_penalty
def test_value_is_convex_zero_at_zero_and_even(name):
    penalty = PENALTIES[name](0.6)
    V, W = draw(2), draw(3)
    assert penalty.value(0.0 * W) == 0.0 and penalty.value(-W) == pytest.approx(penalty.value(W))
    assert penalty.value(0.3 * V + 0.7 * W) <= 0.3 * penalty.value(V) + 0.7 * penalty.value(W)


@each_norm
def test_dual_norm_bounds_the_inner_product_and_is_attained(name):
    penalty, rng = NORMS[name](1.0), np.random.default_rng(4)
    for seed in range(5):
        G = draw(seed)
        dual = penalty.dual(G)
        for _ in range(50):
            W = rng.normal(size=SHAPE)
            assert np.vdot(G, W) <= dual * penalty.norm(W) * (1.0 + 1e-12)
        # Shrinking by a little less than the dual norm leaves a direction in which it is attained.
        W = penalty.shrunk(G, dual * (1.0 - 1e-7))
        assert W.any() and np.vdot(G, W) >= dual * penalty.norm(W) * (1.0 - 1e-5)
        assert not penalty.shrunk(G, dual * (1.0 + 1e-9)).any()


@each_norm
def test_strength_scales_the_value_and_a_norm_is_homogeneous(name):
    W = draw(5)
    assert NORMS[name](3.0).value(W) == pytest.approx(3.0 * NORMS[name](1.0).value(W))
    assert NORMS[name](1.0).value(-2.0 * W) == pytest.approx(2.0 * NORMS[name](1.0).value(W))


@each_norm
@pytest.mark.parametrize("loss", ["squared", "logistic"])
@pytest.mark.parametrize("intercept", ["feature", "free", "none"])
def test_largest_strength_is_the_first_that_gives_the_model_without_features(name, loss, intercept):
    d = 6 if intercept == "feature" else 7
    problem = related_problem(loss, n=(40, 30, 20, 50), d=d, intercept=intercept)
    top = NORMS[name](1.0).largest(null_gradient(problem))
    for share, empty in ((1.0001, True), (0.99, False)):
        minimum = minimize_composite(problem, NORMS[name](share * top), problem.null_weights, 1e-9, 3000)
        assert minimum.converged and minimum.state.any() != empty


@each_penalty
def test_levels_of_rows_tell_which_rows_stay_zero(name):
    penalty = PENALTIES[name](0.9)
    if not penalty.by_rows:
        pytest.skip("the penalty is no sum over rows")
    W, G = draw(8), draw(9, 0.6)
    W[2:] = 0.0
    levels = penalty.row_levels(W, G)
    # A small proximal step from W: a row of zeros moves if and only if its level exceeds one.
    V = penalty.prox(W - 1e-6 * G, 1e-6)[0]
    assert (V[2:].any(axis=1) == (levels[2:] > 1.0)).all()
    if isinstance(penalty, Norm) and not isinstance(penalty, ElasticNet):
        assert levels.max() * penalty.strength == pytest.approx(penalty.dual(G))


@each_penalty
def test_penalty_of_some_rows_is_that_of_weights_that_are_zero_elsewhere(name):
    penalty, rows = PENALTIES[name](0.9), np.array([0, 2, 5])
    if not penalty.by_rows:
        pytest.skip("the penalty is no sum over rows")
    W, step = draw(10), 0.4
    W[[1, 3, 4]] = 0.0
    some = penalty.on_rows(rows)
    assert some.value(W[rows]) == pytest.approx(penalty.value(W))
    assert some.prox(W[rows], step)[0] == pytest.approx(penalty.prox(W, step)[0][rows])


@pytest.mark.parametrize("name", [name for name in NORMS if isinstance(NORMS[name](1.0), RowNorm)])
def test_a_row_without_a_weight_is_not_penalized(name):
    make = type(NORMS[name](1.0))
    penalty = make(2.0, np.array([0.0, 1.0, 1.0, 1.0, 1.0, 1.0]))
    W = draw(11)
    assert penalty.prox(W, 1.0)[0][0] == pytest.approx(W[0])
    G = np.zeros(SHAPE)
    assert penalty.dual(G) == 0.0
    G[0, 0] = 1e-3
    assert penalty.dual(G) == np.inf


def test_dual_norm_of_parts_needs_every_part():
    first, second = NORMS["l1"](2.0), NORMS["linf1"](3.0)
    G = draw(12)
    scale, _ = Parts(first, second).conjugate(10.0 * G)
    bounds = [first.strength / first.dual(10.0 * G), second.strength / second.dual(10.0 * G)]
    assert scale == pytest.approx(min(bounds)) and scale < 1.0
