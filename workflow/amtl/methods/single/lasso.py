"""Lasso: every task alone, with few features each. A control for joint selection."""

from amtl.methods._penalized import never, one_penalty, support
from amtl.methods._spec import MethodSpec
from amtl.penalties import L1

SPEC = MethodSpec(
    name="lasso",
    title="Lasso",
    order=900,
    citation="Tibshirani. Regression shrinkage and selection via the lasso. JRSS B 58, 1996.",
    objective="sum_t F_t(w_t) + lam ||W||_1",
    **one_penalty(L1, "sum of absolute values", support=support),
    control=True,
    rotation_invariant=never,
)
