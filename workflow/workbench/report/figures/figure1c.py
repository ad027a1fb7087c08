"""Figure 1 (c): the learned graph as a matrix; row s gives to column t."""

import numpy as np

from amtl.errors import InputError
from workbench.papers.lee2016.numbers import dataset_title, method_title
from workbench.report.figures import _style as style
from workbench.scores import read_arrays
from workbench.split_files import load_split

LARGEST_WITH_NUMBERS = 15


def draw(job, inputs):
    """Return the figure.

    inputs: ``fits`` = [one fit with a graph], ``splits`` = [its split]; job: ``titles``.
    """
    path = inputs["fits"][0]
    dataset, method, index, arrays = read_arrays(path)
    split = load_split(inputs["splits"][0])
    if "B" not in arrays:
        raise InputError(f"{path}: {method} learns no graph; figure1c needs a method that does")
    graph, tasks, meta = arrays["B"], split.tasks, split.meta
    figure = style.new_figure(6.2, 5.6)
    axes = figure.subplots()
    top = float(graph.max()) or 1.0
    image = axes.imshow(graph, cmap="Blues", vmin=0, vmax=top)
    axes.plot([-0.5, len(tasks) - 0.5], [-0.5, len(tasks) - 0.5], color="0.75", linewidth=0.8)
    for border in style.group_borders(meta.get("group", ())):
        axes.axvline(border, color="black", linewidth=1.5)
        axes.axhline(border, color="black", linewidth=1.5)
    if len(tasks) <= LARGEST_WITH_NUMBERS:
        for source, target in np.argwhere(graph >= 0.005):
            value = graph[source, target]
            color = "white" if value > 0.6 * top else "black"
            text = f"{value:.2f}".removeprefix("0")
            axes.text(target, source, text, ha="center", va="center", fontsize=7, color=color)
    style.task_ticks(axes.xaxis, tasks, meta.get("difficulty"))
    style.task_ticks(axes.yaxis, tasks, meta.get("difficulty"))
    letters = " (E easy, H hard)" if "difficulty" in meta else ""
    axes.set_xlabel(f"To task{letters}")
    axes.set_ylabel(f"From task{letters}")
    axes.spines[:].set_visible(True)
    style.title(
        axes,
        "\n".join(
            [
                f"Graph learned by {method_title(job, method)}",
                f"{dataset_title(dataset)}, split {index}",
                *_sums(graph, meta),
            ]
        ),
        meta.get("group", ()),
    )
    figure.colorbar(image, ax=axes, label="Edge weight (no unit)", shrink=0.85)
    return figure


def _sums(graph, meta):
    """Return one line with the sums of edge weights between the kinds of task that are known, or none."""
    parts = []
    if "difficulty" in meta:
        hard = np.array(meta["difficulty"]) == "hard"
        parts.append(f"easy → hard {graph[np.ix_(~hard, hard)].sum():.2f}")
        parts.append(f"hard → easy {graph[np.ix_(hard, ~hard)].sum():.2f}")
    if "group" in meta:
        group = np.array(meta["group"])
        parts.append(f"across groups {graph[group[:, None] != group[None, :]].sum():.2f}")
    return [f"Sum of weights: {', '.join(parts)}"] if parts else []
