"""Weights of all tasks as heat maps, features by tasks: Figures 1 (a) and 1 (b)."""

from workbench.report.figures import _style as style

UNIT = "target units per feature unit"


def draw(run, split, weights, title, difference=None):
    """Return a figure of `weights` (d, T) of a split; the scale is that of the true weights if there are any.

    title : its first line. difference : (title, weights (d, T)) of a second panel, whose scale has 0 in its
    middle, or None.
    """
    scale = weights if split.truth is None else split.truth
    low, high = min(0.0, float(scale.min())), max(0.0, float(scale.max()))
    figure = style.new_figure(5.2 if difference is None else 10.2, 4.8)
    panels = figure.subplots(1, 1 if difference is None else 2, squeeze=False)[0]
    # The lightness of cividis rises evenly, so the order of values survives grey print.
    _panel(figure, panels[0], run, split, weights, title, ("cividis", low, high, "Weight"))
    if difference is not None:
        title, weights = difference
        top = float(abs(weights).max()) or 1.0
        _panel(figure, panels[1], run, split, weights, title, ("PuOr", -top, top, "Difference"))
    return figure


def _panel(figure, axes, run, split, weights, title, scale):
    """Draw one heat map with its scale: colors, ends and name."""
    colors, low, high, name = scale
    image = axes.imshow(weights, cmap=colors, vmin=low, vmax=high, aspect="auto")
    style.task_axis(axes.xaxis, split.tasks, split.meta, "Task", color="white", linewidth=2)
    d = len(weights)
    ticks = range(4, d - 1, 5)
    axes.set_yticks([0, *ticks, d - 1], ["1", *(str(i + 1) for i in ticks), "const."])
    axes.set_ylabel("Feature")
    style.title(axes, f"{title}\n{run.title(split.dataset)}, split {split.index}", split.meta)
    axes.spines[:].set_visible(False)
    below, above = weights.min() < low, weights.max() > high
    extend = "both" if below and above else "min" if below else "max" if above else "neither"
    figure.colorbar(image, ax=axes, extend=extend, label=f"{name} ({UNIT})")
