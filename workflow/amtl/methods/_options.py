"""Options that several methods share, as JSON-schema properties, and the options that all methods have."""

# Options of every method and their defaults; `amtl.problem.MultiTaskProblem` describes them.
COMMON = {"fit_loss": "sum", "intercept": "feature"}

# Options that a dataset gives where they are null, under the same keys of ``Split.meta``.
OF_DATASETS = ("task_grid", "feature_groups")

RHO = {"rho": "Ridge weight."}
COUPLING = {
    "lam": "Strength of the coupling of the tasks.",
    "mu": "Factor on the prices of edges: the larger, the fewer edges.",
}
LATENT = {"k": "Number of latent tasks, the columns of L."}
DELTA = {
    "delta": {
        "type": "string",
        "enum": ["train", "validation"],
        "default": "train",
        "description": "Loss that sets the price of a task's outgoing edges: its training loss at the "
        "current weights (the paper), or the validation loss of its tuned single-task weights, a constant.",
    },
}
RIDGE = {
    "ridge": {
        "type": "number",
        "minimum": 0,
        "exclusiveMaximum": 1,
        "default": 0.1,
        "description": "Share of lam that stays a plain ridge on the weights. The paper has 0, where a task "
        "with fewer rows than features can send the weights to infinity.",
    },
}
RESTARTS = {
    "restarts": {
        "type": "integer",
        "minimum": 1,
        "default": 3,
        "description": "Number of starts of each fit: the first from the single-task weights, the others "
        "random. The fit with the lowest training objective is kept.",
    },
}
