"""The joint problem of AMTL and its variants, over weights and graph (Lee et al. 2016, eq. 1):

    min_{W, B >= 0, diag B = 0}  sum_t F_t(w_t) + mu sum_t delta_t ||b_t^o||_1
                                 + lam ((1 - ridge) ||W_p - W_p B||_F^2 + ridge ||W_p||_F^2)

The paper has ridge = 0. Then the infimum may not be attained: a task with fewer rows than features fits its
rows exactly, so its outgoing edges cost nothing. Its weights may grow without bound in directions that its
rows do not span, while ever smaller edges pass them on. A share `ridge` of lam as a plain ridge bounds the
weights. Without edges any share gives single-task ridge with rho = lam.

F_t is the fit loss and b_t^o is row t of B, the outgoing edges of t. The price delta_t of an edge out of t is
one of

* c_t F_t(w_t): a task that gives much must have a small loss (AMTL, AMTL-imbalanced);
* a constant (AMTL-noLoss: 1; `delta: validation`: the validation loss of the starting weights).

A task that zero weights fit exactly, F_t(0) = 0, leaves the problem without a minimum at any ridge < 1, if
its price is c_t F_t(w_t) or zero. With w_t = e v and an edge b_ts = 1 / e, e -> 0, task s receives v. The
price is of the order of b_ts F_t(e v) = O(e), the ridge and the coupling of t are O(e^2): v is free, and its
direction is arbitrary. At w_t = 0 itself nothing passes along an edge. `closed` keeps the edges out of such
tasks at zero. A constant positive price needs no such rule, nor does a symmetric graph, where a pair also
pays the price of its other task.

B is eliminated: phi(W) = min_B of the objective is differentiable, with the gradient at fixed B (envelope
theorem). Newton's method minimizes phi. Its second derivatives are those of the coupled W-step at the current
B minus the response of the graph (`graph_curvature`). They jump where an edge enters or leaves, and phi is
not convex; near a minimum the iteration converges quadratically. Where the Hessians of the losses are too
expensive, and for symmetric graphs (`graph_symmetric`), the W-step alone preconditions a quasi-Newton
iteration. `solve_alternating` is the plain alternation of the paper's Algorithm 1.
"""

from dataclasses import replace

import numpy as np

from amtl.solvers.coupled_w import WeightState, has_exact_curvature, solve_coupled_w
from amtl.solvers.couplings import GraphCoupling
from amtl.solvers.graph_b import best_graph
from amtl.solvers.graph_curvature import GraphResponse
from amtl.solvers.graph_sparse import Candidates, largest_products
from amtl.solvers.quasi_newton import Minimum, minimize

# Past steps that the quasi-Newton iteration uses where Newton's method does not apply.
LBFGS_MEMORY = 20
# Largest number of tasks for Newton's method. With more, edges enter and leave so often that second
# derivatives predict little.
MAX_NEWTON_TASKS = 150
# With more tasks on rows of their own the graph is solved over candidates, and no array has T^2 entries.
MAX_DENSE_GRAPH_TASKS = 300
# The graph of up to this many tasks is an array all the same.
MAX_ARRAY_TASKS = 1000
# Of up to this many tasks all pairs are looked at in every evaluation; of k times as many in every k-th one.
MAX_SCREENED_TASKS = 5000


class _GraphState(WeightState):
    """The state at W: its optimal graph B, the a_t and Q of the W-step at B, and a residual over W and B."""

    def __init__(self, problem, W, B, gradient, a, Q, lam, violation, previous, response):
        super().__init__(problem, W, gradient, a, Q, lam, previous, response)
        self.B, self.a, self.Q = B, a, Q
        self.residual = max(self.residual, violation)


