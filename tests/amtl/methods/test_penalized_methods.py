"""The methods with a penalty: other software, limits, identities with each other, and what they learn."""

import numpy as np
import pytest
from sklearn.linear_model import Lasso, MultiTaskElasticNet, MultiTaskLasso

from amtl.methods import load_method
from amtl.methods._fit import Context
from amtl.methods.features.elastic_net import stage_weights
from amtl.penalties import L1, ColumnNorm, TraceNorm
from amtl.problem import MultiTaskProblem
from amtl.solvers import proximal
from amtl.solvers.proximal import minimize_composite, null_gradient
from helpers.problems import linear_problem, options_of, related_problem, rises

CONTEXT = Context(1e-11, 5000)


def fit(name, problem, context=CONTEXT, given=None, **params):
    spec = load_method(name)
    result = spec.fit(problem, params, context, options_of(spec, **(given or {})))
    assert result.converged
    return result


def low_rank_problem(seed=0, n=30, d=9, n_tasks=6, rank=2, noise=0.3, intercept="none"):
    rng = np.random.default_rng(seed)
    weights = np.zeros((d, n_tasks))
    weights[:-1] = rng.normal(size=(d - 1, rank)) @ rng.normal(size=(rank, n_tasks))
    return linear_problem(rng, weights, [n] * n_tasks, noise, intercept=intercept)


def top_of(norm, problem):
    return norm.largest(null_gradient(problem))


@pytest.mark.parametrize("intercept", ["free", "none"])
@pytest.mark.parametrize("share", [0.5, 0.02])
def test_lasso_is_that_of_each_task(intercept, share):
    problem = related_problem(intercept=intercept, n=(40, 30, 20, 25))
    lam = share * top_of(L1(1.0), problem)
    ours = fit("lasso", problem, lam=lam)
    p = int(problem.penalized.sum())
    for t, (X, y) in enumerate(zip(problem.X, problem.Y, strict=True)):
        model = Lasso(lam / (2 * len(y)), fit_intercept=intercept == "free", tol=1e-12, max_iter=100_000)
        model.fit(X[:, :p], y)
        assert ours.W[:p, t] == pytest.approx(model.coef_, abs=1e-5)
        if intercept == "free":
            assert ours.W[-1, t] == pytest.approx(model.intercept_, abs=1e-5)


def test_l21_is_the_multi_task_lasso_and_the_elastic_net_has_its_ridge():
    problem = related_problem(shared=True, intercept="free")
    n, lam, ridge = len(problem.X), 60.0, 5.0
    X = problem.X[:, :-1]
    ours = fit("l21", problem, lam=lam)
    theirs = MultiTaskLasso(lam / (2 * n), tol=1e-12, max_iter=100_000).fit(X, problem.Y)
    assert ours.W[:-1].T == pytest.approx(theirs.coef_, abs=1e-6)
    total = lam + 2.0 * ridge
    theirs = MultiTaskElasticNet(total / (2 * n), l1_ratio=lam / total, tol=1e-12, max_iter=100_000)
    theirs.fit(X, problem.Y)
    ours = fit("elastic-net", problem, lam=lam, ridge=ridge)
    assert ours.W[:-1].T == pytest.approx(theirs.coef_, abs=1e-6)
    assert ours.W[-1] == pytest.approx(theirs.intercept_, abs=1e-6)


@pytest.mark.parametrize(("learn", "name"), [("select", "l21"), ("features", "trace-norm")])
def test_the_squared_norm_has_the_solutions_of_the_norm(learn, name):
    """MTFL at gamma is the norm at lam = 2 gamma norm(W): one method under two names."""
    problem = low_rank_problem()
    gamma = 1.5
    mtfl, start = load_method("mtfl"), Context(1e-13, 5000, init=problem.null_weights)
    W = mtfl.fit(problem, {"gamma": gamma}, start, options_of(mtfl, learn=learn)).W
    sizes = np.linalg.norm(W, axis=1) if learn == "select" else np.linalg.svd(W, compute_uv=False)
    assert fit(name, problem, lam=2.0 * gamma * sizes.sum()).W == pytest.approx(W, abs=1e-4)


def test_one_task_makes_the_row_norms_the_lasso_and_the_trace_norm_the_column_norm():
    problem = related_problem(n=(40,), intercept="free")
    lam = 20.0
    lasso = fit("lasso", problem, lam=lam).W
    for name, params in (("l21", {}), ("linf1", {}), ("sparse-group", {"mix": 0.3})):
        assert fit(name, problem, lam=lam, **params).W == pytest.approx(lasso, abs=1e-6)
    columns = minimize_composite(problem, ColumnNorm(lam), problem.null_weights, 1e-11, 5000)
    assert fit("trace-norm", problem, lam=lam).W == pytest.approx(columns.W, abs=1e-5)


