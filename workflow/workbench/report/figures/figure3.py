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


def draw(run, inputs):
    """Return one panel per method. inputs : ``fits`` with a graph, of split 1, and ``scores``."""
    scores = Scores(inputs["scores"])
    methods = fitted(run, MNIST, *GRAPHS)
    panels = [_panel(scores, inputs["fits"], method) for method in methods]
    top_loss = max(max(panel["losses"]) for panel in panels) or 1.0
    top_weight = max(float(panel["graph"].max()) for panel in panels) or 1.0
    figure = style.new_figure(4.1 * len(panels), 5.5)
    places = figure.subplots(1, len(panels), squeeze=False)[0]
    for letter, axes, method, panel in zip("ab", places, methods, panels, strict=False):
        _draw_graph(axes, panel, top_loss, top_weight)
        # Inside the axes: the layout would cut off a title above axes of fixed aspect.
        axes.text(
            0,
            1.62,
            f"({letter}) {run.method(method).title}\n"
            f"{run.dataset(MNIST).title}, split 1, {int((panel['graph'] > 0).sum())} edges",
            ha="center",
            va="top",
            fontsize=10,
        )
    # One row of three widths and one of three sizes; a legend fills column by column.
    handles = [
        handle
        for share in (0.25, 0.5, 1.0)
        for handle in (_width_handle(share, top_weight), _size_handle(share, top_loss))
    ]
    figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=3,
        frameon=False,
        handlelength=3.6,
        labelspacing=2.2,
        borderpad=1.2,
    )
    return figure


def _panel(scores, reader, method):
    path = reader.path(MNIST, method, 1, "npz")
    graph = reader.arrays(MNIST, method, 1).get("B")
    if graph is None:
        raise InputError(f"{path}: holds no graph; figure3 needs one")
    tasks = scores.tasks(MNIST, method, "train_loss")
    losses = [scores.values(MNIST, method, "train_loss", task).get(1, np.nan) for task in tasks]
    if len(tasks) != len(graph) or np.isnan(losses).any():
        raise InputError(f"{path}: the scores lack the training loss of one of its {len(graph)} tasks")
    return {"graph": graph, "tasks": tasks, "losses": losses}


def _draw_graph(axes, panel, top_loss, top_weight):
    from matplotlib.patches import FancyArrowPatch

    count = len(panel["tasks"])
    angles = np.pi / 2 - 2 * np.pi * np.arange(count) / count
    places = np.column_stack([np.cos(angles), np.sin(angles)])
    radii = [_radius(loss, top_loss) for loss in panel["losses"]]
    graph = panel["graph"]
    # Heavy arrows last, so that they lie on top.
    for source, target in sorted(
        np.argwhere(graph > SMALLEST_SHARE * top_weight).tolist(), key=lambda e: graph[*e]
    ):
        share = graph[source, target] / top_weight
        axes.add_patch(
            FancyArrowPatch(
                places[source],
                places[target],
                connectionstyle=f"arc3,rad={_bend(places[source], places[target]):.3f}",
                arrowstyle="-|>,head_length=0.5,head_width=0.25",
                mutation_scale=7 + 1.6 * LARGEST_WIDTH * share,
                linewidth=LARGEST_WIDTH * share,
                color=str(round(0.62 * (1 - share), 3)),
                shrinkA=radii[source] + 1,
                shrinkB=radii[target] + 2,
                joinstyle="miter",
            )
        )
    for place, radius, task in zip(places, radii, panel["tasks"], strict=True):
        axes.plot(
            *place,
            "o",
            markersize=2 * radius,
            markerfacecolor=style.COLORS[3],
            markeredgecolor="black",
            zorder=3,
        )
        axes.annotate(
            task,
            place,
            xytext=place * (radius + 9),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=10,
            fontweight="bold",
        )
    axes.set(xlim=(-1.35, 1.35), ylim=(-1.35, 1.65), aspect="equal")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


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


def _width_handle(share, top_weight):
    from matplotlib.lines import Line2D

    width = LARGEST_WIDTH * share
    color = str(round(0.62 * (1 - share), 3))
    return Line2D([], [], linewidth=width, color=color, label=f"edge weight {share * top_weight:#.2g}")


def _size_handle(share, top_loss):
    from matplotlib.lines import Line2D

    size = 2 * _radius(share * top_loss, top_loss)
    look = {"markerfacecolor": style.COLORS[3], "markeredgecolor": "black", "linestyle": "none"}
    return Line2D([], [], marker="o", markersize=size, label=f"training loss {share * top_loss:#.2g}", **look)


SPEC = OutputSpec(
    label="Figure 3",
    section="Figures",
    order=30,
    make=draw,
    reads=("scores",),
    applies=lambda run: bool(fitted(run, MNIST, *GRAPHS)),
    fits=lambda run: {MNIST: {method: [1] for method in fitted(run, MNIST, *GRAPHS)}},
)
