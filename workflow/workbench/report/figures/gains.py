"""What every task gains over STL, one panel per dataset."""

from amtl.errors import InputError
from amtl.statistics import interval
from amtl.transfer import gains
from workbench.report._spec import OutputSpec
from workbench.report.figures import _style as style
from workbench.scores import Scores

BASELINE = "stl"
# Names and intervals of more tasks would overlap: a sorted curve is drawn instead.
MAX_TASKS_WITH_NAMES = 20
# The markers of more methods would overlap in panels of half the width.
MAX_METHODS_IN_HALF_WIDTH = 5
# Longer names of tasks are turned.
MAX_UPRIGHT_LETTERS = 3


def draw(run, inputs):
    """Return the figure of all methods that compete with the baseline. inputs : ``scores``."""
    scores = Scores(inputs["scores"])
    titles = {method.name: method.title for method in _compared(run)}
    names = list(titles)
    panels = {}
    for dataset in run.datasets:
        found = {name: _gains(scores, dataset.name, name, run.interval) for name in names}
        found = {name: each for name, each in found.items() if each}
        if found:
            panels[dataset] = found
    if not panels:
        raise InputError(f"gains: no dataset has errors of single tasks of {BASELINE} and of another method")
    columns = min(len(panels), 2 if len(names) <= MAX_METHODS_IN_HALF_WIDTH else 1)
    label = f"Gain over {run.title(BASELINE)},\n% of its error on the task"
    figure, places = style.panels(len(panels), columns, (10.4, 2.9), 0.9, label)
    for axes, (dataset, found) in zip(places, panels.items(), strict=True):
        first = next(iter(found.values()))
        shown = style.plus_minus(next(iter(first.values())), run.interval)
        if len(first) <= MAX_TASKS_WITH_NAMES:
            _by_name(axes, found, names)
        else:
            _sorted(axes, found, names)
            shown = shown.removesuffix(f", {style.BARS[run.interval]}")
        axes.axhline(0, color="black", linewidth=0.8)
        axes.set_title(f"{dataset.title}: {len(first)} tasks\n{shown}")
    used = [i for i, name in enumerate(names) if any(name in found for found in panels.values())]
    handles = [places[0].errorbar([], [], **_look(i), label=titles[names[i]]) for i in used]
    style.legend(figure, min(len(used), 5), handles=handles, handlelength=3.5)
    return figure


def _compared(run):
    return [method for method in run.methods_that(control=False) if method.name != BASELINE]


def _gains(scores, dataset, method, kind):
    """Return {task: Interval of its gain in %}; tasks on which the baseline makes no error are left out."""
    metric = scores.task_metric(dataset)
    errors, alone = (scores.by_task(dataset, name, metric) for name in (method, BASELINE))
    found = {task: gains(errors.get(task, {}), alone[task]).values() for task in alone}
    return {task: interval(values, kind) for task, values in found.items() if values}


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
    if max(map(len, tasks)) > MAX_UPRIGHT_LETTERS:
        axes.tick_params(axis="x", rotation=90)
    axes.set_xlim(-0.5, len(tasks) - 0.5)
    axes.set_xlabel("Task")


def _sorted(axes, found, methods):
    """Draw one falling curve per method: its tasks sorted by their gain, largest first."""
    for method, gain in found.items():
        means = sorted((each.mean for each in gain.values()), reverse=True)
        look = {**_look(methods.index(method)), "markevery": max(len(means) // 10, 1)}
        axes.errorbar(range(1, len(means) + 1), means, **look)
    axes.set_xlabel("Rank of the task by its gain, method by method")


def _look(i):
    return {**style.line_look(i), "elinewidth": 1.0, "capsize": 2}


SPEC = OutputSpec(
    "Gains",
    "Figures",
    40,
    draw,
    reads=("scores",),
    applies=lambda run: bool(_compared(run)) and BASELINE in [m.name for m in run.methods],
)
