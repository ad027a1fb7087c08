"""2MTL-F with the true similarities, which generated data have: what knowing them is worth."""

from amtl.methods._spec import MethodSpec
from amtl.two_mtl.methods._sharing import sharing

SPEC = MethodSpec(
    name="two-mtl-fixed",
    title="2MTL-F, true similarities",
    order=410,
    **sharing("true"),
    needs_similarity=True,
    control=True,
)
