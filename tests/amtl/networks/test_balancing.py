"""Every balancing rule against what its definition says, and on gradients that are difficult."""

import numpy as np
import pytest

from amtl.errors import InputError
from amtl.networks.balancing import check_options, direction, find_rules, load_rule
from amtl.networks.balancing._rule import GRADIENTS, Given
from amtl.networks.balancing._simplex import minimize_on_simplex
from amtl.networks.balancing.aligned import alignment
from amtl.networks.balancing.cagrad import worst_case_weights
from amtl.networks.balancing.imtl_g import equal_projections
from amtl.networks.balancing.nash import bargaining_weights
from amtl.networks.balancing.static import static_weights

RULES = find_rules()
SIZES = (2, 3, 7)


def gradients(n_tasks, seed=0, n_weights=12):
    """Return gradients of unlike lengths, some of which conflict."""
    random = np.random.default_rng(seed)
    J = random.normal(size=(n_tasks, n_weights)) + 0.3 * random.normal(size=n_weights)
    return J * random.uniform(0.2, 5.0, size=(n_tasks, 1))


def step(rule, J, state=None, losses=None, seed=0, **given):
    """Return (weights, state) of one step of a rule with its defaults."""
    losses = np.ones(len(J)) if losses is None else np.asarray(losses, dtype=float)
    facts = {"regression": np.zeros(len(J), dtype=bool), "first_losses": losses, "learning_rate": 0.01}
    seen = Given(
        losses,
        gram=J @ J.T,
        gradients=J if rule.needs == GRADIENTS else None,
        random=np.random.default_rng(seed),
        **{**facts, **given},
    )
    state = rule.start(len(J), rule.defaults) if state is None else state
    return rule.weigh(seen, state, rule.defaults)


# --- what each rule solves ----------------------------------------------------------------------------------


def test_weights_of_the_losses_are_those_of_the_options():
    assert static_weights(2, 4.0) == pytest.approx([1.6, 0.4])
    for ratio in (0.1, 1.0, 30.0):
        weights = static_weights(5, ratio, 3)
        assert weights.sum() == pytest.approx(5.0)
        assert weights.max() / weights.min() == pytest.approx(max(ratio, 1 / ratio))
    assert static_weights(4, 1.0, 7) == pytest.approx(np.ones(4))
    assert static_weights(2, 5e-324) == pytest.approx([0.0, 2.0])
    assert static_weights(2, np.finfo(float).max) == pytest.approx([2.0, 0.0])


@pytest.mark.parametrize(("regression", "limit"), [(True, 1.0), (False, 2.0)])
def test_uncertainty_goes_to_the_logarithm_of_a_constant_loss(regression, limit):
    rule, losses, state = load_rule("uncertainty"), np.array([0.3, 5.0]), None
    for _ in range(3000):
        kinds = {"regression": np.full(2, regression), "learning_rate": 0.01}
        weights, state = step(rule, np.eye(2), state, losses, **kinds)
    assert state[0] == pytest.approx(np.log(limit * losses), abs=1e-3)
    assert weights == pytest.approx((0.5 if regression else 1.0) / (limit * losses), rel=1e-2)


def test_dwa_favours_the_loss_that_falls_slowly():
    rule, J = load_rule("dwa"), np.eye(2)
    assert step(rule, J, history=[np.ones(2)])[0] == pytest.approx([1.0, 1.0])
    history = [np.array([1.0, 1.0]), np.array([0.5, 1.0])]
    weights, _ = step(rule, J, history=history)
    powers = np.exp(np.array([0.5, 1.0]) / 2.0)
    assert weights == pytest.approx(2.0 * powers / powers.sum())
    flat = direction("dwa", np.eye(2), temperature=1e9)
    assert flat == pytest.approx([1.0, 1.0])


def test_the_mean_of_random_weights_is_one():
    rule = load_rule("rlw")
    drawn = [step(rule, np.eye(3), seed=seed)[0] for seed in range(4000)]
    assert np.mean(drawn, axis=0) == pytest.approx(np.ones(3), abs=0.05)
    assert np.std(drawn, axis=0).min() > 0.5


