"""A proximal quasi-Newton method, for losses with one penalty or with a sum of parts that have one each.

    min_W  sum_t F_t(w_t) + Omega(W_p),     Omega(W_p) = min_{P + Q = W_p} Omega_1(P) + Omega_2(Q) for parts,

with W_p the penalized rows of W. The penalties are described in `amtl.penalties`.

The iteration (PANOC: Stella, Themelis, Sopasakis, Patrinos 2017) is on a quadratic function: the squared
loss, or the second-order model of the logistic loss, which is made again after every round. From a point x a
proximal gradient step leads to z. L-BFGS learns how z - x depends on x, and its directions lead to a point
where z = x. The forward-backward envelope, a value between the objectives at x and at z, falls from step to
step. Each feature or task has its own step size, as far as the penalty allows it. Where the penalty is a sum
over rows, only rows that may be nonzero take part (working sets), and the others are checked afterwards.

A free intercept is eliminated by centring (squared loss), or solved for after every round (logistic loss).
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from amtl.losses.coupled import Coupled
from amtl.penalties.parts import Parts
from amtl.solvers.quasi_newton import Minimum

# Steps between two checks of the duality gap, and before the first check. A check costs about two steps; with
# almost orthogonal features, or from a nearby solution, the first few steps may be all.
STEPS_PER_ITERATION, FIRST_STEPS = 10, 2
# Pairs that L-BFGS remembers, and the least cosine between the two vectors of a pair.
MEMORY, MIN_CURVATURE = 10, 1e-12
# Shares of the quasi-Newton direction that are tried, in this order.
SHARES = (1.0, 0.5, 0.25, 0.0)
# Factor on the step sizes after a step that is too long.
STEP_SHRINKAGE = 0.6
# A hundred shrinkages make a step 1e-22 times as long.
MAX_SHRINKAGES = 100
# Products for the estimate of the largest curvature, and the factor by which it may be too small.
POWER_STEPS, POWER_MARGIN = 12, 1.02
# A curvature below this share of the largest one is raised to it.
CURVATURE_FLOOR = 1e-8
# One step for each entry of a row costs more than one for the whole row. It is taken where steps are that
# much longer on average.
MIN_ENTRY_GAIN = 1.5
# Differences below this share of the objective are rounding.
ROUNDING_SHARE = 1e-13
# Iterations without a lower residual after which a minimization may end.
PATIENCE = 30
# Problems of up to this many features have no working set.
MAX_PLAIN_FEATURES = 100
# A working set has at least this many rows, and at least this multiple of the rows that are not zero.
MIN_WORKING_SET, WORKING_SET_GROWTH = 10, 2
# A working set is solved to this share of the gap of all rows, or of the tolerance.
WORKING_SET_SHARE = 0.3
# A second-order model of the logistic loss is solved until its steps are this much shorter than the first,
# ...
MODEL_ACCURACY = 0.01
# ... with at most this many steps; at least this share of the predicted decrease is kept.
MAX_MODEL_STEPS, MIN_DECREASE = 1000, 1e-4
# Newton steps for the intercepts after a round, and the share of the tolerance that they have to reach.
INTERCEPT_STEPS, INTERCEPT_SHARE = 20, 0.1


@dataclass
class Smooth:
    """The summed fit losses of all tasks, of the features in `rows`.

    losses : as in `amtl.losses`, with a free intercept taken out (`MultiTaskProblem.centred`).
    weight : (T,), factors of the tasks. n_free : rows of the weights without a penalty, the last ones.
    """

    losses: object
    weight: np.ndarray
    n_free: int
    quadratic: bool
    shape: tuple
    _model: object = None

    def evaluate(self, W):
        """Return the value and the gradient at W."""
        values, gradient = self.losses.value_and_gradient(W)
        return float(self.weight @ values), self.weight * gradient

    def conjugate(self, W, scale, value, gradient):
        """Return the convex conjugate at `scale` times the gradient with respect to the scores at W."""
        if not self.quadratic:
            return float(self.weight @ self.losses.conjugate(W, scale))
        rest = float(self.weight @ self.losses.rest)
        return (scale - 2.0) * scale * (value - rest) + scale * float(np.vdot(W, gradient)) - rest

    def features(self, rows):
        """Return the same losses of some of the penalized features."""
        kept = np.append(rows, np.arange(self.shape[0] - self.n_free, self.shape[0]))
        some = self.losses.features(kept)
        return Smooth(some, self.weight, self.n_free, self.quadratic, (len(kept), self.shape[1]))

    def model(self, W):
        """Return the second-order model around W, one for all W if the losses are quadratic."""
        if not self.quadratic:
            return Curvature(self.losses, self.weight, W, self.quadratic)
        if self._model is None:
            self._model = Curvature(self.losses, self.weight, W, self.quadratic)
        return self._model


class Curvature:
    """The Hessians at W, as a product, and bounds on them."""

    def __init__(self, losses, weight, W, quadratic):
        self._product, self._weight = losses.hessian_product(W), weight
        # On shared rows the Hessians of squared losses differ by the factors alone.
        self._one = quadratic and losses.shared
        self.diagonal = weight * losses.hessian_diagonal(W)
        self._bounds = {}

    def product(self, V):
        """Return the Hessians applied to the columns of V (d, T)."""
        return self._weight * self._product(V)

    def bound(self, steps):
        """Return D, of the shape that `steps` names, with D - H_t positive semidefinite for every task."""
        if steps not in self._bounds:
            self._bounds[steps] = self._bound(steps)
        return self._bounds[steps]

    def _bound(self, steps):
        if steps in ("scalar", "columns"):
            each = self._largest(np.ones(1))
            return float(each.max()) if steps == "scalar" else each[None, :]
        if steps == "either":
            largest = self.diagonal.max(axis=1)
            rows = self.bound("rows")
            if not (self.diagonal.min(axis=1) < largest / MIN_ENTRY_GAIN).any():
                return rows
            entries = self.bound("entries")
            return entries if np.log(rows / entries).mean() > np.log(MIN_ENTRY_GAIN) else rows
        scale = self.diagonal if steps == "entries" else self.diagonal.max(axis=1, keepdims=True)
        scale = np.maximum(scale, CURVATURE_FLOOR * max(float(scale.max()), 1e-300))
        each = self._largest(1.0 / np.sqrt(scale))
        scaled = scale * (each if steps == "entries" else each.max())
        # Scaling the features need not help where they are correlated.
        plain = self.bound("columns" if steps == "entries" else "scalar")
        return scaled if np.log(scaled / plain).mean() < 0.0 else np.broadcast_to(plain, scale.shape)

    def _largest(self, root):
        """Return the largest eigenvalue (T,) of root H_t root, by the power method."""
        n_tasks = 1 if self._one else len(self._weight)
        V = np.random.default_rng(0).standard_normal((len(self.diagonal), n_tasks))
        for _ in range(POWER_STEPS):
            V = V / np.maximum(np.linalg.norm(V, axis=0), 1e-300)
            V = root * self._product(root * V)
            sizes = np.linalg.norm(V, axis=0)
        sizes = self._weight * sizes
        return POWER_MARGIN * np.maximum(sizes, CURVATURE_FLOOR * max(float(sizes.max()), 1e-300))


@dataclass
class _Step:
    """The proximal step from a point x to z.

    moves : z - x, a list like the point. whole : its sum over the parts, (p + n_free, T). curved : the
    Hessians applied to it. flat : the moves as one vector, scaled so that its squared length is that in the
    metric.
    envelope : the forward-backward envelope at x, relative to the objective at the start.
    """

    end: list
    moves: list
    whole: np.ndarray
    curved: np.ndarray
    flat: np.ndarray
    envelope: float


class QuasiNewton:
    """The iteration on a quadratic function plus a penalty.

    stack : (m, p, T), the parts. free : (n_free, T), the rows without a penalty.
    gradient : (p + n_free, T), that of the quadratic function there. scale : the size of the objective.

    Attributes
    ----------
    residual : float
        Squared length of the last proximal step, in the metric of the step sizes.
    envelope : float
        A value between the objective at the start of the last step and at its end; it never rises.
    """

    def __init__(self, curvature, penalty, stack, free, gradient, scale):
        self._curvature, self._scale = curvature, scale
        self._norms = penalty.norms if isinstance(penalty, Parts) else (penalty,)
        p, m = stack.shape[1], len(stack)
        # The Hessian of a sum of m parts is at most m times that of each.
        self._bounds = [m * _rows_of(curvature.bound(norm.steps), p) for norm in self._norms]
        self._x = [*stack]
        if len(free):
            self._x.append(free)
            self._bounds.append(m * np.broadcast_to(curvature.bound("entries"), curvature.diagonal.shape)[p:])
        self._n_parts, self._gradient, self._value = m, gradient, 0.0
        self._scales = [
            np.sqrt(np.broadcast_to(bound, part.shape))
            for bound, part in zip(self._bounds, self._x, strict=True)
        ]
        self._size, self._pairs = 1.0, deque(maxlen=MEMORY)
        self._step = self._proximal_step(self._x, gradient, 0.0)

    @property
    def stack(self):
        """The parts (m, p, T) at the end of the last step."""
        return np.array(self._step.end[: self._n_parts])

    @property
    def free(self):
        """The rows without a penalty."""
        return self._step.end[-1] if len(self._x) > self._n_parts else self._x[0][:0]

    @property
    def residual(self):
        return float(self._step.flat @ self._step.flat) / self._size

    @property
    def envelope(self):
        return self._step.envelope

    def advance(self, count):
        """Take `count` steps."""
        for _ in range(count):
            if self.residual > 0.0:
                self._advance()

    def _advance(self):
        """Move along a combination of the proximal step and of the quasi-Newton direction.

        The combination is the direction alone if the envelope falls enough there, and comes closer to the
        proximal step otherwise, which always lowers the envelope.
        """
        step, size = self._step, self._size
        needed = step.envelope - MIN_DECREASE * self.residual
        direction = self._direction(step.flat)
        if direction is not None:
            parts = self._unscaled(direction)
            curved = self._curvature.product(self._whole(parts))
        for share in SHARES if direction is not None else (0.0,):
            moves, change = step.moves, step.curved
            if share > 0.0:
                moves = [(1.0 - share) * a + share * b for a, b in zip(moves, parts, strict=True)]
                change = (1.0 - share) * change + share * curved
            x = [a + b for a, b in zip(self._x, moves, strict=True)]
            gradient = self._gradient + change
            value = self._value + 0.5 * np.vdot(self._whole(moves), self._gradient + gradient)
            following = self._proximal_step(x, gradient, value)
            if following.envelope <= needed or self._size != size or self._is_closer(following):
                break
        if self._size == size:
            self._remember(self._scaled(moves), step.flat - following.flat)
        self._x, self._gradient, self._value, self._step = x, gradient, value, following

    def _is_closer(self, step):
        """Return whether a step is shorter than the last one while the envelopes differ by rounding alone."""
        rounding = ROUNDING_SHARE * (abs(self._value) + self._scale)
        return (
            step.envelope <= self._step.envelope + rounding
            and step.flat @ step.flat <= self._step.flat @ self._step.flat
        )

    def _proximal_step(self, x, gradient, value):
        """Return the `_Step` from x, so short that the quadratic function is bounded from above along it."""
        for _ in range(MAX_SHRINKAGES):
            end, cost = [], 0.0
            for i, (part, bound) in enumerate(zip(x, self._bounds, strict=True)):
                sizes = self._size / bound
                if i < self._n_parts:
                    new, penalty = self._norms[i].prox(part - sizes * gradient[: len(part)], sizes)
                    cost += penalty
                else:
                    new = part - sizes * gradient[len(x[0]) :]
                end.append(new)
            moves = [new - old for new, old in zip(end, x, strict=True)]
            whole, flat = self._whole(moves), self._scaled(moves)
            curved = self._curvature.product(whole)
            length = float(flat @ flat)
            if np.vdot(curved, whole) * self._size <= length * (1.0 + 1e-12):
                break
            # The pairs hold steps of another size.
            self._size *= STEP_SHRINKAGE
            self._pairs.clear()
        envelope = value + float(np.vdot(gradient, whole)) + length / (2.0 * self._size) + cost
        return _Step(end, moves, whole, curved, flat, envelope)

    def _direction(self, flat):
        """Return the L-BFGS direction towards a proximal step of length zero, or None without any pairs."""
        if not self._pairs:
            return None
        q, shares = flat.copy(), []
        for s, y, inverse in reversed(self._pairs):
            shares.append(inverse * (s @ q))
            q -= shares[-1] * y
        s, y, inverse = self._pairs[-1]
        q /= inverse * (y @ y)
        for (s, y, inverse), share in zip(self._pairs, reversed(shares), strict=True):
            q += (share - inverse * (y @ q)) * s
        return q

    def _remember(self, s, y):
        curvature = float(s @ y)
        if curvature > MIN_CURVATURE * np.sqrt((s @ s) * (y @ y)):
            self._pairs.append((s, y, 1.0 / curvature))

    def _whole(self, point):
        whole = point[0] if self._n_parts == 1 else sum(point[1 : self._n_parts], point[0])
        return np.concatenate([whole, point[-1]]) if len(point) > self._n_parts else whole

    def _scaled(self, point):
        flat = [(scale * part).ravel() for scale, part in zip(self._scales, point, strict=True)]
        return flat[0] if len(flat) == 1 else np.concatenate(flat)

    def _unscaled(self, flat):
        parts, start = [], 0
        for scale in self._scales:
            parts.append(flat[start : start + scale.size].reshape(scale.shape) / scale)
            start += scale.size
        return parts


def _rows_of(bound, p):
    """Return the first p rows of a bound that has one per row."""
    return bound if np.ndim(bound) == 0 or len(bound) == 1 else bound[:p]


def minimize_composite(problem, penalty, W, tolerance=1e-6, max_iterations=500, parts=None, coupling=None):
    """Minimize sum_t F_t(w_t) + Omega(W_p). The objective never rises by more than rounding.

    Parameters
    ----------
    problem : MultiTaskProblem
        The losses.
    penalty : one of `amtl.penalties`
        Omega; `Parts` for a sum of parts.
    W : ndarray of shape (d, T)
        The starting point.
    tolerance : float
        Stop when the residual is at most this: the duality gap relative to the loss at zero weights
        (`duality_gap`) or, if larger, the relative gradient of a free intercept. For a penalty without a gap
        it is the distance from the optimality conditions relative to the gradient at zero weights.
    max_iterations : int
        Largest number of iterations: at most `STEPS_PER_ITERATION` steps, or one second-order model of the
        logistic loss.
    parts : ndarray of shape (m, p, T), optional
        The parts to start from, for `Parts`; by default the first is W_p and the others are zero.
    coupling : ndarray of shape (T, T) or (p, T, T), optional
        Q positive semidefinite, for the term tr(W_p Q W_p') that is added to the losses; or one Q for each
        row.

    Returns
    -------
    quasi_newton.Minimum
        Its state is the stack of parts (m, p, T).
    """
    return _Composite(problem, penalty, tolerance, max_iterations, coupling).minimize(W, parts)


def duality_gap(problem, penalty, W, parts=None, coupling=None):
    """Return an upper bound on the objective minus its minimum, by Fenchel's inequality.

    It is F(W) + Omega(W_p) + F*(s theta) + Omega*(-s G), with theta the gradient of the losses F with respect
    to the scores and G with respect to the weights, and s <= 1 so that Omega* is finite. A free intercept has
    to be optimal.
    """
    composite = _Composite(problem, penalty, 0.0, 0, coupling)
    stack, free = composite.split(W, parts)
    value, gradient = composite.smooth.evaluate(_joined(stack, free))
    return composite.gap(composite.smooth, penalty, stack, free, value, gradient)


def optimality_residual(problem, penalty, W, parts=None):
    """Return the residual of `minimize_composite` at W: a relative duality gap, or a relative violation."""
    composite = _Composite(problem, penalty, 0.0, 0)
    stack, free = composite.split(W, parts)
    value, gradient = composite.smooth.evaluate(_joined(stack, free))
    return composite.residual(composite.smooth, penalty, stack, free, value, gradient)


def curvature_bound(problem):
    """Return an upper bound on the curvature of the losses at the model without features."""
    composite = _Composite(problem, None, 0.0, 0)
    W = _joined(*composite.split(problem.null_weights, None))
    return composite.smooth.model(W).bound("scalar")


def null_gradient(problem):
    """Return the gradient (p, T) of the losses at zero weights with the best intercepts."""
    return problem.null_gradient[problem.penalized > 0.0]


class _Composite:
    """One minimization: the problem, its working set and its stopping rule."""

    def __init__(self, problem, penalty, tolerance, max_iterations, coupling=None):
        self._means = problem.centred[1]
        self._intercept = problem.intercept == "free"
        self._keeps_constant = self._intercept and problem.loss != "squared"
        self._problem, self._penalty, self._p = problem, penalty, int(problem.penalized.sum())
        self._tolerance, self._max_iterations = tolerance, max_iterations
        self._m = len(penalty.norms) if isinstance(penalty, Parts) else 1
        self.smooth = self._smooth(coupling)
        self._scale = problem.null_loss
        self._slope = max(float(np.linalg.norm(problem.gradient_scale)), 1e-300)

    def _smooth(self, coupling):
        """Return the losses. Without a coupling the problem keeps them with the bounds on their curvature."""
        problem, n_free = self._problem, int(self._keeps_constant)
        if coupling is None and "smooth" in problem.kept:
            return problem.kept["smooth"]
        losses = problem.centred[0]
        if coupling is not None:
            losses = Coupled(losses, coupling, problem.weight, self._p)
        shape = self._p + n_free, problem.n_tasks
        smooth = Smooth(losses, problem.weight, n_free, problem.loss == "squared", shape)
        if coupling is None:
            problem.kept["smooth"] = smooth
        return smooth

    def split(self, W, parts):
        """Return (stack, free) of weights in the problem's features."""
        W = np.asarray(W, float)
        stack = np.zeros((self._m, self._p, W.shape[1]))
        if parts is None:
            stack[0] = W[: self._p]
        else:
            stack[:] = parts
        free = np.zeros((0, W.shape[1]))
        if self._keeps_constant:
            free = (W[self._p] + np.sum(self._means * W[: self._p], axis=0))[None, :]
        return stack, free

    def joined(self, stack, free):
        """Return the weights (d, T) in the problem's features."""
        W = stack.sum(axis=0)
        if not self._intercept:
            return W
        level = free[0] if self._keeps_constant else self._problem.target_means
        return np.vstack([W, level - np.sum(self._means * W, axis=0)])

    def gap(self, smooth, penalty, stack, free, value, gradient):
        """Return the duality gap."""
        scale, conjugate = penalty.conjugate(gradient[: stack.shape[1]])
        cost = penalty.value(stack if self._m > 1 else stack[0])
        return value + cost + smooth.conjugate(_joined(stack, free), scale, value, gradient) + conjugate

    def residual(self, smooth, penalty, stack, free, value, gradient):
        p = stack.shape[1]
        if penalty.has_gap:
            gap = self.gap(smooth, penalty, stack, free, value, gradient) / self._scale
        else:
            gap = penalty.violation(stack[0], gradient[:p]) / self._slope
        slope = np.abs(gradient[p:]) / np.maximum(self._problem.gradient_scale, 1e-300)
        return max(gap, 0.0, float(slope.max(initial=0.0)))

    def minimize(self, W, parts):
        stack, free = self.split(W, parts)
        smooth, penalty = self.smooth, self._penalty
        free, value, gradient = self._evaluate(smooth, stack, free)
        residual = self.residual(smooth, penalty, stack, free, value, gradient)
        trace, iterations, stuck = [value + self._cost(penalty, stack)], 0, False
        working, share = penalty.by_rows and self._p > MAX_PLAIN_FEATURES, WORKING_SET_SHARE
        while residual > self._tolerance and iterations < self._max_iterations and not stuck:
            rows = self._working_set(penalty, stack, gradient) if working else None
            whole = rows is None or len(rows) == self._p
            some = smooth if whole else smooth.features(rows)
            omega = penalty if whole else penalty.on_rows(rows)
            target = self._tolerance if whole else share * max(self._tolerance, residual)
            part = stack if whole else np.ascontiguousarray(stack[:, rows])
            solve = self._on_quadratic if smooth.quadratic else self._on_models
            before = iterations
            part, free, iterations, stuck, residual = solve(
                some, omega, part, free, target, trace, iterations
            )
            if whole:
                stack = part
                break
            stack = np.zeros_like(stack)
            stack[:, rows] = part
            value, gradient = smooth.evaluate(_joined(stack, free))
            residual = self.residual(smooth, penalty, stack, free, value, gradient)
            # The rows at hand may be solved well enough already, while all rows together are not.
            share = WORKING_SET_SHARE * (share if iterations == before else 1.0)
            # With all rows that matter solved exactly nothing is left to do but to add others.
            stuck = iterations == before and (stuck or target <= ROUNDING_SHARE)
        converged = residual <= self._tolerance
        return Minimum(self.joined(stack, free), stack, trace, iterations, converged, residual)

    def _evaluate(self, smooth, stack, free):
        """Return (free, value, gradient) with the best intercepts."""
        W = _joined(stack, free)
        if not smooth.n_free:
            return free, *smooth.evaluate(W)
        scale = np.maximum(self._problem.gradient_scale, 1e-300)
        W, value, gradient = _best_intercepts(smooth, W, scale, self._tolerance)
        return W[-1:], value, gradient

    def _cost(self, penalty, stack):
        return penalty.value(stack if self._m > 1 else stack[0])

    def _working_set(self, penalty, stack, gradient):
        """Return the rows that are not zero, and those whose levels are the highest."""
        levels = penalty.row_levels(stack if self._m > 1 else stack[0], gradient[: self._p])
        used = stack.any(axis=(0, 2))
        count = max(MIN_WORKING_SET, WORKING_SET_GROWTH * int(used.sum()))
        levels[used] = np.inf
        if count >= self._p:
            return np.arange(self._p)
        rows = np.argpartition(-levels, count)[:count]
        return np.sort(rows)

    def _on_quadratic(self, smooth, penalty, stack, free, target, trace, iterations):
        """Minimize for a squared loss."""
        W = _joined(stack, free)
        value, gradient = smooth.evaluate(W)
        residual = self.residual(smooth, penalty, stack, free, value, gradient)
        run = QuasiNewton(smooth.model(W), penalty, stack, free, gradient, abs(trace[-1]))
        stuck, best, waited, count = False, residual, 0, FIRST_STEPS
        while residual > target and iterations < self._max_iterations and not stuck:
            envelope = run.envelope
            run.advance(count)
            count = min(2 * count, STEPS_PER_ITERATION)
            iterations += 1
            value, gradient = smooth.evaluate(_joined(run.stack, free))
            found = value + self._cost(penalty, run.stack)
            if found <= trace[-1] + ROUNDING_SHARE * abs(trace[-1]):
                stack = run.stack
                residual = self.residual(smooth, penalty, stack, free, value, gradient)
            trace.append(min(found, trace[-1]))
            best, waited = (residual, 0) if residual < best else (best, waited + 1)
            # Without progress what is left is rounding, if the envelope does not fall either.
            stuck = waited > PATIENCE and envelope - run.envelope <= ROUNDING_SHARE * abs(trace[-1])
        return stack, free, iterations, stuck, residual

    def _on_models(self, smooth, penalty, stack, free, target, trace, iterations):
        """Minimize for a loss that is not quadratic, by second-order models."""
        value, gradient = smooth.evaluate(_joined(stack, free))
        residual = self.residual(smooth, penalty, stack, free, value, gradient)
        stuck = False
        while residual > target and iterations < self._max_iterations and not stuck:
            model = smooth.model(_joined(stack, free))
            run = QuasiNewton(model, penalty, stack, free, gradient, abs(trace[-1]))
            first, steps = run.residual, 0
            while run.residual > MODEL_ACCURACY**2 * first and steps < MAX_MODEL_STEPS:
                run.advance(1)
                steps += 1
            stack, free, value, gradient, stuck = self._line_search(
                smooth, penalty, stack, free, gradient, run, trace[-1]
            )
            iterations += 1
            trace.append(min(value + self._cost(penalty, stack), trace[-1]))
            residual = self.residual(smooth, penalty, stack, free, value, gradient)
        return stack, free, iterations, stuck, residual

    def _line_search(self, smooth, penalty, stack, free, gradient, run, value):
        """Return (stack, free, loss, gradient, stuck) at the longest step that lowers the objective."""
        step, free_step = run.stack - stack, run.free - free
        slope = np.vdot(gradient, _joined(step, free_step))
        slope += self._cost(penalty, run.stack) - self._cost(penalty, stack)
        size = 1.0
        for _ in range(MAX_SHRINKAGES):
            new, new_free = stack + size * step, free + size * free_step
            loss, new_gradient = smooth.evaluate(_joined(new, new_free))
            found = loss + self._cost(penalty, new)
            if found <= value + MIN_DECREASE * size * slope + ROUNDING_SHARE * abs(value):
                break
            size *= 0.5
        stuck = not found < value
        if smooth.n_free:
            new_free, loss, new_gradient = self._evaluate(smooth, new, new_free)
        return new, new_free, loss, new_gradient, stuck


def _joined(stack, free):
    W = stack[0] if len(stack) == 1 else stack.sum(axis=0)
    return np.concatenate([W, free]) if len(free) else W


def _best_intercepts(smooth, W, scale, tolerance):
    """Return (W, value, gradient) with the last row of W that minimizes the losses, by Newton's method."""
    for _ in range(INTERCEPT_STEPS):
        value, gradient = smooth.evaluate(W)
        slope = gradient[-1]
        if np.all(np.abs(slope) <= INTERCEPT_SHARE * tolerance * scale):
            break
        curvature = np.maximum(smooth.weight * smooth.losses.hessian_diagonal(W)[-1], 1e-300)
        W = np.vstack([W[:-1], W[-1] - np.clip(slope / curvature, -1.0, 1.0)])
    else:
        value, gradient = smooth.evaluate(W)
    return W, value, gradient
