"""Weights of all tasks as a heat map, features by tasks: Figures 1 (a) and 1 (b)."""

import numpy as np

from workbench.report.figures import _style as style


def draw(weights, tasks, title, limits, meta):
    """Return a figure of `weights` (d, T); limits : the values at the two ends of the scale.

    meta : ``difficulty`` and ``group`` of the tasks, where known, label the tasks.
    """
    figure = style.new_figure(5.2, 4.8)
    axes = figure.subplots()
    # The lightness of cividis rises evenly, so the order of values survives grey print.
    image = axes.imshow(weights, cmap="cividis", vmin=limits[0], vmax=limits[1], aspect="auto")
    style.task_axis(axes.xaxis, tasks, meta, "Task", color="white", linewidth=2)
    d = len(weights)
    ticks = range(4, d - 1, 5)
    axes.set_yticks([0, *ticks, d - 1], ["1", *(str(i + 1) for i in ticks), "const."])
    axes.set_ylabel("Feature")
    style.title(axes, title, meta)
    axes.spines[:].set_visible(False)
    below, above = weights.min() < limits[0], weights.max() > limits[1]
    extend = "both" if below and above else "min" if below else "max" if above else "neither"
    figure.colorbar(image, ax=axes, extend=extend, label="Weight (target units per feature unit)")
    return figure


def limits(weights):
    """Return the smallest and the largest value, 0 included."""
    return min(0.0, float(np.min(weights))), max(0.0, float(np.max(weights)))
