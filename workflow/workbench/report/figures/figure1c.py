"""Figure 1 (c): the graph that AMTL learned as a matrix; row s gives to column t."""

import numpy as np

from amtl.errors import InputError
from workbench.papers.lee2016.figures import LEARNER, SYNTHETIC, fitted
from workbench.report._spec import OutputSpec
from workbench.report.figures import _style as style
from workbench.split_files import load_split

# Cells of larger graphs are too small for numbers.
MAX_TASKS_WITH_NUMBERS = 15
# Smaller weights would be shown as .00.
SMALLEST_NUMBER = 0.005


def draw(run, inputs):
    """Return the figure. inputs : ``fits``, one fit with a graph, and ``splits``, its split."""
    ((path, digest),) = inputs["splits"]
    split = load_split(path, digest)
    arrays = inputs["fits"].arrays(SYNTHETIC, LEARNER, 1)
    if "B" not in arrays:
        raise InputError(
            f"{inputs['fits'].path(SYNTHETIC, LEARNER, 1, 'npz')}: holds no graph; figure1c needs one"
        )
    graph, tasks, meta = arrays["B"], split.tasks, split.meta
    figure = style.new_figure(6.2, 5.6)
    axes = figure.subplots()
    top = float(graph.max()) or 1.0
    image = axes.imshow(graph, cmap="Blues", vmin=0, vmax=top)
    axes.plot([-0.5, len(tasks) - 0.5], [-0.5, len(tasks) - 0.5], color="0.75", linewidth=0.8)
    for border in style.group_borders(meta.get("group", ())):
        axes.axvline(border, color="black", linewidth=1.5)
        axes.axhline(border, color="black", linewidth=1.5)
    if len(tasks) <= MAX_TASKS_WITH_NUMBERS:
        for source, target in np.argwhere(graph >= SMALLEST_NUMBER):
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
    lines = [
        f"Graph learned by {run.method(LEARNER).title}",
        f"{run.dataset(SYNTHETIC).title}, split {split.index}",
        *_sums(graph, meta),
    ]
    style.title(axes, "\n".join(lines), meta.get("group", ()))
    figure.colorbar(image, ax=axes, label="Edge weight (no unit)", shrink=0.85)
    return figure


def _sums(graph, meta):
    """Return a line with the sums of edge weights between kinds of tasks, if kinds are known, as a list."""
    parts = []
    if "difficulty" in meta:
        hard = np.array(meta["difficulty"]) == "hard"
        parts.append(f"easy → hard {graph[np.ix_(~hard, hard)].sum():.2f}")
        parts.append(f"hard → easy {graph[np.ix_(hard, ~hard)].sum():.2f}")
    if "group" in meta:
        group = np.array(meta["group"])
        parts.append(f"across groups {graph[group[:, None] != group[None, :]].sum():.2f}")
    return [f"Sum of weights: {', '.join(parts)}"] if parts else []


SPEC = OutputSpec(
    label="Figure 1 (c)",
    section="Figures",
    order=12,
    make=draw,
    applies=lambda run: bool(fitted(run, SYNTHETIC, LEARNER)),
    fits=lambda run: {SYNTHETIC: {LEARNER: [1]}},
    splits=lambda run: {SYNTHETIC: [1]},
)
