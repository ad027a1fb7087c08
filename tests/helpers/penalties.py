"""One penalty of each kind, for tests that hold for all of them."""

import numpy as np

from amtl.penalties import L1, L21, ColumnNorm, ElasticNet, LInf1, SparseGroup, SquaredNorm, TraceNorm

WEIGHTS = np.array([0.5, 1.0, 2.0, 1.5, 0.7, 1.0])
# Name -> function of a strength. They act on six features.
NORMS = {
    "l1": L1,
    "l1-weighted": lambda strength: L1(strength, WEIGHTS),
    "l21": L21,
    "l21-weighted": lambda strength: L21(strength, WEIGHTS),
    "linf1": LInf1,
    "linf1-weighted": lambda strength: LInf1(strength, WEIGHTS),
    "sparse-group": lambda strength: SparseGroup(strength, 0.4),
    "sparse-group-weighted": lambda strength: SparseGroup(strength, 0.3, WEIGHTS, WEIGHTS[::-1]),
    "sparse-group-entries": lambda strength: SparseGroup(strength, 1.0),
    "sparse-group-rows": lambda strength: SparseGroup(strength, 0.0),
    "columns": ColumnNorm,
    "trace": TraceNorm,
}
OTHERS = {
    "elastic-net": lambda strength: ElasticNet(strength, 0.3),
    "elastic-net-weighted": lambda strength: ElasticNet(strength, 0.3, WEIGHTS),
    "squared-rows": lambda strength: SquaredNorm(strength, by_rows=True),
    "squared-trace": SquaredNorm,
}
PENALTIES = NORMS | OTHERS
# Shape of the steps that a penalty takes, on weights (6, 4).
STEP_SHAPES = {"entries": (6, 4), "either": (6, 4), "rows": (6, 1), "columns": (1, 4), "scalar": ()}