def test_ends_of_the_sparse_group_lasso_are_l21_and_the_lasso():
    problem = related_problem(intercept="free")
    for mix, name in ((0.0, "l21"), (1.0, "lasso")):
        assert fit("sparse-group", problem, lam=15.0, mix=mix).objective[-1] == pytest.approx(
            fit(name, problem, lam=15.0).objective[-1], rel=1e-9
        )


# Method, its ratio at the lower and at the upper end, and which norm is left there, with which factor of lam.
CORNERS = [
    ("dirty", 0.99, 1, "linf1", lambda ratio: ratio),
    ("dirty", 6.01, 0, "lasso", lambda ratio: 1.0),
    ("robust", 1.01, 0, "trace-norm", lambda ratio: 1.0),
    ("rmtfl", 2.83, 0, "l21", lambda ratio: 1.0),
    ("sparse-low-rank", 0.99, 1, "trace-norm", lambda ratio: ratio),
    ("sparse-low-rank", 6.94, 0, "lasso", lambda ratio: 1.0),
]


@pytest.mark.parametrize(("name", "ratio", "left", "single", "factor"), CORNERS)
def test_outside_the_range_of_ratios_one_part_is_zero(name, ratio, left, single, factor):
    """With T = 6 tasks and p = 8 features."""
    problem = low_rank_problem()
    lam = 0.1 * top_of(L1(1.0), problem)
    both = fit(name, problem, lam=lam, ratio=ratio)
    alone = fit(single, problem, lam=factor(ratio) * lam)
    assert both.objective[-1] == pytest.approx(alone.objective[-1], rel=1e-8)
    assert both.W == pytest.approx(alone.W, abs=1e-3)
    other = both.learned["parts"][1 - left]
    assert np.abs(other).max() < 1e-3 * np.abs(both.W).max()


@pytest.mark.parametrize(("name", "ratio"), [("robust", 0.40), ("rmtfl", 0.40)])
def test_below_the_range_of_ratios_the_columns_alone_are_left(name, ratio):
    problem = low_rank_problem()
    lam = 0.3 * top_of(TraceNorm(1.0), problem)
    both = fit(name, problem, lam=lam, ratio=ratio)
    alone = minimize_composite(problem, ColumnNorm(ratio * lam), problem.null_weights, 1e-11, 5000)
    assert both.objective[-1] == pytest.approx(alone.trace[-1], rel=1e-8)
    assert np.abs(both.learned["parts"][0]).max() < 1e-3 * np.abs(both.W).max()


@pytest.mark.parametrize("name", ["dirty", "robust", "rmtfl", "sparse-low-rank"])
def test_inside_the_range_both_parts_are_used_and_add_up(name):
    problem = low_rank_problem()
    spec = load_method(name)
    points = spec.grid(problem, CONTEXT, options_of(spec), 15)
    used = []
    for point in points:
        result = spec.fit(problem, point.params, Context(1e-8, 5000), options_of(spec))
        parts = result.learned["parts"]
        assert parts.sum(axis=0) == pytest.approx(result.W, abs=1e-10)
        used.append(parts.any(axis=(1, 2)).all())
    assert any(used)


def test_robust_methods_find_planted_outlier_tasks():
    rng = np.random.default_rng(1)
    shared = rng.normal(size=(15, 2)) @ rng.normal(size=(2, 12))
    shared[8:] = 0.0
    planted = np.zeros(12, bool)
    planted[[3, 8]] = True
    shared[:, planted] = 4.0 * rng.normal(size=(15, 2))
    problem = linear_problem(rng, np.vstack([shared, np.zeros(12)]), [60] * 12, 0.3, intercept="free")
    for name, ratio in (("robust", 0.7), ("rmtfl", 1.5)):
        found = fit(name, problem, Context(1e-8, 5000), lam=200.0, ratio=ratio).learned["outliers"]
        assert (found == planted).all(), name


def test_the_constraint_on_the_trace_norm_has_the_solution_of_the_penalty():
    """At tau = ||Q||_* no pair (P, Q) with ||Q||_* <= tau has a lower loss plus lam ||P||_1."""
    problem = low_rank_problem()
    lam, ratio = 10.0, 2.5
    P, Q = fit("sparse-low-rank", problem, lam=lam, ratio=ratio).learned["parts"]
    tau = np.linalg.svd(Q, compute_uv=False).sum()

    def constrained(P, Q):
        return problem.losses(P + Q).sum() + lam * np.abs(P).sum()

    best, rng = constrained(P, Q), np.random.default_rng(0)
    for size in (1e-3, 1e-2, 0.1, 1.0):
        for _ in range(50):
            P_new = P + size * rng.normal(size=P.shape) * (rng.uniform(size=P.shape) < 0.3)
            Q_new = Q + size * rng.normal(size=Q.shape)
            Q_new *= min(1.0, tau / np.linalg.svd(Q_new, compute_uv=False).sum())
            assert constrained(P_new, Q_new) >= best * (1.0 - 1e-9)


