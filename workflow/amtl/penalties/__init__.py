"""Penalties: one class for each norm, a file for each family.

Every penalty Omega acts on the penalized rows W (p, T) of the weights; row j belongs to feature j, column t
to task t. It has

``value(W)``
    Omega(W).
``prox(W, step)``
    argmin_V sum_jt (V_jt - W_jt)^2 / (2 step_jt) + Omega(V), and Omega there. `steps` says which steps it
    takes.
``conjugate(G)``
    (s, Omega*(-s G)) for the largest s <= 1 at which the convex conjugate is finite. The duality gap needs
    it.
``violation(W, G)``
    for penalties without a gap (`has_gap`): the distance of -G from the subgradients at W.
``row_levels(W, G)``
    for penalties with `by_rows`: a row of W that is zero stays zero where its level (p,) is at most one.
``on_rows(rows)``
    the penalty of some of the rows, where all others are zero.

A norm (`Norm`) has a strength, and also ``dual(G)``, its dual norm, and ``largest(G)``, the smallest strength
at which W = 0 is optimal if G is the gradient of the losses there.
"""

from amtl.penalties._norm import Norm
from amtl.penalties.columns import ColumnNorm
from amtl.penalties.entries import L1
from amtl.penalties.fused import FusedSparseGroup
from amtl.penalties.groups import GroupedColumns
from amtl.penalties.parts import Parts
from amtl.penalties.rows import L21, ElasticNet, LInf1, SparseGroup
from amtl.penalties.spectral import CappedTraceNorm, TraceNorm
from amtl.penalties.squared import SquaredNorm
from amtl.penalties.summed import Summed
from amtl.penalties.unfolded import UnfoldedTrace

__all__ = [
    "L1",
    "L21",
    "CappedTraceNorm",
    "ColumnNorm",
    "ElasticNet",
    "FusedSparseGroup",
    "GroupedColumns",
    "LInf1",
    "Norm",
    "Parts",
    "SparseGroup",
    "SquaredNorm",
    "Summed",
    "TraceNorm",
    "UnfoldedTrace",
]
