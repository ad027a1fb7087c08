"""Solvers of 2MTL.

=====================  ===============================================================================
2MTL-F                 `fit_online` at fixed similarities: second-order stochastic updates
accelerated 2MTL       `fit_online`, the similarities follow the weights every few passes
2MTL                   `fit_alternating`: 2MTL-F to the end, new similarities, until both settle
first-order MTL        `fit_online` with the rule `first-order`: stochastic gradients, decaying steps
batch                  `fit_batch`: the optimum by L-BFGS at fixed or alternating similarities
=====================  ===============================================================================

For given similarities the tasks are independent, so that every pass treats one task after the other.
All solvers minimize `amtl.two_mtl.objective.Objective`. The same seed gives the same bits.
"""

import time
from dataclasses import dataclass, field

import numpy as np

from amtl.random import generator
from amtl.two_mtl.steps import SHRINKAGE, make_rule

# The first step is chosen on so many updates of so many tasks, by factors of 2.
TRIAL_UPDATES, TRIAL_TASKS, MAX_TRIALS = 1000, 3, 12
# Chosen on Landmine, generated clusters and CoNLL-2000, where longer fits had a smaller best first step.
LENGTH_POWER = 0.25
# Standard deviation of the first weights.
START = 1e-3
# A larger gradient, relative to that at zero weights, is not that of a converged fit. Updates of single rows
# leave about half of it.
MAX_GRADIENT = 0.2


@dataclass
class Fit:
    """Weights of all tasks, and how they were found.

    W : (T, p). A : (T, T), the similarities of the fit. trace : one dict a pass, with `pass`, `seconds` since
    the start without evaluations, `objective` and `gradient` (the largest relative norm) if they were
    evaluated, `step` (median of eta) and `similarity_change` (largest change of A after the pass).
    converged : whether the relative change of the objective in the last pass is within the tolerance and the
    gradient within `MAX_GRADIENT`, which is no certificate; for a batch solver, whether the gradient is
    within the tolerance. diverged : None, or where the updates
    left the finite numbers, or that they ended above the objective of zero weights.
    """

    W: np.ndarray
    A: np.ndarray
    trace: list = field(default_factory=list)
    converged: bool = False
    diverged: str | None = None
    first_step: float = float("nan")

    @property
    def objective(self):
        """Objective at the last evaluation."""
        return self.trace[-1].get("objective", float("nan"))


class RowDraws:
    """Rows of the updates: every task's rows in random order, again and again.

    Each row comes once before any comes twice. The order depends on the seed alone.
    """

    def __init__(self, offsets, seed):
        self.offsets, self.random = offsets, generator(seed, "2mtl", "rows")
        self.left = [np.empty(0, dtype=np.int64)] * (len(offsets) - 1)

    def take(self, n_updates):
        """Return the rows (n_updates, T) of the next updates."""
        found = np.empty((n_updates, len(self.left)), dtype=np.int64)
        for t, (first, last) in enumerate(zip(self.offsets[:-1], self.offsets[1:], strict=True)):
            if first == last:
                found[:, t] = 0  # its weight is 0
                continue
            while len(self.left[t]) < n_updates:
                self.left[t] = np.concatenate([self.left[t], first + self.random.permutation(last - first)])
            found[:, t], self.left[t] = self.left[t][:n_updates], self.left[t][n_updates:]
        return found


def start_weights(objective, seed):
    """Return small random weights (T, p)."""
    shape = objective.n_tasks, objective.model.n_weights
    return START * generator(seed, "2mtl", "weights").standard_normal(shape)


