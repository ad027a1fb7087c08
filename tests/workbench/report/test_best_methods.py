"""Which method when: the best methods of each dataset, those that are as good, and the map of all of them."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Rectangle

from helpers.made_up_results import dataset, method, run_of, write_scores
from workbench import plugins
from workbench.report import _standings
from workbench.report._inputs import Inputs
from workbench.report.figures import _style as style
from workbench.report.figures import decision

SPLITS = (1, 2, 3, 4, 5, 6)
# {method: mean error on each dataset}; "noisy" varies from split to split, all others by the same amounts.
ERRORS = {
    "stl": {"d0": 20.0, "d1": 20.0, "real": 20.0},
    "amtl": {"d0": 10.0, "d1": 19.0, "real": 21.0},
    "mtfl": {"d0": 18.0, "d1": 10.0, "real": 20.1},
    "trace-norm": {"d0": 18.0, "d1": 10.0, "real": 20.1},
    "noisy": {"d0": 10.5, "d1": 25.0, "real": 26.0},
    "mean": {"d0": 1.0, "d1": 1.0, "real": 1.0},
}


def made_up(folder, errors=ERRORS, splits=SPLITS, titles=None):
    """Return (run, inputs) of two generated datasets and a real one; the mean predictor is a control."""
    names = list(dict.fromkeys(name for each in errors.values() for name in each))
    datasets = [
        dataset(name, kind="regression", dataset="family", has_truth=name != "real", splits=len(splits))
        for name in names
    ]
    methods = [
        method(m, identity="one" if m in ("mtfl", "trace-norm") else m, title=(titles or {}).get(m, m))
        for m in errors
    ]
    rows = [
        (
            name,
            k,
            m,
            "rmse",
            error + 0.2 * k + (3.0 * (-1) ** k if m == "noisy" else 0.01 * np.cos(k * error)),
        )
        for m, each in errors.items()
        for name, error in each.items()
        for k in splits
    ]
    return run_of(datasets, methods, splits=len(splits)), Inputs(scores=write_scores(folder, rows))


def build(run, inputs):
    return plugins.load("tables", "best-methods").make(run, inputs)


def records_of(table):
    return {(each["dataset"], each["method"]): each for each in table.records}


def test_the_best_method_and_those_as_good_are_told_from_the_worse_ones(tmp_path):
    found = records_of(build(*made_up(tmp_path)))
    best = {name: method for (name, method), each in found.items() if each["best"]}
    assert best == {"d0": "amtl", "d1": "mtfl", "real": "stl"}
    # A noisy method is not clearly worse, and STL is.
    assert found["d0", "noisy"]["not_worse"] and not found["d0", "stl"]["not_worse"]
    assert found["d0", "stl"]["worse"] and not found["d0", "noisy"]["worse"]
    assert found["d0", "amtl"]["percent"] == pytest.approx(100 * (10.7 / 20.7 - 1), abs=0.2)
    assert found["real", "stl"]["percent"] == 0.0
    assert not any(method == "mean" for _, method in found)


def test_a_method_under_two_names_is_listed_once(tmp_path):
    table = build(*made_up(tmp_path, titles={"trace-norm": "Trace norm"}))
    assert not any(method == "trace-norm" for _, method in records_of(table))
    assert "mtfl = Trace norm" in " ".join(table.notes)


def test_methods_close_to_the_best_have_a_column_of_their_own(tmp_path):
    table = build(*made_up(tmp_path))
    (_, generated), (_, real) = table.blocks
    assert len(generated) == 2 and len(real) == 1
    # MTFL is within 1 % of STL on the real dataset.
    assert real[0][1] == "stl" and real[0][3] == "mtfl"
    assert [row[0].split(",")[0] for row in generated] == ["d0", "d1"]


def test_one_split_tells_nothing_about_differences(tmp_path):
    table = build(*made_up(tmp_path, splits=(1,)))
    found = records_of(table)
    assert not any(each["worse"] for each in found.values())
    assert [m for (name, m), each in found.items() if name == "real" and each["not_worse"]] == ["stl", "mtfl"]


def test_a_long_list_of_methods_is_cut_and_the_records_are_whole(tmp_path):
    many = {f"m{k}": {"d0": 20.0, "d1": 20.0 + 1e-6 * k, "real": 20.0} for k in range(20)}
    table = build(*made_up(tmp_path, {"stl": ERRORS["stl"], **many}))
    (_, ((_, _, _, close, *_), *_)), *_ = table.blocks
    assert close.endswith("and 14 more") and close.count(",") == 5
    assert sum(each["dataset"] == "d0" for each in table.records) == 21


def test_outputs_need_three_datasets_and_methods_and_the_baseline(tmp_path):
    run, _ = made_up(tmp_path)
    without = {name: each for name, each in ERRORS.items() if name != "stl"}
    two = {name: {d: each[d] for d in ("d0", "real")} for name, each in ERRORS.items()}
    for kind, name in (("tables", "best-methods"), ("figures", "decision")):
        spec = plugins.load(kind, name)
        assert spec.applies(run)
        assert not spec.applies(made_up(tmp_path, without)[0])
        assert not spec.applies(made_up(tmp_path, two)[0])
        assert not spec.applies(run_of(["synthetic", "mnist", "school"], ["stl", "amtl", "mtfl"]))


# --- the map ------------------------------------------------------------------------------------------------


def many(folder, methods=40, datasets=26):
    generator = np.random.default_rng(0)
    errors = {
        f"method {m}": {f"dataset {d}": 20.0 + generator.normal(0, 2) for d in range(datasets)}
        for m in range(methods - 1)
    }
    return made_up(folder, {"stl": dict.fromkeys(errors["method 0"], 20.0), **errors}, splits=(1, 2))


def frames(figure):
    """Return {(column, row): line width} of the frames."""
    found = {}
    for patch in figure.axes[0].patches:
        if isinstance(patch, Rectangle):
            found[round(patch.get_x() + 0.46), round(patch.get_y() + 0.44)] = patch.get_linewidth()
    return found


def test_cells_are_errors_relative_to_stl_in_the_order_of_their_medians(tmp_path):
    figure = decision.draw(*made_up(tmp_path))
    axes = figure.axes[0]
    values = np.asarray(axes.images[0].get_array())
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["mtfl", "amtl", "stl", "noisy"]
    assert values[names.index("stl")].tolist() == [0.0, 0.0, 0.0]
    assert values[names.index("amtl"), 0] == pytest.approx(100 * (10.7 / 20.7 - 1), abs=0.2)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["d0", "d1", "real"]


def test_frames_mark_the_best_and_those_as_good(tmp_path):
    found = frames(decision.draw(*made_up(tmp_path)))
    # Rows: mtfl, amtl, stl, noisy.
    thick = {place for place, width in found.items() if width > 1}
    assert thick == {(0, 1), (1, 0), (2, 2)}
    assert (0, 3) in found and (0, 2) not in found


def test_one_bad_method_leaves_the_colors_of_the_others(tmp_path):
    usual = decision.draw(*made_up(tmp_path)).axes[0].images[0].norm.vmax
    bad = {**ERRORS, "noisy": dict.fromkeys(ERRORS["stl"], 9000.0)}
    figure = decision.draw(*made_up(tmp_path, bad))
    assert figure.axes[0].images[0].norm.vmax == pytest.approx(usual)
    assert ">999" in [text.get_text() for text in figure.axes[0].texts]


def test_a_missing_result_is_an_empty_cell(tmp_path):
    errors = {**ERRORS, "noisy": {"d0": 10.5, "d1": 25.0}}
    figure = decision.draw(*made_up(tmp_path, errors))
    axes = figure.axes[0]
    row = [label.get_text() for label in axes.get_yticklabels()].index("noisy")
    values = np.ma.filled(np.ma.asarray(axes.images[0].get_array()), np.nan)
    assert np.isnan(values[row]).tolist() == [False, False, True]


def test_points_of_a_curve_do_not_count_in_the_order(tmp_path):
    run, inputs = made_up(tmp_path)
    found = _standings.standings(run, plugins_scores(inputs), dict.fromkeys(ERRORS["stl"], 0.0))
    without = [each if each.dataset.name != "d1" else changed(each, counts=False) for each in found]
    assert decision.in_order(found)[0] == "mtfl" and decision.in_order(without)[0] == "amtl"


def plugins_scores(inputs):
    from workbench.scores import Scores

    return Scores(inputs["scores"])


def changed(standing, **facts):
    from dataclasses import replace

    return replace(standing, **facts)


def test_the_map_is_the_same_bytes_each_time_and_shows_any_title(tmp_path):
    awkward = "$5_$10 {to} <b>"
    run, inputs = made_up(tmp_path, titles={"amtl": awkward})
    paths = [tmp_path / f"{copy}.svg" for copy in "ab"]
    for path in paths:
        style.save(decision.draw(run, inputs), [path])
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert b"$5_$10 {to} &lt;b&gt;" in paths[0].read_bytes()


def test_forty_methods_on_twenty_six_datasets_are_readable(tmp_path):
    figure = decision.draw(*many(tmp_path))
    style.finish(figure)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw_without_rendering()
    axes = figure.axes[0]
    boxes = [text.get_window_extent(renderer) for text in axes.texts]
    boxes += [
        label.get_window_extent(renderer)
        for axis in (axes.xaxis, axes.yaxis)
        for label in axis.get_ticklabels()
    ]
    assert len(boxes) > 40 * 26
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    page = figure.bbox
    assert all(b.x0 >= 0 and b.x1 <= page.x1 and b.y0 >= 0 and b.y1 <= page.y1 for b in boxes)
    assert figure.get_size_inches()[0] < 18 and figure.get_size_inches()[1] < 12
