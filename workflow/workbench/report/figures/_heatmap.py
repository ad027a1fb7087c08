"""Weights of all tasks as a heat map, features by tasks: Figures 1 (a) and 1 (b)."""

from workbench.report.figures import _style as style


def draw(run, split, weights, title):
    """Return a figure of `weights` (d, T) of a split; the scale is that of the true weights if there are any.

    title : its first line.
    """
    scale = weights if split.truth is None else split.truth
    low, high = min(0.0, float(scale.min())), max(0.0, float(scale.max()))
    figure = style.new_figure(5.2, 4.8)
    axes = figure.subplots()
    # The lightness of cividis rises evenly, so the order of values survives grey print.
    image = axes.imshow(weights, cmap="cividis", vmin=low, vmax=high, aspect="auto")
    style.task_axis(axes.xaxis, split.tasks, split.meta, "Task", color="white", linewidth=2)
    d = len(weights)
    ticks = range(4, d - 1, 5)
    axes.set_yticks([0, *ticks, d - 1], ["1", *(str(i + 1) for i in ticks), "const."])
    axes.set_ylabel("Feature")
    style.title(axes, f"{title}\n{run.title(split.dataset)}, split {split.index}", split.meta)
    axes.spines[:].set_visible(False)
    below, above = weights.min() < low, weights.max() > high
    extend = "both" if below and above else "min" if below else "max" if above else "neither"
    figure.colorbar(image, ax=axes, extend=extend, label="Weight (target units per feature unit)")
    return figure
