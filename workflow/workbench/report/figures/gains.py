"""What every task gains over STL, one panel per dataset."""

from amtl.errors import InputError
from amtl.statistics import interval
from amtl.transfer import gains
from workbench.papers.lee2016.numbers import DATASETS, dataset_title, in_order, method_title
from workbench.report.figures import _style as style
from workbench.scores import Scores

# With more tasks than this their names and intervals would run into each other: a sorted curve instead.
LARGEST_BY_NAME = 20
LONGEST_UPRIGHT = 3  # letters of a task's name


def draw(job, inputs):
    """Return the figure. inputs: ``scores``; job: ``datasets``, ``methods``, ``baseline``, ``interval``."""
    scores = Scores(inputs["scores"])
    methods, baseline = job["methods"], job.get("baseline", "stl")
    panels = {}
    for dataset in in_order(job["datasets"], DATASETS):
        found = {
            method: _gains(scores, dataset, method, baseline, job.get("interval", "normal"))
            for method in methods
        }
        found = {method: each for method, each in found.items() if each}
        if found:
            panels[dataset] = found
    if not panels:
        names = ", ".join(job["datasets"])
        raise InputError(f"gains: no errors of single tasks of {baseline} and another method on {names}")
    columns = min(len(panels), 2)
    rows = -(-len(panels) // columns)
    figure = style.new_figure(max(5.2 * columns, 7.0), 2.9 * rows + 0.4)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes, (dataset, found) in zip(grid.flat, panels.items(), strict=False):
        first = next(iter(found.values()))
        draw_panel = _by_name if len(first) <= LARGEST_BY_NAME else _sorted
        draw_panel(axes, found, methods)
        axes.axhline(0, color="black", linewidth=0.8)
        shown = style.plus_minus(next(iter(first.values())))
        if draw_panel is _sorted:
            shown = shown.removesuffix(", 95 % interval")
        axes.set_title(f"{dataset_title(dataset)}: {len(first)} tasks\n{shown}")
    for axes in grid[:, 0]:
        axes.set_ylabel(f"Gain over {method_title(job, baseline)},\n% of its error on the task")
    for axes in grid.flat[len(panels) :]:
        axes.axis("off")
    used = [i for i, method in enumerate(methods) if any(method in found for found in panels.values())]
    handles = [grid[0, 0].errorbar([], [], **_look(i), label=method_title(job, methods[i])) for i in used]
    figure.legend(
        handles=handles, loc="outside lower center", ncols=len(used), frameon=False, handlelength=3.5
    )
    return figure


def _gains(scores, dataset, method, baseline, kind):
    """Return {task: Interval of its gain in %}; tasks on which the baseline makes no error are left out."""
    metric = scores.task_metric(dataset)
    found = {}
    for task in scores.tasks(dataset, baseline, metric):
        errors, alone = (scores.values(dataset, name, metric, task) for name in (method, baseline))
        values = gains(errors, alone).values()
        if values:
            found[task] = interval(values, kind)
    return found


def _by_name(axes, found, methods):
    """Draw a marker with its interval per task and method."""
    tasks = list(dict.fromkeys(task for gain in found.values() for task in gain))
    step = 0.7 / len(methods)
    for method, gain in found.items():
        i = methods.index(method)
        places = [tasks.index(task) + (i - (len(methods) - 1) / 2) * step for task in gain]
        means, half = ([getattr(each, key) or 0.0 for each in gain.values()] for key in ("mean", "half"))
        axes.errorbar(places, means, half, **{**_look(i), "linestyle": "none"})
    for border in range(1, len(tasks)):
        axes.axvline(border - 0.5, color="0.85", linewidth=0.6, zorder=0)
    style.task_ticks(axes.xaxis, tasks)
    if max(map(len, tasks)) > LONGEST_UPRIGHT:
        axes.tick_params(axis="x", rotation=90)
    axes.set_xlim(-0.5, len(tasks) - 0.5)
    axes.set_xlabel("Task")


def _sorted(axes, found, methods):
    """Draw one falling curve per method: its tasks from the one that gains most."""
    for method, gain in found.items():
        means = sorted((each.mean for each in gain.values()), reverse=True)
        look = {**_look(methods.index(method)), "markevery": max(len(means) // 10, 1)}
        axes.errorbar(range(1, len(means) + 1), means, **look)
    axes.set_xlabel("Rank of the task by its gain, for each method apart")


def _look(i):
    return {
        "color": style.COLORS[i % len(style.COLORS)],
        "linestyle": style.LINES[i % len(style.LINES)],
        "marker": style.MARKERS[i % len(style.MARKERS)],
        "markersize": 4,
        "linewidth": 1.1,
        "elinewidth": 1.0,
        "capsize": 2,
        "markerfacecolor": "white",
    }
