"""Test errors of two tasks against each other, with the front of static weights."""

from workbench.papers.yu2024.networks import EQUAL, LINEAR, is_about_networks, is_network
from workbench.report._spec import OutputSpec
from workbench.report.figures import _style as style
from workbench.scores import Scores


def draw(run, inputs):
    """Return one panel per dataset with two tasks; points are means over the splits. inputs : ``scores``."""
    scores = Scores(inputs["scores"])
    found = {each: _points(run, scores, each.name) for each in run.datasets}
    found = {dataset: points for dataset, points in found.items() if points}
    figure, panels = style.panels(max(len(found), 1), 2, (7.4, 3.1), 1.0, "")
    names = {}
    for axes, (dataset, (tasks, points)) in zip(panels, found.items(), strict=False):
        front = front_entries(run)
        curve = [points[name] for name in front if name in points]
        if len(curve) > 1:
            axes.plot(*zip(*curve, strict=True), color="0.5", linewidth=1.0, zorder=1)
            places = [point for name, point in points.items() if name in front and name != EQUAL]
            axes.scatter(*zip(*places, strict=True), s=10, color="0.5", zorder=2)
        for name, point in points.items():
            if name in front and name != EQUAL:
                continue
            axes.plot(*point, **style.point_look(names.setdefault(name, len(names))), zorder=3)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_title(dataset.title)
        axes.set_xlabel(f"Error of {tasks[0]}")
        axes.set_ylabel(f"Error of {tasks[1]}")
    if found:
        handles = [_handle(run.title(name), k) for name, k in names.items()]
        style.legend(figure, 4, handles=handles)
    return figure


def front_entries(run):
    """Return the entries on the front of static weights, by their ratio."""
    ratios = {each.name: each.changed["ratio"] for each in run.ablations if "ratio" in each.changed}
    return sorted([EQUAL, *ratios], key=lambda name: ratios.get(name, 1.0))


def _points(run, scores, dataset):
    """Return (names of the two tasks, {method: (error of the first, error of the second)}), or None.

    Without linear models, which balance nothing and may be far away.
    """
    metric, points, tasks = scores.task_metric(dataset), {}, []
    for method in (*run.methods, *run.ablations):
        if not is_network(method) or method.method == LINEAR:
            continue
        by_task = scores.by_task(dataset, method.name, metric)
        if len(by_task) == 2:
            tasks = list(by_task)
            points[method.name] = tuple(sum(each.values()) / len(each) for each in by_task.values())
    return (tasks, points) if points else None


def _handle(title, place):
    from matplotlib.lines import Line2D

    return Line2D([], [], **style.point_look(place), label=title)


SPEC = OutputSpec("Trade-offs", "Small networks", 10, draw, reads=("scores",), applies=is_about_networks)
