"""Every figure is drawn from made-up fits: same bytes, labels apart, one clear line for unusable input."""

import json
import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from workbench.named import Inputs, load

import workbench.report.figures
from amtl.errors import InputError
from amtl.splits import Part, Split
from workbench import scores
from workbench.report.figures import _style as style
from workbench.report.figures._reduction import by_split
from workbench.report.figures.objective import relative_gap
from workbench.split_files import save_split

WORKFLOW = Path(scores.__file__).parents[1]
TASKS = tuple(str(t + 1) for t in range(12))
META = {"difficulty": (["easy"] * 3 + ["hard"] * 3) * 2, "group": [1] * 6 + [2] * 6}
SPLITS = (1, 2, 3)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Return the files of a made-up run: a split of 12 tasks, three fits of three methods, the scores."""
    folder = tmp_path_factory.mktemp("results")
    generator = np.random.default_rng(0)
    truth = generator.normal(5, 1, (21, 12))
    offsets = np.arange(13) * 2
    part = Part(np.ones((24, 21)), np.ones(24), offsets)
    files = {"split": folder / "split1.npz", "bare": folder / "bare.npz", "scores": folder / "scores.csv"}
    save_split(
        files["split"], Split("synthetic", 1, "regression", TASKS, part, part, part, truth=truth, meta=META)
    )
    save_split(files["bare"], Split("synthetic", 1, "regression", TASKS, part, part, part))
    rows = []
    for method in ("stl", "amtl", "amtl-curriculum"):
        for k in SPLITS:
            path = folder / "synthetic" / method / f"split{k}.npz"
            path.parent.mkdir(parents=True, exist_ok=True)
            arrays = {"W": truth + 0.1 * k, "objective": 100 + 50 * 0.5 ** np.arange(10.0)}
            if method != "stl":
                arrays["B"] = np.triu(generator.random((12, 12)), 1)
            if method == "amtl-curriculum":
                arrays["order"] = np.roll(np.arange(12), k)
                arrays["objective"] = np.array([100.0])
            np.savez(path, **arrays)
            files[method, k] = path
            better = {"stl": 0.0, "amtl": 2.0, "amtl-curriculum": 1.0}[method]
            rows += [
                ("synthetic", k, method, task, "rmse", 20.0 + t + k - better * t)
                for t, task in enumerate(TASKS)
            ]
            rows += [
                ("synthetic", k, method, task, "train_loss", 0.1 * (t + 1)) for t, task in enumerate(TASKS)
            ]
    for dataset, count in (("digits", 10), ("school", 139), ("animals", 50), ("rooms", 20)):
        metric = "rmse" if dataset == "school" else "class_error"
        for method, share in (("stl", 0.0), ("go-mtl", 0.5), ("amtl", 0.2)):
            rows += [
                (dataset, k, method, f"{dataset} {t}", metric, float(20 + share * generator.normal(0, 9)))
                for t in range(count)
                for k in SPLITS
            ]
    scores.write_table(files["scores"], scores.SCORE_COLUMNS, rows)
    return files


CURRICULUM = [("amtl-curriculum", k) for k in SPLITS]
FIGURES = {
    "figure1a": ({}, {"splits": ["split"]}),
    "figure1b": ({}, {"splits": ["split"], "fits": [("amtl", 1)]}),
    "figure1c": ({}, {"splits": ["split"], "fits": [("amtl", 1)]}),
    "figure1d": ({"dataset": "synthetic", "methods": ["amtl"]}, {"splits": ["split"], "scores": True}),
    "figure1e": (
        {"dataset": "synthetic", "method": "amtl-curriculum"},
        {"splits": ["split"], "scores": True, "fits": CURRICULUM},
    ),
    "figure2": ({"dataset": "digits", "methods": ["go-mtl", "amtl"]}, {"scores": True}),
    "gains": (
        {
            "datasets": ["synthetic", "digits", "school", "animals", "rooms"],
            "methods": ["go-mtl", "amtl", "smtl"],
        },
        {"scores": True},
    ),
    "figure3": ({}, {"scores": True, "fits": [("amtl", 1), ("amtl-curriculum", 1)]}),
    "objective": ({}, {"fits": [("amtl", k) for k in SPLITS] + CURRICULUM}),
}


def draw(results, name, job=None, **changes):
    default, inputs = FIGURES[name]
    paths = {
        role: results["scores"] if role == "scores" else [results[key] for key in keys]
        for role, keys in {**inputs, **changes}.items()
    }
    return load(workbench.report.figures, name, "draw")(default if job is None else job, Inputs(paths))


def texts(figure):
    return " ".join(text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")))


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_the_same_bytes_each_time(results, tmp_path, name):
    for folder in ("a", "b"):
        style.save(draw(results, name), [tmp_path / folder / f"f.{kind}" for kind in ("svg", "pdf")])
    for kind in ("svg", "pdf"):
        first = (tmp_path / "a" / f"f.{kind}").read_bytes()
        assert len(first) > 1000 and first == (tmp_path / "b" / f"f.{kind}").read_bytes()


@pytest.mark.parametrize("name", FIGURES)
def test_axes_are_labelled_and_labels_lie_apart_and_inside(results, name):
    figure = draw(results, name)
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
            # Panels side by side share what the first of a row says.
            assert axes.get_ylabel() or axes.get_subplotspec().colspan.start > 0
            assert axes.get_xlabel() or name == "figure1e"


def test_titles_say_which_split_or_how_many(results):
    for name in ("figure1a", "figure1b", "figure1c", "figure3"):
        assert "split 1" in texts(draw(results, name))
    for name in ("figure1d", "figure1e", "figure2", "gains", "objective"):
        assert "3 splits" in texts(draw(results, name))


def test_one_split_has_bars_without_intervals(results):
    figure = draw(results, "figure1e", fits=CURRICULUM[:1])
    assert "one split" in texts(figure)


def test_the_reduction_is_the_baseline_minus_the_method(results):
    tasks, found = by_split(scores.Scores(results["scores"]), "synthetic", "amtl", "stl")
    assert tuple(tasks) == TASKS and set(found) == set(SPLITS)
    assert found[2] == pytest.approx([2.0 * t for t in range(12)])


def test_bars_are_as_high_as_the_reduction(results):
    figure = draw(results, "figure1d")
    assert [bar.get_height() for bar in figure.axes[0].patches] == pytest.approx([2.0 * t for t in range(12)])


def test_the_panels_of_gains_hold_every_task_of_the_methods_that_were_run(results):
    figure = draw(results, "gains")
    # Twelve tasks by name, ten classes by name, 139 schools and 50 animals as falling curves.
    curves = [axes.containers for axes in figure.axes if axes.axison]
    assert [[len(each.lines[0].get_ydata()) for each in panel] for panel in curves[1:]] == [
        [139, 139],
        [10, 10],
        [50, 50],
        [20, 20],
    ]
    school = curves[1][0].lines[0].get_ydata()
    assert list(school) == sorted(school, reverse=True)
    for text in ("Synthetic (generated): 12 tasks", "School: 139 tasks", "GO-MTL", "AMTL"):
        assert text in texts(figure)
    assert "SMTL" not in texts(figure)


def test_gains_without_scores_of_tasks_are_named(results):
    with pytest.raises(InputError, match="gains: no errors of single tasks.*mnist"):
        draw(results, "gains", {"datasets": ["mnist"], "methods": ["amtl"]})


def test_several_methods_are_told_apart_without_color(results):
    job = {"dataset": "synthetic", "methods": ["amtl", "amtl-curriculum"]}
    figure = draw(results, "figure1d", job)
    assert len({bar.get_hatch() for bar in figure.axes[0].patches}) == 2
    assert "AMTL-Curriculum" in texts(figure)


def test_figure1c_adds_up_edges_of_each_kind(results):
    graph = np.load(results["amtl", 1])["B"]
    hard = np.array(META["difficulty"]) == "hard"
    text = texts(draw(results, "figure1c"))
    assert f"easy → hard {graph[np.ix_(~hard, hard)].sum():.2f}" in text
    assert f"hard → easy {graph[np.ix_(hard, ~hard)].sum():.2f}" in text
    assert f"across groups {graph[:6, 6:].sum() + graph[6:, :6].sum():.2f}" in text


def test_figure1e_follows_the_order_of_training(results):
    figure = draw(results, "figure1e")
    rows = [text.get_text() for text in figure.axes[1].texts]
    assert rows[:12] == [TASKS[t] for t in np.roll(np.arange(12), 1)]


def test_the_relative_gap_ends_at_zero():
    np.testing.assert_allclose(relative_gap([30.0, 15.0, 10.0]), [2.0, 0.5, 0.0])
    np.testing.assert_allclose(relative_gap([-5.0, -10.0]), [0.5, 0.0])


def test_a_method_without_iterations_is_left_out(results):
    assert "AMTL-Curriculum" not in texts(draw(results, "objective"))
    assert "No fit took more than one iteration" in texts(draw(results, "objective", fits=CURRICULUM))


@pytest.mark.parametrize(
    ("name", "changes", "says"),
    [
        ("figure1a", {"splits": ["bare"]}, "bare.npz.*no true weights"),
        ("figure1c", {"fits": [("stl", 1)]}, "stl.*no graph"),
        ("figure3", {"fits": [("stl", 1)]}, "stl.*no graph"),
        ("figure1e", {"fits": [("amtl", 1)]}, "amtl.*no order"),
    ],
)
def test_unusable_input_is_named(results, name, changes, says):
    with pytest.raises(InputError, match=says):
        draw(results, name, **changes)


def test_a_method_without_scores_is_named(results):
    with pytest.raises(InputError, match="mtfl and stl"):
        draw(results, "figure1d", {"dataset": "synthetic", "methods": ["mtfl"]})


def test_unlabelled_tasks_are_drawn_too(results):
    for name in ("figure1b", "figure1c", "figure1d", "figure1e"):
        assert "easy" not in texts(draw(results, name, splits=["bare"]))


def test_the_script_draws_by_name(results, tmp_path):
    arguments = [
        "--figure",
        "figure1a",
        "--splits",
        str(results["split"]),
        "--outputs",
        str(tmp_path / "f.svg"),
    ]
    assert run_script(*arguments).returncode == 0
    assert (tmp_path / "f.svg").read_text().startswith("<?xml")
    arguments[1] = "figure1x"
    wrong = run_script(*arguments)
    assert wrong.returncode == 1 and len(wrong.stderr.splitlines()) == 1
    assert "did you mean 'figure1" in wrong.stderr


def test_a_title_with_dollar_signs_is_no_formula(results, tmp_path):
    figure = tmp_path / "f.svg"
    files = ["--splits", str(results["split"]), "--fits", str(results["amtl", 1]), "--outputs", str(figure)]
    job = {"titles": {"amtl": "mine, $5 {to} $\\frac{7$"}}
    done = run_script("--figure", "figure1b", "--job", json.dumps(job), *files)
    assert done.returncode == 0, done.stderr
    # Matplotlib draws a text as glyphs, with the text itself in a comment.
    assert "mine, $5 {to} $\\frac{7$" in figure.read_text()


def test_the_script_imports_no_other_figure():
    program = (
        "import sys, json; import workbench.report.figures; from workbench.named import load; "
        "load(workbench.report.figures, 'figure1a', 'draw'); "
        "print(json.dumps([name for name in sys.modules if name.startswith('workbench.report.figures.')]))"
    )
    output = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(WORKFLOW)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert set(json.loads(output)) == {
        "workbench.report.figures.figure1a",
        "workbench.report.figures._heatmap",
        "workbench.report.figures._style",
    }


def run_script(*arguments):
    return subprocess.run(
        [sys.executable, str(WORKFLOW / "scripts" / "make_figure.py"), *arguments],
        env={**os.environ, "PYTHONPATH": str(WORKFLOW)},
        capture_output=True,
        text=True,
    )
