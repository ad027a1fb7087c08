"""Multi-task lasso with the largest weight: a feature that one task uses costs the other tasks nothing."""

from amtl.methods._penalized import never, one_penalty, support
from amtl.methods._spec import MethodSpec
from amtl.penalties import LInf1

SPEC = MethodSpec(
    name="linf1",
    title="Linf1",
    order=210,
    citation="Zhang. A probabilistic framework for multi-task learning. PhD thesis, Carnegie Mellon, 2006.",
    objective="sum_t F_t(w_t) + lam sum_j max_t |W_jt|",
    **one_penalty(LInf1, "(inf,1)-norm", support=support),
    rotation_invariant=never,
)