def test_adaptive_stages_with_exponent_zero_repeat_the_first_and_without_ridge_rescale_the_features():
    problem = related_problem(intercept="none", n=(40, 30, 20, 25))
    params = {"lam": 20.0, "ridge": 2.0}
    first = fit("elastic-net", problem, **params)
    again = fit("elastic-net", problem, given={"stages": 3, "gamma": 0}, **params)
    assert again.W == pytest.approx(first.W, abs=1e-6)
    params = {"lam": 20.0, "ridge": 1e-9}
    W = fit("elastic-net", problem, **params).W
    weights = stage_weights(W, 1.0)
    adaptive = fit("elastic-net", problem, given={"stages": 2, "gamma": 1}, **params)
    X = [np.column_stack([x / weights, np.ones(len(x))]) for x in problem.X]
    scaled = MultiTaskProblem(X, problem.Y, intercept="none")
    assert fit("l21", scaled, lam=20.0).W / weights[:, None] == pytest.approx(adaptive.W, abs=1e-5)


# Stages


def test_without_a_cap_the_staged_methods_are_their_first_stage():
    problem = low_rank_problem(intercept="free")
    lam = 0.1 * top_of(L1(1.0), problem)
    assert fit("msmtfl", problem, lam=lam, tau=1e9).W == pytest.approx(
        fit("lasso", problem, lam=lam).W, abs=1e-5
    )
    lam = 0.1 * top_of(TraceNorm(1.0), problem)
    trace = fit("trace-norm", problem, lam=lam)
    assert fit("ramusa", problem, lam=lam, tau=1e9).W == pytest.approx(trace.W, abs=1e-5)


@pytest.mark.parametrize(("name", "cap"), [("msmtfl", 2.0), ("ramusa", 3.0)])
def test_a_cap_lowers_the_bias_of_what_is_large_and_the_objective_falls(name, cap):
    problem = low_rank_problem(intercept="none", n=40)
    norm = L1(1.0) if name == "msmtfl" else TraceNorm(1.0)
    lam = 0.1 * top_of(norm, problem)
    capped = fit(name, problem, Context(1e-8, 5000), lam=lam, tau=cap)
    first = fit("lasso" if name == "msmtfl" else "trace-norm", problem, lam=lam)
    assert not rises(capped.objective)
    assert np.linalg.norm(capped.W) > np.linalg.norm(first.W) * 1.01


def test_multi_stage_features_lower_the_estimation_error_by_stage():
    rng = np.random.default_rng(3)
    truth = np.zeros((41, 8))
    truth[:5] = rng.choice([-1.0, 1.0], size=(5, 8)) * rng.uniform(2.0, 4.0, size=(5, 8))
    problem = linear_problem(rng, truth, [30] * 8, 0.5, intercept="none")
    lam = 0.05 * top_of(L1(1.0), problem)
    first = fit("lasso", problem, lam=lam).W
    last = fit("msmtfl", problem, Context(1e-8, 5000), lam=lam, tau=4.0).W
    assert np.linalg.norm(last - truth[:-1]) < 0.7 * np.linalg.norm(first - truth[:-1])


def test_a_number_of_stages_keeps_the_weights_of_each():
    problem = low_rank_problem(intercept="free")
    strengths = {"lam": 0.05 * top_of(L1(1.0), problem), "tau": 2.0}
    staged = fit("msmtfl", problem, Context(1e-8, 5000), {"stages": 3}, **strengths)
    first = fit("lasso", problem, Context(1e-8, 5000), lam=strengths["lam"])
    assert staged.learned["stages"].shape == (3, problem.n_features - 1, problem.n_tasks)
    assert staged.learned["stages"][0] == pytest.approx(first.W[:-1], abs=1e-6)
    assert staged.W[:-1] == pytest.approx(staged.learned["stages"][-1], abs=0)
    assert staged.converged and len(staged.objective) == 3 and not rises(staged.objective)
    assert staged.objective[1] < staged.objective[0]
    # Ten stages more end where the method ends without a number.
    many = fit("msmtfl", problem, Context(1e-8, 5000), {"stages": 13}, **strengths)
    last = fit("msmtfl", problem, Context(1e-8, 5000), {"restarts": 1}, **strengths)
    assert many.W == pytest.approx(last.W, abs=1e-4)


