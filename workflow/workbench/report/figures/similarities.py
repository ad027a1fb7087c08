"""Learned similarities of 2MTL beside the true ones and beside AMTL's graph, as heat maps."""

import numpy as np

from workbench.papers.lee2016.figures import LEARNER
from workbench.report import _relations as relations
from workbench.report import _solvers as solvers
from workbench.report._spec import OutputSpec
from workbench.report.figures import _style as style

SPLIT = 1
# A heat map shows so many tasks.
MAX_TASKS = 64


def draw(run, inputs):
    """Return a row per dataset: the true similarity if it is known, then what methods learned.

    inputs : ``fits`` and ``splits``, of one split.
    """
    splits = {split.dataset: split for split in inputs.load_splits()}
    shown = [each for each in _datasets(run) if len(splits[each.name].tasks) <= MAX_TASKS]
    methods = _methods(run)
    figure = style.new_figure(2.3 * (len(methods) + 1), 0.4 + 2.3 * max(len(shown), 1))
    if not shown:
        figure.suptitle(f"No dataset has at most {MAX_TASKS} tasks")
        return figure
    grid = figure.subplots(len(shown), len(methods) + 1, squeeze=False)
    for row, dataset in zip(grid, shown, strict=True):
        true = splits[dataset.name].meta.get("similarity")
        _draw(row[0], None if true is None else np.array(true), "True similarity", "not known")
        row[0].set_ylabel(f"{style.short(dataset.title, 28)}\ntask")
        for axes, method in zip(row[1:], methods, strict=True):
            found = None
            if SPLIT in run.splits_of(dataset.name, method.name):
                arrays = inputs["fits"].arrays(dataset.name, method.name, SPLIT)
                found = relations.relation(method, arrays)
            # Row t of a similarity is what task t learns from; column t of a graph is what it receives.
            if found is not None and relations.learned(method) == "graph":
                found = found.T
            _draw(axes, found, style.short(method.title), "not run")
    for axes in grid[-1]:
        axes.set_xlabel("from task")
    return figure


def _draw(axes, values, title, absent):
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_title(title)
    if values is None:
        axes.text(0.5, 0.5, absent, ha="center", va="center", transform=axes.transAxes)
        return
    shown = np.asarray(values, dtype=float).copy()
    np.fill_diagonal(shown, 0.0)
    axes.imshow(shown, cmap="Greys", vmin=0.0, vmax=float(shown.max()) or 1.0, interpolation="nearest")


def _datasets(run):
    return solvers.datasets(run)


def _methods(run):
    """Return the methods with a learned similarity, and AMTL."""
    return [m for m in run.methods if relations.learned(m) == "similarity" or m.name == LEARNER]


def _fits(run):
    return {
        each.name: {m.name: [SPLIT] for m in _methods(run) if SPLIT in run.splits_of(each.name, m.name)}
        for each in _datasets(run)
    }


SPEC = OutputSpec(
    "Learned similarities",
    "2MTL",
    7,
    draw,
    applies=solvers.applies,
    fits=_fits,
    splits=lambda run: {each.name: [SPLIT] for each in _datasets(run)},
)
