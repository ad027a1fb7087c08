"""AMTL: transfer between tasks is directed, and dear where the giving task's own loss is large."""

from amtl.methods.graph._joint import edge_price, fit_joint, graph_grid, without_paths
from amtl.methods.single import stl

NAME = "amtl"
TITLE = "AMTL"
CITATION = "Lee, Yang, Hwang. Asymmetric multi-task learning based on task relatedness and loss. ICML 2016."
OBJECTIVE = (
    "sum_t (1 + mu c_t ||b_t^o||_1) F_t(w_t) + lam ((1 - ridge) ||W - W B||_F^2 + ridge ||W||_F^2), "
    "c_t = 1/n_t (fit_loss: sum) or 1 (mean)"
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
    "start": {
        "type": "string",
        "enum": ["tuned", "cold"],
        "default": "tuned",
        "description": "Weights to start from: the tuned single-task ones and, along the grid, the solution "
        "of the point before; or, for every point alone, single-task weights with rho = lam.",
    },
    "alternations": {
        "type": "integer",
        "minimum": 0,
        "default": 0,
        "unit": "rounds",
        "examples": [3],
        "description": "Stop after so many rounds of the paper's plain alternation of weights and graph, "
        "started afresh at every point of the grid; 0 runs to convergence. A fit that is stopped is not "
        "converged.",
    },
}
INIT = stl
APPLIES_TO = ("regression", "binary", "one-vs-rest")
NEEDS_TRUTH = False
ITERATIVE = True

# The penalty sees the mean loss of a task: S_t / n_t.
SIGMA = 1.0


def grid(problem, context, options, n_points):
    """Return the (lam, mu) grid around the tuned single-task solution.

    With a cold start, or stopped after some rounds, a point's result depends on where it starts: every
    point then starts on its own.
    """
    price = edge_price(problem, context, SIGMA, options["delta"])
    points = graph_grid(problem, context, price.at_start, n_points, options["ridge"])
    if options["start"] == "cold" or options["alternations"]:
        return without_paths(points)
    return points


def fit(problem, params, context, options):
    """Minimize the objective over W and B."""
    price = edge_price(problem, context, SIGMA, options["delta"])
    return fit_joint(
        problem, params, context, price, options["ridge"], options["start"], options["alternations"]
    )