def fit_online(
    objective,
    similarity,
    passes,
    seed=0,
    rule="bounded",
    update_every=None,
    W=None,
    A=None,
    first_step=None,
    shrinkage=SHRINKAGE,
    evaluate=True,
    tolerance=1e-3,
    callback=None,
):
    """Fit by stochastic updates: 2MTL-F, accelerated 2MTL, first-order MTL.

    Parameters
    ----------
    objective : Objective
        The objective.
    similarity : callable
        ``similarity(W)`` returns A (T, T).
    passes : int
        Number of passes over the rows. The step sizes shrink over all of them together.
    seed : int
        Seed of the rows' order and of the first weights.
    rule : {"bounded", "printed", "smallest", "first-order"}
        The step rule, see `amtl.two_mtl.steps`.
    update_every : int, optional
        The similarities are computed again after every so many passes; never by default.
    W : ndarray of shape (T, p), optional
        The first weights, by default small random ones.
    A : ndarray of shape (T, T), optional
        The first similarities. By default those of `similarity(W)` if they are never updated, and the
        identity otherwise.
    first_step : float, optional
        c in eta = c / (scale * sum_s a_s); chosen on a part of the rows by default.
    shrinkage : float
        Share to which the smallest ratios of the step rule shrink the steps over all passes.
    evaluate : bool
        Whether the objective is evaluated after every pass, or after the last alone.
    tolerance : float
        Relative change of the objective in the last pass of a converged fit.
    callback : callable, optional
        ``callback(entry)`` is called with every entry of the trace.

    Returns
    -------
    Fit
    """
    model, n = objective.model, objective.n_updates
    from_zero = W is None
    W = start_weights(objective, seed) if from_zero else W.copy()
    if A is None:
        A = similarity(W) if update_every is None else np.eye(objective.n_tasks)
    if from_zero:
        W[_mass(objective, A) == 0.0] = 0.0
    _compile(objective, A)
    start = time.perf_counter()
    if first_step is None:
        kind = "first-order" if rule == "first-order" else "bounded"
        first_step = choose_first_step(objective, A, W, seed, kind, passes)
    eta = first_steps(objective, A, first_step)
    fit = Fit(W, A, first_step=first_step)
    draws, evaluating = RowDraws(model.offsets, seed), 0.0
    before = objective.evaluate(W, A)[0] if passes == 1 else None
    for number in range(1, passes + 1):
        given = rule, passes * n, (number - 1) * n, shrinkage
        stopped = update_all(objective, W, eta, A, draws.take(n), *given)
        if stopped is not None:
            fit.diverged = f"pass {number}, {stopped}"
        entry = {"pass": number, "seconds": time.perf_counter() - start - evaluating}
        entry["step"] = float(np.median(eta))
        if fit.diverged is None and (evaluate or number >= passes - 1):
            since = time.perf_counter()
            with np.errstate(over="ignore", invalid="ignore"):
                entry["objective"], entry["gradient"] = objective.evaluate(W, A)
            evaluating += time.perf_counter() - since
            if not np.isfinite(entry["objective"]):
                fit.diverged = f"pass {number}"
        entry["similarity_change"] = 0.0
        fit.trace.append(entry)
        if fit.diverged is not None:
            entry["objective"] = float("inf")
            break
        if update_every is not None and number % update_every == 0 and number < passes:
            new = similarity(W)
            entry["similarity_change"] = float(np.abs(new - A).max())
            # The curvature grows with the rows that count, and the steps shrink by the same factor.
            eta *= first_steps(objective, new, 1.0) / first_steps(objective, A, 1.0)
            A = new
        if callback is not None:
            callback(entry)
    fit.A = A
    if fit.diverged is None and from_zero:
        fit.diverged = _above_zero_weights(objective, fit)
    if fit.diverged is None:
        before = fit.trace[-2]["objective"] if passes > 1 else before
        settled = abs(before - fit.objective) <= tolerance * abs(fit.objective)
        fit.converged = settled and fit.trace[-1]["gradient"] <= MAX_GRADIENT
    return fit


def first_steps(objective, A, c):
    """Return the first step sizes eta (T, p), c / (scale * sum_s a_s) for all weights of a task.

    A task for which no row counts has those of one row; it makes no updates.
    """
    mass = _mass(objective, A)
    steps = c / (objective.model.scale * np.where(mass > 0.0, mass, 1.0))
    return np.repeat(steps[:, None], objective.model.n_weights, axis=1)


def _mass(objective, A):
    """Return sum_s a_s (T,), the rows that count in an update of every task."""
    return A @ objective.sizes / objective.n_updates


def update_all(objective, W, eta, A, rows, rule, n_updates, start=0, shrinkage=SHRINKAGE):
    """Make the updates of one pass of all tasks, which change W and eta (T, p) in place.

    rows : (n, T), those of the updates. n_updates, start : number of updates of the whole fit, and of those
    before this pass. rule, shrinkage : as for `fit_online`. A task for which no row counts keeps its weights.
    Returns None, or the update and the task where
    the weights left the finite numbers.
    """
    n = objective.n_updates
    for t in np.flatnonzero(_mass(objective, A) > 0.0):
        step_rule = make_rule(rule, n_updates, _rate(objective, eta[t]), shrinkage)
        a = A[t] * objective.sizes / n
        done = objective.model.run_pass(W[t], eta[t], a, rows, objective.decay / n, step_rule, start)
        if done < n:
            return f"update {done + 1} of task {t}"
    return None


def _above_zero_weights(objective, fit):
    """Return what says that a fit ended above the objective of zero weights, or None."""
    if fit.objective <= objective.at_zero(fit.A):
        return None
    return f"pass {fit.trace[-1]['pass']}, whose objective is above that of zero weights"


def _rate(objective, eta):
    """Return the rate of decay of a first-order method, that of a strongly convex objective."""
    return float(np.median(eta)) * float(objective.decay.max()) / objective.n_updates


def _compile(objective, A):
    """Load the compiled functions by a pass without updates, so that no pass is timed with it."""
    w = np.zeros(objective.model.n_weights)
    rows = np.empty((0, objective.n_tasks), dtype=np.int64)
    rule = make_rule("bounded", 2)
    objective.model.run_pass(w, w.copy(), A[0] * 1.0, rows, objective.decay, rule, 0)


