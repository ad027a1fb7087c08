"""A search over 64 points of AMTL's grid along its paths of warm starts, compared with one without paths."""

from amtl.methods._fit import Context
from amtl.methods.graph.amtl import SPEC as AMTL
from workbench.benchmark import coupling, data
from workbench.benchmark._spec import CaseSpec
from workbench.benchmark.contenders import Answer, Contender
from workbench.benchmark.data import make_problem

N_POINTS = 64


def settings(sources):
    """Return the logistic problem of each dataset with its tuned single-task weights."""
    found = {}
    for dataset, source in sources.items():
        split, _ = data.read_source(source)
        found[dataset] = coupling.grid_of(split, "logistic", n_points=N_POINTS)[0]
    return found


def contenders(given):
    """Return the search along paths, and the search that starts every point from the tuned weights."""
    return [
        Contender("ours", lambda: _search(given, paths=True)),
        Contender("ours without paths", lambda: _search(given, paths=False)),
    ]


def _search(given, paths):
    def run(tolerance, limit):
        problem = make_problem(given)
        context = Context(init=given["init"], init_rho=given["rho"])
        grid = AMTL.grid(problem, context, coupling.OPTIONS, N_POINTS)
        fits = {}

        def solve(k):
            parent = grid[k].parent if paths else None
            if parent is not None and parent not in fits:
                solve(parent)
            start = given["init"] if parent is None else fits[parent].W
            fits[k] = coupling.fit_at(problem, coupling.at(given, grid[k]), tolerance, start)

        for k in range(len(grid)):
            if k not in fits:
                solve(k)
        iterations = sum(fit.iterations for fit in fits.values())
        result = [(grid[k].params, fit.W) for k, fit in fits.items()]
        return Answer(result, {"iterations": iterations, "w_solves": iterations})

    return run


def judge(given):
    """Return the judge of all fits: the mean of their objectives and the largest of their residuals."""

    def evaluate(result):
        problem = make_problem(given)
        found = [
            coupling.joint(problem, params["lam"], params["mu"], given["ridge"])(W) for params, W in result
        ]
        return sum(value for value, _, _ in found) / len(found), max(residual for _, _, residual in found)

    return evaluate


SPEC = CaseSpec(
    title="AMTL, whole grid",
    convex=False,
    datasets=("mnist", "usps"),
    settings=settings,
    contenders=contenders,
    judge=judge,
)
