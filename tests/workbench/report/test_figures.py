"""Figures: what is drawn equals what is in the data; labels apart; one look for every user."""

import math
import re
from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba
from matplotlib.patches import FancyArrowPatch
from scipy.stats import t as student

from amtl.errors import InputError
from helpers.made_up_results import (
    META,
    TASKS,
    dataset,
    fit_record,
    make_split,
    method,
    run_of,
    write_fits,
    write_split,
)
from helpers.scripts import run_python
from workbench import plugins, scores
from workbench.report._inputs import Inputs
from workbench.report._variants import panel_datasets
from workbench.report.figures import _style as style
from workbench.report.figures import figure3
from workbench.report.figures import gains as gains_figure
from workbench.report.figures._reduction import by_split
from workbench.report.figures.objective import relative_gap
from workbench.run_info import RunInfo

SPLITS = (1, 2, 3)
DATASETS = ("synthetic", "mnist", "school", "animals")
METHODS = (
    method("stl"),
    method("go-mtl", iterative=True),
    method("amtl", iterative=True, learns=("graph",)),
    method("amtl-curriculum", iterative=True, learns=("graph", "order")),
    method("mean"),
)
RUN = run_of(DATASETS, METHODS, splits=3)
# The gain over STL per task number, and how much it varies from split to split.
BETTER = {"stl": (0.0, 0.0), "go-mtl": (-1.0, 0.3), "amtl": (2.0, 0.2), "amtl-curriculum": (1.0, 0.5)}
SPREAD = {1: 0.0, 2: 1.0, 3: 3.0}
ORDERS = {k: np.roll(np.arange(12), k) for k in SPLITS}


def error_of(name, t, k):
    """Return the made-up error of a task; STL's is 20 + t + k."""
    mean, spread = BETTER[name]
    return 20.0 + t + k - mean * t - spread * SPREAD[k]


