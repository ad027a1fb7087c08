"""What is measured: the one object that a case's file, or `scaling`, defines as ``SPEC``."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ProblemSpec:
    """How one kind of problem is solved and judged. A problem is `given`: {name: array, number or text}.

    contenders : function (given) -> list of `Contender`, ours first.
    judge : function (given) -> function of the result of an `Answer` that returns (objective, residual). The
        same judge measures all contenders; a number that does not exist is None.
    """

    contenders: Callable
    judge: Callable


@dataclass(frozen=True, kw_only=True)
class CaseSpec(ProblemSpec):
    """A case of the benchmark: one kind of problem, in one or more settings.

    title : what the tables call it.
    convex : whether all contenders must reach the same objective.
    settings : function (sources) -> {setting: given}. sources : those of a `BenchmarkCaseJob`,
        of the datasets that are available.
    datasets : datasets whose first split it reads.
    fits : methods whose fit of that split it reads.
    """

    title: str
    convex: bool
    settings: Callable
    datasets: tuple = ()
    fits: tuple = ()
