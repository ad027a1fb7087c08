"""What the tasks gain over STL with each method, one panel per dataset."""

from statistics import median_low

import numpy as np

from amtl.errors import InputError
from amtl.transfer import gains, measure
from workbench.report._spec import OutputSpec
from workbench.report._variants import panel_datasets
from workbench.report.figures import _style as style
from workbench.scores import Scores

BASELINE = "stl"
# The axis reaches down as far as up, or this many times the median over methods of a method's largest loss. A
# gain is at most 100 %, a loss has no limit.
STRETCH = 3.0
# The axis shows at least this much on either side of 0, in %.
SMALLEST_REACH = 1.0
DOT = {"s": 16, "alpha": 0.7, "linewidth": 0.4, "edgecolor": "white", "zorder": 3}
MEAN = {"marker": "D", "markersize": 3.5, "color": "0.25", "markerfacecolor": "white", "capsize": 2}
# A figure with more dots than the first number shows panels of more tasks than the second as bars: so many
# dots hide each other, and make a file of megabytes.
MAX_DOTS, MAX_TASKS_AS_DOTS = 3000, 20
# The ends of a thin and of a thick bar, in % of the tasks.
BARS = {1.2: (5, 95), 4.0: (25, 75)}
# More panels are in rows of three.
MAX_IN_TWO_COLUMNS = 8
# Characters of the name beside a dot.
MAX_NAME = 16
# Dots lie above the middle of their row, the mean below it.
ABOVE, BELOW = -0.14, 0.24
NAME = {"textcoords": "offset points", "va": "center", "fontsize": 6.5, "color": "0.25"}


def draw(run, inputs):
    """Return the figure of all methods that compete with the baseline. inputs : ``scores``."""
    from matplotlib.lines import Line2D

    scores = Scores(inputs["scores"])
    methods = _compared(run)
    panels = {}
    for dataset in panel_datasets(run):
        found = {method.name: _gains(scores, dataset.name, method.name, run.interval) for method in methods}
        found = {name: each for name, each in found.items() if each is not None}
        if found:
            panels[dataset] = found
    if not panels:
        raise InputError(f"gains: no dataset has errors of single tasks of {BASELINE} and of another method")
    columns = min(len(panels), 3 if len(panels) > MAX_IN_TWO_COLUMNS else 2)
    count = sum(len(tasks) for found in panels.values() for tasks, _ in found.values())
    as_bars = {
        dataset: count > MAX_DOTS and len(next(iter(found.values()))[0]) > MAX_TASKS_AS_DOTS
        for dataset, found in panels.items()
    }
    size = (1.4 + 4.4 * columns, 1.1 + 0.25 * len(methods))
    figure, places = style.panels(len(panels), columns, size, 0.4, "", sharey=True)
    for axes, (dataset, found) in zip(places, panels.items(), strict=True):
        tasks, delta = next(iter(found.values()))
        _draw_panel(axes, run, found, [method.name for method in methods], as_bars[dataset])
        axes.set_title(f"{dataset.title}: {len(tasks)} tasks\n{style.plus_minus(delta, run.interval)}")
        axes.set_xlabel(f"Gain over {run.title(BASELINE)}, % of its error on the task")
    places[0].set_yticks(range(len(methods)), [method.title for method in methods])
    places[0].set_ylim(len(methods) - 0.4, -0.6)
    dot = Line2D([], [], marker="o", linestyle="none", markersize=4, color="0.4", label="one task")
    mean = {**MEAN, "linestyle": "none", "label": "mean over tasks with its interval"}
    handles = [dot, places[0].errorbar([], [], xerr=[], **mean)]
    if any(as_bars.values()):
        handles += [
            Line2D([], [], color="0.4", linewidth=width, label=f"middle {high - low} % of the tasks")
            for width, (low, high) in BARS.items()
        ]
    style.legend(figure, 2, handles=handles)
    return figure


def _compared(run):
    return [method for method in run.methods_that(control=False) if method.name != BASELINE]


