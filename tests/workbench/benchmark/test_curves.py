"""The scaling curves: the table of points and the figure show what the records hold."""

import pytest

from workbench.benchmark import curves, scaling
from workbench.report.render import to_csv

BASE = {"tasks": 50, "features": 60, "rows": 100}


def axis(name, *methods, **curve):
    """Return the record of an axis with one curve per method."""
    curve = {"points": [], "left_out": []} | curve
    return {"axis": name, "base": BASE, "curves": [curve | {"method": method} for method in methods]}


def points(*sizes, power=2):
    """Return points whose median seconds grow with `power` of the size; extremes are half and three times."""
    return [
        {
            "size": size,
            "seconds": [0.5e-4 * size**power, 3e-4 * size**power, 1e-4 * size**power],
            "mib": 60.0 + size,
            "iterations": 2,
            "residual": 1e-9,
            "within_groups": None,
        }
        for size in sizes
    ]


def test_table_has_one_row_per_point_with_the_exponent_of_its_curve():
    measured = [axis("tasks", "stl-squared", points=points(10, 20, 40), left_out=["80", "90"])]
    first, _, last = curves.table(measured).records
    assert first == {
        "axis": "tasks",
        "method": "stl-squared",
        "size": 10,
        "seconds": pytest.approx(0.01),
        "seconds_min": pytest.approx(0.005),
        "seconds_max": pytest.approx(0.03),
        "rounds": 3,
        "peak_mib": 70.0,
        "iterations": 2,
        "residual": 1e-9,
        "within_groups": None,
        "exponent": pytest.approx(2.0),
        "left_out": "80, 90",
    }
    assert last["size"] == 40 and last["exponent"] == first["exponent"]


def test_a_point_without_a_residual_has_an_empty_field():
    measured = [axis("tasks", "two-mtl-all", points=[point | {"residual": None} for point in points(10)])]
    assert to_csv(curves.table(measured)).splitlines()[1].endswith(",2,,,,")


def test_every_method_has_a_title():
    assert curves.TITLES.keys() == scaling.METHODS.keys() | scaling.MANY_METHODS.keys()


def test_table_has_the_columns_of_the_published_one(project):
    published = (project / "results" / "published" / "benchmark" / "scaling.csv").read_text(encoding="utf-8")
    (row,) = curves.table([axis("tasks", "stl-squared", points=points(10))]).records
    assert ",".join(row) == published.splitlines()[0] and row["exponent"] == ""


def test_figure_draws_the_points_with_bars_from_minimum_to_maximum():
    figure = curves.draw([axis("tasks", "stl-squared", points=points(10, 20))])
    (panel,) = figure.axes
    (drawn,) = panel.containers
    line, _, (bars,) = drawn.lines
    assert list(line.get_xdata()) == [10, 20]
    assert list(line.get_ydata()) == pytest.approx([0.01, 0.04])
    ends = [[y for _, y in segment] for segment in bars.get_segments()]
    assert ends == [pytest.approx([0.005, 0.03]), pytest.approx([0.02, 0.12])]
    assert panel.get_xscale() == panel.get_yscale() == "log"


def test_legend_names_methods_exponents_and_the_fixed_sizes():
    figure = curves.draw([axis("features", "stl-squared", "mtfl-squared", points=points(10, 20, power=3))])
    legend = figure.axes[0].get_legend()
    names = [text.get_text() for text in legend.get_texts()]
    assert names == ["STL, squared, exponent 3.00", "MTFL, squared, exponent 3.00"]
    assert legend.get_title().get_text() == "50 tasks, 100 rows"


def test_a_curve_of_one_point_has_no_exponent():
    figure = curves.draw([axis("rows", "stl-squared", points=points(10))])
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["STL, squared"]


def test_panel_names_the_sizes_that_are_left_out():
    measured = [axis("tasks", "stl-squared", points=points(10, 20), left_out=["80 and more"]), axis("rows")]
    left, right = curves.draw(measured).axes
    assert "STL, squared" in left.get_xlabel() and "80 and more" in left.get_xlabel()
    assert left.get_xlabel().startswith("Tasks") and right.get_xlabel().startswith("Rows")
    assert right.get_legend() is None and left.get_ylabel() and not right.get_ylabel()
