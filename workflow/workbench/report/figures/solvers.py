"""The gap of each solver of 2MTL to the optimum, against passes and against seconds."""

import numpy as np

from workbench.report import _solvers as solvers
from workbench.report._spec import OutputSpec
from workbench.report.figures import _style as style

# Smaller gaps are below the accuracy of the stochastic solvers, in %.
SMALLEST_GAP = 1e-3


def draw(run, inputs):
    """Return two panels per dataset: medians over the splits. inputs : ``solvers``."""
    shown = solvers.datasets(run)
    size = (3.4 * 2, 2.3)
    figure, panels = style.panels(2 * len(shown), 2, size, 0.6, "Gap to the optimum, %")
    names = {}
    for row, dataset in enumerate(shown):
        studies = solvers.studies(inputs, dataset.name)
        for column, (key, label) in enumerate((("pass", "Pass"), ("seconds", "Seconds"))):
            axes = panels[2 * row + column]
            for solver in studies[0]["traces"]:
                look = style.line_look(names.setdefault(solver, len(names)))
                axes.plot(*_median(studies, solver, key), **look)
            if key == "seconds":
                optimum = float(np.median([study["optimum"]["seconds"] for study in studies]))
                axes.axvline(optimum, color="0.5", linewidth=0.8, linestyle=":")
                axes.set_xscale("log")
                style.seconds_axis(axes.xaxis)
            axes.axhline(1.0, color="0.5", linewidth=0.6)
            axes.set_yscale("log")
            axes.set_ylim(SMALLEST_GAP, 1e3)
            axes.set_title(dataset.title)
            axes.set_xlabel(label)
    handles = [_handle(solver, place) for solver, place in names.items()]
    style.legend(figure, 3, handles=handles, handlelength=4)
    return figure


def _median(studies, solver, key):
    """Return (places, gaps in %) of the passes that the solver finished in every split."""
    traces = [study["traces"][solver] for study in studies]
    count = min(map(len, traces))
    values = np.array([[(each[key], 100.0 * each["gap"]) for each in trace[:count]] for trace in traces])
    if count == 0:
        return [], []
    places, gaps = np.median(values, axis=0).T
    return places, np.maximum(gaps, SMALLEST_GAP)


def _handle(solver, place):
    from matplotlib.lines import Line2D

    return Line2D([], [], **style.line_look(place), label=solver)


SPEC = OutputSpec("Solvers of 2MTL", "2MTL", 5, draw, applies=solvers.applies, solvers=solvers.splits_read)
