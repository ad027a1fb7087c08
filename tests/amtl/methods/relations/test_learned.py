"""MTRL, CMTL, ASO and SPATS: identities, limits, recovery and the reference optima."""

import numpy as np
import pytest

from amtl.methods._fit import Context
from amtl.methods.features import mtfl
from amtl.methods.relations import aso, cmtl, cmtl_hard, mean_regularized, mtrl, spats
from amtl.methods.single import stl
from amtl.problem import MultiTaskProblem
from amtl.solvers.clusters import partition, same_cluster
from amtl.solvers.relation import Clustered, Tail, minimize_related
from helpers.problems import LOSS_KINDS, kind_id, options_of, related_problem, single_task
from helpers.reference_rows import check, parametrize

by_loss = pytest.mark.parametrize(("loss", "shared"), LOSS_KINDS, ids=[kind_id(kind) for kind in LOSS_KINDS])


def fit(method, problem, tolerance=1e-9, **params):
    context = Context(tolerance, 2000, init=single_task(problem), init_rho=4.0)
    found = method.fit(problem, params, context, options_of(method.SPEC))
    assert found.converged, found.residual
    return found


def alternated(problem, lam1, lam2, rounds):
    """Return the objective of MTRL after rounds of the published alternation, W-step and Omega."""
    T, W = problem.n_tasks, np.zeros((problem.n_features, problem.n_tasks))
    Omega = np.eye(T) / T
    for _ in range(rounds):
        # Where Omega is singular the weights stay in its range.
        Q = lam1 * np.eye(T) + lam2 * np.linalg.pinv(Omega, rcond=1e-10, hermitian=True)
        Q += 1e8 * lam2 * (np.eye(T) - np.linalg.pinv(Omega, rcond=1e-10, hermitian=True) @ Omega)
        H = problem.hessians(W)
        d = problem.n_features
        A = np.kron(2.0 * Q, np.eye(d))
        for t in range(T):
            A[t * d : (t + 1) * d, t * d : (t + 1) * d] += H[t]
        W = np.linalg.solve(A, -problem.null_gradient.T.ravel()).reshape(T, d).T
        Omega = mtrl.covariance(W)
    s = np.linalg.svd(W, compute_uv=False)
    return problem.losses(W).sum() + lam1 * np.sum(s**2) + lam2 * s.sum() ** 2


# MTRL


@by_loss
def test_mtrl_without_a_ridge_is_mtfl(loss, shared):
    problem = related_problem(loss, shared)
    features = fit(mtfl, problem, gamma=2.0)
    assert fit(mtrl, problem, lam1=1e-12, lam2=2.0).W == pytest.approx(features.W, abs=1e-3)
    assert fit(mtrl, problem, lam1=1e-12, lam2=2.0).objective[-1] == pytest.approx(features.objective[-1])


@by_loss
def test_mtrl_is_below_single_task_learning_with_a_fixed_covariance(loss, shared):
    """Omega = I/T gives single-task ridge with rho = lam1 + T lam2; the best Omega gives no more."""
    problem = related_problem(loss, shared)
    found = fit(mtrl, problem, lam1=0.5, lam2=0.3)
    alone = stl.fit(problem, {"rho": 0.5 + problem.n_tasks * 0.3}, Context(1e-9), {})
    assert found.objective[-1] < alone.objective[-1]
    Omega, W = found.learned["covariance"], found.W
    assert np.trace(Omega) == pytest.approx(1.0)
    coupled = np.trace(W @ np.linalg.pinv(Omega, rcond=1e-9, hermitian=True) @ W.T)
    assert coupled == pytest.approx(np.linalg.svd(W, compute_uv=False).sum() ** 2, rel=1e-6)


def test_mtrl_is_no_worse_than_the_alternation():
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(20, 8)) for _ in range(6)]
    Y = [x @ rng.normal(size=8) + 2.0 * rng.normal(size=20) for x in X]
    problem = MultiTaskProblem(X, Y)
    direct = fit(mtrl, problem, lam1=0.1, lam2=5.0).objective[-1]
    assert direct <= alternated(problem, 0.1, 5.0, 300) * (1 + 1e-9)


@parametrize("mtrl")
def test_mtrl_reaches_the_reference(row, shared_data):
    check(row, shared_data, lambda problem, given, context: mtrl.fit(problem, given, context, {}))


# CMTL, relaxed


def best_matrix(W, k, rho1, rho2):
    """Return the value of CMTL's penalty at W by cvxpy."""
    cvxpy = pytest.importorskip("cvxpy")
    T, eta = W.shape[1], rho2 / rho1
    M = cvxpy.Variable((T, T), symmetric=True)
    value = cvxpy.sum([cvxpy.matrix_frac(w, eta * np.eye(T) + M) for w in W])
    limits = [M >> 0, np.eye(T) - M >> 0, cvxpy.trace(M) == k]
    solved = cvxpy.Problem(cvxpy.Minimize(value), limits).solve(solver="CLARABEL")
    return rho1 * eta * (1.0 + eta) * solved


