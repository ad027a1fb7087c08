"""Sparse codes: the combination of a few shared columns L (d, k) for every task, all tasks at once.

    min_s  F_t(L s) + mu ||s||_1          (lasso)
    min_s  F_t(L s)  s.t.  ||s||_1 <= alpha    (ball)

For a quadratic F_t both solutions lie on one piecewise linear path, from s = 0 down in mu. It is followed to
the given mu or to the given norm (Osborne, Presnell, Turlach 2000; Efron et al. 2004). The systems have k
unknowns and k is small, so all tasks take their steps together, as one stack. For the logistic loss a damped
Newton iteration repeats this on the quadratic model. A free intercept is one more code without a penalty.
"""

from functools import cached_property

import numpy as np

# Relative ridge that keeps a path defined where columns of L give a task the same predictions.
CODE_RIDGE = 1e-11
# Relative violation of optimality at which the Newton iteration stops.
CODE_TOLERANCE = 1e-10
# A violation below this that does not fall is rounding.
MAX_ROUNDING_VIOLATION = 1e-7
MAX_NEWTON_STEPS = 60
# Number of guesses at the signs of the codes before their path is followed from the start.
MAX_SIGN_ROUNDS = 6


class Lasso:
    """The penalty mu ||s_t||_1."""

    def __init__(self, mu):
        self.mu, self.radius = mu, np.inf

    def cost(self, S):
        return self.mu * np.abs(S).sum(axis=0)


class Ball:
    """The constraint ||s_t||_1 <= alpha."""

    def __init__(self, alpha):
        self.mu, self.radius = 0.0, alpha

    def cost(self, S):
        return np.zeros(S.shape[1])


def quadratic_codes(G, q, penalty, S=None):
    """Minimize s'G_t s / 2 - q_t's with a penalty, for every task t.

    Parameters
    ----------
    G : ndarray of shape (T, k, k)
        Positive semidefinite matrices.
    q : ndarray of shape (k, T)
        Linear terms.
    penalty : Lasso or Ball
        The penalty or the constraint.
    S : ndarray of shape (k, T) or None
        Codes whose signs are tried first.

    Returns
    -------
    S : ndarray of shape (k, T)
        The codes.
    mu : ndarray of shape (T,)
        The multipliers: mu of the lasso, or that of the constraint.

    Raises
    ------
    numpy.linalg.LinAlgError
        If rounding has made a matrix singular.
    """
    n_tasks, k, _ = G.shape
    G = G + CODE_RIDGE * np.maximum(np.einsum("tii->t", G) / k, 1e-200)[:, None, None] * np.eye(k)
    q = np.ascontiguousarray(q.T)
    s, mu, todo = np.zeros((n_tasks, k)), np.zeros(n_tasks), np.arange(n_tasks)
    signs = None if S is None else np.sign(S.T)
    for _ in range(0 if S is None else MAX_SIGN_ROUNDS):
        s[todo], mu[todo], signs, ok = _try_signs(G[todo], q[todo], signs, penalty)
        todo, signs = todo[~ok], signs[~ok]
        if len(todo) == 0:
            return s.T, mu
    s[todo], mu[todo] = _follow_path(G[todo], q[todo], penalty)
    return s.T, mu


def _solve_within(G, active, *right):
    """Solve G[A, A] x = r[A] for the set A of every task; x is zero outside A."""
    pair = active[:, :, None] & active[:, None, :]
    A = np.where(pair, G, 0.0)
    np.einsum("tii->ti", A)[...] += ~active
    R = np.stack([np.where(active, r, 0.0) for r in right], axis=2)
    X = np.linalg.solve(A, R)
    return [X[:, :, i] for i in range(len(right))]


def _try_signs(G, q, signs, penalty):
    """Return (s, mu, next signs, ok): the solution for given signs, and whether the signs are right.

    This is one round of a primal-dual active-set method. Usually a few rounds find the signs. If they do not,
    the path does.
    """
    active = signs != 0.0
    free, slope = _solve_within(G, active, q, signs)
    mu = np.full(len(q), float(penalty.mu))
    if np.isfinite(penalty.radius):
        length, fall = np.sum(signs * free, axis=1), np.sum(signs * slope, axis=1)
        over = (length > penalty.radius) & (fall > 0.0)
        mu[over] = (length[over] - penalty.radius) / fall[over]
    s = free - mu[:, None] * slope
    pull = q - np.einsum("tij,tj->ti", G, s)
    level = mu + CODE_TOLERANCE * np.abs(q).max(axis=1)
    enters = ~active & (np.abs(pull) > level[:, None])
    leaves = active & (s * signs <= 0.0)
    following = np.where(enters, np.sign(pull), np.where(leaves, 0.0, signs))
    return s, mu, following, ~(enters | leaves).any(axis=1)