def rmse_rows():
    return [
        ("synthetic", k, name, task, "rmse", error_of(name, t, k))
        for name in BETTER
        for k in SPLITS
        for t, task in enumerate(TASKS)
    ]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return all inputs of a made-up run by role; ``bare`` is a split without labels and true weights."""
    folder = tmp_path_factory.mktemp("results")
    generator = np.random.default_rng(0)
    truth = generator.normal(1, 5, (21, 12))
    split = make_split(width=21, truth=truth, meta=META)
    rows, contents, graphs = rmse_rows(), {}, {}
    for name in ("stl", "go-mtl", "amtl", "amtl-curriculum"):
        for k in SPLITS:
            objective = np.array([100.0]) if name == "amtl-curriculum" else 100 + 50 * 0.5 ** np.arange(10.0)
            arrays = {"W": truth + 0.1 * k + generator.normal(size=truth.shape), "objective": objective}
            if name.startswith("amtl"):
                arrays["B"] = np.triu(generator.random((12, 12)), 1)
            if name == "amtl-curriculum":
                arrays["order"] = ORDERS[k]
            contents["synthetic", name, k] = (fit_record(), arrays)
    for name in ("amtl", "amtl-curriculum"):
        graph = np.where(generator.random((10, 10)) < 0.3, generator.random((10, 10)), 0.0)
        np.fill_diagonal(graph, 0.0)
        graph[0, 1], graph[1, 0], graph[2, 3] = 0.9, 0.005, 0.5
        graphs[name] = graph
        contents["mnist", name, 1] = (fit_record(), {"W": truth, "objective": np.ones(1), "B": graph})
        rows += [
            ("mnist", k, name, str(c), "train_loss", 0.1 * (c + 1) * k * (1 if name == "amtl" else 0.5))
            for k in SPLITS
            for c in range(10)
        ]
    rows += [("synthetic", k, name, "all", "rmse", 20.0 - len(name) + k) for name in BETTER for k in SPLITS]
    for each, count in (("mnist", 10), ("school", 139), ("animals", 50)):
        metric = "rmse" if each == "school" else "class_error"
        for name, share in (("stl", 0.0), ("go-mtl", 0.5), ("amtl", 0.2)):
            rows += [
                (each, k, name, f"{c}" if each == "mnist" else f"{each} {c}", metric, number)
                for c in range(count)
                for k, number in zip(SPLITS, 20 + share * generator.normal(0, 9, 3), strict=True)
            ]
    path = folder / "scores.csv"
    scores.write_table(path, scores.SCORE_COLUMNS, rows)
    return {
        "contents": contents,
        "folder": folder,
        "truth": truth,
        "graphs": graphs,
        "scores": path,
        "splits": [write_split(folder / "split1.npz", split)],
        "bare": [write_split(folder / "bare.npz", make_split(width=21))],
        "foreign": [(folder / "split1.npz", "another digest")],
    }


NAMES = (
    "figure1a",
    "figure1b",
    "figure1c",
    "figure1d",
    "figure1e",
    "figure2",
    "figure3",
    "against-paper",
    "gains",
    "objective",
)


def spec_of(name):
    return plugins.load("figures", name)


def draw(made, name, run=RUN, **changes):
    """Return the figure; it gets exactly the fits that its spec asks for."""
    spec = spec_of(name)
    wanted = [
        (d, m, k)
        for d, by_method in spec.fits(run).items()
        for m, numbers in by_method.items()
        for k in numbers
        if (d, m, k) in made["contents"]
    ]
    fits = changes.pop("fits", None) or {place: made["contents"][place] for place in wanted}
    inputs = {"scores": made["scores"]} if "scores" in spec.reads else {}
    if spec.splits(run):
        inputs["splits"] = made[changes.pop("splits", "splits")]
    inputs["fits"] = write_fits(made["folder"] / "fits", fits)
    return spec.make(run, Inputs(inputs))


def with_interval(kind, run=RUN):
    return RunInfo(**{**run.__dict__, "interval": kind})


def only(*methods, datasets=DATASETS, **facts):
    """Return a run that has only these methods."""
    return run_of(datasets, [m for m in METHODS if m.name in methods], splits=3, **facts)


def texts(figure):
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


def half_widths(container):
    """Return the half lengths of the error bars of a bar or errorbar container."""
    errorbar = getattr(container, "errorbar", None)
    if errorbar is None or callable(errorbar):
        errorbar = container
    return [(segment[1][1] - segment[0][1]) / 2 for segment in errorbar.lines[2][0].get_segments()]


def expected_half(values, kind="normal"):
    """Return the half width of the 95 % interval of `values`, computed here once more."""
    n = len(values)
    quantile = 1.96 if kind == "normal" else student.ppf(0.975, n - 1)
    return quantile * np.std(values, ddof=1) / math.sqrt(n)


# --- all figures --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_the_same_bytes_each_time(made, tmp_path, name):
    paths = [tmp_path / f"{copy}.svg" for copy in "ab"]
    for path in paths:
        style.save(draw(made, name), [path])
    assert len(paths[0].read_bytes()) > 1000 and paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize("kind", ["pdf", "png"])
def test_every_format_is_the_same_bytes_each_time(made, tmp_path, kind):
    paths = [tmp_path / f"{copy}.{kind}" for copy in "ab"]
    for path in paths:
        style.save(draw(made, "figure1d"), [path])
    assert len(paths[0].read_bytes()) > 1000 and paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_axes_are_labelled_and_labels_lie_apart_and_inside(made, name):
    figure = draw(made, name)
    style.finish(figure)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw_without_rendering()
    for axes in figure.axes:
        boxes = [text.get_window_extent(renderer) for text in axes.texts]
        for axis in (axes.xaxis, axes.yaxis):
            labels = [label for label in axis.get_ticklabels() if label.get_text() and label.get_visible()]
            axis_boxes = [label.get_window_extent(renderer) for label in labels]
            assert not any(a.overlaps(b) for a, b in combinations(axis_boxes, 2))
            boxes += [axis.label.get_window_extent(renderer)] if axis.label.get_text() else []
        boxes += [axes.title.get_window_extent(renderer)] if axes.title.get_text() else []
        assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
        page = figure.bbox
        for box in boxes:
            assert box.x0 >= page.x0 and box.x1 <= page.x1 and box.y0 >= page.y0 and box.y1 <= page.y1
        if name != "figure3" and axes.axison and axes.get_subplotspec() is not None:
            # Panels side by side share the label of the first; the rows of some are methods.
            rows = name in ("against-paper", "gains")
            assert rows or axes.get_ylabel() or axes.get_subplotspec().colspan.start > 0
            assert axes.get_xlabel() or name == "figure1e"


def test_titles_name_the_split_or_the_number_of_splits(made):
    for name in ("figure1a", "figure1b", "figure1c", "figure3", "objective"):
        assert "split 1" in texts(draw(made, name))
    for name in ("figure1d", "figure1e", "figure2", "gains"):
        assert "3 splits" in texts(draw(made, name))


@pytest.mark.parametrize("name", ["figure1a", "figure1b", "figure1c", "figure1d", "figure1e"])
def test_a_split_of_another_job_is_refused(made, name):
    with pytest.raises(InputError, match="split1.npz"):
        draw(made, name, splits="foreign")


def test_a_missing_input_is_named(made):
    for name in ("figure1a", "figure2", "figure3", "objective"):
        with pytest.raises(InputError, match="--(splits|scores|fits)"):
            spec_of(name).make(RUN, Inputs())


AWKWARD = "$5_$10 {to} \\frac{7$ _x_ <b>"


@pytest.mark.parametrize("name", NAMES)
def test_titles_and_tasks_may_hold_any_characters(made, tmp_path, name):
    run = run_of(
        [dataset(each, title=AWKWARD, splits=3) for each in DATASETS],
        [
            method(m.name, title=f"{AWKWARD} {m.name}", iterative=m.iterative, learns=m.learns)
            for m in METHODS
        ],
        splits=3,
    )
    figure = draw(made, name, run=run)
    style.save(figure, [tmp_path / "f.svg"])
    assert AWKWARD in texts(figure)


def test_a_task_may_be_named_like_a_formula(made, tmp_path):
    rows = [
        ("synthetic", k, name, task, "rmse", error_of(name, t, k))
        for name in BETTER
        for k in SPLITS
        for t, task in enumerate(("$5_$10", "a_b$", "\\alpha", "100 %"))
    ]
    path = tmp_path / "scores.csv"
    scores.write_table(path, scores.SCORE_COLUMNS, rows)
    figure = spec_of("gains").make(only("stl", "amtl", datasets=["synthetic"]), Inputs(scores=path))
    style.save(figure, [tmp_path / "f.svg"])
    assert "$5_$10" in texts(figure) and not any(
        text.get_parse_math() for text in figure.axes[0].get_xticklabels()
    )


def test_specs_apply_to_runs_that_have_what_they_read():
    def applying(datasets, *methods):
        run = only(*methods, datasets=datasets)
        return {name for name in NAMES if spec_of(name).applies(run)}

    assert applying(DATASETS, *(m.name for m in METHODS)) == set(NAMES)
    assert applying(["synthetic"], "stl", "mean") == {"against-paper", "figure1a"}
    learned = {"against-paper", "figure1a", "figure1b", "figure1c", "objective"}
    assert applying(["synthetic"], "amtl") == learned
    assert applying(["synthetic"], "stl", "amtl") == learned | {"figure1d", "gains"}
    both = {"against-paper", "gains", "objective"}
    assert applying(["synthetic"], "stl", "go-mtl") == both | {"figure1a"}
    assert applying(["synthetic"], "stl", "amtl-curriculum") == both | {"figure1a", "figure1e"}
    assert applying(["mnist"], "stl", "go-mtl") == both | {"figure2"}
    assert applying(["mnist"], "amtl-curriculum") == {"against-paper", "figure3", "objective"}
    assert applying(["school"], "stl", "mean") == {"against-paper"}
    assert applying(["synthetic"], "mean") == {"figure1a"}
    assert applying(["animals"], "stl", "mean") == set()


def test_specs_read_only_fits_that_the_run_has():
    run = only("stl", "amtl", datasets=["synthetic", "mnist"])
    fits = {name: spec_of(name).fits(run) for name in NAMES}
    assert fits["figure1b"] == fits["figure1c"] == {"synthetic": {"amtl": [1]}}
    assert fits["figure3"] == {"mnist": {"amtl": [1]}}
    assert fits["objective"] == {"synthetic": {"amtl": [1]}, "mnist": {"amtl": [1]}}
    assert spec_of("figure1e").fits(RUN) == {"synthetic": {"amtl-curriculum": [1, 2, 3]}}
    assert all(spec_of(f"figure1{part}").splits(run) == {"synthetic": [1]} for part in "abcde")


# --- heat maps and graphs -----------------------------------------------------------------------------------


def image_of(figure):
    return figure.axes[0].images[0]


def test_figure1a_shows_the_true_weights(made):
    image = image_of(draw(made, "figure1a"))
    np.testing.assert_array_equal(image.get_array(), made["truth"])
    assert image.get_clim() == (made["truth"].min(), made["truth"].max())
    assert made["truth"].min() < 0 < made["truth"].max()


def test_figure1b_shows_the_learned_weights_on_the_scale_of_the_true_ones(made):
    figure = draw(made, "figure1b")
    np.testing.assert_array_equal(
        image_of(figure).get_array(), made["contents"]["synthetic", "amtl", 1][1]["W"]
    )
    assert image_of(figure).get_clim() == (made["truth"].min(), made["truth"].max())


def test_figure1b_shows_what_the_learned_weights_miss_by(made):
    image = draw(made, "figure1b").axes[1].images[0]
    missed = made["contents"]["synthetic", "amtl", 1][1]["W"] - made["truth"]
    np.testing.assert_array_equal(image.get_array(), missed)
    assert image.get_clim() == (-abs(missed).max(), abs(missed).max())
    assert len([axes for axes in draw(made, "figure1b", splits="bare").axes if axes.images]) == 1


def test_figure1b_without_true_weights_has_its_own_scale_with_zero(made):
    fits = {("synthetic", "amtl", 1): (fit_record(), {"W": np.full((21, 12), 7.0), "objective": np.ones(1)})}
    assert image_of(draw(made, "figure1b", splits="bare", fits=fits)).get_clim() == (0.0, 7.0)


def test_figure1c_row_gives_to_column(made):
    graph = np.zeros((12, 12))
    graph[0, 3], graph[6, 1], graph[2, 4], graph[2, 5] = 0.5, 1.25, 0.005, 0.0049
    fits = {("synthetic", "amtl", 1): (fit_record(), {"B": graph, "objective": np.ones(1)})}
    figure = draw(made, "figure1c", fits=fits)
    np.testing.assert_array_equal(image_of(figure).get_array(), graph)
    assert image_of(figure).get_clim() == (0.0, 1.25)
    axes = figure.axes[0]
    numbers = {text.get_position(): text.get_text() for text in axes.texts if "group" not in text.get_text()}
    assert numbers == {(3, 0): ".50", (1, 6): "1.25", (4, 2): f"{0.005:.2f}"[1:]}
    assert axes.get_ylabel().startswith("From") and axes.get_xlabel().startswith("To")


def test_figure1c_sums_edges_of_each_kind(made):
    graph = made["contents"]["synthetic", "amtl", 1][1]["B"]
    hard = np.array(META["difficulty"]) == "hard"
    text = texts(draw(made, "figure1c"))
    assert f"easy → hard {graph[np.ix_(~hard, hard)].sum():.2f}" in text
    assert f"hard → easy {graph[np.ix_(hard, ~hard)].sum():.2f}" in text
    assert f"across groups {graph[:6, 6:].sum() + graph[6:, :6].sum():.2f}" in text


def test_tasks_carry_letters_and_groups_have_borders(made):
    axes = draw(made, "figure1a").axes[0]
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == [
        f"{task}\n{kind[0].upper()}" for task, kind in zip(TASKS, META["difficulty"], strict=True)
    ]
    assert [line.get_xdata()[0] for line in axes.lines] == [5.5]
    assert [(t.get_text(), t.get_position()[0]) for t in axes.texts] == [("group 1", 2.5), ("group 2", 8.5)]


def test_unlabelled_tasks_are_drawn_too(made):
    for name in ("figure1b", "figure1c", "figure1d", "figure1e"):
        assert "easy" not in texts(draw(made, name, splits="bare"))


def test_long_names_of_tasks_are_shortened_and_stand_upright():
    axes = style.new_figure(4, 3).subplots()
    style.task_ticks(axes.xaxis, ["x" * 300, *(f"a longer name {i}" for i in range(9))])
    names = [label.get_text() for label in axes.get_xticklabels()]
    assert len(names[0]) == 24 and names[0].endswith("…") and names[1] == "a longer name 0"
    assert axes.xaxis.get_tick_params()["rotation"] == 90


def test_more_than_25_tasks_are_labelled_evenly():
    axes = style.new_figure(5, 5).subplots()
    style.task_ticks(axes.xaxis, [str(i) for i in range(26)])
    assert [label.get_text() for label in axes.get_xticklabels()] == [str(i) for i in range(0, 26, 2)]
    style.task_ticks(axes.xaxis, [str(i) for i in range(25)])
    assert len(axes.get_xticklabels()) == 25


# --- gains --------------------------------------------------------------------------------------------------


def reductions(name, t):
    return [error_of("stl", t, k) - error_of(name, t, k) for k in SPLITS]


def test_the_reduction_is_the_baseline_minus_the_method(made):
    tasks, found = by_split(scores.Scores(made["scores"]), "synthetic", "amtl", "stl")
    assert tuple(tasks) == TASKS and set(found) == set(SPLITS)
    assert found[2] == pytest.approx([2.0 * t + 0.2 for t in range(12)])


@pytest.mark.parametrize("kind", ["normal", "t"])
def test_figure1d_draws_means_and_95_percent_intervals(made, kind):
    axes = draw(made, "figure1d", run=with_interval(kind)).axes[0]
    bars = [c for c in axes.containers if hasattr(c, "patches")]
    assert [bar.get_label() for bar in bars] == ["GO-MTL", "AMTL"]
    for container, name in zip(bars, ("go-mtl", "amtl"), strict=True):
        values = [reductions(name, t) for t in range(12)]
        assert [bar.get_height() for bar in container] == pytest.approx([np.mean(v) for v in values])
        assert half_widths(container) == pytest.approx([expected_half(v, kind) for v in values])
    left, right = ([bar.get_x() + bar.get_width() / 2 for bar in container] for container in bars)
    assert [(a + b) / 2 for a, b in zip(left, right, strict=True)] == pytest.approx(range(12))
    assert all(a < b for a, b in zip(left, right, strict=True))


def test_figure2_draws_means_and_95_percent_intervals(made):
    axes = draw(made, "figure2").axes[0]
    _, found = by_split(scores.Scores(made["scores"]), "mnist", "amtl", "stl")
    values = list(zip(*found.values(), strict=True))
    bars = next(c for c in axes.containers if c.get_label() == "AMTL" and hasattr(c, "patches"))
    assert [bar.get_height() for bar in bars] == pytest.approx([np.mean(v) for v in values])
    assert half_widths(bars) == pytest.approx([expected_half(v) for v in values])
    assert "percentage points" in axes.get_ylabel()


def test_one_split_has_no_interval(made):
    one = [row for row in rmse_rows() if row[1] == 1]
    path = made["folder"] / "one.csv"
    scores.write_table(path, scores.SCORE_COLUMNS, one)
    figure = draw({**made, "scores": path}, "figure1d")
    assert "one split" in texts(figure)
    assert half_widths(figure.axes[0].containers[1]) == [0.0] * 12


def test_methods_are_told_apart_without_color(made):
    assert len({bar.get_hatch() for bar in draw(made, "figure1d").axes[0].patches}) == 2
    looks = [style.line_look(i) for i in range(49)]
    assert len({(look["marker"], str(look["linestyle"])) for look in looks}) == 49


def test_a_method_that_the_run_lacks_is_left_out(made):
    figure = draw(made, "figure1d", run=only("stl", "amtl"))
    assert [c.get_label() for c in figure.axes[0].containers if hasattr(c, "patches")] == ["AMTL"]


def test_a_method_without_scores_is_named(made):
    path = made["folder"] / "few.csv"
    scores.write_table(path, scores.SCORE_COLUMNS, [row for row in rmse_rows() if row[2] != "go-mtl"])
    with pytest.raises(InputError, match="go-mtl and stl"):
        draw({**made, "scores": path}, "figure1d")


@pytest.mark.parametrize("kind", ["normal", "t"])
def test_figure1e_draws_gains_in_the_order_of_training(made, kind):
    above = draw(made, "figure1e", run=with_interval(kind)).axes[0]
    by_position = [[reductions("amtl-curriculum", ORDERS[k][x])[k - 1] for k in SPLITS] for x in range(12)]
    (line,) = above.containers
    assert list(line.lines[0].get_xdata()) == list(range(1, 13))
    assert list(line.lines[0].get_ydata()) == pytest.approx([np.mean(v) for v in by_position])
    assert half_widths(line) == pytest.approx([expected_half(v, kind) for v in by_position])
    points = {c.get_label(): c.get_offsets() for c in above.collections if "task" in c.get_label()}
    for label, wanted in (("easy task, one split", "easy"), ("hard task, one split", "hard")):
        drawn = sorted(map(tuple, np.round(points[label], 6)))
        assert drawn == sorted(
            (x + 1, round(by_position[x][k - 1], 6))
            for k in SPLITS
            for x in range(12)
            if META["difficulty"][ORDERS[k][x]] == wanted
        )


def test_figure1e_shows_which_task_stood_where(made):
    below = draw(made, "figure1e").axes[1]
    drawn = {text.get_position(): text.get_text() for text in below.texts}
    assert drawn == {(x + 1, k - 1): TASKS[ORDERS[k][x]] for k in SPLITS for x in range(12)}
    for bar in below.patches:
        x, row = round(bar.get_x() + bar.get_width() / 2), round(bar.get_y() + bar.get_height() / 2)
        hard = META["difficulty"][ORDERS[row + 1][x - 1]] == "hard"
        assert bar.get_facecolor() == to_rgba((style.HARD if hard else style.EASY)["facecolor"])
    assert [label.get_text() for label in below.get_yticklabels()] == ["1", "2", "3"]
    assert "hard" in below.get_xlabel()


@pytest.mark.parametrize("kind", ["normal", "t"])
def test_gains_are_in_percent_of_the_baselines_mean_error(made, kind):
    run = with_interval(kind, only("stl", "amtl", "go-mtl", datasets=["synthetic"]))
    axes = draw(made, "gains", run=run).axes[0]
    dots = rows_of_dots(axes)
    assert len(dots) == 2
    means = [container for container in axes.containers if len(container.lines[0].get_xdata())]
    for points, mean, name in zip(dots, means, ("go-mtl", "amtl"), strict=True):
        gains = [
            [100 * each / np.mean([error_of("stl", t, k) for k in SPLITS]) for each in reductions(name, t)]
            for t in range(12)
        ]
        assert points == pytest.approx([np.mean(v) for v in gains])
        by_split = np.mean(gains, axis=0)
        assert list(mean.lines[0].get_xdata()) == pytest.approx([np.mean(by_split)])
        (segment,) = mean.lines[2][0].get_segments()
        assert (segment[1][0] - segment[0][0]) / 2 == pytest.approx(expected_half(by_split, kind))


def test_gains_have_one_panel_per_dataset(made):
    panels = [axes for axes in draw(made, "gains").figure.axes if axes.axison]
    assert [axes.get_title().split("\n")[0] for axes in panels] == [
        "Synthetic (generated): 12 tasks",
        "MNIST: 10 tasks",
        "School: 139 tasks",
        "animals: 50 tasks",
    ]


def test_gains_of_many_tasks_are_bars_of_their_percentiles(made, monkeypatch):
    run = only("stl", "go-mtl", datasets=["synthetic"])
    (dots,) = rows_of_dots(draw(made, "gains", run=run).axes[0])
    monkeypatch.setattr(gains_figure, "MAX_DOTS", 1)
    (still,) = rows_of_dots(draw(made, "gains", run=run).axes[0])
    assert sorted(still) == sorted(dots)
    monkeypatch.setattr(gains_figure, "MAX_TASKS_AS_DOTS", 11)
    axes = draw(made, "gains", run=run).axes[0]
    (ends,) = rows_of_dots(axes)
    assert sorted(ends) == [min(dots), max(dots)]
    for width, percent in ((1.2, (5, 95)), (4.0, (25, 75))):
        (bar,) = [line for line in axes.lines if line.get_linewidth() == width]
        assert list(bar.get_xdata()) == pytest.approx(np.percentile(dots, percent))


def rows_of_dots(axes):
    return [list(each.get_offsets()[:, 0]) for each in axes.collections if isinstance(each, PathCollection)]


def test_figures_with_a_panel_per_dataset_show_at_most_nine_and_real_data_first():
    generated = [dataset(f"made-{i}", has_truth=True) for i in range(12)]
    run = run_of([*generated, "school"], METHODS)
    names = [each.name for each in panel_datasets(run)]
    assert names == [*(f"made-{i}" for i in range(8)), "school"]
    assert sorted(spec_of("objective").fits(run)) == sorted(names)


def test_one_bad_method_does_not_stretch_the_axis_of_gains(made, tmp_path):
    bad = [
        (d, k, m, task, metric, 30.0 * error if m == "go-mtl" else error)
        for d, k, m, task, metric, error in rmse_rows()
    ]
    path = tmp_path / "scores.csv"
    scores.write_table(path, scores.SCORE_COLUMNS, bad)
    run = only("stl", "amtl", "go-mtl", "amtl-curriculum", datasets=["synthetic"])
    usual, stretched = (
        draw({**made, "scores": each}, "gains", run=run).axes[0] for each in (made["scores"], path)
    )
    assert stretched.get_xlim()[0] > 2 * usual.get_xlim()[0] > -200
    (arrow,) = [line for line in stretched.lines if line.get_marker() == "<"]
    assert arrow.get_xdata()[0] > stretched.get_xlim()[0]
    errors, alone = ([sum(error_of(m, t, k) for k in SPLITS) for t in range(12)] for m in ("go-mtl", "stl"))
    worst = min(100 * (1 - 30 * error / each) for error, each in zip(errors, alone, strict=True))
    assert f"{worst:.0f} %".replace("-", "−") in texts(stretched.figure)
    assert not [line for line in usual.lines if line.get_marker() == "<"]


@pytest.mark.parametrize("means", [[[5.0, -2.0]], [[0.0, 0.0], [0.0, 0.0]], [[40.0], [-3.0], [-900.0]]])
def test_axis_of_gains_holds_every_gain_and_the_losses_of_most_methods(means):
    floor = gains_figure.floor_of({str(i): each for i, each in enumerate(means)})
    within = [min(each) >= floor for each in means]
    assert -100 < floor < 0 and 2 * sum(within) > len(means)


def test_gains_show_every_method_that_competes_but_no_control(made):
    labels = draw(made, "gains").axes[0].get_yticklabels()
    assert [label.get_text() for label in labels] == ["GO-MTL", "AMTL", "AMTL-Curriculum"]


def test_gains_without_errors_of_tasks_are_an_error(made):
    with pytest.raises(InputError, match="gains"):
        draw(made, "gains", run=only("stl", "amtl", datasets=["imbalanced"]))


@pytest.mark.parametrize("name", ["figure1d", "figure2"])
def test_every_task_lies_inside_the_picture(made, name):
    axes = draw(made, name).axes[0]
    places = [
        x
        for c in axes.containers
        if hasattr(c, "patches")
        for p in c
        for x in (p.get_x(), p.get_x() + p.get_width())
    ]
    places = places or [x for c in axes.containers for x in c.lines[0].get_xdata()]
    low, high = axes.get_xlim()
    assert low < min(places) < low + 1 and high - 1 < max(places) < high


# --- ours against the paper ---------------------------------------------------------------------------------


def test_ours_and_the_papers_numbers_stand_in_the_row_of_their_method(made):
    figure = draw(made, "against-paper", run=only("stl", "go-mtl", "amtl", datasets=["synthetic"]))
    (axes,) = [axes for axes in figure.axes if axes.axison]
    printed, ours = [c for c in axes.containers if len(c.lines[0].get_xdata())]
    assert list(printed.lines[0].get_xdata()) == [20.87, 19.18, 18.80]
    assert list(ours.lines[0].get_xdata()) == [20.0 - len(name) + 2 for name in ("stl", "go-mtl", "amtl")]
    for container in (printed, ours):
        assert [round(y) for y in container.lines[0].get_ydata()] == [0, 1, 2]
    halves = [(b[0] - a[0]) / 2 for a, b in ours.lines[2][0].get_segments()]
    assert halves == pytest.approx([expected_half([1.0, 2.0, 3.0])] * 3)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["STL", "GO-MTL", "AMTL"]


def test_column_of_an_unavailable_dataset_shows_the_papers_numbers(made):
    run = only("stl", "amtl", datasets=["synthetic"], not_run={"mnist": "missing"})
    figure = draw(made, "against-paper", run=run)
    axes = figure.axes[1]
    assert axes.get_title().startswith("MNIST") and axes.get_xlabel() == "not run"
    (printed,) = [c for c in axes.containers if len(c.lines[0].get_xdata())]
    assert list(printed.lines[0].get_xdata()) == [14.76, 12.92]


# --- Figure 3 -----------------------------------------------------------------------------------------------


def nodes_of(axes):
    return [line for line in axes.lines if line.get_marker() == "o"]


def test_figure3_areas_are_proportional_to_losses(made):
    figure = draw(made, "figure3")
    # AMTL's losses are 0.1 to 1, the curriculum's half of them; both panels share one scale.
    for axes, top in zip(figure.axes[:2], (1.0, 0.5), strict=True):
        areas = np.array([node.get_markersize() ** 2 for node in nodes_of(axes)])
        np.testing.assert_allclose(areas / (2 * figure3.LARGEST_RADIUS) ** 2, top * np.arange(1, 11) / 10)


def test_figure3_small_losses_stay_visible():
    assert figure3._radius(0.0, 1.0) == figure3.SMALLEST_RADIUS
    assert figure3._radius(0.25, 1.0) == figure3.LARGEST_RADIUS / 2


def test_figure3_arrows_follow_the_graph(made):
    figure = draw(made, "figure3")
    top = max(graph.max() for graph in made["graphs"].values())
    for axes, name in zip(figure.axes[:2], ("amtl", "amtl-curriculum"), strict=True):
        graph = made["graphs"][name]
        places = np.array([[node.get_xdata()[0], node.get_ydata()[0]] for node in nodes_of(axes)])
        drawn = {}
        for patch in axes.patches:
            assert isinstance(patch, FancyArrowPatch)
            ends = [int(np.argmin(((places - end) ** 2).sum(axis=1))) for end in patch._posA_posB]
            drawn[tuple(ends)] = patch.get_linewidth()
        wanted = {
            (s, t): figure3.LARGEST_WIDTH * graph[s, t] / top
            for s, t in np.argwhere(graph > figure3.SMALLEST_SHARE * top).tolist()
        }
        assert drawn == pytest.approx(wanted)
        assert (1, 0) not in drawn and (0, 1) in drawn
        assert f"{int((graph > 0).sum())} edges" in texts(axes)


def test_figure3_legend_shows_its_scales(made):
    legend = draw(made, "figure3").legends[0]
    labels = [text.get_text() for text in legend.get_texts()]
    assert "training loss 0.25" in labels and "training loss 1.0" in labels
    sizes = {
        label: handle.get_markersize()
        for label, handle in zip(labels, legend.legend_handles, strict=True)
        if label.startswith("training")
    }
    assert sizes["training loss 0.25"] == pytest.approx(figure3.LARGEST_RADIUS)
    assert sizes["training loss 1.0"] == pytest.approx(2 * figure3.LARGEST_RADIUS)


# --- objective ----------------------------------------------------------------------------------------------


def test_the_relative_gap_ends_at_zero():
    np.testing.assert_allclose(relative_gap([30.0, 15.0, 10.0]), [2.0, 0.5, 0.0])
    np.testing.assert_allclose(relative_gap([-5.0, -10.0]), [0.5, 0.0])


def test_objective_draws_one_line_per_method_down_to_the_last_but_one(made):
    axes = draw(made, "objective").axes[0]
    end = 100 + 50 * 0.5**9
    gap = (100 + 50 * 0.5 ** np.arange(9.0) - end) / end
    assert len(axes.lines) == 2
    for line in axes.lines:
        assert list(line.get_xdata()) == list(range(1, 10))
        np.testing.assert_allclose(line.get_ydata(), gap)
        assert line.get_markevery() == [-1]
    assert axes.get_yscale() == "log" and axes.get_xscale() == "linear"


def test_objective_leaves_out_variants_of_a_method_that_it_shows():
    variant = method("amtl-ridge0", method="amtl", iterative=True)
    spec = spec_of("objective")
    assert spec.fits(run_of(["synthetic"], [METHODS[2], variant])) == {"synthetic": {"amtl": [1]}}
    assert spec.fits(run_of(["synthetic"], [variant])) == {"synthetic": {"amtl-ridge0": [1]}}


def test_objective_leaves_out_fits_without_iterations(made):
    assert "AMTL-Curriculum" not in texts(draw(made, "objective"))
    run = only("amtl-curriculum")
    assert "No fit took more than one iteration" in texts(draw(made, "objective", run=run))


def test_objective_of_long_traces_has_a_logarithmic_axis(made):
    place = ("synthetic", "amtl", 1)
    for length, scale in ((50, "linear"), (51, "log")):
        fits = {place: (fit_record(), {"objective": 1 + 0.5 ** np.arange(float(length))})}
        assert draw(made, "objective", fits=fits).axes[0].get_xscale() == scale


def test_numbers_on_logarithmic_axes_are_plain_text(made):
    figure = draw(made, "objective")
    style.finish(figure)
    figure.draw_without_rendering()
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels() if label.get_text()]
    assert "1e−01" in labels and not any("$" in label for label in labels)


def test_times_on_an_axis_have_a_unit_that_suits_them():
    axes = style.new_figure(3, 3).subplots()
    axes.plot([1, 2], [2e-5, 30])
    axes.set_yscale("log")
    style.seconds_axis(axes.yaxis)
    style.finish(axes.figure)
    axes.figure.draw_without_rendering()
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert "100 µs" in labels and "10 ms" in labels and "10 s" in labels


def test_a_method_has_one_color_in_all_figures(made):
    color = style.color(RUN.place("amtl"))
    bars = next(c for c in draw(made, "figure1d").axes[0].containers if c.get_label() == "AMTL")
    assert to_rgba(color) == bars.patches[0].get_facecolor()
    names = [method.name for method in RUN.methods]
    (line,) = [x for x in draw(made, "objective", run=only("amtl", "stl")).axes[0].lines]
    assert line.get_color() == style.color(only("amtl", "stl").place("amtl"))
    rows = draw(made, "gains").axes[0].collections
    drawn = [tuple(each.get_facecolor()[0][:3]) for each in rows if isinstance(each, PathCollection)]
    assert drawn == [to_rgba(style.color(names.index(m)))[:3] for m in ("go-mtl", "amtl", "amtl-curriculum")]
    assert len({style.color(i) for i in range(12)}) == 12


def test_text_in_an_svg_stays_text_in_a_font_that_every_system_has(made, tmp_path):
    style.save(draw(made, "figure1d"), [tmp_path / "f.svg"])
    text = (tmp_path / "f.svg").read_text(encoding="utf-8")
    assert ">AMTL</text>" in text and set(re.findall(r"font-family: ([^\";]*)", text)) == {
        "'DejaVu Sans', sans-serif"
    }


# --- errors and looks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("figure1c", ("synthetic", "amtl", 1)),
        ("figure1e", ("synthetic", "amtl-curriculum", 1)),
        ("figure3", ("mnist", "amtl", 1)),
    ],
)
def test_a_fit_without_what_is_drawn_is_named(made, name, place):
    fits = {place: (fit_record(), {"W": made["truth"], "objective": np.ones(1)})}
    with pytest.raises(InputError, match="/".join(place[:2]) + "/split1.npz"):
        draw(made, name, fits=fits, run=only("stl", "amtl", "amtl-curriculum"))


def test_figure1a_without_true_weights_names_the_split(made):
    with pytest.raises(InputError, match="bare.npz"):
        draw(made, "figure1a", splits="bare")


def test_figure3_without_a_loss_of_each_task_is_named(made):
    path = made["folder"] / "no_losses.csv"
    scores.write_table(path, scores.SCORE_COLUMNS, [("mnist", 1, "amtl", "0", "train_loss", 1.0)])
    with pytest.raises(InputError, match="mnist/amtl/split1.npz"):
        draw({**made, "scores": path}, "figure3")


PROGRAM = """
import sys
from workbench.report.figures import _style as style
figure = style.new_figure(3, 3)
axes = figure.subplots()
axes.plot([1, 100], [1, 100])
axes.set_xscale("log")
axes.set_title("a title of $5")
style.save(figure, sys.argv[1:])
"""


@pytest.mark.slow
def test_the_look_does_not_depend_on_the_users_settings(tmp_path):
    (tmp_path / "matplotlibrc").write_text(
        "text.usetex: True\nlines.linewidth: 9\nfont.size: 30\naxes.grid: True\nsvg.fonttype: none\n"
    )
    for name, changes in (("plain", {}), ("own", {"MATPLOTLIBRC": str(tmp_path / "matplotlibrc")})):
        outputs = [tmp_path / f"{name}.{kind}" for kind in ("svg", "pdf", "png")]
        assert run_python(PROGRAM, *outputs, **changes).returncode == 0
    for kind in ("svg", "pdf", "png"):
        assert (tmp_path / f"plain.{kind}").read_bytes() == (tmp_path / f"own.{kind}").read_bytes()


def test_an_unknown_format_names_the_file(tmp_path):
    with pytest.raises(InputError, match="f.gif"):
        style.save(style.new_figure(1, 1), [tmp_path / "f.gif"])


def test_the_seconds_of_a_method_and_of_a_dataset_are_those_of_all_their_fits(tmp_path):
    rows = [("synthetic", 1, "amtl", 2.0, 1.0, 3.0), ("mnist", 1, "amtl", 3.0, 1.0, 4.0)]
    rows += [("synthetic", k, "stl", 0.5, 0.1, 1.0) for k in (1, 2)]
    path = tmp_path / "timings.csv"
    scores.write_table(path, scores.TIMING_COLUMNS, rows)
    methods, datasets = spec_of("time").make(RUN, Inputs({"timings": path})).axes
    assert [bar.get_width() for bar in methods.patches] == [7.0, 2.0]
    assert [bar.get_width() for bar in datasets.patches] == [5.0, 4.0]
    assert [label.get_text() for label in methods.get_yticklabels()] == ["AMTL", "STL"]
