"""First-order online multi-task learning: 2MTL with stochastic gradients and decaying steps."""

from amtl.methods._spec import MethodSpec
from amtl.two_mtl.methods._sharing import sharing

SPEC = MethodSpec(
    name="online-mtl",
    title="First-order online MTL",
    order=420,
    **sharing("learned", "first-order"),
)