def _follow_path(G, q, penalty):
    """Return (s, mu) at the end of every task's path."""
    n_tasks, k = q.shape
    tasks = np.arange(n_tasks)
    s, correlation = np.zeros((n_tasks, k)), q.copy()
    mu = np.abs(q).max(axis=1)
    scale = np.maximum(mu, 1e-300)
    first = np.argmax(np.abs(q), axis=1)
    signs = np.zeros((n_tasks, k))
    signs[tasks, first] = np.sign(q[tasks, first])
    left = np.zeros((n_tasks, k))
    going = mu > penalty.mu
    for _ in range(10 * k + 20):
        if not going.any():
            break
        active = signs != 0.0
        (direction,) = _solve_within(G, active, signs)
        change = np.einsum("tij,tj->ti", G, direction)
        # mu can fall until it reaches its end,
        room = mu - penalty.mu
        growth = np.sum(signs * direction, axis=1)
        if np.isfinite(penalty.radius):
            spare = np.maximum(penalty.radius - np.abs(s).sum(axis=1), 0.0)
            room = np.minimum(
                room, np.where(growth > 0.0, spare / np.where(growth > 0.0, growth, 1.0), np.inf)
            )
        # or an inactive code reaches the level of the active ones,
        with np.errstate(divide="ignore", invalid="ignore"):
            up = (mu[:, None] - correlation) / (1.0 - change)
            down = (mu[:, None] + correlation) / (1.0 + change)
            # A code that has just left is still on that level and must not return at once with the same sign.
            up = np.where((change < 1.0) & (left <= 0.0), np.maximum(up, 0.0), np.inf)
            down = np.where((change > -1.0) & (left >= 0.0), np.maximum(down, 0.0), np.inf)
            # or an active code reaches zero.
            leave = np.where(active & (direction * signs < 0.0), -s / direction, np.inf)
        enter = np.where(active, np.inf, np.minimum(up, down))
        entering, leaving = np.argmin(enter, axis=1), np.argmin(leave, axis=1)
        to_enter, to_leave = enter[tasks, entering], leave[tasks, leaving]
        step = np.minimum(room, np.minimum(to_enter, to_leave))
        step = np.where(going, np.maximum(step, 0.0), 0.0)
        s += step[:, None] * direction * active
        mu = mu - step
        correlation = q - np.einsum("tij,tj->ti", G, s)
        ends = step >= room
        drops = going & ~ends & (to_leave <= to_enter)
        joins = going & ~ends & ~drops
        left = np.zeros((n_tasks, k))
        dropped, joined = (tasks[drops], leaving[drops]), (tasks[joins], entering[joins])
        left[dropped] = signs[dropped]
        s[dropped] = signs[dropped] = 0.0
        signs[joined] = np.where(correlation[joined] >= 0.0, 1.0, -1.0)
        going &= ~ends & (mu > 1e-14 * scale)
    return s, np.maximum(mu, penalty.mu)