def _graph_eliminated(
    problem, lam, mu, loss_price, fixed_price, ridge, closed=None, graph=best_graph, responds=False
):
    """Return phi as a function (W, previous state or None) -> (value, gradient, state).

    responds : whether the preconditioner includes the response of the graph to the weights.
    """
    penalized = problem.penalized[:, None]
    coupling = (1.0 - ridge) * lam

    def function(W, previous):
        losses, gradient = problem.losses_and_gradient(W)
        price = fixed_price if loss_price is None else loss_price * losses
        Wp = W * penalized
        cost = _edge_cost(mu * price, closed)
        B, violation = graph(Wp, cost, coupling, None if previous is None else previous.B)
        outgoing = B.sum(axis=1)
        a = np.ones(problem.n_tasks) if loss_price is None else 1.0 + mu * loss_price * outgoing
        Q = GraphCoupling(B, ridge)
        rest = Wp - Wp @ Q.graph
        penalty = coupling * np.vdot(rest, rest) + ridge * lam * np.vdot(Wp, Wp)
        value = float(losses.sum() + mu * (price @ outgoing) + penalty)
        response = None
        if responds and Q.n_edges:
            slope = None if loss_price is None else mu * loss_price * gradient
            response = GraphResponse(Q, coupling, Wp, rest, slope, problem.penalized)
        gradient = a * gradient + 2.0 * (coupling * (rest - rest @ Q.transposed) + ridge * lam * Wp)
        return value, gradient, _GraphState(problem, W, B, gradient, a, Q, lam, violation, previous, response)

    return function


def _edge_cost(cost, closed):
    return cost if closed is None else np.where(closed, np.inf, cost)


