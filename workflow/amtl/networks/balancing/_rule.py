"""What a balancing rule is, and what it sees in one step: `Rule` and `Given`.

J (T, P) holds the gradients of the T losses in the P weights of the trunk, and G = J J' their inner products.
A rule returns weights alpha (T,); the trunk then moves against d = J' alpha. The weights may also be (T, P),
one for each coordinate.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

# Gradients whose squared norm is below this share of the largest one count as zero.
ZERO_GRADIENT = 1e-24
LOSSES, GRAM, GRADIENTS = "losses", "gram", "gradients"


@dataclass
class Given:
    """What a rule sees in one step.

    Parameters
    ----------
    losses : ndarray of shape (T,)
        Losses of the step's rows.
    gram : ndarray of shape (T, T) or None
        Inner products of the gradients; None for rules that need the losses alone.
    gradients : ndarray of shape (T, P) or None
        The gradients, for rules that need them.
    random : numpy.random.Generator
        For rules that draw.
    regression : ndarray of bool of shape (T,)
        Whether the loss of a task is the squared one.
    history : list of ndarray of shape (T,)
        Mean losses of the periods before this one, the oldest first. A period lies between two checks on the
        validation rows.
    first_losses : ndarray of shape (T,)
        Losses of the first step.
    learning_rate : float
        That of the network.
    """

    losses: np.ndarray
    gram: np.ndarray | None = None
    gradients: np.ndarray | None = None
    random: np.random.Generator | None = None
    regression: np.ndarray | None = None
    history: list = field(default_factory=list)
    first_losses: np.ndarray | None = None
    learning_rate: float = 0.0


def _no_state(n_tasks, options):
    return None


@dataclass(frozen=True)
class Rule:
    """A balancing rule: its names, its options and the map from gradients to weights.

    Parameters
    ----------
    name, title : str
        Its name, and its name in tables.
    citation, objective : str
        The source, and what the weights solve.
    weigh : callable
        ``weigh(given, state, options)`` returns (weights, new state). It changes none of its arguments.
    start : callable
        ``start(n_tasks, options)`` returns the state before the first step.
    needs : {"losses", "gram", "gradients"}
        What it reads of a step. A rule that needs the losses alone costs one backward pass for all tasks.
    weighs_heads : bool
        Whether the weights multiply the losses, so that heads take them too. Otherwise every head takes the
        gradient of its own loss.
    options : dict
        JSON-schema properties of its options. Each has a default.
    """

    name: str
    title: str
    citation: str
    objective: str
    weigh: Callable
    start: Callable = _no_state
    needs: str = GRAM
    weighs_heads: bool = False
    options: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def defaults(self) -> dict[str, Any]:
        """The options' defaults."""
        return {key: schema["default"] for key, schema in self.options.items()}


def nonzero(gram: np.ndarray) -> np.ndarray:
    """Return the positions of the tasks whose gradient is not zero."""
    squares = np.diag(gram)
    return np.flatnonzero(squares > ZERO_GRADIENT * max(float(squares.max()), np.finfo(float).tiny))


def among_nonzero(gram: np.ndarray, solve: Callable) -> np.ndarray:
    """Return weights (T,): those that ``solve(gram)`` gives the tasks with a gradient, and 0 for the others.

    Tasks without a gradient have no say in the direction. If there is none with one, all weights are 1.
    """
    kept = nonzero(gram)
    if len(kept) == 0:
        return np.ones(len(gram))
    if len(kept) == len(gram):
        return solve(gram)
    weights = np.zeros(len(gram))
    weights[kept] = solve(gram[np.ix_(kept, kept)])
    return weights
