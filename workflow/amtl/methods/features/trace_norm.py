"""Trace norm: the weights of all tasks lie in a few directions."""

from amtl.methods._penalized import one_penalty, singular_values
from amtl.methods._spec import MethodSpec
from amtl.penalties import TraceNorm

SPEC = MethodSpec(
    name="trace-norm",
    title="Trace norm",
    order=240,
    citation="Ji, Ye. An accelerated gradient method for trace norm minimization. ICML 2009.",
    objective="sum_t F_t(w_t) + lam ||W||_*, the sum of the singular values",
    **one_penalty(TraceNorm, "trace norm", singular_values=singular_values),
)
