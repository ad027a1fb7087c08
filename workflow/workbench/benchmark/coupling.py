"""AMTL's joint problem: points of its grid, contenders, and a judge that shares no iteration with them."""

import numpy as np

from amtl.methods._fit import Context, Point
from amtl.methods.graph.amtl import SPEC as AMTL
from amtl.methods.single.stl import SPEC as STL
from amtl.solvers.asymmetric import largest_useful_mu
from amtl.solvers.coupled_w import relative_gradient
from amtl.solvers.graph_b import graph_b_step, graph_violation
from workbench.benchmark import data
from workbench.benchmark.contenders import MAX_ITERATIONS, Answer, Contender, lbfgs, until
from workbench.benchmark.data import make_problem

OPTIONS = data.default_options(AMTL)
# Bound on the rounds of the plain alternation between two checks of the time limit.
MAX_ROUNDS_PER_CHECK = 16
# Tolerances of untimed fits: to see whether a graph has edges, and to get weights that other fits start from.
EDGES_TOLERANCE, START_TOLERANCE = 1e-4, 1e-6


def joint(problem, lam, mu, ridge):
    """Return phi: W -> (value, gradient, residual), AMTL's objective at the best graph for W.

    The formula is repeated here on purpose: the judge shares no code with the method. The price of an edge is
    the mean loss of the task it starts from. The residual is that of the weights or that of the graph,
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
    """Return AMTL's `Fit` at the point of `given` from the weights `start`, as a fit job computes it."""
    context = Context(tolerance, MAX_ITERATIONS, init=given["init"], init_rho=given["rho"], warm=start)
    params = {"lam": given["lam"], "mu": given["mu"]}
    return AMTL.fit(problem, params, context, OPTIONS | {"ridge": given["ridge"]} | options)


def ours(given):
    """Return our contender at one point."""

    def run(tolerance, limit):
        fit = fit_at(make_problem(given), given, tolerance, given["start"])
        return Answer(fit.W, {"iterations": fit.iterations, "w_solves": fit.iterations})

    return Contender("ours", lambda: run)


def alternation(given):
    """Return the paper's plain alternation of weights and graph, with our solver for each W-step."""

    def run(tolerance, limit):
        problem = make_problem(given)

        def step(state):
            W, rounds = state
            # 1, 2, 4, ... rounds per call, so that the time limit is checked early where one round is slow.
            asked = min(max(rounds, 1), MAX_ROUNDS_PER_CHECK)
            fit = fit_at(problem, given, tolerance, W, alternations=asked)
            return (fit.W, rounds + fit.iterations), fit.converged or fit.iterations < asked

        (W, rounds), stopped = until(step, (given["start"], 0), limit)
        return Answer(W, {"iterations": rounds, "w_solves": rounds}, stopped)

    return Contender("plain alternation", lambda: run)


def ours_and_alternation(given):
    """Return our contender and the plain alternation, from the same weights."""
    return [ours(given), alternation(given)]


def generic(given):
    """Return the generic contender: L-BFGS-B on phi."""

    def make_objective():
        phi = joint(make_problem(given), given["lam"], given["mu"], given["ridge"])
        return lambda W: phi(W)[:2]

    scale = float(make_problem(given).gradient_scale.max())
    return lbfgs(make_objective, given["start"], scale)


def points(split, record, loss, wanted):
    """Return {name: given} of points of AMTL's grid on a split, each started from tuned single-task weights.

    record : record of AMTL's fit on the split, for the point that validation chose.
    wanted : names of points: ``weak``, the lowest lam with the highest mu at which the graph has edges;
        ``chosen``; ``strong``, the highest lam with the lowest mu.
    """
    base, grid = grid_of(split, loss, record)
    find = {
        "weak": lambda: _weak(base, grid),
        "chosen": lambda: grid[record["chosen"]],
        "strong": lambda: min(grid, key=lambda point: (-point.params["lam"], point.params["mu"])),
    }
    return {name: at(base, find[name]()) for name in wanted}


def grid_of(split, loss, record=None, n_points=None):
    """Return (given without a point, AMTL's grid) as a fit job has them.

    record : record of a fit, whose grid may be extended; or n_points : the size of a grid that is not.
    """
    n_points = record["initial_points"] if record else n_points
    init, rho = data.tuned_stl(split, loss, n_points)
    base = data.arrays(split, loss) | started_from(init, rho)
    grid = AMTL.grid(make_problem(base), Context(init=init, init_rho=rho), OPTIONS, n_points)
    added = record["grid"][n_points:] if record else []
    return base, [*grid, *(Point(point["params"], point["parent"]) for point in added)]


def started_from(init, rho):
    """Return the part of `given` that describes the start: single-task weights and their ridge weight."""
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
    with_edges = (p for p in row if fit_at(problem, at(base, p), EDGES_TOLERANCE, base["init"]).B.any())
    return next(with_edges, row[-1])


def parent_solution(base, grid, index):
    """Return the weights that point `index` of the grid starts from, by fitting its path of warm starts."""
    problem, chain = make_problem(base), []
    while grid[index].parent is not None:
        index = grid[index].parent
        chain.append(index)
    W = base["init"]
    for index in reversed(chain):
        W = fit_at(problem, at(base, grid[index]), START_TOLERANCE, W).W
    return W


def generated_point(arrays, rho, share, factor=1.0, validation=None):
    """Return a point on generated arrays, started from STL at `rho`.

    lam is `factor` times rho; mu is `share` of the smallest mu at which the graph has no edges.
    validation : arrays of other rows of the tasks; the price of an edge is then the loss on these.
    """
    init = single_task(arrays, rho)
    base = arrays | started_from(init, rho)
    problem, lam = make_problem(base), factor * rho
    price = (problem if validation is None else make_problem(validation)).mean_losses(init)
    mu = share * largest_useful_mu(problem, (1.0 - base["ridge"]) * lam, init, price)
    point = base | {"lam": lam, "mu": mu}
    return point if validation is None else point | {"validation_loss": price}


def single_task(arrays, rho):
    """Return the single-task weights (d, T) at the ridge weight `rho`."""
    return STL.fit(make_problem(arrays), {"rho": rho}, Context(START_TOLERANCE, MAX_ITERATIONS), None).W
