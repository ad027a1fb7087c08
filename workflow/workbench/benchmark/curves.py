"""The scaling curves as a table of points and as a figure."""

from statistics import median

from workbench.benchmark.summary import exponent, spread
from workbench.report.figures import _style as style
from workbench.report.render import Table

TITLES = {
    "stl-squared": "STL, squared",
    "amtl-squared": "AMTL, squared",
    "amtl-logistic": "AMTL, logistic",
    "mtfl-squared": "MTFL, squared",
    "mean-squared": "Mean-regularized, squared",
    "two-mtl-neighbors": "2MTL pass, 10 neighbours",
    "two-mtl-all": "2MTL pass, all tasks",
}
# More panels are in rows of two.
MAX_IN_A_ROW = 3
LABELS = {
    "tasks": "Tasks T",
    "many_tasks": "Tasks T, in up to 100 groups",
    "features": "Features d",
    "rows": "Rows per task n",
}


def curve_exponent(curve):
    """Return the exponent fitted to the median seconds of a curve, or None for fewer than two points."""
    points = curve["points"]
    return exponent([p["size"] for p in points], [median(p["seconds"]) for p in points])


def table(records):
    """Return the table with one csv row per point; each row holds the exponent of its curve."""
    rows = []
    for record in records:
        for curve in record["curves"]:
            fitted = curve_exponent(curve)
            for point in curve["points"]:
                middle, least, most = spread(point["seconds"])
                rows.append(
                    {
                        "axis": record["axis"],
                        "method": curve["method"],
                        "size": point["size"],
                        "seconds": middle,
                        "seconds_min": least,
                        "seconds_max": most,
                        "rounds": len(point["seconds"]),
                        "peak_mib": point["mib"],
                        "iterations": point["iterations"],
                        "residual": point["residual"],
                        "within_groups": point["within_groups"],
                        "exponent": "" if fitted is None else fitted,
                        "left_out": ", ".join(curve["left_out"]),
                    }
                )
    columns = ["axis", "method", "size", "seconds"]
    return Table("Scaling", columns, "llrr", [], rows)


def draw(records):
    """Return the figure: one panel per axis, median seconds against size, both logarithmic.

    Bars reach from the minimum to the maximum. Exponents are fitted to the upper half of a curve's points.
    Sizes that are left out are named below the panel.
    """
    count = max(len(records), 1)
    columns = count if count <= MAX_IN_A_ROW else 2
    label = "Time per fit, 2MTL: per pass; one thread\n(exponents: upper half of the points)"
    figure, panels = style.panels(count, columns, (max(3.6 * columns, 5.0), 4.6), 0.0, label, sharey=True)
    for axes, record in zip(panels, records, strict=False):
        _panel(axes, record)
    return figure


def _panel(axes, record):
    left_out = []
    for curve in record["curves"]:
        title, fitted = TITLES[curve["method"]], curve_exponent(curve)
        if curve["points"]:
            _line(axes, curve, title if fitted is None else f"{title}, exponent {fitted:.2f}")
        if curve["left_out"]:
            left_out.append(f"{title}: without {', '.join(curve['left_out'])}")
    axes.set_xscale("log")
    axes.set_yscale("log")
    style.seconds_axis(axes.yaxis)
    axes.set_xlabel(LABELS[record["axis"]])
    fixed = ", ".join(f"{size} {axis}" for axis, size in record["base"].items() if axis != record["axis"])
    # Above the axes, so that it hides no point.
    place = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.0), "alignment": "left"}
    if axes.has_data():
        axes.legend(title=fixed, title_fontsize=9, frameon=False, **place)
    # Part of the axis label, because the layout makes room for labels and not for other text.
    if left_out:
        axes.set_xlabel("\n".join([LABELS[record["axis"]], "", *left_out]))


def _line(axes, curve, label):
    # A method looks the same in all panels.
    number = list(TITLES).index(curve["method"])
    sizes = [point["size"] for point in curve["points"]]
    spreads = [spread(point["seconds"]) for point in curve["points"]]
    middle = [each[0] for each in spreads]
    bars = [[each[0] - each[1] for each in spreads], [each[2] - each[0] for each in spreads]]
    axes.errorbar(
        sizes,
        middle,
        yerr=bars,
        label=label,
        color=style.COLORS[number],
        marker=style.MARKERS[number],
        linestyle=style.LINES[number],
        markersize=4,
        linewidth=1.2,
        capsize=2,
    )
