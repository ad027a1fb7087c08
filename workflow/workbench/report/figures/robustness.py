"""Error relative to single-task learning along one number of a dataset, one panel per curve."""

from amtl.statistics import interval
from amtl.transfer import gains
from workbench.report._spec import OutputSpec
from workbench.report._variants import curves
from workbench.report.figures import _style as style
from workbench.report.tables._rows import BASELINE, REFERENCES, has_baseline
from workbench.scores import Scores

MAX_COLUMNS = 3
# So many methods have a line of their own: the best ones and AMTL; all others are grey.
MAX_METHODS = 8
GREY = {"color": "0.8", "linewidth": 0.8, "zorder": 1}
# Numbers whose largest is so many times the smallest have a logarithmic axis.
WIDE = 5.0
# The axis reaches up to so many times the largest loss of a method with a line of its own.
ROOM = 1.3


def draw(run, inputs):
    """Return the figure. inputs : ``scores``."""
    scores, found = Scores(inputs["scores"]), {}
    methods = [each for each in run.methods_that(control=False) if each.name != BASELINE]
    for place, curve in enumerate(curves(run)):
        lines = {method.name: _line(run, scores, curve, method.name) for method in methods}
        found[place] = {name: line for name, line in lines.items() if line}
    shown = _chosen(found.values())
    # Four panels fill two rows of two.
    columns = 2 if len(found) == 4 else min(len(found), MAX_COLUMNS)
    size = (0.6 + 3.1 * columns, 2.9)
    figure, places = style.panels(len(found), columns, size, 0.6, f"Change against {run.title(BASELINE)}, %")
    for axes, curve, lines in zip(places, curves(run), found.values(), strict=True):
        _draw_panel(axes, curve, lines, shown)
    handles = [_handle(run, name, place) for place, name in enumerate(shown)]
    others = {name for lines in found.values() for name in lines} - set(shown)
    if others:
        from matplotlib.lines import Line2D

        handles.append(Line2D([], [], label=f"{len(others)} other methods", **GREY))
    style.legend(figure, min(2 * columns, 5), handles=handles)
    return figure


def _line(run, scores, curve, method):
    """Return {number: Interval of the change of the error in %} of a method along a curve."""
    found = {}
    for number, dataset in curve.datasets.items():
        metric = scores.primary_metric(dataset.name)
        errors, alone = (scores.values(dataset.name, name, metric) for name in (method, BASELINE))
        values = [-gain for gain in gains(errors, alone).values()]
        if values:
            found[number] = interval(values, run.interval)
    return found


def _chosen(curves_lines):
    """Return the names of the methods with a line of their own: AMTL, then those that are best most often."""
    wins, sums = {}, {}
    for lines in curves_lines:
        for number in {number for line in lines.values() for number in line}:
            means = {name: line[number].mean for name, line in lines.items() if number in line}
            best = min(means, key=means.get)
            wins[best] = wins.get(best, 0) + 1
            for name, mean in means.items():
                sums[name] = sums.get(name, 0.0) + mean
    named = [name for name in REFERENCES if name in sums]
    order = sorted(sums, key=lambda name: (-wins.get(name, 0), sums[name]))
    return [*named, *(name for name in order if name not in named)][:MAX_METHODS]


def _draw_panel(axes, curve, lines, shown):
    for name, line in lines.items():
        if name not in shown:
            axes.plot(list(line), [each.mean for each in line.values()], **GREY)
    for place, name in enumerate(shown):
        line = lines.get(name, {})
        means, half = ([getattr(each, key) or 0.0 for each in line.values()] for key in ("mean", "half"))
        axes.errorbar(
            list(line),
            means,
            yerr=half,
            capsize=2,
            elinewidth=0.7,
            zorder=3,
            **style.line_look(place),
        )
    axes.axhline(0.0, color="black", linewidth=0.8, zorder=2)
    numbers = list(curve.datasets)
    if min(numbers) > 0 and max(numbers) >= WIDE * min(numbers):
        axes.set_xscale("log")
    axes.set_xticks(numbers, [f"{number:g}" for number in numbers], minor=False)
    axes.minorticks_off()
    axes.set_xlabel(curve.option.replace("_", " "))
    axes.set_title(style.short(curve.usual.title, 40))
    top = max((each.mean for name in shown for each in lines.get(name, {}).values()), default=0.0)
    low, high = axes.get_ylim()
    axes.set_ylim(low, min(high, max(ROOM * top, -0.15 * low, 1.0)))


def _handle(run, name, place):
    from matplotlib.lines import Line2D

    return Line2D([], [], label=run.title(name), **style.line_look(place))


SPEC = OutputSpec(
    "Robustness",
    "Figures",
    46,
    draw,
    reads=("scores",),
    applies=lambda run: has_baseline(run) and len(run.methods_that(control=False)) > 1 and bool(curves(run)),
)
