"""Linear trunk: a network without activations, whose tasks' weights have the rank of the trunk's width."""

from amtl.methods._spec import MethodSpec
from amtl.networks.methods._common import TRAINING, architecture

SPEC = MethodSpec(
    name="net-linear",
    title="Net linear",
    order=505,
    **architecture(
        "shared",
        "min sum_t L_t(x' W v_t + c_t), W (d, width)",
        "A. J. Izenman. Reduced-rank regression for the multivariate linear model. Journal of Multivariate "
        "Analysis 5, 1975.",
        options={"layers": {**TRAINING["layers"], "default": 1}},
        linear=True,
    ),
)
