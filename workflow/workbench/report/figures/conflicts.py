"""Share of conflicting gradients along training: equal weights, and methods that look at the gradients."""

import numpy as np

from workbench.papers.yu2024.networks import EQUAL, OTHERS, SURGERY
from workbench.report._spec import OutputSpec
from workbench.report.figures import _style as style


def draw(run, inputs):
    """Return one panel per dataset: means over the splits. inputs : ``fits``."""
    read = fits_read(run)
    shown = [dataset for dataset in run.datasets if dataset.name in read]
    figure, panels = style.panels(len(shown), 2, (7.4, 2.4), 0.9, "Conflicting pairs, %")
    names = {}
    for axes, dataset in zip(panels, shown, strict=True):
        for method, splits in read[dataset.name].items():
            curves = [inputs.fit_array("conflicts", dataset.name, method, k) for k in splits]
            steps = min(map(len, curves))
            mean = 100.0 * np.mean([curve[:steps] for curve in curves], axis=0)
            look = style.line_look(names.setdefault(method, len(names))) | {"markersize": 3}
            axes.plot(np.arange(1, steps + 1), mean, **look)
        axes.axhline(50.0, color="0.5", linewidth=0.6)
        axes.set_title(dataset.title)
        axes.set_xlabel("Check during training")
        axes.set_ylim(0, 100)
    style.legend(figure, 4, handles=[_handle(run.title(name), k) for name, k in names.items()])
    return figure


def _handle(title, place):
    from matplotlib.lines import Line2D

    return Line2D([], [], **style.line_look(place), label=title)


def fits_read(run):
    """Return {dataset: {method: split numbers}} of the fits whose conflicts are shown."""
    known = (EQUAL, *SURGERY, *OTHERS)
    methods = [m.name for m in run.methods if "conflicts" in m.learns and m.name in known]
    found = {
        dataset.name: {m: run.splits_of(dataset.name, m) for m in methods if run.splits_of(dataset.name, m)}
        for dataset in run.datasets
    }
    return {name: methods for name, methods in found.items() if methods}


SPEC = OutputSpec(
    "Conflicts",
    "Small networks",
    20,
    draw,
    applies=lambda run: bool(fits_read(run)),
    fits=fits_read,
)
