"""How flat the validation error is over a grid, what a third of it costs, and its picture."""

import numpy as np
import pytest

from helpers.made_up_results import dataset, fit_record, method, run_of, write_fits
from workbench import plugins
from workbench.report import _surfaces
from workbench.report._inputs import Inputs
from workbench.report.figures import _style as style
from workbench.report.figures import validation_surface

ARRAYS = {"W": np.ones((2, 1)), "objective": np.ones(1)}


def grid(errors, params=None):
    params = params or [{"lam": 10.0**-k} for k in range(len(errors))]
    return [{"params": each, "validation_metric": error} for each, error in zip(params, errors, strict=True)]


def record(errors, params=None, initial=None, chosen=0):
    initial = len(errors) if initial is None else initial
    return fit_record(grid=grid(errors, params), initial_points=initial, chosen=chosen)


# Places are counted from the smallest value up: the third has lam = 1e-7, 1e-4 and 1e-1.
PATH = [20.0, 10.4, 10.05, 10.0, 10.2, 11.0, 12.0, 30.0, 40.0]


def made_up(folder, records, datasets=("d0", "d1")):
    """Return (run, inputs); records : {method: record}, the same on all splits of all datasets."""
    infos = [dataset(name, dataset="family", splits=2) for name in datasets]
    run = run_of(infos, [method(name) for name in records], splits=2)
    contents = {
        (name, m, k): (each, ARRAYS) for name in datasets for m, each in records.items() for k in (1, 2)
    }
    return run, Inputs(fits=write_fits(folder / "fits", contents))


def build(run, inputs):
    return plugins.load("tables", "sensitivity").make(run, inputs)


def test_flatness_is_the_share_of_points_near_the_lowest_error():
    found = _surfaces.surface(record(PATH))
    assert found.share_within(1.0) == pytest.approx(100 * 2 / 9)
    assert found.share_within(5.0) == pytest.approx(100 * 4 / 9)


def test_a_third_of_a_path_is_every_third_point_and_its_loss_is_that_of_the_best_of_them():
    found = _surfaces.surface(record(PATH))
    values = found.values[found.third, 0]
    assert np.log10(values).round().tolist() == [-1, -4, -7]
    assert found.loss_of_third == pytest.approx(2.0)


def test_a_third_of_two_axes_tries_every_value_of_both():
    params = [{"lam": 2.0**a, "mu": 3.0**b} for a in range(6) for b in range(3)]
    found = _surfaces.surface(record(np.linspace(1, 2, 18).tolist(), params))
    assert found.third.sum() == 6
    assert len(set(found.values[found.third, 0])) == 3 and len(set(found.values[found.third, 1])) == 6
    assert found.axes == ("mu", "lam")


def test_an_axis_relative_to_another_one_has_its_own_steps():
    params = [{"lam": 2.0**a, "mu": 2.0**a * 3.0**b} for a in range(4) for b in range(3)]
    found = _surfaces.surface(record(np.linspace(1, 2, 12).tolist(), params))
    assert found.axes == ("lam", "mu")
    assert found.places.tolist() == [[a, b] for a in range(4) for b in range(3)]


def test_hyper_parameters_in_a_fixed_ratio_are_one_axis():
    params = [{"k": k, "rho1": 10.0**a, "rho2": 10.0 ** (a - 2)} for k in (1, 2) for a in range(4)]
    found = _surfaces.surface(record([1.0] * 8, params))
    assert found.axes == ("k", "rho1") and found.places.max(axis=0).tolist() == [1, 3]


def test_rounding_makes_no_new_place():
    params = [{"lam": 0.1 * (1 + 1e-13 * b), "mu": float(b)} for b in range(6)]
    assert _surfaces.surface(record([1.0] * 6, params)).axes == ("mu",)


def test_added_points_count_only_as_a_gain():
    found = _surfaces.surface(record([*PATH, 9.0, 8.0], initial=9, chosen=10))
    assert len(found.errors) == 9 and found.chosen is None
    assert found.gain_of_added == pytest.approx(20.0)
    assert found.loss_of_third == pytest.approx(2.0)
    assert _surfaces.surface(record([*PATH, 50.0], initial=9)).gain_of_added == 0.0


@pytest.mark.parametrize("errors", [[], [1.0] * 3, [None] * 9, [0.0, *[1.0] * 8]])
def test_a_fit_without_a_grid_or_without_errors_has_no_surface(errors):
    assert _surfaces.surface(record(errors)) is None


def test_a_fit_that_overflowed_is_never_good():
    found = _surfaces.surface(record([None, *PATH]))
    assert found.share_within(5.0) == pytest.approx(100 * 4 / 10)


