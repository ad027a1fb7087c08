"""Graph-regularized learning: tasks that a given graph joins have similar weights.

Where the graph is given, its neighbours determine the weights of a task without rows.
"""

import numpy as np

from amtl.errors import InputError
from amtl.methods._spec import MethodSpec
from amtl.methods.relations._coupling import AXES, HYPERPARAMETERS, coupling_grid, fit_coupled, laplacian
from amtl.methods.single import stl


def _complete(problem, context, options):
    T = problem.n_tasks
    return [(s, t, 1.0) for s in range(T) for t in range(s + 1, T)]


def _chain(problem, context, options):
    return [(t, t + 1, 1.0) for t in range(problem.n_tasks - 1)]


def _ring(problem, context, options):
    T = problem.n_tasks
    closing = [(T - 1, 0, 1.0)] if T > 2 else []
    return _chain(problem, context, options) + closing


def _nearest_weights(problem, context, options):
    """Join tasks whose tuned single-task weights have the largest cosines."""
    return _nearest(context.init * problem.penalized[:, None], options["neighbours"])


def _nearest_features(problem, context, options):
    """Join tasks whose mean rows are alike; on shared rows, tasks whose targets lean on the same features."""
    if problem.shared:
        rows = problem.X.T @ (problem.Y - problem.Y.mean(axis=0))
    else:
        rows = np.array([X.mean(axis=0) for X in problem.X]).T
        rows = rows - rows.mean(axis=1, keepdims=True)
    return _nearest(rows * problem.penalized[:, None], options["neighbours"])


def _nearest(V, count):
    """Return an edge of weight one for every pair of which one column is among the nearest of the other."""
    sizes = np.linalg.norm(V, axis=0)
    V = V / np.where(sizes > 0.0, sizes, 1.0)
    cosines = V.T @ V
    np.fill_diagonal(cosines, -np.inf)
    nearest = np.argsort(-cosines, axis=0, kind="stable")[: min(count, len(cosines) - 1)]
    pairs = {(min(s, t), max(s, t)) for t, sources in enumerate(nearest.T.tolist()) for s in sources}
    return [(s, t, 1.0) for s, t in sorted(pairs)]


GRAPHS = {
    "nearest-weights": _nearest_weights,
    "nearest-features": _nearest_features,
    "complete": _complete,
    "chain": _chain,
    "ring": _ring,
}


def _given_edges(problem, edges):
    """Return edges [s, t] or [s, t, weight] as (s, t, weight); raise InputError for impossible ones."""
    T, found = problem.n_tasks, []
    for edge in edges:
        s, t, weight = (*edge, 1.0)[:3]
        if not (0 <= s < T and 0 <= t < T and s != t and weight >= 0):
            raise InputError(
                f"graph-regularized: edges: {list(edge)} is no edge between two of the tasks 0..{T - 1} "
                "with a weight >= 0"
            )
        found.append((int(s), int(t), float(weight)))
    return found


def _laplacian(problem, context, options):
    if options["edges"] is not None:
        edges = _given_edges(problem, options["edges"])
    else:
        edges = GRAPHS[options["graph"]](problem, context, options)
    return laplacian(problem.n_tasks, edges)


def needs_rows(options):
    """Return why every task needs training rows, or None where the graph is given."""
    if options["edges"] is None and options["graph"].startswith("nearest"):
        return "the rows of every task make the graph; give edges, or graph='complete', 'chain' or 'ring'"
    return None


def same_as(problem, options):
    """Return "mean-regularized" for the complete graph: rho1 there is T rho1 here."""
    return "mean-regularized" if options["edges"] is None and options["graph"] == "complete" else None


def grid(problem, context, options, n_points):
    """Return paths of rho2 at several rho1 / rho2."""
    if context.init is None:
        scale = 1.0
    else:
        scale = np.trace(_laplacian(problem, context, options)) / max(problem.n_tasks - 1, 1)
    return coupling_grid(problem, n_points, scale if scale > 0.0 else 1.0)


def fit(problem, params, context, options):
    """Minimize the objective: in closed form (squared loss) or by Newton's method (logistic loss)."""
    Q = params["rho1"] * _laplacian(problem, context, options) + params["rho2"] * np.eye(problem.n_tasks)
    return fit_coupled(problem, Q, context)


SPEC = MethodSpec(
    name="graph-regularized",
    title="Graph-regularized",
    order=450,
    citation="Evgeniou, Micchelli, Pontil. Learning multiple tasks with kernel methods. JMLR 6, 2005.",
    objective="sum_t F_t(w_t) + rho1 sum_{edges s-t} a_st ||w_s - w_t||^2 + rho2 ||W||_F^2",
    grid=grid,
    fit=fit,
    hyperparameters=HYPERPARAMETERS,
    axes=AXES,
    options={
        "graph": {
            "type": "string",
            "enum": list(GRAPHS),
            "default": "nearest-weights",
            "description": "The graph: each task and its nearest others, by the cosine of their tuned "
            "single-task weights or of their mean features; all pairs; neighbours in the order of the tasks "
            "(chain), which may be closed (ring).",
        },
        "neighbours": {
            "type": "integer",
            "minimum": 1,
            "default": 3,
            "description": "Number of nearest tasks that a task is joined to.",
        },
        "edges": {
            "type": ["array", "null"],
            "items": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 3},
            "default": None,
            "examples": [[[0, 1], [1, 2, 0.5]]],
            "description": "A graph of your own in place of the option graph: [s, t] or [s, t, weight] for "
            "each edge, tasks counted from 0.",
        },
    },
    init=stl.SPEC,
    needs_rows=needs_rows,
    same_as=same_as,
)
