"""What a method is: the one object that its file defines as ``SPEC``."""

from collections.abc import Callable
from dataclasses import dataclass, field

KINDS = ("regression", "binary", "one-vs-rest")
# What a fit may hold beside its weights, as `MethodSpec.learns` names it.
LEARNED = ("graph", "order")


@dataclass(frozen=True)
class MethodSpec:
    """A method: its names, what it applies to, its options, its grid and its fit.

    name : entry name, the file's name with ``-`` for ``_``; random starts are seeded by it.
    title : name in tables and figures.
    order : place in tables, ascending; methods of the same order follow by name.
    citation, objective : the source and the formula that a fit minimizes.
    grid : function (problem, context, options, n_points) -> list of `Point`, strongest regularization first.
    fit : function (problem, params, context, options) -> `Fit`.
    options : JSON-schema properties of the options.
    init : spec of the method whose tuned weights it starts from, or None.
    applies_to : the kinds of split that it can be used on.
    needs_truth : whether it needs the weights that generated the data.
    control : whether it is a yardstick that does not compete.
    iterative : whether its trace is one objective that falls from iteration to iteration.
    learns : of `LEARNED`, what its fits hold beside the weights.
    """

    name: str
    title: str
    order: int
    citation: str
    objective: str
    grid: Callable
    fit: Callable
    options: dict = field(default_factory=dict)
    init: "MethodSpec | None" = None
    applies_to: tuple = KINDS
    needs_truth: bool = False
    control: bool = False
    iterative: bool = False
    learns: tuple = ()