def test_multi_level_lasso_solves_its_own_alternation():
    """At W the best levels theta and factors gamma of W are a fixed point of minimizing over each in turn."""
    problem = low_rank_problem(intercept="none")
    alpha = 30.0
    result = fit("multi-level-lasso", problem, Context(1e-9, 5000), alpha=alpha)
    W, sizes = result.W, np.abs(result.W).sum(axis=1)
    used = sizes > 0.0
    assert used.any()
    G = problem.losses_and_gradient(W)[1]
    slope = np.zeros(len(W))
    slope[used] = alpha / (2.0 * np.sqrt(sizes[used]))
    nonzero = W != 0.0
    assert (-G)[nonzero] == pytest.approx((slope[:, None] * np.sign(W))[nonzero], rel=1e-3)
    assert (np.abs(G)[used] <= slope[used][:, None] * (1.0 + 1e-3)).all()
    # theta = (l2 / l1 sizes)^(1/2) and gamma = W / theta with l1 = l2 = alpha / 2 cost alpha sum sizes^(1/2).
    theta = np.sqrt(sizes[used])
    gamma = W[used] / theta[:, None]
    cost = 0.5 * alpha * (theta.sum() + np.abs(gamma).sum())
    assert cost == pytest.approx(alpha * np.sqrt(sizes).sum())
    # The step over gamma at these levels is a lasso on scaled features.
    X = [np.column_stack([x[:, used] * theta, np.ones(len(x))]) for x in problem.X]
    scaled = MultiTaskProblem(X, problem.Y, intercept="none")
    assert fit("lasso", scaled, lam=0.5 * alpha).W == pytest.approx(gamma, abs=1e-3)


def test_starts_are_kept_with_their_objectives_and_the_best_one_wins():
    problem = low_rank_problem(intercept="free")
    result = fit("msmtfl", problem, Context(1e-8, 5000), given={"restarts": 4}, lam=40.0, tau=1.5)
    assert len(result.restarts) == 4 and result.objective[-1] == min(result.restarts)


# What is learned, and the shapes of large problems


def test_support_and_singular_values_are_those_of_the_weights():
    problem = low_rank_problem(intercept="free")
    lam = 0.4 * top_of(L1(1.0), problem)
    result = fit("l21", problem, lam=lam)
    assert (result.learned["support"] == result.W[:-1].any(axis=1)).all()
    assert 0 < result.learned["support"].sum() < 8
    lam = 0.3 * top_of(TraceNorm(1.0), problem)
    values = fit("trace-norm", problem, lam=lam).learned["singular_values"]
    assert (values > 1e-8 * values[0]).sum() == 2


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_many_more_features_than_rows(loss, shared):
    """A working set solves d = 3,000 with few rows; no array has d^2 entries."""
    rng = np.random.default_rng(0)
    weights = np.zeros((3001, 3))
    weights[:4] = 3.0
    problem = linear_problem(
        rng, weights, 25 if shared else [25, 20, 22], 0.1, loss, intercept="free", both_classes=True
    )
    for name in ("l21", "lasso", "dirty"):
        spec = load_method(name)
        point = spec.grid(problem, CONTEXT, options_of(spec), 6)[1]
        result = spec.fit(problem, point.params, Context(1e-7, 2000), options_of(spec))
        assert result.converged and 0 < result.W[:-1].any(axis=1).sum() < 200


@pytest.mark.parametrize("share", [0.5, 0.05, 0.005])
@pytest.mark.parametrize("name", ["lasso", "l21", "linf1", "sparse-group", "elastic-net"])
def test_working_sets_reach_the_minimum_over_all_features(name, share, monkeypatch):
    """Also where the rows at hand are solved well enough while all rows together are not."""
    rng = np.random.default_rng(1)
    weights = np.zeros((151, 8))
    weights[:10] = rng.normal(size=(10, 8))
    problem = linear_problem(rng, weights, 100, 1.0, intercept="free")
    spec = load_method(name)
    params = dict(spec.grid(problem, CONTEXT, options_of(spec), 4)[0].params)
    params |= {key: share * value for key, value in params.items() if key in ("lam", "ridge")}
    find, calls = proximal._Composite._working_set, []

    def counted(self, *arguments):
        calls.append(1)
        assert len(calls) < 1000, "the working set no longer changes"
        return find(self, *arguments)

    monkeypatch.setattr(proximal._Composite, "_working_set", counted)
    some = fit(name, problem, Context(1e-9, 2000), **params)
    assert calls
    monkeypatch.setattr(proximal, "MAX_PLAIN_FEATURES", 1000)
    every = fit(name, problem, Context(1e-9, 2000), **params)
    assert some.objective[-1] == pytest.approx(every.objective[-1], rel=1e-8)
