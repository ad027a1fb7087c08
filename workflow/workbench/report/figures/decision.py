"""Which method when, as a map: error relative to single-task learning of each method on each dataset."""

import math
from statistics import mean, median

import numpy as np

from workbench.papers.results import overlaps, splits_read
from workbench.report._spec import OutputSpec
from workbench.report._standings import GENERATED, REAL, applies, standings
from workbench.report.figures import _style as style
from workbench.report.tables._rows import BASELINE
from workbench.scores import Scores

# Size of a cell in inches, and room for names and scale.
WIDTH, HEIGHT = 0.46, 0.2
LEFT, RIGHT, TOP, BOTTOM = 1.9, 1.5, 0.75, 1.75
MAX_NAME = 28
# The colors end at this quantile, over datasets, of the best method's gain, and at this many % at least. A
# loss has no limit, and a gain on one dataset may be far larger than on all others.
QUANTILE, SMALLEST_LIMIT = 0.75, 2.0
# How much wider the white line around a frame is, in points.
HALO = 1.2
# No larger number is written.
MOST = 999
# Numbers on colors below this lightness are white.
DARK = 0.5
KINDS = {GENERATED: "Generated data", REAL: "Real data"}


def draw(run, inputs):
    """Return the figure. inputs : ``scores``; ``splits``, one of each dataset whose splits overlap."""
    found = standings(run, Scores(inputs["scores"]), overlaps(run, inputs))
    found = [each for kind in KINDS for each in found if each.kind == kind and each.percent]
    if not found:
        figure = style.new_figure(7.4, 1.0)
        figure.suptitle(f"No dataset has results of {run.title(BASELINE)} and of another method")
        return figure
    methods = in_order(found)
    values = np.array([[each.percent.get(name, np.nan) for each in found] for name in methods])
    limit = limit_of(found)
    size = (LEFT + WIDTH * len(found) + RIGHT, TOP + HEIGHT * len(methods) + BOTTOM)
    figure = style.new_figure(*size)
    axes = figure.subplots()
    axes.set_facecolor("0.9")
    image = axes.imshow(values, cmap="PuOr_r", vmin=-limit, vmax=limit, aspect="auto")
    _write_numbers(axes, values, image)
    for column, each in enumerate(found):
        for name in each.not_worse:
            if name in methods:
                _frame(axes, column, methods.index(name), 1.8 if name == each.best else 0.6)
    _label(axes, run, found, methods)
    bar = figure.colorbar(image, ax=axes, extend="both", location="top", shrink=0.5, aspect=40, pad=0.01)
    bar.set_label(f"Test error against {run.title(BASELINE)}, %")
    bar.outline.set_visible(False)
    return figure


def in_order(found):
    """Return the methods, the smallest median of the relative error over datasets of their own first."""
    values = {}
    for each in [each for each in found if each.counts] or found:
        for name, percent in each.percent.items():
            values.setdefault(name, []).append(percent)
    for each in found:
        for name, percent in each.percent.items():
            values.setdefault(name, [percent])
    return sorted(values, key=lambda name: (median(values[name]), mean(values[name]), name))


def limit_of(found):
    """Return the end of the colors in %: a quantile over datasets of the gain of the best method."""
    gains = [max(-min(each.percent.values()), 0.0) for each in found]
    return max(float(np.quantile(gains, QUANTILE)), SMALLEST_LIMIT)


def _write_numbers(axes, values, image):
    # Of red, green and blue, the eye takes green for the lightest.
    lightness = image.to_rgba(values)[:, :, :3] @ (0.299, 0.587, 0.114)
    for (row, column), value in np.ndenumerate(values):
        if math.isfinite(value):
            color = "white" if lightness[row, column] < DARK else "0.1"
            axes.text(column, row, _text(value), ha="center", va="center", fontsize=6, color=color)


def _text(value):
    if value > MOST:
        return f">{MOST}"
    text = f"{value:+.0f}" if abs(value) >= 9.95 else f"{value:+.1f}"
    return text.lstrip("+-") if float(text) == 0 else text.replace("-", "−")


def _frame(axes, column, row, width):
    """Frame a cell; a white line around the black one keeps it visible on dark colors."""
    from matplotlib.patches import Rectangle
    from matplotlib.patheffects import withStroke

    edge = {"fill": False, "edgecolor": "black", "linewidth": width, "zorder": 3}
    halo = [withStroke(linewidth=width + HALO, foreground="white")]
    axes.add_patch(Rectangle((column - 0.46, row - 0.44), 0.92, 0.88, path_effects=halo, **edge))


def _label(axes, run, found, methods):
    """Label rows, columns and kinds of data; count for each method the datasets where it is framed."""
    axes.set_yticks(range(len(methods)), [style.short(run.title(name), MAX_NAME) for name in methods])
    titles = [style.short(each.dataset.title, MAX_NAME) + ("" if each.counts else " *") for each in found]
    axes.set_xticks(range(len(found)), titles, rotation=90)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    place = {"transform": axes.get_yaxis_transform(), "fontsize": 7, "va": "center"}
    shown = [kind for kind in KINDS if any(each.kind == kind for each in found)]
    for number, kind in enumerate(shown):
        own = [each for each in found if each.kind == kind and each.counts]
        x = 1.01 + number * 0.5 / len(found) * 2.6
        axes.text(x, -1.0, f"framed\n{kind}\nof {len(own)}", ha="left", va="bottom", **_without(place, "va"))
        for row, name in enumerate(methods):
            count = sum(name in each.not_worse for each in own)
            axes.text(x, row, str(count) if count else "–", ha="left", **place)
        columns = [k for k, each in enumerate(found) if each.kind == kind]
        axes.text((columns[0] + columns[-1]) / 2, -0.75, KINDS[kind], ha="center", va="bottom", fontsize=9)
        if columns[0]:
            axes.axvline(columns[0] - 0.5, color="black", linewidth=1.2)


def _without(place, key):
    return {name: value for name, value in place.items() if name != key}


SPEC = OutputSpec(
    "Which method when", "Figures", 44, draw, reads=("scores",), applies=applies, splits=splits_read
)
