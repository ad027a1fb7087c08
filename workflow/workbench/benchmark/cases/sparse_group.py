"""The sparse group lasso on shared rows, beside asgl, which has several responses for squares alone."""

from amtl.methods.features.sparse_group import SPEC as SPARSE_GROUP
from amtl.penalties import SparseGroup
from workbench.benchmark import sparse
from workbench.benchmark._spec import CaseSpec

MIX = 0.5
# Small, because asgl takes minutes on the usual size.
SIZE = {"n_tasks": 8, "d": 60, "n": 200, "used": 12}
PENALTY = sparse.Penalty(
    lambda given: SparseGroup(given["lam"], given["mix"]),
    lambda largest, share: {"lam": share * largest, "mix": MIX},
)


def settings(sources):
    """Return the problems."""
    return sparse.settings(sources, "squared", PENALTY, size=SIZE)


def contenders(given):
    """Return ours and asgl's."""
    solver = sparse.asgl(given["lam"], given["mix"])
    return [
        sparse.ours(SPARSE_GROUP, given, PENALTY),
        sparse.together(given, "asgl", solver, "asgl", levels=()),
    ]


SPEC = CaseSpec(
    title="Sparse group lasso",
    convex=True,
    datasets=("usps",),
    settings=settings,
    contenders=contenders,
    judge=sparse.judge(PENALTY),
)
