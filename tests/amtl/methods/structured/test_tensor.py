"""The tensor trace norms, for tasks that are cells of a grid."""

from dataclasses import replace

import numpy as np
import pytest

from amtl.errors import InputError
from amtl.methods._fit import Context
from amtl.methods.structured import latent_trace, overlapped_trace
from amtl.methods.structured._cells import grid_of, on_cells
from amtl.model_selection import tune
from amtl.penalties import Summed, TraceNorm, UnfoldedTrace
from amtl.problem import MultiTaskProblem
from amtl.solvers.proximal import duality_gap, minimize_composite, null_gradient
from helpers.problems import LOSS_KINDS, kind_id, linear_problem, options_of, random_split, related_problem
from helpers.reference_rows import check, parametrize

METHODS = [overlapped_trace, latent_trace]
by_method = pytest.mark.parametrize("method", METHODS, ids=["overlapped", "latent"])
by_loss = pytest.mark.parametrize(("loss", "shared"), LOSS_KINDS, ids=[kind_id(kind) for kind in LOSS_KINDS])


def fit(method, problem, lam, task_grid=None, tolerance=1e-6, **context):
    options = options_of(method.SPEC, task_grid=task_grid)
    found = method.fit(problem, {"lam": lam}, Context(tolerance, 4000, **context), options)
    assert found.converged, found.residual
    return found


def tensor_problem(seed=0, shape=(3, 4), d=6, rows=25, noise=0.3, loss="squared"):
    """Return tasks whose weights are a tensor of rank one, and the weights without the constant."""
    rng = np.random.default_rng(seed)
    a, b, c = (rng.normal(size=size) for size in (d - 1, *shape))
    truth = np.einsum("i,j,k->ijk", a, b, c).reshape(d - 1, -1)
    weights = np.vstack([truth, rng.normal(size=(1, truth.shape[1]))])
    problem = linear_problem(rng, weights, [rows] * truth.shape[1], noise, loss, intercept="free")
    return problem, truth


def test_unfoldings_are_those_of_the_tensor():
    W = np.random.default_rng(0).normal(size=(5, 6))
    tensor = W.reshape(5, 2, 3)
    for mode in range(3):
        unfolded = np.stack([np.take(tensor, i, axis=mode).ravel() for i in range(tensor.shape[mode])])
        expected = np.linalg.svd(unfolded, compute_uv=False)
        penalty = UnfoldedTrace(2.0, (2, 3), mode)
        assert penalty.value(W) == pytest.approx(2.0 * expected.sum())
        assert penalty.dual(W) == pytest.approx(expected[0])
        shrunk = penalty._unfold(penalty.shrunk(W, 0.4))
        assert np.linalg.svd(shrunk, compute_uv=False) == pytest.approx(
            np.maximum(expected - 0.4, 0.0), abs=1e-7
        )


@by_loss
def test_a_row_of_tasks_has_the_trace_norm(loss, shared):
    problem = related_problem(loss, shared, intercept="free")
    lam = 0.2 * TraceNorm(1.0).dual(null_gradient(problem))
    trace = minimize_composite(problem, TraceNorm(lam), problem.null_weights, 1e-10, 4000).trace[-1]
    assert fit(overlapped_trace, problem, lam, None, 1e-7).objective[-1] == pytest.approx(trace, rel=1e-6)
    p, T = problem.n_features - 1, problem.n_tasks
    scaled = lam * np.sqrt(max(p, T))
    assert fit(latent_trace, problem, scaled, None, 1e-7).objective[-1] == pytest.approx(trace, rel=1e-6)


@by_method
def test_a_row_of_tasks_says_that_it_is_the_trace_norm(method):
    problem = related_problem()
    grids = (None, [5], [5, 1])
    same = [method.SPEC.same_as(problem, options_of(method.SPEC, task_grid=grid)) for grid in grids]
    assert same == ["trace-norm", "trace-norm", None]


@by_method
@pytest.mark.parametrize("grid", [[1, 12], [12, 1]])
def test_a_mode_of_size_one_adds_its_own_share_alone(method, grid):
    """The unfolding along a mode of size one is a vector: its trace norm is the Frobenius norm."""
    problem, _ = tensor_problem()
    found = fit(method, problem, 30.0, grid)
    s = np.linalg.svd(found.W[:-1], compute_uv=False)
    if method is overlapped_trace:
        expected = 30.0 / 3.0 * (2.0 * s.sum() + np.linalg.norm(s))
        assert found.objective[-1] - problem.losses(found.W).sum() == pytest.approx(expected, rel=1e-5)


