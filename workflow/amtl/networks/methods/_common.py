"""What the methods on small networks have in common: their problem, their grid and their fit."""

import numpy as np

from amtl.errors import InputError
from amtl.methods._axes import Axis
from amtl.methods._fit import Fit, Point
from amtl.methods._grids import geometric, two_axes
from amtl.networks.architectures import ARCHITECTURES
from amtl.networks.balancing.equal import RULE as EQUAL
from amtl.networks.problem import NetworkProblem
from amtl.networks.training import train

KINDS = ("regression", "binary", "multiclass", "mixed")
LOWEST_RATE, HIGHEST_RATE = 1e-3, 3e-2
# The largest ratio of static weights in the initial grid.
LARGEST_RATIO = 10.0
RATE = {"learning_rate": "Learning rate of Adam."}
RATIO = {
    "ratio": "Largest static weight relative to the smallest; of two tasks the first relative to the second.",
    "direction": "Number of the random direction of the weights of three tasks or more.",
}
# Width of the layers: the first for more features than `WIDE_FROM`, the second for fewer.
WIDE, NARROW, WIDE_FROM = 64, 32, 64
SHARED_BATCH, OWN_BATCH = 64, 8

TRAINING = {
    "width": {
        "type": ["integer", "null"],
        "minimum": 1,
        "default": None,
        "description": f"Units of each hidden layer; null for {WIDE}, or {NARROW} with at most {WIDE_FROM} "
        "features.",
    },
    "layers": {
        "type": "integer",
        "minimum": 1,
        "maximum": 8,
        "default": 2,
        "description": "Hidden layers.",
    },
    "steps": {
        "type": "integer",
        "minimum": 1,
        "default": 240,
        "description": "Steps of Adam. All are taken; the weights of the best check are kept.",
    },
    "batch": {
        "type": ["integer", "null"],
        "minimum": 1,
        "default": None,
        "description": f"Rows of each task in a step; null for {SHARED_BATCH} rows that the tasks share, or "
        f"{OWN_BATCH} of each.",
    },
    "checks": {
        "type": "integer",
        "minimum": 1,
        "default": 12,
        "description": "Checks on the validation rows, evenly spaced over the steps.",
    },
}
FIXED_RATIO = {
    "ratio": {
        "type": ["number", "null"],
        "exclusiveMinimum": 0,
        "default": None,
        "description": "Ratio of the static weights; null to choose it on validation rows.",
    },
}


def make_network(architecture, rows, n_outputs, options, **more):
    """Return the network of an architecture for the rows of a part.

    Raises InputError where the architecture needs rows that the tasks share, and they have their own.
    """
    kind = ARCHITECTURES[architecture]
    if kind.needs_shared_rows and not rows.shared:
        raise InputError(
            f"{architecture}: every task's network reads the rows of all tasks, but each task has rows of "
            "its own; leave the method out on this dataset (not_on), or use another"
        )
    width = options["width"] or (WIDE if rows.n_features > WIDE_FROM else NARROW)
    return kind(rows.n_features, rows.n_tasks, n_outputs, width, options["layers"], **more)


def on_network(architecture, **more):
    """Return the ``sees`` of a method: the problem with its network. more : arguments of the network."""

    def sees(split, part, options, like=None):
        """Return the `NetworkProblem` of a part of a split."""
        problem = NetworkProblem(split, part, like)
        if like is None:
            own = {key: options[key] for key in ("experts",) if key in options}
            problem.network = make_network(
                architecture, problem.rows, problem.losses.width, options, **more, **own
            )
            problem.validation.network = problem.network
        return problem

    return sees


def grid(problem, context, options, n_points):
    """Return learning rates, the lowest first."""
    return [Point({"learning_rate": rate}) for rate in geometric(LOWEST_RATE, HIGHEST_RATE, n_points)]