def test_gradnorm_with_zeta_zero_makes_gradient_norms_equal():
    rule, J = load_rule("gradnorm"), gradients(3)
    state, options = rule.start(3, {}), {"zeta": 0.0, "weights_rate": 1e-3}
    norms = np.linalg.norm(J, axis=1)
    for _ in range(20000):
        seen = Given(np.ones(3), gram=J @ J.T, first_losses=np.ones(3))
        _, state = rule.weigh(seen, state, options)
    assert state * norms == pytest.approx(np.mean(state * norms), rel=0.02)
    assert state.sum() == pytest.approx(3.0)


def test_gradnorm_favours_the_task_that_learns_slowly():
    rule, J = load_rule("gradnorm"), np.eye(2)
    _, state = step(rule, J, losses=[0.5, 1.0], first_losses=np.ones(2))
    assert state[1] > state[0]


@pytest.mark.parametrize("n_tasks", SIZES)
def test_mgda_is_the_shortest_convex_combination(n_tasks):
    for seed in range(5):
        J = gradients(n_tasks, seed)
        weights, _ = step(load_rule("mgda"), J)
        d = weights @ J
        assert weights.min() >= 0.0 and weights.sum() == pytest.approx(1.0)
        # No gradient has a smaller product with the shortest vector than the vector itself.
        assert (J @ d).min() >= d @ d - 1e-8 * (J * J).sum(axis=1).max()


def test_mgda_of_two_tasks_has_a_closed_form():
    J = gradients(2, 3)
    difference = J[0] - J[1]
    share = np.clip(-J[1] @ difference / (difference @ difference), 0.0, 1.0)
    assert direction("mgda", J) == pytest.approx(share * J[0] + (1 - share) * J[1])


@pytest.mark.parametrize("n_tasks", SIZES)
def test_a_quadratic_program_on_the_simplex_meets_its_conditions(n_tasks):
    random = np.random.default_rng(n_tasks)
    for rank in (1, n_tasks, 2 * n_tasks):
        M = random.normal(size=(n_tasks, rank))
        A, b = M @ M.T, random.normal(size=n_tasks)
        w = minimize_on_simplex(A, b)
        slopes = A @ w + b
        assert w.min() >= 0.0 and w.sum() == pytest.approx(1.0)
        assert slopes @ w - slopes.min() <= 1e-7
        assert minimize_on_simplex(A, b, w) == pytest.approx(w, abs=1e-6)


def test_pcgrad_of_two_tasks_by_hand():
    J = np.array([[1.0, 0.0], [-1.0, 1.0]])
    # g_1 + g_2 / 2 and g_2 + g_1.
    assert direction("pcgrad", J) == pytest.approx([0.5, 0.5 + 1.0])


def test_pcgrad_takes_the_others_as_they_were():
    J = gradients(4, 5)
    random = np.random.default_rng(0)
    orders = random.permuted(np.tile(np.arange(4), (4, 1)), axis=1)
    expected = np.zeros(J.shape[1])
    for i, order in enumerate(orders):
        g = J[i].copy()
        for j in order:
            if j != i and g @ J[j] < 0.0:
                g -= g @ J[j] / (J[j] @ J[j]) * J[j]
        expected += g
    assert direction("pcgrad", J) == pytest.approx(expected)


@pytest.mark.parametrize("c", [0.1, 0.4, 0.9])
@pytest.mark.parametrize("n_tasks", SIZES)
def test_cagrad_has_no_gap_between_its_two_problems(n_tasks, c):
    for seed in range(5):
        J = gradients(n_tasks, seed)
        G = J @ J.T
        mean = J.mean(axis=0)
        radius = c * np.linalg.norm(mean)
        d = direction("cagrad", J, c=c)
        assert np.linalg.norm(d - mean) == pytest.approx(radius)
        w = worst_case_weights(G, c)
        dual = w @ J @ mean + radius * np.linalg.norm(w @ J)
        assert (J @ d).min() == pytest.approx(dual, rel=1e-6, abs=1e-9)


def test_cagrad_without_a_radius_is_the_mean_gradient():
    J = gradients(4)
    assert direction("cagrad", J, c=0.0) == pytest.approx(J.mean(axis=0))


@pytest.mark.parametrize("n_tasks", SIZES)
def test_imtl_has_equal_projections(n_tasks):
    J = gradients(n_tasks, 2)
    alpha = equal_projections(J @ J.T)
    projections = (J @ (alpha @ J)) / np.linalg.norm(J, axis=1)
    assert alpha.sum() == pytest.approx(1.0)
    assert projections == pytest.approx(np.full(n_tasks, projections[0]))