def test_latent_norm_is_at_most_that_of_each_mode():
    problem, _ = tensor_problem()
    latent = fit(latent_trace, problem, 30.0, [3, 4]).objective[-1]
    for mode, size in enumerate((5, 3, 4)):
        one = UnfoldedTrace(30.0 / np.sqrt(size), (3, 4), mode)
        assert latent <= minimize_composite(problem, one, problem.null_weights, 1e-9, 4000).trace[-1] * (
            1 + 1e-9
        )


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_multipliers_certify_the_overlapped_optimum(loss):
    problem, _ = tensor_problem(loss=loss)
    lam = 20.0 if loss == "squared" else 3.0
    norms = overlapped_trace._norms(lam, (3, 4))
    found = fit(overlapped_trace, problem, lam, [3, 4], 1e-6)
    gap = duality_gap(problem, Summed(norms, found.learned["multipliers"]), found.W)
    assert 0.0 <= gap <= 1e-6 * problem.null_loss * 1.001
    # Without them the bound is useless.
    assert duality_gap(problem, Summed(norms, 0.0 * found.learned["multipliers"]), found.W) > 100.0 * gap


@by_method
@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_cells_without_rows_do_not_change_the_objective_of_the_others(method, loss):
    """A task with rows of zeros says nothing about its weights, like a cell without a task."""
    problem, _ = tensor_problem(loss=loss)
    kept = [t for t in range(12) if t not in (2, 7)]
    some = MultiTaskProblem(
        [problem.X[t] for t in kept], [problem.Y[t] for t in kept], loss, intercept="free"
    )
    positions = [[t // 4, t % 4] for t in kept]
    found = fit(method, some, 20.0 if loss == "squared" else 3.0, positions)
    cells = found.learned["cells"]
    assert cells.shape == (6, 12) and cells[:, kept] == pytest.approx(found.W)
    assert some.losses(found.W).sum() < found.objective[-1] < some.null_loss
    # The empty cells have weights, since a rank-one tensor is cheaper with them.
    assert np.linalg.norm(cells[:-1, [2, 7]], axis=0).min() > 1e-3


def test_tasks_without_rows_are_predicted():
    """The tensor of rank one tells the weights of cells that no row has seen."""
    problem, truth = tensor_problem(rows=60, noise=0.1)
    hidden = [5]
    kept = [t for t in range(12) if t not in hidden]
    some = MultiTaskProblem([problem.X[t] for t in kept], [problem.Y[t] for t in kept], intercept="free")
    found = fit(overlapped_trace, some, 5.0, [[t // 4, t % 4] for t in kept])
    error = np.linalg.norm(found.learned["cells"][:-1, hidden] - truth[:, hidden])
    assert error < 0.8 * np.linalg.norm(truth[:, hidden])


@by_method
def test_shared_rows_with_an_empty_cell(method):
    rng = np.random.default_rng(3)
    problem = linear_problem(rng, rng.normal(size=(6, 5)), 40, intercept="free")
    found = fit(method, problem, 10.0, [[0, 0], [0, 1], [1, 0], [1, 1], [2, 0]])
    assert found.W.shape == (6, 5) and found.learned["cells"].shape == (6, 6)


@by_method
def test_the_top_of_the_path_leaves_no_weights(method):
    problem, _ = tensor_problem()
    options = options_of(method.SPEC, task_grid=[3, 4])
    top = method.grid(problem, Context(), options, 6)[0].params["lam"]
    assert not fit(method, problem, top * (1 + 1e-9), [3, 4]).W[:-1].any()


def test_the_grid_of_a_dataset_is_used_unless_one_is_given():
    truth = np.random.default_rng(1).normal(size=(5, 6))
    split = random_split("regression", 0, truth, [10] * 6, 0.5)
    gridded = replace(split, meta={"task_grid": [[i, j] for i in range(2) for j in range(3)]})
    spec = overlapped_trace.SPEC
    plain, own, given = (
        tune(spec, each, "squared", options, 6).fit.W
        for each, options in ((split, {}), (gridded, {}), (split, {"task_grid": [2, 3]}))
    )
    assert own == pytest.approx(given) and not np.allclose(own, plain)


@pytest.mark.parametrize(
    "task_grid",
    [[2, 2], [[0, 0]] * 5, [[0, 0], [1, 1]], [[0], [1, 1], [2], [3], [4]], [[-1], [0], [1], [2], [3]]],
)
def test_grids_that_do_not_fit_are_errors(task_grid):
    with pytest.raises(InputError, match="task_grid"):
        grid_of(task_grid, 5)


def test_a_full_grid_needs_no_further_tasks():
    problem = related_problem()
    assert on_cells(problem, *grid_of([5, 1], 5)) is problem


@parametrize("overlapped_trace")
def test_overlapped_trace_norm_reaches_the_reference(row, shared_data):
    def solve(problem, given, context):
        tight = replace(context, tolerance=1e-7)
        return overlapped_trace.fit(problem, given, tight, {"task_grid": given["shape"][1:]})

    check(row, shared_data, solve)


@parametrize("scaled_latent_trace")
def test_latent_trace_norm_reaches_the_reference(row, shared_data):
    def solve(problem, given, context):
        return latent_trace.fit(problem, given, context, {"task_grid": given["shape"][1:]})

    check(row, shared_data, solve)
