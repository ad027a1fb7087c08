"""Figure 1 (e): the gain of each task in the order in which the curriculum trained them."""

import numpy as np

from workbench.papers.lee2016.figures import BASELINE, CURRICULUM, SYNTHETIC, first_split, fitted
from workbench.report._spec import OutputSpec
from workbench.report.figures import _reduction as reduction
from workbench.report.figures import _style as style
from workbench.scores import Scores

# Boxes of more tasks are too small for names.
MAX_TASKS_WITH_NAMES = 20


def draw(run, inputs):
    """Return the figure.

    inputs : ``scores``; ``splits``, one split for the labels of the tasks; ``fits``, the curriculum's fits.
    """
    scores = Scores(inputs["scores"])
    (split,) = inputs.load_splits()
    tasks, reductions = reduction.by_split(scores, SYNTHETIC, CURRICULUM, BASELINE)
    orders = {place[2]: inputs.fit_array("order", *place) for place in inputs["fits"]}
    orders = {k: orders[k] for k in reductions if k in orders}
    gains = {k: [reductions[k][task] for task in order] for k, order in orders.items()}
    mean = reduction.intervals(gains, run.interval)
    hard = np.array(split.meta.get("difficulty", ["easy"] * len(tasks))) == "hard"

    figure = style.new_figure(7.0, 3.6 + 0.28 * len(orders))
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3.2, 0.3 * len(orders) + 0.3])
    color = style.color(run.place(CURRICULUM))
    _draw_gains(above, np.array(list(gains.values())), mean, hard[list(orders.values())], color)
    above.set_ylabel(reduction.label(scores, SYNTHETIC, run.title(BASELINE)))
    above.set_title(
        f"{run.title(CURRICULUM)}: gain in the order of training (above 0 is better)\n"
        f"{run.title(SYNTHETIC)}, {style.plus_minus(mean[0], run.interval)}"
    )
    if hard.any():
        above.legend(frameon=False)
    _draw_orders(below, orders, tasks, hard)
    return figure


def _draw_gains(axes, gains, mean, hard, color):
    """Draw the gain at each position of the order, per split and on average.

    gains, hard : (splits, T). color : of the mean.
    """
    positions = np.arange(1, len(mean) + 1)
    kinds = (
        ("easy task, one split", ~hard, "o", style.EASY),
        ("hard task, one split", hard, "^", style.HARD),
    )
    for label, chosen, marker, look in kinds:
        if chosen.any():
            points = np.broadcast_to(positions, gains.shape)[chosen], gains[chosen]
            axes.scatter(*points, marker=marker, s=22, linewidth=0.7, zorder=3, label=label, **look)
    means, half = [each.mean for each in mean], [each.half or 0.0 for each in mean]
    look = {"color": color, "linewidth": 1.4, "capsize": 3}
    axes.errorbar(positions, means, yerr=half, label="mean over splits", **look)
    axes.axhline(0, color="black", linewidth=0.8)


def _draw_orders(axes, orders, tasks, hard):
    """Draw the task at each position of the order: one row per split, hard tasks shaded."""
    named = len(tasks) <= MAX_TASKS_WITH_NAMES
    for row, order in enumerate(orders.values()):
        for x, task in enumerate(order, start=1):
            look = style.HARD if hard[task] else style.EASY
            axes.bar(x, 0.9, 1.0, bottom=row - 0.45, linewidth=0.6, **look)
            if named:
                axes.text(x, row, tasks[task], ha="center", va="center", fontsize=7.5)
    axes.set_yticks(range(len(orders)), map(str, orders))
    axes.set_ylim(len(orders) - 0.4, -0.6)
    axes.set_xlim(0.4, len(tasks) + 0.6)
    axes.set_xticks(range(1, len(tasks) + 1, -(-len(tasks) // 25)))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_ylabel("Split")
    hint = "; ".join(["boxes: tasks"] * named + ["shaded: hard"] * bool(hard.any()))
    axes.set_xlabel("Position in the order of training" + (f" ({hint})" if hint else ""))


SPEC = OutputSpec(
    "Figure 1 (e)",
    "Figures",
    14,
    draw,
    reads=("scores",),
    applies=lambda run: len(fitted(run, SYNTHETIC, BASELINE, CURRICULUM)) == 2,
    fits=lambda run: {SYNTHETIC: {CURRICULUM: run.splits_of(SYNTHETIC, CURRICULUM)}},
    splits=first_split,
)
