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
theorem), and is minimized by the preconditioned quasi-Newton iteration, whose preconditioner is
the coupled W-step at the current B. With memory 0 that is the alternation of the paper's Algorithm 1, which
`solve_alternating` carries out as printed, for as many rounds as asked. All this holds for B from any closed
convex set; `graph_symmetric` is the step for symmetric B.
"""

import numpy as np

from amtl.solvers.coupled_w import WeightState, solve_coupled_w
from amtl.solvers.graph_b import graph_b_step, graph_violation
from amtl.solvers.quasi_newton import Minimum, minimize


class _GraphState(WeightState):
    """A W with its optimal graph B, and the a_t and Q of the W-step at that graph; the residual covers both
    blocks of variables."""

    def __init__(self, problem, W, B, gradient, a, Q, lam, violation, previous):
        super().__init__(problem, W, gradient, a, Q, lam, previous)
        self.B, self.a, self.Q = B, a, Q
        self.residual = max(self.residual, violation)


def _graph_eliminated(problem, lam, mu, loss_price, fixed_price, ridge, graph=None):
    """Return phi as a function (W, previous state or None) -> (value, gradient, state)."""
    penalized = problem.penalized[:, None]
    coupling = (1.0 - ridge) * lam
    identity = np.eye(problem.n_tasks)
    graph_step, violation_of = graph or (graph_b_step, graph_violation)

    def function(W, previous):
        losses, gradient = problem.losses_and_gradient(W)
        price = fixed_price if loss_price is None else loss_price * losses
        Wp = W * penalized
        H = Wp.T @ Wp
        B = graph_step(H, mu * price, coupling, None if previous is None else previous.B)
        outgoing = B.sum(axis=1)
        a = np.ones(problem.n_tasks) if loss_price is None else 1.0 + mu * loss_price * outgoing
        M = identity - B
        rest = Wp @ M
        penalty = coupling * np.vdot(rest, rest) + ridge * lam * np.trace(H)
        value = float(losses.sum() + mu * (price @ outgoing) + penalty)
        gradient = a * gradient + 2.0 * (coupling * (rest @ M.T) + ridge * lam * Wp)
        violation = violation_of(H, mu * price, coupling, B)
        Q = (1.0 - ridge) * (M @ M.T) + ridge * identity
        return value, gradient, _GraphState(problem, W, B, gradient, a, Q, lam, violation, previous)

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
    memory=20,
    graph=None,
):
    """Solve the joint problem from the weights W (d, T); returns a `quasi_newton.Minimum`
    whose ``state.B`` is the graph.

    loss_price : (T,) the factors c_t on the fit loss in the price of an edge, or None.
    fixed_price : (T,) constant prices delta_t, or None. Exactly one of the two is given.
    ridge : the share of lam that stays a plain ridge, in [0, 1).
    graph : (step, violation), functions as those of `graph_b`, for graphs of another kind than any B >= 0.
    """
    function = _graph_eliminated(problem, lam, mu, loss_price, fixed_price, ridge, graph)
    return minimize(function, W, tolerance, max_iterations, memory)


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
