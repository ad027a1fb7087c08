"""2MTL: tasks share rows by similarities that follow the weights; step sizes adapt to the curvature."""

from amtl.methods._spec import MethodSpec
from amtl.two_mtl.methods._sharing import sharing

SPEC = MethodSpec(
    name="two-mtl",
    title="2MTL",
    order=400,
    **sharing("learned"),
)