def solve_asymmetric(
    problem,
    lam,
    mu,
    W,
    loss_price=None,
    fixed_price=None,
    ridge=0.0,
    tolerance=1e-6,
    max_iterations=500,
    graph=best_graph,
    closed=None,
):
    """Solve the joint problem over weights and graph.

    Newton's method has half of the iterations. If it does not converge, mostly because the infimum is not
    attained, the quasi-Newton iteration starts again from `W` with the other half, and ``fallback`` of the
    result is True.

    Parameters
    ----------
    problem : MultiTaskProblem
        The losses F_t.
    lam, mu : float
        Strength of the coupling, and factor on the prices.
    W : ndarray of shape (d, T)
        Weights to start from.
    loss_price : ndarray of shape (T,) or None
        The factors c_t on the fit loss in the price of an edge.
    fixed_price : ndarray of shape (T,) or None
        Constant prices delta_t. Exactly one of the two prices is given.
    ridge : float
        Share of lam that stays a plain ridge, in [0, 1).
    tolerance : float
        Stop when the residual is at most this.
    max_iterations : int
        Largest number of iterations.
    graph : callable
        Like `graph_b.best_graph`, which it is unless the graph is of another kind than any B >= 0.
    closed : ndarray of bool of shape (T,) or None
        Tasks without outgoing edges, for a directed graph.

    Returns
    -------
    quasi_newton.Minimum
        Its ``state.B`` is the graph (T, T); sparse with more than `MAX_ARRAY_TASKS` tasks on rows of their
        own.
    """
    given = problem, lam, mu, loss_price, fixed_price, ridge, closed
    if graph is best_graph and _has_many_tasks(problem):
        return _with_array(_solve_over_candidates(given, W, tolerance, max_iterations))
    given = *given, graph
    quasi_newton = _graph_eliminated(*given)
    if graph is not best_graph or not has_exact_curvature(problem) or problem.n_tasks > MAX_NEWTON_TASKS:
        return minimize(quasi_newton, W, tolerance, max_iterations, LBFGS_MEMORY)
    share = -(-max_iterations // 2)
    found = minimize(_graph_eliminated(*given, responds=True), W, tolerance, share, 0)
    if found.converged or share == max_iterations:
        return found
    other = minimize(quasi_newton, W, tolerance, max_iterations - share, LBFGS_MEMORY)
    best = min(found, other, key=lambda minimum: minimum.residual)
    return replace(best, iterations=found.iterations + other.iterations, fallback=True)


def _has_many_tasks(problem):
    """Return whether the graph is solved over candidates."""
    return not problem.shared and problem.n_tasks > MAX_DENSE_GRAPH_TASKS


def _with_array(found):
    """Return the `Minimum` with the graph of not too many tasks as an array."""
    if found.state.B.shape[0] <= MAX_ARRAY_TASKS:
        found.state.B = found.state.B.toarray()
    return found


def _solve_over_candidates(given, W, tolerance, max_iterations):
    """Solve with a sparse graph over candidates, and add those that are missing until there are none."""
    problem, lam, mu, loss_price, fixed_price, ridge, closed = given
    interval = -(-problem.n_tasks // MAX_SCREENED_TASKS)
    candidates = Candidates(problem.n_tasks, interval)
    function = _graph_eliminated(*given, candidates.graph)
    found = minimize(function, W, tolerance, max_iterations, LBFGS_MEMORY)
    if interval == 1:
        return found
    iterations, trace = found.iterations, found.trace
    while True:
        W, B = found.W, found.state.B
        price = fixed_price if loss_price is None else loss_price * problem.losses(W)
        cost = _edge_cost(mu * price, closed)
        missing, slope = candidates.add(W * problem.penalized[:, None], cost, (1.0 - ridge) * lam, B)
        residual = max(found.residual, slope)
        if residual <= tolerance or iterations >= max_iterations or not missing:
            break
        # Its preconditioner may be the largest array of all.
        del found, B
        found = minimize(function, W, tolerance, max_iterations - iterations, LBFGS_MEMORY)
        iterations += found.iterations
        trace += found.trace[1:]
    return Minimum(W, found.state, trace, iterations, residual <= tolerance, residual)


def solve_alternating(
    problem,
    lam,
    mu,
    W,
    rounds,
    loss_price=None,
    fixed_price=None,
    ridge=0.0,
    tolerance=1e-6,
    max_iterations=500,
    closed=None,
):
    """Run the plain alternation (Algorithm 1 of the paper).

    It starts with the exact graph of W. A round is the W-step at that graph, solved to `tolerance` within
    `max_iterations`, and then the exact graph of the new weights. The rounds end early when the residual of
    the joint problem is at most `tolerance`.

    Parameters
    ----------
    rounds : int
        Largest number of rounds.
    problem, lam, mu, W, loss_price, fixed_price, ridge, tolerance, max_iterations, closed
        As for `solve_asymmetric`.

    Returns
    -------
    quasi_newton.Minimum
        As for `solve_asymmetric`. The trace holds phi after every round and never rises.
    """
    many = _has_many_tasks(problem)
    graph = Candidates(problem.n_tasks).graph if many else best_graph
    function = _graph_eliminated(problem, lam, mu, loss_price, fixed_price, ridge, closed, graph)
    value, _, state = function(W, None)
    trace = [value]
    while state.residual > tolerance and len(trace) <= rounds:
        W = solve_coupled_w(problem, state.Q, lam, state.a, W, tolerance, max_iterations).W
        # No previous state: its preconditioner is not used here, and a chain of states would keep memory.
        value, _, state = function(W, None)
        trace.append(value)
    found = Minimum(W, state, trace, len(trace) - 1, state.residual <= tolerance, state.residual)
    return _with_array(found) if many else found


def largest_useful_mu(problem, lam, W, price):
    """Return the mu above which no edge enters at the weights W: max 2 lam w_s'w_t / delta_s.

    price : (T,) delta_s at mu = 1. Tasks with a price of zero do not count: no mu keeps their edges out.
    """
    best = largest_products(W * problem.penalized[:, None])
    usable = (price > 0.0) & (best > 0.0)
    if not usable.any():
        return 1.0
    return float(np.max(2.0 * lam * best[usable] / price[usable]))
