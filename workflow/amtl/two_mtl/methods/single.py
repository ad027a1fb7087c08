"""Every task alone: 2MTL-F without sharing."""

from amtl.methods._spec import MethodSpec
from amtl.two_mtl.methods._sharing import sharing

SPEC = MethodSpec(
    name="single",
    title="Single",
    order=430,
    **sharing("identity"),
)
