"""Figure 1 (c): the graph that AMTL learned as a matrix; row s gives to column t."""

import numpy as np

from workbench.papers.lee2016.figures import LEARNER, SYNTHETIC, first_split, has_learned, learned
from workbench.report._spec import OutputSpec
from workbench.report.figures import _style as style

# Cells of larger graphs are too small for numbers.
MAX_TASKS_WITH_NUMBERS = 15
# Smaller weights would be shown as .00.
SMALLEST_NUMBER = 0.005


def draw(run, inputs):
    """Return the figure. inputs : ``fits``, one fit with a graph, and ``splits``, its split."""
    (split,) = inputs.load_splits()
    graph = inputs.fit_array("B", SYNTHETIC, LEARNER, 1)
    tasks, meta = split.tasks, split.meta
    figure = style.new_figure(6.2, 5.6)
    axes = figure.subplots()
    top = float(graph.max()) or 1.0
    image = axes.imshow(graph, cmap="Blues", vmin=0, vmax=top)
    axes.plot([-0.5, len(tasks) - 0.5], [-0.5, len(tasks) - 0.5], color="0.75", linewidth=0.8)
    for axis, name in ((axes.xaxis, "To task"), (axes.yaxis, "From task")):
        style.task_axis(axis, tasks, meta, name, color="black", linewidth=1.5)
    if len(tasks) <= MAX_TASKS_WITH_NUMBERS:
        for source, target in np.argwhere(graph >= SMALLEST_NUMBER):
            value = graph[source, target]
            color = "white" if value > 0.6 * top else "black"
            text = f"{value:.2f}".removeprefix("0")
            axes.text(target, source, text, ha="center", va="center", fontsize=7, color=color)
    axes.spines[:].set_visible(True)
    title = f"Graph learned by {run.title(LEARNER)}\n{run.title(SYNTHETIC)}, split {split.index}"
    style.title(axes, title + _sums(graph, meta), meta)
    figure.colorbar(image, ax=axes, label="Edge weight (no unit)", shrink=0.85)
    return figure


def _sums(graph, meta):
    """Return a line with the sums of edge weights between kinds of tasks, empty if no kinds are known."""
    parts = []
    if "difficulty" in meta:
        hard = np.array(meta["difficulty"]) == "hard"
        parts.append(f"easy → hard {graph[np.ix_(~hard, hard)].sum():.2f}")
        parts.append(f"hard → easy {graph[np.ix_(hard, ~hard)].sum():.2f}")
    if "group" in meta:
        group = np.array(meta["group"])
        parts.append(f"across groups {graph[group[:, None] != group[None, :]].sum():.2f}")
    return f"\nSum of weights: {', '.join(parts)}" if parts else ""


SPEC = OutputSpec("Figure 1 (c)", "Figures", 12, draw, applies=has_learned, fits=learned, splits=first_split)