def choose_first_step(objective, A, W, seed, rule="bounded", passes=1):
    """Return c of `first_steps`: the best of powers of 2 after a short pass.

    The pass has up to `TRIAL_UPDATES` updates of up to `TRIAL_TASKS` tasks. The best c has the smallest
    objective on the rows of the pass. A fit of k times as many updates takes c / k^LENGTH_POWER.
    """
    model, n = objective.model, objective.n_updates
    m = min(n, TRIAL_UPDATES)
    rows = RowDraws(model.offsets, seed).take(m)
    used = np.flatnonzero(_mass(objective, A) > 0.0)
    tasks = used[np.linspace(0, len(used) - 1, min(TRIAL_TASKS, len(used))).astype(int)]

    steps = first_steps(objective, A, 1.0)

    def value_after(c):
        total = 0.0
        for t in tasks:
            a = A[t] * objective.sizes / n
            w, eta = W[t].copy(), c * steps[t]
            step_rule = make_rule(rule, m, _rate(objective, eta))
            if model.run_pass(w, eta, a, rows, objective.decay / n, step_rule, 0) < m:
                return np.inf
            weights = np.bincount(rows.ravel(), np.tile(a, m), len(objective.task))
            total += m / n * 0.5 * float(objective.decay @ w**2) - model.gradient(w, weights)[0]
        return total if np.isfinite(total) else np.inf

    best, lowest = 1.0, value_after(1.0)
    for factor in (2.0, 0.5):
        c = 1.0
        for _ in range(MAX_TRIALS):
            c *= factor
            value = value_after(c)
            if not value < lowest:
                break
            best, lowest = c, value
        if best > 1.0:
            break
    return best * (m / (passes * n)) ** LENGTH_POWER


def fit_alternating(
    objective, similarity, passes, seed=0, rounds=20, similarity_tolerance=1e-2, callback=None, **given
):
    """Fit 2MTL: 2MTL-F at fixed similarities, then new similarities, until both settle.

    Parameters
    ----------
    objective, similarity, seed, callback
        As for `fit_online`, which takes `given`, too.
    passes : int
        Passes of every 2MTL-F.
    rounds : int
        Largest number of updates of the similarities.
    similarity_tolerance : float
        The similarities have settled when no entry changes by more.

    Returns
    -------
    Fit
    """
    W, A = start_weights(objective, seed), np.eye(objective.n_tasks)
    trace, seconds = [], 0.0
    for number in range(rounds):

        def tell(entry, number=number, seconds=seconds):
            entry["pass"] += number * passes
            entry["seconds"] += seconds
            if callback is not None:
                callback(entry)

        fit = fit_online(
            objective, similarity, passes, (seed, "round", number) if number else seed, W=W, A=A,
            callback=tell, **given,
        )  # fmt: skip
        trace += fit.trace
        seconds = trace[-1]["seconds"]
        if fit.diverged is not None:
            break
        W, new = fit.W, similarity(fit.W)
        change = float(np.abs(new - A).max())
        trace[-1]["similarity_change"] = change
        if change <= similarity_tolerance:
            break
        A = new
        fit.converged = False
    fit.trace = trace
    fit.diverged = fit.diverged or _above_zero_weights(objective, fit)
    fit.converged = fit.converged and fit.diverged is None
    return fit


def fit_batch(
    objective,
    similarity,
    seed=0,
    alternate=False,
    rounds=20,
    similarity_tolerance=1e-2,
    tolerance=1e-8,
    max_iterations=5000,
    callback=None,
):
    """Fit by L-BFGS: the optimum at fixed similarities, or in turn with new similarities.

    Parameters
    ----------
    objective, similarity, seed, callback
        As for `fit_online`. An entry of the trace is a round; its `iterations` are those of all tasks.
    alternate : bool
        Whether the similarities start as the identity and follow the weights, or are `similarity(W)` of the
        first weights.
    rounds : int
        Largest number of updates of the similarities.
    similarity_tolerance : float
        The similarities have settled when no entry changes by more.
    tolerance : float
        Relative gradient norm of a converged task.
    max_iterations : int
        Largest number of iterations of a task.

    Returns
    -------
    Fit
    """
    W = start_weights(objective, seed)
    A = np.eye(objective.n_tasks) if alternate else similarity(W)
    fit, start, evaluating = Fit(W, A), time.perf_counter(), 0.0
    for number in range(1, rounds + 1):
        found = [
            objective.minimize_task(t, A, W[t], tolerance, max_iterations) for t in range(objective.n_tasks)
        ]
        W = np.array([w for w, _, _ in found])
        entry = {"pass": number, "seconds": time.perf_counter() - start - evaluating}
        entry["iterations"] = sum(iterations for _, iterations, _ in found)
        since = time.perf_counter()
        entry["objective"], entry["gradient"] = objective.evaluate(W, A)
        evaluating += time.perf_counter() - since
        new = similarity(W) if alternate else A
        entry["similarity_change"] = float(np.abs(new - A).max())
        fit.trace.append(entry)
        fit.W, fit.A = W, A
        if callback is not None:
            callback(entry)
        settled = entry["similarity_change"] <= similarity_tolerance
        fit.converged = settled and entry["gradient"] <= tolerance
        if settled:
            break
        A = new
    return fit
