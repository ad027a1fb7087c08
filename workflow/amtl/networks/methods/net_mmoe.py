"""MMoE: shared experts, mixed by a gate of each task."""

from amtl.methods._spec import MethodSpec
from amtl.networks.methods._common import architecture

SPEC = MethodSpec(
    name="net-mmoe",
    title="Net MMoE",
    order=650,
    **architecture(
        "mmoe",
        "min sum_t L_t, head t reads sum_e softmax(x' G_t)_e expert_e(x)",
        "J. Ma et al. Modeling task relationships in multi-task learning with multi-gate mixture-of-experts. "
        "KDD, 2018.",
        options={
            "experts": {
                "type": "integer",
                "minimum": 1,
                "default": 3,
                "description": "Number of experts, each as large as the shared trunk of other methods.",
            },
        },
    ),
)
