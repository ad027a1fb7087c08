"""Figure 3: learned graphs as drawings; a node's area is its training loss, an arrow's width its weight."""

import numpy as np

from amtl.errors import InputError
from workbench.papers.lee2016.figures import GRAPHS, MNIST, fitted
from workbench.report._spec import OutputSpec
from workbench.report.figures import _style as style
from workbench.scores import Scores

LARGEST_RADIUS = 14.0  # points
SMALLEST_RADIUS = 1.5  # points
LARGEST_WIDTH = 5.0  # points
SMALLEST_SHARE = 0.02  # of the largest weight; thinner arrows would be invisible
SHARES_IN_LEGEND = (0.25, 0.5, 1.0)
NODE = {"marker": "o", "markerfacecolor": style.COLORS[3], "markeredgecolor": "black"}


def draw(run, inputs):
    """Return one panel per method. inputs : ``fits`` with a graph, of split 1, and ``scores``."""
    from matplotlib.lines import Line2D

    scores = Scores(inputs["scores"])
    panels = {method: _panel(scores, inputs, method) for method in fitted(run, MNIST, *GRAPHS)}
    top_loss = max(max(losses.values()) for _, losses in panels.values()) or 1.0
    top_weight = max(float(graph.max()) for graph, _ in panels.values()) or 1.0
    figure = style.new_figure(4.1 * len(panels), 5.5)
    places = figure.subplots(1, len(panels), squeeze=False)[0]
    for letter, axes, (method, (graph, losses)) in zip("ab", places, panels.items(), strict=False):
        radii = {task: _radius(loss, top_loss) for task, loss in losses.items()}
        _draw_graph(axes, graph, top_weight, radii)
        edges = int((graph > 0).sum())
        text = f"({letter}) {run.title(method)}\n{run.title(MNIST)}, split 1, {edges} edges"
        # Inside the axes: the layout would cut off a title above axes of fixed aspect.
        axes.text(0, 1.62, text, ha="center", va="top", fontsize=10)
    # One row of three widths and one of three sizes; a legend fills column by column.
    handles = []
    for share in SHARES_IN_LEGEND:
        weight, loss = share * top_weight, share * top_loss
        size = 2 * _radius(loss, top_loss)
        look = {**NODE, "markersize": size, "linestyle": "none"}
        handles.append(Line2D([], [], **_arrow(share), label=f"edge weight {weight:#.2g}"))
        handles.append(Line2D([], [], **look, label=f"training loss {loss:#.2g}"))
    style.legend(figure, 3, handles=handles, handlelength=3.6, labelspacing=2.2, borderpad=1.2)
    return figure


def _panel(scores, inputs, method):
    """Return (graph (T, T), {task: training loss})."""
    graph = inputs.fit_array("B", MNIST, method, 1)
    losses = scores.by_task(MNIST, method, "train_loss")
    losses = {task: values[1] for task, values in losses.items() if 1 in values}
    if len(losses) != len(graph):
        path = inputs["fits"].path(MNIST, method, 1, "npz")
        raise InputError(f"{path}: the scores lack the training loss of one of its {len(graph)} tasks")
    return graph, losses


def _draw_graph(axes, graph, top_weight, radii):
    """Draw tasks on a circle, clockwise from the top. radii : {task: radius of its node in points}."""
    from matplotlib.patches import FancyArrowPatch

    angles = np.pi / 2 - 2 * np.pi * np.arange(len(graph)) / len(graph)
    places = np.column_stack([np.cos(angles), np.sin(angles)])
    sizes = list(radii.values())
    # Heavy arrows last, so that they lie on top.
    shown = np.argwhere(graph > SMALLEST_SHARE * top_weight).tolist()
    for source, target in sorted(shown, key=lambda edge: graph[*edge]):
        look = _arrow(graph[source, target] / top_weight)
        ends = places[source], places[target]
        arrow = FancyArrowPatch(
            *ends,
            connectionstyle=f"arc3,rad={_bend(*ends):.3f}",
            arrowstyle="-|>,head_length=0.5,head_width=0.25",
            mutation_scale=7 + 1.6 * look["linewidth"],
            shrinkA=sizes[source] + 1,
            shrinkB=sizes[target] + 2,
            joinstyle="miter",
            **look,
        )
        axes.add_patch(arrow)
    name = {
        "textcoords": "offset points",
        "ha": "center",
        "va": "center",
        "fontsize": 10,
        "fontweight": "bold",
    }
    for place, (task, radius) in zip(places, radii.items(), strict=True):
        axes.plot(*place, **NODE, markersize=2 * radius, linestyle="none", zorder=3)
        axes.annotate(task, place, xytext=place * (radius + 9), **name)
    axes.set(xlim=(-1.35, 1.35), ylim=(-1.35, 1.65), aspect="equal", xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def _arrow(share):
    """Return the look of an arrow with this share of the largest weight."""
    return {"linewidth": LARGEST_WIDTH * share, "color": str(round(0.62 * (1 - share), 3))}


def _bend(source, target):
    """Return the curvature that leads an arrow inside the circle, past the nodes between its ends.

    The two arrows of a pair bend by different amounts, so both are visible.
    """
    length = np.linalg.norm(target - source)
    clockwise = source[0] * target[1] < source[1] * target[0]
    return min(0.34 / length, 0.6) if clockwise else -min(0.05 / length, 0.1)


def _radius(loss, top_loss):
    """Return the radius in points of a node: its area is proportional to `loss`, but stays visible."""
    return max(LARGEST_RADIUS * np.sqrt(loss / top_loss), SMALLEST_RADIUS)


SPEC = OutputSpec(
    "Figure 3",
    "Figures",
    30,
    draw,
    reads=("scores",),
    applies=lambda run: bool(fitted(run, MNIST, *GRAPHS)),
    fits=lambda run: {MNIST: {method: [1] for method in fitted(run, MNIST, *GRAPHS)}},
)
