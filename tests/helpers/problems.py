"""Random multi-task problems and splits for the tests of the library."""

import numpy as np
from hypothesis import strategies as st

from amtl.methods._options import COMMON
from amtl.problem import MultiTaskProblem
from amtl.solvers.coupled_w import solve_coupled_w
from amtl.splits import Part, Split, check_split

# (loss, shared rows) of every loss class.
LOSS_KINDS = [(loss, shared) for loss in ("squared", "logistic") for shared in (False, True)]


def kind_id(kind):
    """Return the name of a pair of `LOSS_KINDS` in test names."""
    return f"{kind[0]}-{'shared' if kind[1] else 'own'}"


def random_rows(rng, count, d):
    """Return standard normal rows (count, d) with the constant column last."""
    return np.column_stack([rng.normal(size=(count, d - 1)), np.ones(count)])


def linear_problem(
    rng, weights, sizes, noise=1.0, loss="squared", fit_loss="sum", intercept="feature", both_classes=False
):
    """Return a problem with targets X_t w_t + noise, or for the logistic loss whether that is positive.

    weights : (d, T). sizes : rows of each task, or one number of rows that all tasks share.
    noise : standard deviation, for all tasks or for each.
    both_classes : whether the first two labels of every task are set to 0 and 1.
    """
    d, n_tasks = weights.shape
    noise = np.broadcast_to(noise, n_tasks)

    def targets(z, scale):
        noisy = z + scale * rng.normal(size=z.shape)
        if loss == "squared":
            return noisy
        labels = (noisy > 0).astype(float)
        if both_classes:
            labels[0], labels[1] = 0.0, 1.0
        return labels

    if np.ndim(sizes) == 0:
        X = random_rows(rng, sizes, d)
        return MultiTaskProblem(X, targets(X @ weights, noise), loss, fit_loss, intercept)
    X = [random_rows(rng, int(count), d) for count in sizes]
    Y = [targets(x @ w, scale) for x, w, scale in zip(X, weights.T, noise, strict=True)]
    return MultiTaskProblem(X, Y, loss, fit_loss, intercept)


def related_problem(loss="squared", shared=False, n=(40, 30, 8, 9, 50), d=7, seed=0, noise=None, **common):
    """Return tasks around one weight vector; those with few rows are noisy.

    shared : 60 rows that all tasks share instead of n[t] rows each. common : `fit_loss`, `intercept`.
    """
    rng = np.random.default_rng(seed)
    weights = 1.0 + 0.5 * rng.normal(size=(d, len(n)))
    noise = np.where(np.array(n) > 20, 0.5, 3.0) if noise is None else noise
    return linear_problem(rng, weights, 60 if shared else n, noise, loss, **common)


def task_rows(problem, t):
    """Return (X, y) of task t."""
    return (problem.X, problem.Y[:, t]) if problem.shared else (problem.X[t], problem.Y[t])


def permuted(problem, order):
    """Return the same problem with its tasks in another order."""
    common = (problem.loss, problem.fit_loss, problem.intercept)
    if problem.shared:
        return MultiTaskProblem(problem.X, problem.Y[:, order], *common)
    rows = [[values[t] for t in order] for values in (problem.X, problem.Y)]
    return MultiTaskProblem(*rows, *common)


def single_task(problem, rho=4.0):
    """Return the weights (d, T) of single-task ridge."""
    return solve_coupled_w(problem, np.eye(problem.n_tasks), rho, tolerance=1e-10).W


def rises(trace):
    """Return whether an objective rises anywhere by more than rounding."""
    trace = np.array(trace)
    return bool((np.diff(trace) > 1e-12 * np.abs(trace[:-1])).any())


def options_of(spec, **given):
    """Return the default options of a method with the given changes."""
    return {
        **COMMON,
        **spec.defaults,
        **{key: rule["default"] for key, rule in spec.options.items()},
        **given,
    }


def random_split(kind, seed, truth, sizes, noise, others=15, refit=False, change=None):
    """Return a checked split of a random linear model.

    truth : (d, T) weights. sizes : training rows of each task or class; `others` in the other parts.
    change : function (X, task) that edits the features before targets are drawn, or None.
    """
    rng, n_tasks = np.random.default_rng(seed), truth.shape[1]
    noise = np.broadcast_to(noise, n_tasks)

    def part(sizes):
        task = np.repeat(np.arange(n_tasks), sizes)
        X = random_rows(rng, len(task), len(truth))
        if change is not None:
            change(X, task)
        if kind == "one-vs-rest":
            # The class moves the features; the rows are in random order.
            X[:, :-1] += 0.7 * truth[:-1, task].T
            shuffle = rng.permutation(len(task))
            return Part(X[shuffle], task[shuffle].astype(float))
        z = np.einsum("nd,nd->n", X, truth.T[task]) + noise[task] * rng.normal(size=len(X))
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        return Part(X, (z > 1.0).astype(float) if kind == "binary" else z, offsets)

    parts = {"train": part(sizes), "validation": part([others] * n_tasks), "test": part([others] * n_tasks)}
    tasks = tuple(f"t{t}" for t in range(n_tasks))
    split = Split("made", 1, kind, tasks, **parts, refit=refit, truth=truth)
    check_split(split)
    return split


@st.composite
def graph_steps(draw, decades=3.0):
    """Draw (W, cost, lam) of a graph step: with duplicates, zero tasks, free edges and unequal norms.

    decades : norms of tasks differ by factors of up to 10^(2 decades).
    """
    d, n_tasks = draw(st.integers(1, 6)), draw(st.integers(1, 8))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    W = rng.normal(size=(d, n_tasks)) + draw(st.sampled_from([0.0, 1.0, 5.0]))
    cost = rng.uniform(0.0, 2.0, n_tasks) * draw(st.sampled_from([0.0, 0.01, 1.0, 10.0]))
    if draw(st.booleans()):
        W[:, rng.integers(n_tasks)] = W[:, 0]
    if draw(st.booleans()):
        W[:, rng.integers(n_tasks)] = 0.0
    if draw(st.booleans()):
        cost[rng.integers(n_tasks)] = 0.0
    if draw(st.booleans()):
        W *= 10.0 ** rng.uniform(-decades, decades, n_tasks)
    return W, cost, draw(st.sampled_from([1e-3, 1.0, 1e3]))
