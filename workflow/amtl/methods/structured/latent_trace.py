"""Scaled latent tensor trace norm: the weights are a sum of parts, each of low rank along one mode."""

import math

from amtl.methods._axes import Axis
from amtl.methods._penalized import DEFAULTS, no_features, path_of, strength_path
from amtl.methods._spec import MethodSpec
from amtl.methods.structured._cells import OPTIONS, fit_cells, grid_of, needs_rows, on_cells, one_mode
from amtl.penalties import UnfoldedTrace
from amtl.solvers.proximal import null_gradient
from amtl.solvers.splitting import minimize_shared


def _norms(lam, shape, p):
    """Return the norms of the parts: strength lam / root of the size of the mode."""
    return [UnfoldedTrace(lam / math.sqrt(size), shape, mode) for mode, size in enumerate((p, *shape))]


def grid(problem, context, options, n_points):
    """Return a path of lam from the largest useful one down."""
    shape, cells = grid_of(options["task_grid"], problem.n_tasks)
    G = null_gradient(on_cells(problem, shape, cells))
    top = max(norm.dual(G) / norm.strength for norm in _norms(1.0, shape, len(G)))
    return path_of([{"lam": lam} for lam in strength_path(top, n_points)])


def fit(problem, params, context, options):
    """Minimize over the parts of W."""

    def solve(whole, shape, W):
        p = int(whole.penalized.sum())
        found = minimize_shared(
            whole,
            _norms(params["lam"], shape, p),
            W,
            context.learned.get("parts"),
            context.tolerance,
            context.max_iterations,
        )
        return found, {"parts": found.state}

    return fit_cells(problem, options, context, solve)


SPEC = MethodSpec(
    name="latent-trace",
    title="Scaled latent trace norm",
    order=530,
    citation="Wimalawarne, Sugiyama, Tomioka. Multitask learning meets tensor factorization. NIPS 2014.",
    objective="sum_t F_t(w_t) + lam min sum_k I_k^-1/2 ||P^k_(k)||_*, sum_k P^k = W, P^k_(k) the unfoldings "
    "of the tensor features x task grid along its modes of sizes I_k",
    grid=grid,
    fit=fit,
    hyperparameters={"lam": "Strength of the trace norms."},
    axes=(Axis("lam", limit=no_features),),
    options=OPTIONS,
    defaults=DEFAULTS,
    learns=("cells", "parts"),
    needs_rows=needs_rows,
    same_as=one_mode,
)