def _gains(scores, dataset, method, kind):
    """Return ({task: mean gain in %}, Interval of the mean over tasks), or None without a common task.

    Tasks on which the baseline makes no error are left out.
    """
    metric = scores.task_metric(dataset)
    errors, alone = (scores.by_task(dataset, name, metric) for name in (method, BASELINE))
    found = {task: gains(errors.get(task, {}), alone[task]).values() for task in alone}
    means = {task: sum(values) / len(values) for task, values in found.items() if values}
    measured = measure(errors, alone, kind) if means else None
    return None if measured is None else (means, measured.delta)


def floor_of(means):
    """Return the lower end of the axis for {method: gains of its tasks}; most methods lie above it."""
    losses = [max(-min(each), 0.0) for each in means.values()]
    reach = max(STRETCH * median_low(losses), *map(max, means.values()), SMALLEST_REACH)
    return -min(reach, max(*losses, SMALLEST_REACH))


def _draw_panel(axes, run, found, methods, as_bars):
    """Draw one row per method: a dot per task, and the mean over tasks with its interval over splits.

    as_bars : show the percentiles of `BARS` as bars, and the best and the worst task alone as dots.
    """
    floor = floor_of({method: list(tasks.values()) for method, (tasks, _) in found.items()})
    top = max(SMALLEST_REACH, *(max(tasks.values()) for tasks, _ in found.values()))
    longest = max(len(style.short(name, MAX_NAME)) for tasks, _ in found.values() for name in tasks)
    # Room for the names beside the outermost dots.
    margin = (0.06 + 0.015 * longest) * (top - floor)
    axes.axvline(0, color="black", linewidth=0.8, zorder=1)
    for method, (tasks, delta) in found.items():
        row, color = methods.index(method), style.color(run.place(method))
        axes.axhline(row + 0.5, color="0.92", linewidth=0.7, zorder=0)
        best, worst = max(tasks, key=tasks.get), min(tasks, key=tasks.get)
        inside = {task: gain for task, gain in tasks.items() if gain >= floor}
        dots = [gain for task, gain in inside.items() if not as_bars or task in (best, worst)]
        axes.scatter(dots, [row + ABOVE] * len(dots), color=color, **DOT)
        for width, ends in BARS.items() if as_bars else ():
            low, high = np.percentile(list(tasks.values()), ends).clip(min=floor)
            axes.plot([low, high], [row + ABOVE] * 2, color=color, linewidth=width, solid_capstyle="butt")
        if delta.mean >= floor:
            axes.errorbar(delta.mean, row + BELOW, elinewidth=0.9, xerr=delta.half or 0.0, zorder=4, **MEAN)
        named = {task: style.short(task, MAX_NAME) for task in (best, worst)}
        axes.annotate(named[best], (tasks[best], row + ABOVE), xytext=(5, 0), ha="left", **NAME)
        if worst in inside:
            axes.annotate(
                style.short(worst, MAX_NAME), (tasks[worst], row + ABOVE), xytext=(-5, 0), ha="right", **NAME
            )
        else:
            axes.plot(floor, row + ABOVE, marker="<", color=color, markersize=5, zorder=4)
            count = len(tasks) - len(inside)
            text = f"{named[worst]}: {_percent(tasks[worst])}"
            text += f" and {count - 1} more" if count > 1 else ""
            text += f", mean {_percent(delta.mean)}" if delta.mean < floor else ""
            box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.5}
            axes.annotate(text, (floor, row + ABOVE), xytext=(6, 0), ha="left", bbox=box, zorder=5, **NAME)
    axes.set_xlim(floor - margin, top + margin)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _percent(gain):
    return f"{gain:.0f} %".replace("-", "−")


SPEC = OutputSpec(
    "Gains",
    "Figures",
    40,
    draw,
    reads=("scores",),
    applies=lambda run: bool(_compared(run)) and BASELINE in [m.name for m in run.methods],
)