@pytest.mark.parametrize("ratio", [1e-3, 1e-6, 1e-9])
def test_imtl_sees_gradients_of_any_length(ratio):
    J = np.random.default_rng(0).normal(size=(3, 8)) * np.array([[1.0], [1.0], [ratio]])
    projections = J @ direction("imtl-g", J) / np.linalg.norm(J, axis=1)
    assert projections == pytest.approx(np.full(3, projections[0]))


@pytest.mark.parametrize("apart", [0.0, 1e-13, 1e-12, 1e-9, 1e-6])
def test_imtl_is_bounded_where_no_direction_has_equal_projections(apart):
    J = np.array([[1.0, 0.0], [-0.5, 0.75**0.5], [-0.5, -(0.75**0.5)]])
    J = J + apart * np.array([[1.0, 2.0], [3.0, -1.0], [2.0, 2.0]])
    assert np.linalg.norm(direction("imtl-g", J)) <= 1.0


def test_imtl_of_two_tasks_weighs_by_the_inverse_norm():
    J = gradients(2)
    alpha, norms = equal_projections(J @ J.T), np.linalg.norm(J, axis=1)
    assert alpha * norms == pytest.approx(np.full(2, alpha[0] * norms[0]))


@pytest.mark.parametrize("n_tasks", [1, *SIZES, 40])
def test_nash_solves_the_bargaining_equations(n_tasks):
    J = gradients(n_tasks, 1, n_weights=60)
    G = J @ J.T
    alpha = bargaining_weights(G)
    assert alpha.min() > 0.0
    assert alpha * (G @ alpha) == pytest.approx(np.ones(n_tasks), abs=1e-7)


def test_nash_of_two_tasks_has_a_closed_form():
    J = gradients(2, 4)
    norms = np.linalg.norm(J, axis=1)
    cosine = J[0] @ J[1] / norms.prod()
    assert bargaining_weights(J @ J.T) == pytest.approx(1.0 / (norms * np.sqrt(1.0 + cosine)))


@pytest.mark.parametrize("name", ["nash", "imtl-g", "aligned"])
def test_the_direction_does_or_does_not_follow_the_scale_of_a_loss(name):
    J = gradients(3, 6)
    scaled = J * np.array([[1.0], [0.02], [50.0]])
    before, after = (direction(name, each) for each in (J, scaled))
    cosine = before @ after / np.linalg.norm(before) / np.linalg.norm(after)
    # Aligned-MTL is no exception only where the gradients are orthogonal.
    assert (cosine > 1.0 - 1e-9) == (name != "aligned")


def test_nash_shortens_long_directions():
    J = gradients(3)
    assert np.linalg.norm(direction("nash", J)) == pytest.approx(1.0)
    assert np.linalg.norm(direction("nash", J, max_norm=9.0)) == pytest.approx(np.sqrt(3.0))


@pytest.mark.parametrize("n_tasks", SIZES)
def test_aligned_gradients_are_orthogonal_and_as_short_as_the_smallest_singular_value(n_tasks):
    J = gradients(n_tasks)
    aligned = alignment(J @ J.T) @ J
    smallest = np.linalg.svd(J, compute_uv=False)[-1]
    assert aligned @ aligned.T == pytest.approx(smallest**2 * np.eye(n_tasks), abs=1e-8)
    assert direction("aligned", J) == pytest.approx(aligned.sum(axis=0))


def test_graddrop_keeps_one_sign_in_each_coordinate():
    J = gradients(4, 8, n_weights=400)
    weights, _ = step(load_rule("graddrop"), J)
    kept = np.sign(J) * weights
    assert ((kept >= 0.0).all(axis=0) | (kept <= 0.0).all(axis=0)).all()
    # The sign is drawn by its share: where all agree it is theirs.
    agree = np.abs(np.sign(J).sum(axis=0)) == 4
    assert agree.any() and (weights[:, agree] == 1.0).all()
    shares = np.mean([step(load_rule("graddrop"), J, seed=k)[0][0] for k in range(2000)], axis=0)
    positive = 0.5 * (1.0 + J.sum(axis=0) / np.abs(J).sum(axis=0))
    assert shares == pytest.approx(np.where(J[0] > 0.0, positive, 1.0 - positive), abs=0.06)
    assert direction("graddrop", J, leak=1.0) == pytest.approx(J.sum(axis=0))


