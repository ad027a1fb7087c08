"""Figure 1 (e): the gain of each task in the order in which the curriculum trained them."""

import numpy as np

from amtl.errors import InputError
from workbench.papers.lee2016.numbers import dataset_title, method_title
from workbench.report.figures import _reduction as reduction
from workbench.report.figures import _style as style
from workbench.scores import Scores, read_arrays
from workbench.split_files import load_split

LARGEST_WITH_NAMES = 20


def draw(job, inputs):
    """Return the figure.

    inputs: ``scores``, ``splits`` = [one split, for the labels of the tasks], ``fits`` = the curriculum's
    fits of all splits; job: ``dataset``, ``method``, ``baseline``, ``interval``, ``titles``.
    """
    dataset, method, baseline = job["dataset"], job["method"], job.get("baseline", "stl")
    scores = Scores(inputs["scores"])
    split = load_split(inputs["splits"][0])
    tasks, reductions = reduction.by_split(scores, dataset, method, baseline)
    orders = _orders(inputs["fits"])
    splits = [k for k in reductions if k in orders]
    if not splits:
        raise InputError(f"figure1e: no fit of {method} on {dataset} belongs to a split that was scored")
    gains = {k: [reductions[k][task] for task in orders[k]] for k in splits}
    mean = reduction.intervals(gains, job.get("interval", "normal"))
    hard = np.array(split.meta.get("difficulty", ["easy"] * len(tasks))) == "hard"

    figure = style.new_figure(7.0, 3.6 + 0.28 * len(splits))
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3.2, 0.3 * len(splits) + 0.3])
    _draw_gains(above, gains, mean, orders, hard)
    above.set_ylabel(reduction.label(scores, dataset, method_title(job, baseline)))
    above.set_title(
        f"{method_title(job, method)}: gain in the order of training (above 0 is better)\n"
        f"{dataset_title(dataset)}, {style.plus_minus(mean[0])}"
    )
    if hard.any():
        above.legend(frameon=False)
    _draw_orders(below, orders, splits, tasks, hard)
    return figure


def _orders(paths):
    orders = {}
    for path in paths:
        _, method, index, arrays = read_arrays(path)
        if "order" not in arrays:
            raise InputError(f"{path}: {method} has no order of training; figure1e needs a curriculum")
        orders[index] = arrays["order"]
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
    """Draw which task stands at each position: one row per split, hard tasks shaded."""
    for row, k in enumerate(splits):
        for x, task in enumerate(orders[k], start=1):
            look = style.HARD if hard[task] else style.EASY
            axes.bar(x, 0.9, 1.0, bottom=row - 0.45, linewidth=0.6, **look)
            if len(tasks) <= LARGEST_WITH_NAMES:
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
    names = "boxes: which task" if len(tasks) <= LARGEST_WITH_NAMES else ""
    hint = "; ".join(part for part in (names, shading) if part)
    axes.set_xlabel("Position in the order of training" + (f" ({hint})" if hint else ""))
