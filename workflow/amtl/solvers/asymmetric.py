"""The joint problem of AMTL and its variants, over weights and graph (Lee et al. 2016, eq. 1):

    min_{W, B >= 0, diag B = 0}  sum_t F_t(w_t) + mu sum_t delta_t ||b_t^o||_1
                                 + lam ((1 - ridge) ||W_p - W_p B||_F^2 + ridge ||W_p||_F^2)

The paper has ridge = 0. Then the infimum need not be attained: a task with fewer rows than features fits
its rows exactly, its outgoing edges cost nothing, and its weights may grow without bound along the
directions that its rows do not see while ever smaller edges pass them on. A share `ridge` of lam kept as
a plain ridge bounds the weights; where no edge enters, any share is single-task ridge with rho = lam.

F_t is the fit loss, b_t^o row t of B (the outgoing edges of t). The price delta_t of an edge out of t is
one of

* c_t F_t(w_t), which asks for little loss where much is given (AMTL, AMTL-imbalanced),
* a constant (AMTL-noLoss: 1; `delta: validation`: the validation loss of the starting weights).

B is eliminated: phi(W) = min_B of the above is differentiable with the gradient at fixed B (envelope
theorem), and is minimized by Newton's method: second derivatives are those of the coupled W-step at the
current B, less what the graph's response takes away (`graph_curvature`). They jump where an edge enters or
leaves, and phi is not convex; near a minimum the iteration converges quadratically. Where the losses'
Hessians are too dear, and for symmetric graphs (`graph_symmetric`), the W-step alone is the preconditioner of
a quasi-Newton iteration. The plain alternation of the paper's Algorithm 1 is `solve_alternating`, for as many
rounds as asked.
"""

from dataclasses import replace

import numpy as np

from amtl.solvers.coupled_w import WeightState, has_exact_curvature, solve_coupled_w
from amtl.solvers.graph_b import graph_b_step, graph_violation
from amtl.solvers.graph_curvature import GraphCoupling, GraphResponse
from amtl.solvers.quasi_newton import Minimum, minimize

# Steps that the quasi-Newton iteration remembers where Newton's method is not to be had.
LBFGS_MEMORY = 20
# Up to so many tasks Newton pays: with more, edges come and go too often for second derivatives to say much.
MAX_NEWTON_TASKS = 150


class _GraphState(WeightState):
    """A W with its optimal graph B, and the a_t and Q of the W-step at that graph; the residual covers both
    blocks of variables."""

    def __init__(self, problem, W, B, gradient, a, Q, lam, violation, previous, response):
        super().__init__(problem, W, gradient, a, Q, lam, previous, response)
        self.B, self.a, self.Q = B, a, Q
        self.residual = max(self.residual, violation)


def _graph_eliminated(problem, lam, mu, loss_price, fixed_price, ridge, graph=None, responds=False):
    """Return phi as a function (W, previous state or None) -> (value, gradient, state).

    responds : whether the states' preconditioner has the graph follow the weights.
    """
    penalized = problem.penalized[:, None]
    coupling = (1.0 - ridge) * lam

    def function(W, previous):
        losses, gradient = problem.losses_and_gradient(W)
        price = fixed_price if loss_price is None else loss_price * losses
        Wp = W * penalized
        H = Wp.T @ Wp
        cost, start = mu * price, None if previous is None else previous.B
        if graph is None:
            B = graph_b_step(H, cost, coupling, start, Wp)
            violation = graph_violation(H, cost, coupling, B, Wp)
        else:
            graph_step, violation_of = graph
            B = graph_step(H, cost, coupling, start)
            violation = violation_of(H, cost, coupling, B)
        outgoing = B.sum(axis=1)
        a = np.ones(problem.n_tasks) if loss_price is None else 1.0 + mu * loss_price * outgoing
        Q = GraphCoupling(B, ridge)
        rest = Wp - Wp @ Q.graph
        penalty = coupling * np.vdot(rest, rest) + ridge * lam * np.trace(H)
        value = float(losses.sum() + mu * (price @ outgoing) + penalty)
        response = None
        if responds and Q.n_edges:
            slope = None if loss_price is None else mu * loss_price * gradient
            response = GraphResponse(Q, coupling, Wp, rest, slope, problem.penalized)
        gradient = a * gradient + 2.0 * (coupling * (rest - rest @ Q.transposed) + ridge * lam * Wp)
        return value, gradient, _GraphState(problem, W, B, gradient, a, Q, lam, violation, previous, response)

    return function


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
    graph=None,
):
    """Solve the joint problem from the weights W (d, T); returns a `quasi_newton.Minimum`
    whose ``state.B`` is the graph.

    loss_price : (T,) the factors c_t on the fit loss in the price of an edge, or None.
    fixed_price : (T,) constant prices delta_t, or None. Exactly one of the two is given.
    ridge : the share of lam that stays a plain ridge, in [0, 1).
    graph : (step, violation), functions as those of `graph_b`, for graphs of another kind than any B >= 0.

    Newton's method has half of the iterations. Where that is not enough, mostly because the infimum is not
    attained, the quasi-Newton iteration has the other half, from W again; ``fallback`` of the answer says so.
    """
    given = problem, lam, mu, loss_price, fixed_price, ridge, graph
    quasi_newton = _graph_eliminated(*given)
    if graph is not None or not has_exact_curvature(problem) or problem.n_tasks > MAX_NEWTON_TASKS:
        return minimize(quasi_newton, W, tolerance, max_iterations, LBFGS_MEMORY)
    share = -(-max_iterations // 2)
    found = minimize(_graph_eliminated(*given, responds=True), W, tolerance, share, 0)
    if found.converged or share == max_iterations:
        return found
    other = minimize(quasi_newton, W, tolerance, max_iterations - share, LBFGS_MEMORY)
    best = min(found, other, key=lambda minimum: minimum.residual)
    return replace(best, iterations=found.iterations + other.iterations, fallback=True)


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
):
    """Run at most `rounds` rounds of the plain alternation (Algorithm 1) from the weights W (d, T).

    It starts with the exact graph of W. A round is the W-step at that graph, solved to `tolerance` within
    `max_iterations`, and the exact graph of the new weights. Returns a `quasi_newton.Minimum` as
    `solve_asymmetric` does, with phi after every round in the trace, which never rises. The residual is that
    of the joint problem: how far from an optimum the rounds end; once it is at most `tolerance` they end
    early. The other arguments are those of `solve_asymmetric`.
    """
    function = _graph_eliminated(problem, lam, mu, loss_price, fixed_price, ridge)
    value, _, state = function(W, None)
    trace = [value]
    while state.residual > tolerance and len(trace) <= rounds:
        W = solve_coupled_w(problem, state.Q, lam, state.a, W, tolerance, max_iterations).W
        # Without the state before: its preconditioner is of no use here, and a chain of them grows.
        value, _, state = function(W, None)
        trace.append(value)
    return Minimum(W, state, trace, len(trace) - 1, state.residual <= tolerance, state.residual)


def largest_useful_mu(problem, lam, W, price):
    """Return the mu above which no edge enters at the weights W: max 2 lam w_s'w_t / delta_s.

    price : (T,) delta_s at mu = 1. Tasks whose price is zero do not count: no mu keeps them out.
    """
    Wp = W * problem.penalized[:, None]
    H = Wp.T @ Wp
    np.fill_diagonal(H, 0.0)
    best = H.max(axis=1)
    usable = (price > 0.0) & (best > 0.0)
    if not usable.any():
        return 1.0
    return float(np.max(2.0 * lam * best[usable] / price[usable]))