@pytest.mark.parametrize("name", ["equal", "static", "dwa", "pcgrad", "graddrop"])
def test_without_conflict_the_direction_is_the_sum_of_the_gradients(name):
    J = np.abs(gradients(3))
    assert direction(name, J) == pytest.approx(J.sum(axis=0))


# --- difficult gradients ------------------------------------------------------------------------------------


def difficult():
    """Return {name: gradients}."""
    J = gradients(3)
    zero, parallel, opposite = J.copy(), J.copy(), J.copy()
    zero[1] = 0.0
    parallel[1] = 3.0 * parallel[0]
    opposite[1] = -opposite[0]
    return {
        "all zero": np.zeros((3, 12)),
        "one zero": zero,
        "parallel": parallel,
        "equal": np.tile(J[:1], (3, 1)),
        "opposite": opposite,
        "only opposite": opposite[:2],
        "one task": J[:1],
        "one task without gradient": np.zeros((1, 12)),
        "tiny": 1e-160 * J,
        "huge": 1e100 * J,
        "more tasks than weights": gradients(9, n_weights=4),
        "unlike lengths": J * np.array([[1e-8], [1.0], [1e8]]),
    }


@pytest.mark.parametrize("case", difficult())
@pytest.mark.parametrize("name", RULES)
def test_difficult_gradients_give_finite_directions(name, case):
    J = difficult()[case]
    assert np.isfinite(direction(name, J)).all()


@pytest.mark.parametrize("name", RULES)
def test_one_task_moves_along_its_own_gradient(name):
    J = gradients(1)
    d = direction(name, J)
    assert d @ J[0] / np.linalg.norm(d) / np.linalg.norm(J[0]) == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["mgda", "cagrad", "imtl-g", "nash", "aligned", "pcgrad"])
def test_a_task_without_gradient_has_no_say(name):
    J = gradients(3, 2)
    with_zero = np.insert(J, 1, 0.0, axis=0)
    if name == "mgda":
        # Zero is a gradient, and the shortest vector.
        assert direction(name, with_zero) == pytest.approx(np.zeros(12))
        return
    if name == "pcgrad":
        # The order of the others is drawn anew.
        J = with_zero = np.abs(with_zero)
    assert direction(name, with_zero) == pytest.approx(direction(name, J))


@pytest.mark.parametrize("name", RULES)
def test_equal_input_gives_equal_bits_and_stays_as_it_is(name):
    J = gradients(4)
    before = J.copy()
    rule, state = load_rule(name), None
    found = []
    for _ in range(2):
        weights, state = step(rule, J, rule.start(4, rule.defaults))
        found.append(weights.tobytes())
    assert found[0] == found[1] and np.array_equal(J, before)


@pytest.mark.parametrize("name", RULES)
def test_rules_are_described(name):
    rule = load_rule(name)
    assert rule.name == name and rule.title and rule.citation and rule.objective
    assert all(schema["description"].endswith(".") for schema in rule.options.values())
    assert check_options(rule, rule.defaults) == rule.defaults


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: direction("nahs", np.eye(2)), "nash"),
        (lambda: direction("nash", np.eye(2), maxnorm=1.0), "max_norm"),
        (lambda: direction("nash", np.eye(2), max_norm=-1.0), "max_norm"),
        (lambda: direction("equal", np.eye(2), c=1.0), "equal"),
        (lambda: direction("nash", np.ones(3)), "(3,)"),
        (lambda: direction("nash", np.eye(2), losses=np.ones(3)), "(3,)"),
        (lambda: direction("nash", np.array([[1.0], [np.nan]])), "task 1"),
        (lambda: direction("nash", np.array([[1.0], [1e155]])), "task 1"),
        (lambda: direction("dwa", np.eye(2), losses=np.array([np.inf, 1.0])), "task 0"),
    ],
)
def test_unusable_input_is_one_error_that_names_it(call, told):
    with pytest.raises(InputError) as error:
        call()
    assert told in str(error.value)
