"""Sparse multi-task lasso: a few features for all tasks, and of these a few for each."""

from amtl.methods._axes import Axis
from amtl.methods._penalized import (
    DEFAULTS,
    fit_penalty,
    never,
    no_features,
    ratio_grid,
    support,
)
from amtl.methods._spec import MethodSpec
from amtl.penalties import SparseGroup
from amtl.solvers.proximal import null_gradient


def _mixes(count):
    return [(k + 1.0) / (count + 1.0) for k in range(count)]


def grid(problem, context, options, n_points):
    """Return a path of lam for every mix between 0 (L21) and 1 (lasso)."""
    G = null_gradient(problem)
    return ratio_grid("mix", _mixes, lambda mix: SparseGroup(1.0, mix).largest(G), n_points)


def fit(problem, params, context, options):
    """Minimize over W."""
    return fit_penalty(problem, SparseGroup(params["lam"], params["mix"]), context, support=support)


def _ends(problem, params, fit, end):
    return f"beyond it lies {'L21' if end == 'low' else 'the lasso'}"


SPEC = MethodSpec(
    name="sparse-group",
    title="Sparse group lasso",
    order=220,
    citation="Lee, Zhu, Xing. Adaptive multi-task lasso, with application to eQTL detection. NeurIPS 2010.",
    objective="sum_t F_t(w_t) + lam sum_j ((1 - mix) ||w^j||_2 + mix ||w^j||_1)",
    grid=grid,
    fit=fit,
    hyperparameters={
        "lam": "Strength of both norms together.",
        "mix": "Share of the sum of absolute values: 0 is L21, 1 the lasso.",
    },
    axes=(Axis("lam", limit=no_features), Axis("mix", limit=_ends, fixed=True)),
    defaults=DEFAULTS,
    iterative=True,
    rotation_invariant=never,
    learns=("support",),
)
