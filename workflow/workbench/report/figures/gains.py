"""What every task gains over STL, one panel per dataset."""

from statistics import median_low

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
# The axis reaches down as far as up, or this many times the median over methods of a method's largest loss. A
# gain is at most 100 %, a loss has no limit.
STRETCH = 3.0
# The axis shows at least this much on either side of 0, in %.
SMALLEST_REACH = 1.0
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
        floor = _floor(found)
        shown = style.plus_minus(next(iter(first.values())), run.interval)
        if len(first) <= MAX_TASKS_WITH_NAMES:
            _by_name(axes, run, found, floor)
        else:
            _sorted(axes, run, found, floor)
            shown = shown.removesuffix(f", {style.BARS[run.interval]}")
        axes.axhline(0, color="black", linewidth=0.8)
        axes.set_title(f"{dataset.title}: {len(first)} tasks\n{shown}")
    used = [name for name in names if any(name in found for found in panels.values())]
    handles = [places[0].errorbar([], [], **_look(run, name), label=titles[name]) for name in used]
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


def _floor(found):
    """Return the lower end of a panel's axis, above which most methods lie."""
    gains = [each for gain in found.values() for each in gain.values()]
    losses = [max(-each.mean for each in gain.values()) for gain in found.values()]
    reach = max(STRETCH * median_low(losses), *(each.mean for each in gains), SMALLEST_REACH)
    lowest = min(each.low or each.mean for each in gains)
    return -1.1 * min(reach, max(-lowest, SMALLEST_REACH))


def _by_name(axes, run, found, floor):
    """Draw a marker with its interval per task and method; an arrow with its value below the floor."""
    tasks = list(dict.fromkeys(task for gain in found.values() for task in gain))
    step = 0.7 / len(found)
    below = {}
    for i, (method, gain) in enumerate(found.items()):
        shift = (i - (len(found) - 1) / 2) * step
        inside = {task: each for task, each in gain.items() if each.mean >= floor}
        places = [tasks.index(task) + shift for task in inside]
        means, half = ([getattr(each, key) or 0.0 for each in inside.values()] for key in ("mean", "half"))
        axes.errorbar(places, means, half, **{**_look(run, method), "linestyle": "none"})
        for task in gain.keys() - inside.keys():
            place = tasks.index(task) + shift
            axes.plot(place, floor, marker="v", color=style.color(run.place(method)), clip_on=False, zorder=4)
            below.setdefault(task, []).append((place, gain[task].mean))
    for task, marked in below.items():
        text = ", ".join(_percent(mean) for _, mean in sorted(marked))
        place = {"xytext": (0, 6), "textcoords": "offset points", "ha": "center", "va": "bottom"}
        middle = sum(each for each, _ in marked) / len(marked)
        axes.annotate(text, (middle, floor), rotation=90, fontsize=6.5, zorder=5, **place)
    for border in range(1, len(tasks)):
        axes.axvline(border - 0.5, color="0.85", linewidth=0.6, zorder=0)
    style.task_ticks(axes.xaxis, tasks)
    if max(map(len, tasks)) > MAX_UPRIGHT_LETTERS:
        axes.tick_params(axis="x", rotation=90)
    axes.set_xlim(-0.5, len(tasks) - 0.5)
    _limit(axes, found, floor)
    axes.set_xlabel("Task")


def _sorted(axes, run, found, floor):
    """Draw one falling curve per method: its tasks sorted by their gain, largest first."""
    below = []
    for method, gain in found.items():
        means = sorted((each.mean for each in gain.values()), reverse=True)
        look = {**_look(run, method), "markevery": max(len(means) // 10, 1)}
        axes.errorbar(range(1, len(means) + 1), means, **look)
        if means[-1] < floor:
            below.append(f"↓ {run.title(method)} to {_percent(means[-1])}")
    axes.text(0.01, 0.02, "\n".join(below), transform=axes.transAxes, va="bottom", fontsize=7)
    _limit(axes, found, floor)
    axes.set_xlabel("Rank of the task by its gain, method by method")


def _limit(axes, found, floor):
    """Set the ends of the axis of gains."""
    highest = max(each.high or each.mean for gain in found.values() for each in gain.values())
    axes.set_ylim(floor, 1.1 * min(max(highest, SMALLEST_REACH), 100.0))


def _percent(gain):
    return f"{gain:.0f} %".replace("-", "−")


def _look(run, method):
    return {**style.line_look(run.place(method)), "elinewidth": 1.0, "capsize": 2}


SPEC = OutputSpec(
    "Gains",
    "Figures",
    40,
    draw,
    reads=("scores",),
    applies=lambda run: bool(_compared(run)) and BASELINE in [m.name for m in run.methods],
)
