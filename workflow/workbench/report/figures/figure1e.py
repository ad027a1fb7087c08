"""Figure 1 (e): the gain of each task in the order in which the curriculum trained them."""

import numpy as np

from amtl.errors import InputError
from workbench.papers.lee2016.figures import BASELINE, CURRICULUM, SYNTHETIC, fitted
from workbench.report._spec import OutputSpec
from workbench.report.figures import _reduction as reduction
from workbench.report.figures import _style as style
from workbench.scores import Scores
from workbench.split_files import load_split

# Boxes of more tasks are too small for names.
MAX_TASKS_WITH_NAMES = 20


def draw(run, inputs):
    """Return the figure.

    inputs : ``scores``; ``splits``, one split for the labels of the tasks; ``fits``, the curriculum's fits.
    """
    scores = Scores(inputs["scores"])
    ((path, digest),) = inputs["splits"]
    split = load_split(path, digest)
    tasks, reductions = reduction.by_split(scores, SYNTHETIC, CURRICULUM, BASELINE)
    orders = _orders(inputs["fits"])
    splits = [k for k in reductions if k in orders]
    gains = {k: [reductions[k][task] for task in orders[k]] for k in splits}
    mean = reduction.intervals(gains, run.interval)
    hard = np.array(split.meta.get("difficulty", ["easy"] * len(tasks))) == "hard"

    figure = style.new_figure(7.0, 3.6 + 0.28 * len(splits))
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3.2, 0.3 * len(splits) + 0.3])
    _draw_gains(above, gains, mean, orders, hard)
    above.set_ylabel(reduction.label(scores, SYNTHETIC, run.method(BASELINE).title))
    above.set_title(
        f"{run.method(CURRICULUM).title}: gain in the order of training (above 0 is better)\n"
        f"{run.dataset(SYNTHETIC).title}, {style.plus_minus(mean[0])}"
    )
    if hard.any():
        above.legend(frameon=False)
    _draw_orders(below, orders, splits, tasks, hard)
    return figure


def _orders(reader):
    orders = {}
    for dataset, method, split in reader:
        arrays = reader.arrays(dataset, method, split)
        if "order" not in arrays:
            path = reader.path(dataset, method, split, "npz")
            raise InputError(f"{path}: holds no order of training; figure1e needs a curriculum")
        orders[split] = arrays["order"]
    return orders


def _draw_gains(axes, gains, mean, orders, hard):
    positions = np.arange(1, len(mean) + 1)
    looks = (
        ("easy task, one split", False, "o", style.EASY),
        ("hard task, one split", True, "^", style.HARD),
    )
    for label, wanted, marker, look in looks:
        points = [
            (x, gain)
            for k, row in gains.items()
            for x, gain, task in zip(positions, row, orders[k], strict=True)
            if hard[task] == wanted
        ]
        if points:
            axes.scatter(
                *zip(*points, strict=True), marker=marker, s=22, linewidth=0.7, zorder=3, label=label, **look
            )
    axes.errorbar(
        positions,
        [each.mean for each in mean],
        yerr=[each.half or 0.0 for each in mean],
        color=style.COLORS[0],
        linewidth=1.4,
        capsize=3,
        label="mean over splits",
    )
    axes.axhline(0, color="black", linewidth=0.8)


def _draw_orders(axes, orders, splits, tasks, hard):
    """Draw the task at each position of the order: one row per split, hard tasks shaded."""
    for row, k in enumerate(splits):
        for x, task in enumerate(orders[k], start=1):
            look = style.HARD if hard[task] else style.EASY
            axes.bar(x, 0.9, 1.0, bottom=row - 0.45, linewidth=0.6, **look)
            if len(tasks) <= MAX_TASKS_WITH_NAMES:
                axes.text(x, row, tasks[task], ha="center", va="center", fontsize=7.5)
    axes.set_yticks(range(len(splits)), [str(k) for k in splits])
    axes.set_ylim(len(splits) - 0.4, -0.6)
    axes.set_xlim(0.4, len(tasks) + 0.6)
    step = -(-len(tasks) // 25)
    axes.set_xticks(range(1, len(tasks) + 1, step))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_ylabel("Split")
    shading = "shaded: hard" if hard.any() else ""
    names = "boxes: tasks" if len(tasks) <= MAX_TASKS_WITH_NAMES else ""
    hint = "; ".join(part for part in (names, shading) if part)
    axes.set_xlabel("Position in the order of training" + (f" ({hint})" if hint else ""))


SPEC = OutputSpec(
    label="Figure 1 (e)",
    section="Figures",
    order=14,
    make=draw,
    reads=("scores",),
    applies=lambda run: len(fitted(run, SYNTHETIC, BASELINE, CURRICULUM)) == 2,
    fits=lambda run: {SYNTHETIC: {CURRICULUM: run.splits_of(SYNTHETIC, CURRICULUM)}},
    splits=lambda run: {SYNTHETIC: [1]},
)