def static_grid(problem, context, options, n_points):
    """Return every pair of static weights and learning rate; as many points as other methods have.

    The ratios of two tasks are evenly spaced in their logarithm around one. The weights of more tasks are
    equal ones, and random directions at the largest ratio. The few learning rates lie within the range of
    those of other methods.
    """
    if options["ratio"] is not None:
        weights = {"ratio": options["ratio"], "direction": 0}
        return [Point({**point.params, **weights}) for point in grid(problem, context, options, n_points)]
    n_weights, n_rates = two_axes(n_points)
    if problem.n_tasks == 2 and n_weights > 1:
        weights = [(ratio, 0) for ratio in geometric(1.0 / LARGEST_RATIO, LARGEST_RATIO, n_weights)]
    else:
        weights = [(1.0, 0), *((LARGEST_RATIO, k) for k in range(1, n_weights))]
    return [
        Point({"learning_rate": rate, "ratio": ratio, "direction": direction})
        for rate in geometric(LOWEST_RATE, HIGHEST_RATE, n_rates + 2)[1:-1]
        for ratio, direction in weights
    ]


def fit_network(problem, params, context, options, rule, rule_options):
    """Train the network of `problem` at the learning rate of `params`, and return the `Fit`.

    The weights of the network are one column. A fit has converged if all its steps were taken, which fails
    where a loss overflows: the residual is the share of the steps that were not.
    """
    trained = train(
        problem.network,
        problem.losses,
        problem.rows,
        problem.validation.judge,
        rule,
        rule_options,
        params["learning_rate"],
        scales=problem.scales,
        # Without the method's name: all methods have the same starts and batches.
        seed=tuple(context.seed[:3]),
        rule_seed=tuple(context.seed),
        steps=options["steps"],
        batch=options["batch"] or (SHARED_BATCH if problem.rows.shared else OWN_BATCH),
        checks=options["checks"],
    )
    losses = trained.losses.sum(axis=1) if len(trained.losses) else np.array([np.finfo(float).max])
    residual = 1.0 - trained.steps / options["steps"]
    learned = {"training_losses": trained.losses}
    if problem.network.n_trunk:
        learned |= {"conflicts": trained.conflicts, "task_weights": trained.task_weights}
    return Fit(
        trained.weights[:, None],
        [float(value) for value in losses],
        trained.steps,
        residual <= context.tolerance,
        residual,
        learned=learned,
    )


def balanced(rule, tuned=False):
    """Return the fields of a `MethodSpec` that balances a shared trunk by a rule.

    tuned : whether the options of the rule are hyper-parameters of the grid.
    """

    def fit(problem, params, context, options):
        """Train the network."""
        given = params if tuned else options
        return fit_network(problem, params, context, options, rule, {key: given[key] for key in rule.options})

    axes = (Axis("ratio"), Axis("learning_rate")) if tuned else (Axis("learning_rate"),)
    return {
        "citation": rule.citation,
        "objective": rule.objective,
        "grid": static_grid if tuned else grid,
        "fit": fit,
        "sees": on_network("shared"),
        "axes": axes,
        "hyperparameters": {**RATE, **RATIO} if tuned else RATE,
        "options": {**TRAINING, **(FIXED_RATIO if tuned else rule.options)},
        "applies_to": KINDS,
        "learns": ("conflicts", "task_weights", "training_losses"),
    }


def architecture(name, objective, citation, options=(), **more):
    """Return the fields of a `MethodSpec` of an architecture that follows the sum of the losses.

    options : of the method, beyond those of training or in their place. more : arguments of the network.
    """

    def fit(problem, params, context, options):
        """Train the network."""
        return fit_network(problem, params, context, options, EQUAL, {})

    trunk = name == "shared"
    return {
        "citation": citation,
        "objective": objective,
        "grid": grid,
        "fit": fit,
        "sees": on_network(name, **more),
        "axes": (Axis("learning_rate"),),
        "hyperparameters": RATE,
        "options": {**TRAINING, **dict(options)},
        "applies_to": KINDS,
        "learns": ("conflicts", "task_weights", "training_losses") if trunk else ("training_losses",),
    }
