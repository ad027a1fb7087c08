"""Multi-task feature selection: all tasks use the same few features."""

from amtl.methods._penalized import never, one_penalty, support
from amtl.methods._spec import MethodSpec
from amtl.penalties import L21

SPEC = MethodSpec(
    name="l21",
    title="L21",
    order=200,
    citation="Obozinski, Taskar, Jordan. Multi-task feature selection. Technical report, UC Berkeley, 2006.",
    objective="sum_t F_t(w_t) + lam sum_j ||w^j||_2, w^j the weights of feature j",
    **one_penalty(L21, "(2,1)-norm", support=support),
    rotation_invariant=never,
)
