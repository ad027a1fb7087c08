"""The objective of each iterative method against the iteration, as its relative gap to where it ended."""

import numpy as np

from workbench.report._spec import OutputSpec
from workbench.report._variants import panel_datasets
from workbench.report.figures import _style as style

SMALLEST_GAP = 1e-12  # smaller gaps are rounding errors
# Lines of more splits would hide each other; the table of convergence covers all of them.
SPLIT = 1
# More lines hide each other: a panel shows those of the methods that took the most iterations.
MAX_LINES = 10
# Longer traces get a logarithmic axis of iterations.
MAX_LINEAR_ITERATIONS = 50


def draw(run, inputs):
    """Return one panel per dataset and one line per method. inputs : ``fits``, of one split."""
    from matplotlib.lines import Line2D
    from matplotlib.ticker import MaxNLocator

    gaps = {}
    for dataset, method, split in inputs["fits"]:
        objective = inputs["fits"].arrays(dataset, method, split)["objective"]
        if len(objective) > 1:
            gaps.setdefault(dataset, {})[method] = relative_gap(objective)
    gaps = {dataset: _longest(by_method) for dataset, by_method in gaps.items()}
    if not gaps:
        figure = style.new_figure(5.0, 1.0)
        figure.text(0.5, 0.5, "No fit took more than one iteration.", ha="center")
        return figure
    datasets = [dataset for dataset in run.datasets if dataset.name in gaps]
    shown = {method for by_method in gaps.values() for method in by_method}
    methods = [method for method in run.methods if method.name in shown]
    columns = 2 if len(datasets) in (2, 4) else min(len(datasets), 3)
    size, label = (max(3.4 * columns, 5.0), 3.0), "Relative gap to\nthe final objective"
    figure, panels = style.panels(len(datasets), columns, size, 0.5, label, sharey=True)
    longest = max(len(gap) for by_method in gaps.values() for gap in by_method.values())
    for axes, dataset in zip(panels, datasets, strict=True):
        for method, gap in gaps[dataset.name].items():
            # A log scale cannot show a gap of 0, which the last iteration has.
            (iterations,) = np.nonzero(gap > SMALLEST_GAP)
            axes.plot(iterations + 1, gap[iterations], **style.line_look(run.place(method)), markevery=[-1])
        axes.set_title(f"{dataset.title}\nsplit {SPLIT}")
        axes.set_yscale("log")
        if longest > MAX_LINEAR_ITERATIONS:
            axes.set_xscale("log")
        else:
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("Iteration")
    handles = [Line2D([], [], **style.line_look(run.place(m.name)), label=m.title) for m in methods]
    style.legend(figure, min(len(methods), 4), handles=handles, handlelength=4)
    return figure


def _longest(gaps):
    """Return the `MAX_LINES` longest traces of {method: trace}, in their order."""
    kept = sorted(gaps, key=lambda method: -len(gaps[method]))[:MAX_LINES]
    return {method: gap for method, gap in gaps.items() if method in kept}


def relative_gap(objective):
    """Return ``(F_k - F_end) / |F_end|`` for every iteration k."""
    objective = np.asarray(objective, dtype=float)
    return (objective - objective[-1]) / max(abs(objective[-1]), np.finfo(float).tiny)


def _shown(run):
    """Return the iterative methods; the variants of a method that the run has too would hide its line."""
    names = [method.name for method in run.methods]
    return [m for m in run.methods_that(iterative=True) if m.name == m.method or m.method not in names]


def _fits(run):
    names = [method.name for method in _shown(run)]
    return {
        d.name: {name: [SPLIT] for name in names if SPLIT in run.splits_of(d.name, name)}
        for d in panel_datasets(run)
    }


def _applies(run):
    return any(splits for methods in _fits(run).values() for splits in methods.values())


SPEC = OutputSpec("Objective", "Figures", 50, draw, applies=_applies, fits=_fits)