def test_the_table_joins_splits_and_datasets_by_medians(tmp_path):
    flat = [10.0] * 9
    run, inputs = made_up(tmp_path, {"stl": record(PATH), "amtl": record(flat), "mean": record([1.0])})
    table = build(run, inputs)
    found = {(each["dataset"], each["method"]): each for each in table.records}
    assert {m for _, m in found} == {"stl", "amtl"}
    assert found["all", "stl"]["n"] == 4 and found["d0", "stl"]["n"] == 2
    assert found["all", "stl"]["third_loss"] == pytest.approx(2.0)
    assert found["all", "amtl"]["within_1"] == 100.0 and found["all", "amtl"]["third_loss"] == 0.0
    assert [row[0] for row in table.blocks[0][1]] == ["STL", "AMTL"]


def test_the_largest_loss_is_that_of_any_split(tmp_path):
    run, inputs = made_up(tmp_path, {"stl": record(PATH)}, datasets=("d0",))
    spiked = [*PATH[:3], 5.0, *PATH[4:]]
    contents = {("d0", "stl", 1): (record(PATH), ARRAYS), ("d0", "stl", 2): (record(spiked), ARRAYS)}
    inputs = Inputs(fits=write_fits(tmp_path / "others", contents))
    (found,) = (each for each in build(run, inputs).records if each["dataset"] == "all")
    losses = [_surfaces.surface(record(each)).loss_of_third for each in (PATH, spiked)]
    assert losses[1] > 20 and found["third_loss_largest"] == pytest.approx(losses[1])
    assert found["third_loss"] == pytest.approx(np.median(losses))


def test_the_largest_loss_over_datasets_is_that_of_the_worst_one(tmp_path):
    run, _ = made_up(tmp_path, {"stl": record(PATH)})
    contents = {
        (name, "stl", k): (record(errors), ARRAYS)
        for name, errors in (("d0", PATH), ("d1", [10.0] * 9))
        for k in (1, 2)
    }
    table = build(run, Inputs(fits=write_fits(tmp_path / "others", contents)))
    found = {each["dataset"]: each for each in table.records}
    losses = {name: each["third_loss_largest"] for name, each in found.items()}
    assert losses == pytest.approx({"d0": 2.0, "d1": 0.0, "all": 2.0})
    assert found["all"]["third_loss"] == pytest.approx(1.0)


def test_outputs_read_the_fits_that_they_show_and_apply_to_data_outside_the_paper(tmp_path):
    run, _ = made_up(tmp_path, {"stl": record(PATH), "amtl": record(PATH)})
    assert plugins.load("tables", "sensitivity").fits(run)["d1"] == {"stl": [1, 2], "amtl": [1, 2]}
    assert plugins.load("figures", "validation-surface").fits(run) == {"d0": {"stl": [1], "amtl": [1]}}
    for kind, name in (("tables", "sensitivity"), ("figures", "validation-surface")):
        assert plugins.load(kind, name).applies(run)
        assert not plugins.load(kind, name).applies(run_of(["synthetic"], ["stl"]))


# --- the picture --------------------------------------------------------------------------------------------

PLANE = [{"lam": 2.0**a, "mu": 2.0**a * 3.0**b} for a in range(4) for b in range(3)]


def test_a_path_is_a_line_and_two_axes_are_a_heat_map(tmp_path):
    heights = [10.0 + k for k in range(12)]
    records = {"stl": record(PATH, chosen=3), "amtl": record(heights, PLANE)}
    figure = validation_surface.draw(*made_up(tmp_path, records))
    line, heat = figure.axes[:2]
    x, y = line.lines[0].get_data()
    assert x.tolist() == sorted(10.0**-k for k in range(9))
    assert y.min() == 0.0 and line.lines[1].get_data() == ([1e-3], [0.0])
    cells = np.asarray(heat.images[0].get_array())
    # Rows are lam, the axis with fewer values; columns mu relative to it.
    assert cells.shape == (4, 3) and cells[0].tolist() == pytest.approx([0.0, 10.0, 20.0])
    assert heat.get_ylabel().startswith("lam") and heat.get_xlabel().startswith("mu")


def test_of_three_axes_a_cell_shows_the_lowest_error_of_the_third(tmp_path):
    params = [{"k": k, "lam": 2.0**a, "mu": 3.0**b} for k in (1, 2) for a in range(4) for b in range(3)]
    errors = [20.0] * 12 + [10.0 + k for k in range(12)]
    figure = validation_surface.draw(*made_up(tmp_path, {"go-mtl": record(errors, params)}))
    (axes,) = [each for each in figure.axes if each.images]
    cells = np.asarray(axes.images[0].get_array())
    assert cells.shape == (3, 4)
    assert cells.max() <= 100.0 and cells[0, 0] == 0.0 and "k" in axes.get_xlabel()


def test_the_picture_is_the_same_bytes_each_time(tmp_path):
    records = {"stl": record(PATH), "amtl": record([10.0 + k for k in range(12)], PLANE)}
    run, inputs = made_up(tmp_path, records)
    paths = [tmp_path / f"{copy}.svg" for copy in "ab"]
    for path in paths:
        style.save(validation_surface.draw(run, inputs), [path])
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_runs_without_a_grid_have_a_figure_that_says_so(tmp_path):
    figure = validation_surface.draw(*made_up(tmp_path, {"mean": record([1.0])}))
    assert "d0" in figure.get_suptitle()
