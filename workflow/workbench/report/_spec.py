"""What a table or a figure is: the one object that its file defines as ``SPEC``."""

from collections.abc import Callable
from dataclasses import dataclass

# The tidy tables in results/ that a table or a figure may read, by role.
TIDY = ("scores", "timings", "warnings", "methods", "versions")


@dataclass(frozen=True)
class OutputSpec:
    """A table or a figure: what it reads, when it applies and how it is made.

    label : name in the report, such as ``Figure 1 (a)``.
    section : section of the report.
    order : place in the section, ascending; the same order follows by name.
    make : function (run, inputs) -> `Table` or matplotlib `Figure`; run is the `RunInfo`, inputs a dict by
        role: the path of each tidy table in `reads`; ``fits``, a `FitReader`; ``splits``, a list of (path,
        digest) as `load_split` takes them; ``pairs``, {(dataset, split): arrays of `amtl.pairs.Pairs`};
        ``solvers``, {(dataset, split): what `amtl.two_mtl.study.compare_solvers` returns};
        ``tables``, {name: csv path} of other tables; ``published``, paths
        of the files of all published runs, and ``settings``, the configuration of this run as a dict, for an
        output that `reads_published`; ``registry``, {raw file: {"licence", "citation"}}.
    reads : of `TIDY`.
    applies : function (run) -> true if the run can fill it.
    fits : function (run) -> {dataset: {method: list of split numbers}} of the fits that it reads.
    splits : function (run) -> {dataset: list of split numbers} of the splits that it reads.
    pairs : function (run) -> {dataset: list of split numbers} of the gains of pairs of tasks that it reads.
    solvers : the same of the comparisons of the solvers of 2MTL.
    tables : function (run) -> names of other tables that it reads, those that do not apply left out.
    reads_published : whether it reads results/published.
    reads_registry : whether it shows the licence and citation of the raw files.
    """

    label: str
    section: str
    order: int
    make: Callable
    reads: tuple = ()
    applies: Callable = lambda run: True
    fits: Callable = lambda run: {}
    splits: Callable = lambda run: {}
    pairs: Callable = lambda run: {}
    solvers: Callable = lambda run: {}
    tables: Callable = lambda run: ()
    reads_published: bool = False
    reads_registry: bool = False
