"""One model from the rows of all tasks: 2MTL-F in which all tasks are alike."""

from amtl.methods._spec import MethodSpec
from amtl.two_mtl.methods._sharing import sharing

SPEC = MethodSpec(
    name="merged",
    title="Merged",
    order=440,
    **sharing("ones"),
)