@pytest.mark.parametrize("shape", [(7, 5), (3, 5)])
@pytest.mark.parametrize("k", [1, 2, 4])
def test_cmtl_penalty_is_that_of_the_best_matrix(k, shape):
    W = np.random.default_rng(1).normal(size=shape)
    relation = Clustered(k, 2.0, 0.3)
    value, Q, _ = relation(W)
    assert value == pytest.approx(best_matrix(W, k, 2.0, 0.3), rel=1e-6)
    M = relation.matrix(W)
    values = np.linalg.eigvalsh(M)
    assert np.trace(M) == pytest.approx(k) and values.min() > -1e-9 and values.max() < 1 + 1e-9
    assert np.vdot(W @ Q, W) == pytest.approx(value)


@pytest.mark.parametrize("k", [1, 2])
def test_cmtl_penalty_is_the_same_for_tasks_and_for_features(k):
    """The feature side is the convex form of ASO."""
    W = np.random.default_rng(2).normal(size=(4, 6))
    assert Clustered(k, 2.0, 0.3)(W)[0] == pytest.approx(Clustered(k, 2.0, 0.3)(W.T)[0], rel=1e-12)


@pytest.mark.parametrize("relation", [Clustered(2, 2.0, 0.3), Tail(2, 2.0, 0.3)], ids=["clustered", "tail"])
def test_gradient_of_the_penalty_matches_finite_differences(relation):
    rng = np.random.default_rng(3)
    W, V = rng.normal(size=(7, 5)), rng.normal(size=(7, 5))
    step = 1e-6
    difference = (relation(W + step * V)[0] - relation(W - step * V)[0]) / (2 * step)
    assert 2.0 * np.vdot(W @ relation(W)[1], V) == pytest.approx(difference, rel=1e-7)


@pytest.mark.parametrize("shape", [(7, 5), (4, 6)])
@pytest.mark.parametrize(
    "relation",
    [Clustered(2, 2.0, 0.3), Clustered(3, 2.0, 0.3), Clustered(1, 0.5, 2.0), Tail(2, 2.0, 0.3)],
    ids=["two clusters", "three", "one", "tail"],
)
def test_response_is_what_the_curvature_at_a_fixed_relation_lacks(relation, shape):
    rng = np.random.default_rng(3)
    W, X = rng.normal(size=shape), rng.normal(size=shape)
    step = 1e-6

    def gradient(W):
        return 2.0 * W @ relation(W)[1]

    curvature = (gradient(W + step * X) - gradient(W - step * X)) / (2 * step)
    _, Q, response = relation(W)
    response = response()
    assert 2.0 * X @ Q - response.apply(X.T).T == pytest.approx(curvature, rel=1e-6, abs=1e-6)
    C, K = response.cross, response.stiffness
    assert len(K) == response.n_edges
    assert (C.T @ np.linalg.solve(K, C @ X.T.ravel())).reshape(X.T.shape) == pytest.approx(
        response.apply(X.T)
    )


@pytest.mark.parametrize("relation", [Clustered(2, 2.0, 0.3), Tail(2, 2.0, 0.3)], ids=["clustered", "tail"])
@pytest.mark.parametrize("scale", [0.0, 1.0])
def test_weights_of_rank_zero_and_one_are_a_start(relation, scale):
    problem = related_problem()
    start = scale * np.outer(np.arange(1.0, problem.n_features + 1), np.ones(problem.n_tasks))
    assert minimize_related(problem, relation, start).converged


@by_loss
def test_cmtl_with_a_cluster_for_each_task_is_single_task_learning(loss, shared):
    problem = related_problem(loss, shared)
    T = problem.n_tasks
    for method in (cmtl, cmtl_hard):
        alone = stl.fit(problem, {"rho": 0.7}, Context(1e-9), {})
        for k in (T, T + 2):
            assert fit(method, problem, k=k, rho1=3.0, rho2=0.7).W == pytest.approx(alone.W, abs=1e-6)


def test_cmtl_without_clusters_has_the_sum_of_both_ridges():
    W = np.random.default_rng(4).normal(size=(7, 5))
    assert Clustered(1e-9, 3.0, 0.7)(W)[0] == pytest.approx(3.7 * np.sum(W**2), rel=1e-6)


@by_loss
def test_hard_clusters_cost_no_less_than_relaxed_ones(loss, shared):
    problem = related_problem(loss, shared)
    for k in (1, 2, 3):
        params = {"k": k, "rho1": 3.0, "rho2": 0.5}
        hard, relaxed = fit(cmtl_hard, problem, **params), fit(cmtl, problem, **params)
        assert hard.objective[-1] >= relaxed.objective[-1] * (1 - 1e-9)


@parametrize("cmtl", "caso")
def test_cmtl_reaches_the_reference(row, shared_data):
    def solve(problem, given, context):
        init = problem.null_weights
        return cmtl.fit(problem, given, Context(context.tolerance, context.max_iterations, init=init), {})

    check(row, shared_data, solve)


