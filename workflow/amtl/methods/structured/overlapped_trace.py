"""Overlapped tensor trace norm: low rank along the features and along every mode of the grid of tasks."""

from amtl.methods._axes import Axis
from amtl.methods._penalized import DEFAULTS, no_features, path_of, strength_path
from amtl.methods._spec import MethodSpec
from amtl.methods.structured._cells import OPTIONS, fit_cells, grid_of, needs_rows, on_cells, one_mode
from amtl.penalties import UnfoldedTrace
from amtl.solvers.proximal import null_gradient
from amtl.solvers.splitting import minimize_summed


def _norms(lam, shape):
    """Return the norms of the unfoldings, each with its share of the strength."""
    modes = range(len(shape) + 1)
    return [UnfoldedTrace(lam / len(modes), shape, mode) for mode in modes]


def grid(problem, context, options, n_points):
    """Return a path of lam, from a value that leaves no weights down.

    The gradient divided equally among the norms bounds the largest useful value.
    """
    shape, cells = grid_of(options["task_grid"], problem.n_tasks)
    G = null_gradient(on_cells(problem, shape, cells))
    top = max(norm.dual(G) for norm in _norms(1.0, shape))
    return path_of([{"lam": lam} for lam in strength_path(top, n_points)])


def fit(problem, params, context, options):
    """Minimize over W by the alternating direction method of multipliers."""

    def solve(whole, shape, W):
        found = minimize_summed(
            whole,
            _norms(params["lam"], shape),
            W,
            context.learned.get("multipliers"),
            context.tolerance,
            context.max_iterations,
        )
        return found, {"multipliers": found.state}

    return fit_cells(problem, options, context, solve)


SPEC = MethodSpec(
    name="overlapped-trace",
    title="Overlapped trace norm",
    order=520,
    citation="Tomioka, Suzuki. Convex tensor decomposition via structured Schatten norm regularization. NIPS "
    "2013.",
    objective="sum_t F_t(w_t) + lam sum_k ||W_(k)||_* / K, W_(k) the K unfoldings of the tensor features x "
    "task grid",
    grid=grid,
    fit=fit,
    hyperparameters={"lam": "Strength of the trace norms."},
    axes=(Axis("lam", limit=no_features),),
    options=OPTIONS,
    defaults=DEFAULTS,
    learns=("cells", "multipliers"),
    needs_rows=needs_rows,
    same_as=one_mode,
)
