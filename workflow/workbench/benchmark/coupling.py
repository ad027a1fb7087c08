"""AMTL's joint problem: its grid points, its contenders, and a judge that shares no iteration with them."""

import numpy as np

from amtl.methods._fit import Context
from amtl.methods.graph import amtl
from amtl.methods.single import stl
from amtl.solvers.asymmetric import largest_useful_mu
from amtl.solvers.coupled_w import relative_gradient
from amtl.solvers.graph_b import graph_b_step, graph_violation
from workbench.benchmark import data
from workbench.benchmark.contenders import MANY, Answer, Contender, lbfgs, until
from workbench.benchmark.data import make_problem

OPTIONS = data.default_options(amtl)
# Rounds of the plain alternation between two looks at the clock, at most.
ROUNDS = 16
# Residuals of the untimed fits that only say whether there are edges, and of those that others start from.
ROUGH, PRECISE = 1e-4, 1e-6


def joint(problem, lam, mu, ridge):
    """Return phi: W -> (value, gradient, residual), with the graph eliminated, written out once more here.

    The price of an edge is its giver's mean loss. The residual is that of the weights or of the graph,
    whichever is larger.
    """
    coupling = (1.0 - ridge) * lam
    identity = np.eye(problem.n_tasks)
    factor = mu / (problem.n * problem.weight)

    def phi(W):
        losses, gradient = problem.losses_and_gradient(W)
        H = W.T @ W
        cost = factor * losses
        B = graph_b_step(H, cost, coupling)
        outgoing = B.sum(axis=1)
        a = 1.0 + factor * outgoing
        rest = W @ (identity - B)
        value = a @ losses + coupling * np.vdot(rest, rest) + ridge * lam * np.vdot(W, W)
        gradient = a * gradient + 2.0 * (coupling * rest @ (identity - B).T + ridge * lam * W)
        violation = graph_violation(H, cost, coupling, B)
        return float(value), gradient, max(relative_gradient(gradient, problem, a), violation)

    return phi


def judge(given):
    """Return the judge of W at the point of `given`."""
    phi = joint(make_problem(given), given["lam"], given["mu"], given["ridge"])

    def evaluate(W):
        value, _, residual = phi(W)
        return value, residual

    return evaluate


def fit_at(problem, given, tolerance, start, **options):
    """Return AMTL's `Fit` at the point of `given` from the weights `start`, as a fit job makes it."""
    context = Context(tolerance, MANY, init=given["init"], init_rho=given["rho"], warm=start)
    params = {"lam": given["lam"], "mu": given["mu"]}
    return amtl.fit(problem, params, context, OPTIONS | {"ridge": given["ridge"]} | options)


def ours(given):
    """Return our contender at one point."""

    def make():
        def run(tolerance, limit):
            fit = fit_at(make_problem(given), given, tolerance, given["start"])
            return Answer(fit.W, {"iterations": fit.iterations, "w_solves": fit.iterations})

        return run

    return Contender("ours", make)


def alternation(given):
    """Return the reference: the paper's plain alternation, each W-step by our solver."""

    def make():
        def run(tolerance, limit):
            problem = make_problem(given)

            def step(state):
                W, rounds = state
                # One, two, four ... so that the clock is looked at in time where a round takes long.
                asked = min(max(rounds, 1), ROUNDS)
                fit = fit_at(problem, given, tolerance, W, alternations=asked)
                return (fit.W, rounds + fit.iterations), fit.converged or fit.iterations < asked

            (W, rounds), stopped = until(step, (given["start"], 0), limit)
            return Answer(W, {"iterations": rounds, "w_solves": rounds}, stopped)

        return run

    return Contender("plain alternation", make)


def generic(given):
    """Return the generic contender: L-BFGS-B on phi."""

    def function():
        phi = joint(make_problem(given), given["lam"], given["mu"], given["ridge"])
        return lambda W: phi(W)[:2]

    scale = float(make_problem(given).gradient_scale.max())
    return lbfgs(function, given["start"], scale)


def points(split, record, loss, wanted):
    """Return {name: given} of points of AMTL's grid on a split, each from the tuned single-task weights.

    record : the record of AMTL's fit on it, which has the validation choice. wanted : of ``weak``, the lowest
    lam with the highest mu at which there are edges; ``chosen``; ``strong``, the highest lam with the lowest
    mu.
    """
    base, grid = grid_of(split, loss, len(record["grid"]))
    find = {
        "weak": lambda: _weak(base, grid),
        "chosen": lambda: grid[record["chosen"]],
        "strong": lambda: min(grid, key=lambda point: (-point.params["lam"], point.params["mu"])),
    }
    return {name: at(base, find[name]()) for name in wanted}


def grid_of(split, loss, n_points):
    """Return (given without a point, AMTL's grid), as a fit job has them."""
    init, rho = data.tuned_stl(split, loss, n_points)
    base = data.arrays(split, loss) | started_from(init, rho)
    return base, amtl.grid(make_problem(base), Context(init=init, init_rho=rho), OPTIONS, n_points)


def started_from(init, rho):
    """Return what a fit knows of the single-task weights `init` with the ridge weight `rho`."""
    return {"init": init, "start": init, "rho": rho, "ridge": OPTIONS["ridge"]}


def at(base, point):
    """Return `base` with the parameters of one grid point."""
    return base | {"lam": point.params["lam"], "mu": point.params["mu"]}


def _weak(base, grid):
    lowest = min(point.params["lam"] for point in grid)
    row = sorted(
        (point for point in grid if point.params["lam"] == lowest), key=lambda point: -point.params["mu"]
    )
    problem = make_problem(base)
    with_edges = (p for p in row if fit_at(problem, at(base, p), ROUGH, base["init"]).B.any())
    return next(with_edges, row[-1])


def parent_solution(base, grid, index):
    """Return the weights that point `index` of the grid starts from: its path of warm starts is followed."""
    problem, chain = make_problem(base), []
    while grid[index].parent is not None:
        index = grid[index].parent
        chain.append(index)
    W = base["init"]
    for index in reversed(chain):
        W = fit_at(problem, at(base, grid[index]), PRECISE, W).W
    return W


def generated_point(arrays, rho, share, factor=1.0):
    """Return a point on generated arrays from STL at `rho`: lam = `factor` rho, and `share` of the mu that
    lets no edge in."""
    init = single_task(arrays, rho)
    base = arrays | started_from(init, rho)
    problem, lam = make_problem(base), factor * rho
    losses = problem.losses(init) / (problem.n * problem.weight)
    mu = share * largest_useful_mu(problem, (1.0 - base["ridge"]) * lam, init, losses)
    return base | {"lam": lam, "mu": mu}


def single_task(arrays, rho):
    """Return the single-task weights (d, T) at the ridge weight `rho`."""
    return stl.fit(make_problem(arrays), {"rho": rho}, Context(PRECISE, MANY), None).W
