"""The objective of every iterative fit against the iteration, as its relative gap to where it ended."""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from workbench.papers.lee2016.numbers import DATASETS, METHOD_TITLES, dataset_title, in_order, method_title
from workbench.report.figures import _style as style
from workbench.scores import read_arrays

SMALLEST_GAP = 1e-12  # below this, rounding


def draw(job, inputs):
    """Return one panel per dataset and one line per fit. inputs: ``fits``; job: ``titles``."""
    gaps = {}
    for path in inputs["fits"]:
        dataset, method, _, arrays = read_arrays(path)
        if len(arrays.get("objective", ())) > 1:
            gaps.setdefault(dataset, {}).setdefault(method, []).append(relative_gap(arrays["objective"]))
    if not gaps:
        figure = style.new_figure(5.0, 1.0)
        figure.text(0.5, 0.5, "No fit took more than one iteration.", ha="center")
        return figure
    datasets = in_order(gaps, DATASETS)
    methods = in_order({m: None for each in gaps.values() for m in each}, METHOD_TITLES)
    columns = 2 if len(datasets) in (2, 4) else min(len(datasets), 3)
    rows = -(-len(datasets) // columns)
    figure = style.new_figure(max(3.4 * columns, 5.0), 3.0 * rows + 0.5)
    grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
    longest = max(len(gap) for each in gaps.values() for fits in each.values() for gap in fits)
    for axes, dataset in zip(grid.flat, datasets, strict=False):
        for i, method in enumerate(methods):
            for gap in gaps[dataset].get(method, []):
                axes.plot(*_points(gap), **_look(i), markevery=[-1])
        most = max(len(fits) for fits in gaps[dataset].values())
        axes.set_title(f"{dataset_title(dataset)}\n{most} split{'s' if most > 1 else ''}, a line each")
        axes.set_yscale("log")
        if longest > 50:
            axes.set_xscale("log")
        else:
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("Iteration")
    for axes in grid[:, 0]:
        axes.set_ylabel("Relative gap to\nthe final objective")
    for axes in grid.flat[len(datasets) :]:
        axes.axis("off")
    handles = [
        Line2D([], [], **_look(i), label=method_title(job, method)) for i, method in enumerate(methods)
    ]
    figure.legend(
        handles=handles, loc="outside lower center", ncols=min(len(methods), 4), frameon=False, handlelength=4
    )
    return figure


def relative_gap(objective):
    """Return ``(F_k - F_end) / |F_end|`` for every iteration k; never below 0 where F falls to its end."""
    objective = np.asarray(objective, dtype=float)
    return (objective - objective[-1]) / max(abs(objective[-1]), np.finfo(float).tiny)


def _points(gap):
    """Return (iterations, gaps) that a log scale can show: the end itself, gap 0, is not among them."""
    iterations = np.arange(1, len(gap) + 1)
    shown = gap > SMALLEST_GAP
    return iterations[shown], gap[shown]


def _look(i):
    return {
        "color": style.COLORS[i % len(style.COLORS)],
        "linestyle": style.LINES[i % len(style.LINES)],
        "marker": style.MARKERS[i % len(style.MARKERS)],
        "markersize": 4,
        "linewidth": 1.1,
        "markerfacecolor": "white",
    }