# CMTL, hard


@by_loss
def test_one_hard_cluster_is_mean_regularized(loss, shared):
    problem = related_problem(loss, shared)
    mean = mean_regularized.fit(problem, {"rho1": 3.0, "rho2": 0.5}, Context(1e-9), {})
    assert fit(cmtl_hard, problem, k=1, rho1=3.0, rho2=0.5).W == pytest.approx(mean.W, abs=1e-6)


def test_hard_clusters_find_planted_ones():
    rng = np.random.default_rng(5)
    centres, planted = rng.normal(size=(6, 3)), np.arange(12) % 3
    W = centres[:, planted] + 0.05 * rng.normal(size=(6, 12))
    X = [rng.normal(size=(15, 6)) for _ in range(12)]
    Y = [x @ w + 0.3 * rng.normal(size=15) for x, w in zip(X, W.T, strict=True)]
    found = fit(cmtl_hard, MultiTaskProblem(X, Y), k=3, rho1=30.0, rho2=0.1)
    assert found.learned["clusters"].tolist() == planted.tolist()
    assert len(found.restarts) == 3 and min(found.restarts) == found.objective[-1]


def test_partition_is_one_that_no_move_improves():
    rng = np.random.default_rng(6)
    W = rng.normal(size=(3, 15))

    def scatter(labels):
        return np.sum((W - W @ same_cluster(labels)) ** 2)

    start = np.arange(15) % 4
    labels = partition(W, start, 4)
    assert scatter(labels) < scatter(start) and set(labels) == set(range(4))
    for t in range(15):
        if np.sum(labels == labels[t]) > 1:
            for other in range(4):
                moved = labels.copy()
                moved[t] = other
                assert scatter(moved) >= scatter(labels) - 1e-9


# ASO


@by_loss
def test_aso_without_directions_and_with_all_is_single_task_learning(loss, shared):
    problem = related_problem(loss, shared)
    for k, rho in ((0, 3.7), (5, 0.7)):
        alone = stl.fit(problem, {"rho": rho}, Context(1e-9), {})
        assert fit(aso, problem, k=k, rho1=3.0, rho2=0.7).W == pytest.approx(alone.W, abs=1e-6)


@by_loss
def test_aso_costs_no_less_than_its_relaxation(loss, shared):
    problem = related_problem(loss, shared)
    params = {"k": 2, "rho1": 3.0, "rho2": 0.5}
    found = fit(aso, problem, 1e-6, **params)
    assert found.objective[-1] >= fit(cmtl, problem, **params).objective[-1] * (1 - 1e-9)
    # The objective as printed, with Theta the leading left singular vectors.
    U, s, _ = np.linalg.svd(found.W)
    rest = found.W - U[:, :2] @ U[:, :2].T @ found.W
    printed = problem.losses(found.W).sum() + 3.0 * np.sum(rest**2) + 0.5 * np.sum(s**2)
    assert found.objective[-1] == pytest.approx(printed, rel=1e-9)


# SPATS


def test_spats_penalty_is_the_sum_of_the_column_norms():
    """No covariance of the tasks costs less than a diagonal one."""
    cvxpy = pytest.importorskip("cvxpy")
    rng = np.random.default_rng(7)
    for W in (rng.normal(size=(6, 4)), rng.normal(size=(6, 1)) + 0.1 * rng.normal(size=(6, 4))):
        Omega = cvxpy.Variable((4, 4), PSD=True)
        value = 0.3 / 2 * cvxpy.sum([cvxpy.matrix_frac(w, Omega) for w in W])
        best = cvxpy.Problem(cvxpy.Minimize(value + 0.7 * cvxpy.sum(cvxpy.abs(Omega)))).solve(
            solver="CLARABEL"
        )
        norms = np.sqrt(2 * 0.3 * 0.7) * np.linalg.norm(W, axis=0).sum()
        trace = np.sqrt(2 * 0.3 * 0.7) * np.linalg.svd(W, compute_uv=False).sum()
        assert trace < norms and best == pytest.approx(norms, rel=1e-6)


def test_spats_covariance_attains_its_penalty():
    found = fit(spats, related_problem(), lam=20.0)
    W, Omega = found.W, found.learned["covariance"]
    assert np.trace(Omega) == pytest.approx(1.0)
    scaled = Omega * np.linalg.norm(W, axis=0).sum()
    # lam1 = 1 and lam2 = 1/2 have sqrt(2 lam1 lam2) = 1.
    value = np.trace(W @ np.linalg.inv(scaled) @ W.T) / 2 + 0.5 * np.abs(scaled).sum()
    assert value == pytest.approx(np.linalg.norm(W, axis=0).sum())


@parametrize("spats")
def test_spats_reaches_the_reference(row, shared_data):
    """The reference is a semidefinite program of the printed objective."""

    def solve(problem, given, context):
        lam = np.sqrt(2.0 * given["lam1"] * given["lam2"])
        return spats.fit(problem, {"lam": lam}, context, {})

    check(row, shared_data, solve)
