"""Validation error over the grid of each method on one dataset: lines for one axis, heat maps for two."""

import numpy as np

from workbench.report import _surfaces
from workbench.report._spec import OutputSpec
from workbench.report._variants import independent_datasets
from workbench.report.figures import _style as style

SPLIT = 1
# The scale ends so many % above the lowest validation error of the method.
LIMIT = 10.0
COLUMNS, MIN_WIDTH, MAX_NAME = 6, 6.5, 22
SMALL = 6.5


def draw(run, inputs):
    """Return the figure. inputs : ``fits`` of one dataset."""
    dataset = _dataset(run)
    found = []
    for method in _surfaces.tuned(run):
        if run.splits_of(dataset.name, method.name):
            each = _surfaces.surface(inputs["fits"].record(dataset.name, method.name, SPLIT))
            if each is not None and each.axes:
                found.append((method, each))
    if not found:
        figure = style.new_figure(7.4, 1.0)
        figure.suptitle(f"No grid of {dataset.title} has {_surfaces.MIN_POINTS} points")
        return figure
    columns = min(COLUMNS, len(found))
    # The title needs some width.
    size = (max(0.4 + 1.75 * columns, MIN_WIDTH), 1.6)
    figure, places = style.panels(len(found), columns, size, 1.3, "")
    image = None
    for axes, (method, each) in zip(places, found, strict=True):
        axes.set_title(style.short(method.title, MAX_NAME), fontsize=8, pad=3)
        axes.tick_params(labelsize=SMALL, length=2, pad=1)
        if len(each.axes) == 1:
            _line(axes, each)
        else:
            image = _heat(axes, each)
    figure.suptitle(f"{dataset.title}, split {SPLIT}: validation error above the lowest one of the method, %")
    if image is not None:
        rows = -(-len(found) // columns)
        room = {"fraction": 0.1 / rows, "pad": 0.06 / rows, "shrink": 0.4, "aspect": 40}
        bar = figure.colorbar(image, ax=list(places), extend="max", location="bottom", **room)
        bar.set_label("% above the lowest validation error (heat maps)")
    return figure


def _line(axes, each):
    order = np.argsort(each.values[:, 0])
    values, excess = each.values[order, 0], each.excess[order]
    axes.plot(
        values, np.minimum(excess, 2 * LIMIT), color=style.COLORS[0], linewidth=1.0, marker=".", markersize=3
    )
    if values[0] > 0 and values[-1] / values[0] > LIMIT:
        axes.set_xscale("log")
        axes.xaxis.get_major_locator().set_params(numticks=4)
        axes.minorticks_off()
    axes.set_ylim(-0.04 * LIMIT, LIMIT)
    if each.chosen is not None:
        point = each.values[each.chosen, 0], min(each.excess[each.chosen], LIMIT)
        axes.plot(*point, marker="*", markersize=8, color="black", linestyle="none", clip_on=False)
    axes.set_xlabel(each.axes[0], fontsize=SMALL + 0.5, labelpad=1)


def _heat(axes, each):
    """Draw the two axes with the most places; along the others each cell shows the lowest error."""
    sizes = each.places.max(axis=0) + 1
    first, second = sorted(sorted(range(len(sizes)), key=lambda axis: -sizes[axis])[:2])
    cells = np.full((sizes[first], sizes[second]), np.inf)
    np.minimum.at(cells, (each.places[:, first], each.places[:, second]), each.excess)
    cells[~np.isfinite(cells)] = 1e9
    image = axes.imshow(
        cells, cmap="cividis_r", vmin=0.0, vmax=LIMIT, origin="lower", aspect="auto", interpolation="nearest"
    )
    if each.chosen is not None:
        place = each.places[each.chosen, second], each.places[each.chosen, first]
        axes.plot(*place, marker="*", markersize=8, color="white", markeredgecolor="black", linestyle="none")
    others = [name for axis, name in enumerate(each.axes) if axis not in (first, second)]
    best = f" (best {', '.join(others)})" if others else ""
    axes.set_xlabel(f"{each.axes[second]} →{best}", fontsize=SMALL + 0.5, labelpad=1)
    axes.set_ylabel(f"{each.axes[first]} →", fontsize=SMALL + 0.5, labelpad=1)
    axes.set_xticks([])
    axes.set_yticks([])
    return image


def _dataset(run):
    """Return the dataset with the most methods; of several the first that is not generated, or the first."""
    counts = {each: len(run.fitted.get(each.name, {})) for each in independent_datasets(run)}
    most = [each for each, count in counts.items() if count == max(counts.values())]
    return next((each for each in most if not each.has_truth), most[0])


def _fits(run):
    name = _dataset(run).name
    return {name: {m.name: [SPLIT] for m in _surfaces.tuned(run) if run.splits_of(name, m.name)}}


SPEC = OutputSpec("Validation surfaces", "Figures", 48, draw, applies=_surfaces.applies, fits=_fits)
