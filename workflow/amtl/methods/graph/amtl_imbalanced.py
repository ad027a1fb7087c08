"""AMTL-imbalanced: AMTL with a price that falls faster with the number of a task's rows."""

from amtl.methods._fit import Point
from amtl.methods.graph._joint import edge_price, fit_joint, graph_grid
from amtl.methods.single import stl

NAME = "amtl-imbalanced"
TITLE = "AMTL-imbalanced"
CITATION = "Lee, Yang, Hwang. Asymmetric multi-task learning based on task relatedness and loss. ICML 2016."
OBJECTIVE = (
    "sum_t (1 + mu c_t ||b_t^o||_1) F_t(w_t) + lam ((1 - ridge) ||W - W B||_F^2 + ridge ||W||_F^2), "
    "c_t = n_t^-sigma (fit_loss: sum) or n_t^(1-sigma) (mean)"
)
OPTIONS = {
    "delta": {
        "type": "string",
        "enum": ["train", "validation"],
        "default": "train",
        "description": "Which loss prices a task's outgoing edges: its training loss, jointly optimized "
        "(the paper), or the validation loss of its tuned single-task weights, a constant.",
    },
    "ridge": {
        "type": "number",
        "minimum": 0,
        "exclusiveMaximum": 1,
        "default": 0.1,
        "description": "Share of lam that stays a plain ridge on the weights. The paper has 0, where a task "
        "with fewer rows than features can send the weights to infinity.",
    },
}
INIT = stl
APPLIES_TO = ("regression", "binary", "one-vs-rest")
NEEDS_TRUTH = False
ITERATIVE = True

# From the exponent of the authors' release down to the mean loss, which is AMTL itself.
SIGMAS = (2.0, 1.5, 1.0)


def grid(problem, context, options, n_points):
    """Return one (lam, mu) grid for each sigma."""
    points = []
    for sigma in SIGMAS:
        price = edge_price(problem, context, sigma, options["delta"])
        first = len(points)
        share = n_points // len(SIGMAS)
        for point in graph_grid(problem, context, price.at_start, share, options["ridge"]):
            parent = None if point.parent is None else first + point.parent
            points.append(Point({"sigma": sigma, **point.params}, parent))
    return points


def fit(problem, params, context, options):
    """Minimize the objective over W and B."""
    price = edge_price(problem, context, params["sigma"], options["delta"])
    return fit_joint(problem, params, context, price, options["ridge"])
