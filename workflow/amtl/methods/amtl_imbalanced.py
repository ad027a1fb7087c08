"""AMTL-imbalanced: AMTL with a price that falls faster with the number of a task's rows."""

from amtl.methods import stl
from amtl.methods.base import Point, fit_from_minimum
from amtl.methods.grids import asymmetric_grid
from amtl.solvers.asymmetric import edge_price, solve_asymmetric

NAME = "amtl-imbalanced"
TITLE = "AMTL-imbalanced"
CITATION = "Lee, Yang, Hwang. Asymmetric multi-task learning based on task relatedness and loss. ICML 2016."
OBJECTIVE = (
    "sum_t (1 + mu n_t^-sigma ||b_t^o||_1) S_t(w_t) + lam ((1 - ridge) ||W - W B||_F^2 + ridge ||W||_F^2)"
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
        "description": "Share of lam that stays a plain ridge on the weights. The paper's objective is 0; there "
        "a task with fewer rows than features can send the weights to infinity (amtl/solvers/asymmetric.py).",
    },
}
INIT = stl
APPLIES_TO = ("regression", "binary", "one-vs-rest")
NEEDS_TRUTH = False

# From the mean loss (AMTL itself) to the exponent of the authors' release.
SIGMAS = (2.0, 1.5, 1.0)


def grid(problem, context, options, n_points):
    """Return one (lam, mu) grid for each sigma."""
    points = []
    for sigma in SIGMAS:
        price = edge_price(problem, context, sigma, options["delta"])
        first = len(points)
        for point in asymmetric_grid(
            problem, context, price.at_start, n_points // len(SIGMAS), options["ridge"]
        ):
            parent = None if point.parent is None else first + point.parent
            points.append(Point({"sigma": sigma, **point.params}, parent))
    return points


def fit(problem, params, context, options):
    """Minimize the objective over W and B from the parent point's weights (or the tuned STL's)."""
    price = edge_price(problem, context, params["sigma"], options["delta"])
    minimum = solve_asymmetric(
        problem,
        params["lam"],
        params["mu"],
        context.init if context.warm is None else context.warm,
        price.factor,
        price.fixed,
        options["ridge"],
        context.tolerance,
        context.max_iterations,
    )
    return fit_from_minimum(minimum, B=minimum.state.B)
