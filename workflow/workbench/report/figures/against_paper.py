"""Test errors of this run beside those that the paper prints, one panel per column of its tables."""

from amtl.statistics import Interval, interval
from workbench.papers.lee2016 import numbers as paper
from workbench.report._spec import OutputSpec
from workbench.report.figures import _style as style
from workbench.report.tables._rows import METRICS
from workbench.scores import Scores

MAX_COLUMNS = 4
# An interval may leave the range of the means by this many times that range.
LONGEST = 0.6
OURS = {"color": style.COLORS[0], "linestyle": "none", "capsize": 2, "elinewidth": 1.1}
# Of the datasets that stand beside one column of the paper, such as generated data and the authors' file.
MARKERS = ({"marker": "o"}, {"marker": "s", "markerfacecolor": "white"}, {"marker": "^"})
PAPERS = {"color": "0.45", "linestyle": "none", "marker": "D", "markerfacecolor": "white", "capsize": 2}


def draw(run, inputs):
    """Return the figure. inputs : ``scores``."""
    scores = Scores(inputs["scores"])
    panels = _panels(run)
    methods = [each for each in run.methods_that(control=False) if _is_shown(scores, run, panels, each.name)]
    columns = min(len(panels), MAX_COLUMNS)
    size = (max(1.3 + 2.3 * columns, 5.4), 1.1 + 0.24 * len(methods))
    figure, places = style.panels(len(panels), columns, size, 0.5, "", sharey=True)
    for axes, ((table, column), datasets) in zip(places, panels.items(), strict=True):
        kind = _draw_panel(axes, run, scores, methods, datasets, paper.TABLES[table][column])
        axes.set_title(f"{column} (Table {table[-1]})")
        axes.set_xlabel(METRICS[kind] if kind else "not run")
    places[0].set_yticks(range(len(methods)), [each.title for each in methods])
    places[0].set_ylim(len(methods) - 0.4, -0.6)
    _add_legend(figure, places[0], run, panels)
    return figure


def _panels(run):
    """Return {(table, the paper's column): datasets beside it, available or not} of the run."""
    found = {}
    for table in paper.TABLES:
        for dataset in paper.table_datasets(table, run):
            column = paper.place(dataset.dataset)[1]
            if column is not None:
                found.setdefault((table, column), []).append(dataset)
    return found


def _is_shown(scores, run, panels, method):
    """Return whether the method has a number, ours or the paper's, in any panel."""
    return any(
        method in paper.TABLES[table][column] or _errors(scores, run, dataset, method)
        for (table, column), datasets in panels.items()
        for dataset in datasets
    )


def _errors(scores, run, dataset, method):
    return list(scores.values(dataset.name, method, scores.primary_metric(dataset.name)).values())


def _draw_panel(axes, run, scores, methods, datasets, numbers):
    """Draw the numbers of ours and of the paper; return our metric, or None if no dataset was run."""
    for row in range(len(methods)):
        axes.axhline(row, color="0.92", linewidth=0.7, zorder=0)
    kind, drawn = None, []
    finished = [each for each in datasets if each not in run.not_run]
    rows = [(row, numbers[m.name]) for row, m in enumerate(methods) if m.name in numbers]
    printed = {row: Interval(5, mean, None, half) for row, (mean, half) in rows}
    _draw_points(axes, printed, 0.22 if finished else 0.0, PAPERS)
    drawn += printed.values()
    for place, (dataset, look) in enumerate(zip(finished, MARKERS, strict=False)):
        kind = scores.primary_metric(dataset.name)
        found = {row: _errors(scores, run, dataset, m.name) for row, m in enumerate(methods)}
        found = {row: interval(values, run.interval) for row, values in found.items() if values}
        _draw_points(axes, found, -0.22 + 0.2 * place, {**OURS, **look})
        drawn += found.values()
    if drawn:
        axes.set_xlim(*_ends(drawn))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    return kind


def _ends(intervals):
    """Return the ends of an axis: longer intervals are cut where the means would otherwise lie together."""
    means = [each.mean for each in intervals]
    room = LONGEST * (max(means) - min(means) or 1.0)
    low = max(min(each.low or each.mean for each in intervals), min(means) - room)
    high = min(max(each.high or each.mean for each in intervals), max(means) + room)
    return low - 0.05 * (high - low), high + 0.05 * (high - low)


def _draw_points(axes, found, shift, look):
    """Draw {row: Interval}, the points moved down by `shift`."""
    means, half = ([getattr(each, key) or 0.0 for each in found.values()] for key in ("mean", "half"))
    axes.errorbar(means, [row + shift for row in found], xerr=half, markersize=4, **look)


def _add_legend(figure, axes, run, panels):
    others = {}
    for datasets in panels.values():
        for place, dataset in enumerate([each for each in datasets if each not in run.not_run][1:], start=1):
            others.setdefault(place, f"this run, {paper.place(dataset.dataset)[2]}")
    labels = ["this run", *others.values()]
    handles = [
        axes.errorbar([], [], xerr=[], markersize=4, label=label, **{**OURS, **look})
        for label, look in zip(labels, MARKERS, strict=False)
    ]
    handles.append(axes.errorbar([], [], xerr=[], markersize=4, label="the paper", **PAPERS))
    style.legend(figure, len(handles), handles=handles)


SPEC = OutputSpec(
    "Ours against the paper",
    "Summary",
    10,
    draw,
    reads=("scores",),
    applies=lambda run: (
        any(run.methods_that(control=False))
        and any(each not in run.not_run for found in _panels(run).values() for each in found)
    ),
)