class Codes:
    """The optimal codes at one L, and the weights, losses and gradients at these codes.

    Parameters
    ----------
    problem : MultiTaskProblem
        The losses.
    L : ndarray of shape (d, k)
        The columns.
    penalty : Lasso or Ball
        The penalty or the constraint on the codes.
    start : Codes or None
        Codes to start from.
    tolerance : float
        Relative violation of optimality at which the Newton iteration stops.

    Attributes
    ----------
    S : ndarray of shape (k, T)
        The codes.
    losses : ndarray of shape (T,)
        The fit losses.
    W, gradient : ndarrays of shape (d, T)
        The weights, and the gradients of the fit losses.
    violation : float
        The largest relative violation of a task's optimality conditions.
    """

    def __init__(self, problem, L, penalty, start=None, tolerance=CODE_TOLERANCE):
        self._problem, self._penalty, self._k = problem, penalty, L.shape[1]
        free = np.flatnonzero(problem.penalized == 0.0)
        # A free intercept is one more code, without a penalty.
        self._columns = np.hstack([L, np.eye(problem.n_features)[:, free]])
        self._loss = problem.within(self._columns)
        # Where the targets are constant, the gradient is rounding.
        floor = problem.gradient_floor * np.linalg.norm(L, axis=0).max()
        self._scale = np.maximum(np.abs(L.T @ problem.null_gradient).max(axis=0), np.maximum(floor, 1e-300))
        self._place(np.zeros((len(self._columns.T), problem.n_tasks)) if start is None else start.codes)
        violations, finished = self._violations(), np.zeros(problem.n_tasks, dtype=bool)
        for _ in range(MAX_NEWTON_STEPS):
            before = violations.max()
            # Saturated logistic losses have a curvature that is all rounding. The codes stay as they are, and
            # their violation says that they are not optimal.
            try:
                finished = self._newton_step(finished)
            except np.linalg.LinAlgError:
                break
            violations = self._violations()
            # Near the optimum a step gains digits, unless the rest is rounding.
            if (
                violations.max(initial=0.0, where=~finished) <= tolerance
                or 0.5 * before < violations.max() <= MAX_ROUNDING_VIOLATION
            ):
                break
        self.violation = float(violations.max())

    def _place(self, codes):
        """Set the codes, those of a free intercept last, and compute the losses and their slopes there."""
        value, slope = self._loss.value_and_gradient(codes)
        self.codes, self.S = codes, codes[: self._k]
        self.losses, self._slope = self._problem.weight * value, self._problem.weight * slope

    @cached_property
    def W(self):
        return self._columns @ self.codes

    @cached_property
    def gradient(self):
        return self._problem.weight * self._loss.outer_gradient(self.codes)

    def curvature(self):
        """Return the exact Hessians (T, k', k') of the fit losses along L and along a free intercept."""
        return self._problem.weight[:, None, None] * self._loss.hessians(self.codes)

    @property
    def full(self):
        """(T,) Whether the codes of a task lie on the boundary of their ball."""
        return np.abs(self.S).sum(axis=0) >= self._penalty.radius * (1.0 - 1e-9)

    def _violations(self):
        """Return the relative distances (T,) of the gradients from the penalty's subdifferential."""
        pull, S = -self._slope[: self._k], self.S
        if np.isfinite(self._penalty.radius):
            # The multiplier is the common pull of the codes in use; inside the ball it is zero.
            length = np.maximum(np.abs(S).sum(axis=0), 1e-300)
            mu = np.where(self.full, np.maximum((pull * S).sum(axis=0), 0.0) / length, 0.0)
        else:
            mu = self._penalty.mu
        off = np.where(S != 0.0, np.abs(pull - mu * np.sign(S)), np.maximum(np.abs(pull) - mu, 0.0))
        free = np.abs(self._slope[self._k :]) / np.maximum(self._problem.gradient_scale, 1e-300)
        return np.vstack([off / self._scale, free]).max(axis=0)

    def _model_minimum(self):
        """Return the minimum (k', T) of the quadratic model at the codes."""
        u, k, G = self.codes, self._k, self.curvature()
        q = np.einsum("tij,jt->it", G, u) - self._slope
        if len(u) == k:
            return quadratic_codes(G, q, self._penalty, self.S)[0]
        pivot = np.maximum(G[:, k, k], 1e-300)
        cross = G[:, :k, k]
        reduced = G[:, :k, :k] - cross[:, :, None] * cross[:, None, :] / pivot[:, None, None]
        S, _ = quadratic_codes(reduced, q[:k] - (cross / pivot[:, None]).T * q[k], self._penalty, self.S)
        return np.vstack([S, (q[k] - np.einsum("ti,it->t", cross, S)) / pivot])

    def _newton_step(self, finished):
        """Step towards the minimum of the quadratic model, except for the `finished` tasks (T,).

        Return the tasks for which no other step helps: it is the optimum, or no step lowers the objective,
        and the codes of the task stay as they are.
        """
        u, k, S, gradient = self.codes, self._k, self.S, self._slope
        # Codes overflow where the curvature is all rounding; these steps are not taken.
        quiet = {"over": "ignore", "invalid": "ignore"}
        with np.errstate(**quiet):
            new = self._model_minimum()
        if self._problem.loss == "squared":
            self._place(new)
            return np.ones(u.shape[1], dtype=bool)
        cost = self._penalty.cost(S)
        with np.errstate(**quiet):
            slope = (gradient * (new - u)).sum(axis=0) + self._penalty.cost(new[:k]) - cost
        finished = finished | ~np.isfinite(slope)
        new, slope = np.where(finished, u, new), np.where(finished, 0.0, slope)
        before = self.losses + cost
        size = np.ones(len(slope))
        for _ in range(30):
            # A full step uses the new values unchanged, so that a code that left is exactly zero.
            self._place(np.where(size == 1.0, new, u + size * (new - u)))
            after = self.losses + self._penalty.cost(self.S)
            good = after <= before + 1e-4 * size * slope + 1e-14 * np.abs(before)
            if good.all():
                break
            size = np.where(good, size, 0.5 * size)
        if not good.all():
            self._place(np.where(good, self.codes, u))
        return finished | ~good
