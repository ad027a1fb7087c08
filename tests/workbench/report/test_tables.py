"""The tables: the paper's numbers as printed, ours beside them, marks, and every format."""

import csv
import io
import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from workbench.named import Inputs, load

import workbench.report.tables
from amtl.errors import InputError
from amtl.splits import Part, Split
from amtl.statistics import Interval
from workbench import scores
from workbench.papers.lee2016 import numbers as paper
from workbench.report import render
from workbench.split_files import load_split, save_split

WORKFLOW = Path(scores.__file__).parents[1]
METHODS = ["mean", "stl", "amtl", "amtl-curriculum", "oracle"]

# Copied from the paper's two tables by hand, apart from amtl/paper.py.
TABLE_1 = """
STL 20.87 0.36 14.76 0.62 12.44 0.62 10.34 0.13 58.33 1.10
MTFL 19.34 0.37 14.12 0.55 12.29 0.67 9.92 0.04 65.00 0.42
GO-MTL 19.18 0.39 14.44 1.34 11.92 1.48 9.87 0.09 62.46 0.25
SC-MTL 19.85 0.30 14.64 0.50 12.36 0.74 10.12 0.05 66.39 0.65
Curriculum-simple 20.87 0.36 14.56 0.45 12.28 0.15 10.30 0.13 57.37 1.66
SMTL 20.87 0.36 14.00 0.41 12.24 0.58 10.19 0.05 59.05 0.40
AMTL-noLoss 20.86 0.36 14.24 0.53 12.56 0.59 10.18 0.05 58.20 0.32
AMTL 18.80 0.22 12.92 1.37 11.48 1.21 10.13 0.08 56.83 1.11
AMTL-Curriculum 20.33 0.29 13.68 1.42 11.84 1.46 10.16 0.05 56.99 1.09
"""
TABLE_2 = """
STL 54.05 0.82 45.85 1.36
MTFL 55.44 0.94 47.95 1.20
GO-MTL 55.18 0.85 47.05 1.35
SC-MTL 54.37 0.98 47.60 1.26
Curriculum-simple 54.05 0.82 45.25 1.26
SMTL 54.09 0.85 46.00 1.16
AMTL-noLoss 53.93 0.76 48.20 1.33
AMTL 53.19 0.77 40.80 1.46
AMTL-imbalanced 53.09 0.76 40.00 1.71
"""


@pytest.mark.parametrize(
    ("name", "columns", "text"),
    [
        ("table1", ["Synthetic", "MNIST", "USPS", "School", "AWA"], TABLE_1),
        ("table2", ["Synthetic", "ImageNet-Room"], TABLE_2),
    ],
)
def test_the_papers_numbers_are_as_printed(name, columns, text):
    printed = {}
    for line in text.split("\n")[1:-1]:
        title, *numbers = line.split()
        pairs = zip(map(float, numbers[::2]), map(float, numbers[1::2]), strict=True)
        for column, pair in zip(columns, pairs, strict=True):
            printed[column, title] = pair
    ours = {
        (column, paper.METHOD_TITLES[method]): pair
        for column, rows in paper.TABLES[name].items()
        for method, pair in rows.items()
    }
    assert ours == printed


def test_the_papers_runtime_is_as_printed():
    assert paper.RUNTIME == {"Synthetic": {"amtl": (167.29, 7.41), "amtl-curriculum": (7.71, 0.16)}}


def test_each_dataset_stands_beside_its_column():
    beside = {name: (table, column) for name, (table, column, _) in paper.DATASETS.items()}
    assert beside == {
        "synthetic": ("table1", "Synthetic"),
        "synthetic-authors": ("table1", "Synthetic"),
        "mnist": ("table1", "MNIST"),
        "usps": ("table1", "USPS"),
        "usps-authors": ("table1", "USPS"),
        "school": ("table1", "School"),
        "awa": ("table1", "AWA"),
        "imbalanced": ("table2", "Synthetic"),
        "imbalanced-authors": ("table2", "Synthetic"),
        "imagenet-room": ("table2", "ImageNet-Room"),
        # The paper does not have these: no number of its stands beside them.
        "awa2": ("table1", None),
        "conll-tags": ("table1", None),
        "wisdm-users": ("table1", None),
    }
    assert paper.table_datasets("table1", ["mine", "mnist", "imbalanced", "synthetic"]) == [
        "synthetic",
        "mnist",
        "mine",
    ]


def test_a_dataset_of_no_column_of_the_paper_has_a_title_of_its_own():
    assert paper.dataset_title("imbalanced") == "Imbalanced synthetic (generated)"
    assert paper.dataset_title("imagenet-room") == "ImageNet-Room"
    assert paper.dataset_title("mine") == "mine"
    for name in ("conll-tags", "wisdm-users"):
        assert "stand-in" in paper.dataset_title(name) and "not AWA" in paper.dataset_title(name)


def write_scores(folder, rows):
    """Write scores.csv; rows of (dataset, split, method, metric, value) for the whole split."""
    path = Path(folder) / "scores.csv"
    scores.write_table(
        path, scores.SCORE_COLUMNS, [(d, k, m, "all", metric, value) for d, k, m, metric, value in rows]
    )
    return path


def made_up(splits=(1, 2, 3, 4), dataset="synthetic", metric="rmse", methods=METHODS):
    """Return rows of scores: a method's error is its place in METHODS, in tens, plus the split's number."""
    rows = []
    for method in methods:
        for k in splits:
            stuck = method == "amtl" and k == 2
            rows += [
                (dataset, k, method, metric, 10.0 * (5 - METHODS.index(method)) + k),
                (dataset, k, method, "converged", 0.0 if stuck else 1.0),
                (dataset, k, method, "iterations", 10.0 * k),
                (dataset, k, method, "residual", 1e-3 if stuck else 1e-8),
                (dataset, k, method, "grid_points", 60.0),
                (dataset, k, method, "grid_unconverged", 2.0 if stuck else 0.0),
                (dataset, k, method, "edge_warnings", 2.0 if method == "stl" and k > 1 else 0.0),
            ]
    return rows


def build(name, job, **inputs):
    return load(workbench.report.tables, name, "build")({"methods": METHODS, **job}, Inputs(inputs))


def cells(table):
    """Return {(row title, flattened column): cell}."""
    labels = [label for label, span in table.groups for _ in range(span)] or [""] * len(table.columns)
    heads = [f"{label} {column}".strip() for label, column in zip(labels, table.columns, strict=True)]
    rows = [row for _, block in table.blocks for row in block]
    return {(row[0], head): cell for row in rows for head, cell in zip(heads[1:], row[1:], strict=True)}


def test_a_dataset_that_was_not_run_keeps_its_place_and_the_papers_column(tmp_path):
    path = write_scores(tmp_path, made_up())
    job = {"datasets": ["synthetic"], "not_run": {"school": "the dog ate it", "conll-tags": "no zip"}}
    table = build("table1", job, scores=path)
    found = cells(table)
    for method in ("STL", "AMTL", "Oracle"):
        assert found[method, "School this run"] == "not run"
    assert found["STL", "School paper"] == "10.34 ± 0.13"
    assert found["STL", f"{paper.dataset_title('conll-tags')} this run"] == "not run"
    assert table.notes[-2:] == [
        "Not run: School: the dog ate it.",
        f"Not run: {paper.dataset_title('conll-tags')}: no zip.",
    ]
    assert {record["dataset"] for record in table.records} == {"synthetic"}
    assert found["AMTL-Curriculum", "Synthetic, RMSE generated, n = 4"].endswith("★")


def test_a_table_of_nothing_but_a_dataset_that_was_not_run(tmp_path):
    path = write_scores(tmp_path, made_up())
    job = {"datasets": ["synthetic"], "not_run": {"imagenet-room": "nowhere"}}
    table = build("table2", job, scores=path)
    assert cells(table)["AMTL", "ImageNet-Room this run"] == "not run"
    assert cells(table)["AMTL", "ImageNet-Room paper"] == "40.80 ± 1.46"
    assert "Mean over" not in render.to_markdown(table)
    for write in render.WRITERS.values():
        assert write(table)


def test_table1_shows_ours_beside_the_papers_with_marks(tmp_path):
    path = write_scores(tmp_path, made_up())
    table = build("table1", {"datasets": ["synthetic"]}, scores=path)
    found = cells(table)
    # Splits 1 to 4: mean 2.5, sd sqrt(5/3), half width 1.96 sqrt(5/3) / 2.
    half = f"{1.96 * math.sqrt(5 / 3) / 2:.2f}"
    ours = "Synthetic, RMSE generated, n = 4"
    assert half == "1.27"
    assert found["STL", ours] == f"42.50 ± {half} ‡3"
    assert found["AMTL", ours] == f"32.50 ± {half} †1"
    assert found["AMTL-Curriculum", ours] == f"22.50 ± {half} ★"
    assert isinstance(found["AMTL-Curriculum", ours], render.Bold)
    assert found["Oracle", ours] == f"12.50 ± {half}", "a control does not win"
    assert found["STL", "Synthetic, RMSE paper"] == "20.87 ± 0.36"
    assert found["Oracle", "Synthetic, RMSE paper"] == render.NOTHING
    assert [title for title, _ in table.blocks] == [None, "Controls"]
    assert [row[0] for row in table.blocks[0][1]] == ["STL", "AMTL", "AMTL-Curriculum"]
    notes = " ".join(table.notes)
    assert all(mark in notes for mark in ("1.96", "★", "†", "‡"))


@pytest.mark.parametrize(
    ("table", "dataset", "text"), [("table1", "synthetic", TABLE_1), ("table2", "imbalanced", TABLE_2)]
)
def test_all_nine_methods_stand_beside_the_papers_numbers(tmp_path, table, dataset, text):
    nine = list(paper.TABLES[table]["Synthetic"])
    rows = [(dataset, k, method, "rmse", 20.0 + i + k) for i, method in enumerate(nine) for k in (1, 2)]
    found = cells(build(table, {"datasets": [dataset], "methods": nine}, scores=write_scores(tmp_path, rows)))
    for i, line in enumerate(text.split("\n")[1:-1]):
        title, mean, half = line.split()[:3]
        assert found[title, "Synthetic, RMSE paper"] == f"{mean} ± {half}"
        assert found[title, "Synthetic, RMSE generated, n = 2"].startswith(f"{21.5 + i:.2f}")


def test_table1_with_students_t(tmp_path):
    path = write_scores(tmp_path, made_up())
    table = build("table1", {"datasets": ["synthetic"], "interval": "t"}, scores=path)
    assert "± 2.05" in cells(table)["STL", "Synthetic, RMSE generated, n = 4"]
    assert "Student" in " ".join(table.notes)


def test_a_single_split_has_no_interval_and_no_warning_marks_are_explained_in_vain(tmp_path):
    path = write_scores(tmp_path, made_up(splits=(1,)))
    table = build("table1", {"datasets": ["synthetic"]}, scores=path)
    assert cells(table)["STL", "Synthetic, RMSE generated, n = 1"] == "41.00"
    notes = " ".join(table.notes)
    assert "no interval" in notes and "†" not in notes and "‡" not in notes


def test_a_method_that_a_dataset_lacks_leaves_a_dash(tmp_path):
    rows = made_up() + made_up(dataset="mnist", metric="error", methods=["mean", "stl"])
    path = write_scores(tmp_path, rows)
    table = build("table1", {"datasets": ["mnist", "synthetic", "imbalanced"]}, scores=path)
    found = cells(table)
    assert found["AMTL", "MNIST, error % this run, n = 4"] == render.NOTHING
    assert found["AMTL", "MNIST, error % paper"] == "12.92 ± 1.37"
    assert [label for label, _ in table.groups] == ["", "Synthetic, RMSE", "MNIST, error %"]
    assert "GO-MTL" not in {row for row, _ in found}, "only what the run selected"


def test_fewer_splits_than_the_others_are_told_in_the_cell(tmp_path):
    rows = [row for row in made_up() if not (row[2] == "stl" and row[1] == 4)]
    table = build("table1", {"datasets": ["synthetic"]}, scores=write_scores(tmp_path, rows))
    assert "(n = 3)" in cells(table)["STL", "Synthetic, RMSE generated, n = 4"]


def test_entries_of_the_users_own_are_shown_without_a_paper_column(tmp_path):
    path = write_scores(tmp_path, made_up(dataset="mine"))
    job = {"datasets": ["mine"], "titles": {"amtl": "AMTL, my grid"}}
    found = cells(build("table1", job, scores=path))
    assert ("AMTL, my grid", "mine, RMSE this run, n = 4") in found
    assert not any(head.endswith("paper") for _, head in found)


def test_a_table_without_datasets_is_an_error_that_says_so(tmp_path):
    path = write_scores(tmp_path, made_up())
    with pytest.raises(InputError, match="table2: the run selects no dataset"):
        build("table2", {"datasets": ["synthetic"]}, scores=path)


def test_improvements_are_paired(tmp_path):
    path = write_scores(tmp_path, made_up())
    found = cells(build("improvement", {"datasets": ["synthetic"]}, scores=path))
    head = "Synthetic (generated), RMSE"
    assert found["AMTL", head] == "−10.00 ± 0.00 ↓"
    assert found["Mean predictor", head] == "+10.00 ± 0.00 ↑"
    assert ("STL", head) not in found


def test_convergence_counts_fits_grid_points_and_edges(tmp_path):
    path = write_scores(tmp_path, made_up())
    table = build("convergence", {"datasets": ["synthetic"]}, scores=path)
    record = next(record for record in table.records if record["method"] == "amtl")
    assert record == {
        "dataset": "synthetic",
        "method": "amtl",
        "ablation": 0,
        "fits": 4,
        "converged": 3,
        "iterations_median": 25.0,
        "iterations_max": 40.0,
        "worst_residual": 1e-3,
        "restart_spread": None,
        "grid_points": 240,
        "grid_unconverged": 2,
        "grid_edge": 0,
    }
    assert cells(table)["STL", "Choices at a grid edge"] == "3"


# Two variants of AMTL and one of STL; their errors and how they converged, split by split.
ABLATIONS = {
    "stl-weak": {"reference": "stl", "changed": {"rho": 1e-6}, "question": "Is STL tuned?"},
    "amtl-cold": {"reference": "amtl", "changed": {"start": "cold", "ridge": 0}, "question": "Which start?"},
    "amtl-short": {"reference": "amtl", "changed": {"alternations": 3}, "question": ""},
}
ABLATION_JOB = {
    "datasets": ["synthetic"],
    "ablations": [{"name": name, **ablation} for name, ablation in ABLATIONS.items()],
    "titles": {"amtl-cold": "AMTL, cold", "amtl-short": "AMTL, short", "stl-weak": "STL, weak"},
}


def made_up_ablations():
    """AMTL has 31, 32, 33, 34 and STL 41, 42, ... on splits 1 to 4; see `made_up`."""
    errors = {
        # Differences -1, -2: mean -1.5, sd 1 / sqrt(2), half width 1.96 / 2 = 0.98: the interval is below 0.
        "amtl-cold": {1: 30.0, 2: 30.0},
        # Differences +3, -1: mean 1, sd 4 / sqrt(2), half width 3.92.
        "amtl-short": {1: 34.0, 2: 31.0},
        # Differences +10, +12: mean 11, half width 1.96.
        "stl-weak": {1: 51.0, 2: 54.0},
    }
    rows = made_up()
    for name, values in errors.items():
        for k, value in values.items():
            stopped = name == "amtl-short"
            rows += [
                ("synthetic", k, name, "rmse", value),
                ("synthetic", k, name, "converged", 0.0 if stopped else 1.0),
                ("synthetic", k, name, "iterations", 3.0),
                ("synthetic", k, name, "residual", 0.1),
                ("synthetic", k, name, "grid_points", 1.0 if name == "stl-weak" else 60.0),
                ("synthetic", k, name, "grid_unconverged", 50.0 + k if stopped else 0.0),
                ("synthetic", k, name, "edge_warnings", 0.0),
            ]
    return rows


def test_ablations_stand_below_what_they_vary_on_the_same_splits(tmp_path):
    path = write_scores(tmp_path, made_up_ablations())
    table = build("ablations", ABLATION_JOB, scores=path)
    ((title, rows),) = table.blocks
    assert title == "Synthetic (generated), RMSE"
    # The references are shown on the two splits that the ablations have, not on all four.
    assert rows == [
        ["STL", "–", "2", "41.50 ± 0.98", "–", "0 of 2", "0 of 120"],
        ["STL, weak", "rho: 1e-06", "2", "52.50 ± 2.94", "+11.00 ± 1.96 ↑", "0 of 2", "0 of 2"],
        ["AMTL", "–", "2", "31.50 ± 0.98", "–", "1 of 2", "2 of 120"],
        ["AMTL, cold", "start: cold, ridge: 0", "2", "30.00 ± 0.00", "−1.50 ± 0.98 ↓", "0 of 2", "0 of 120"],
        ["AMTL, short", "alternations: 3", "2", "32.50 ± 2.94", "+1.00 ± 3.92", "2 of 2", "103 of 120"],
    ]
    assert "STL, weak (rho: 1e-06): Is STL tuned?" in table.notes
    assert "AMTL, cold (start: cold, ridge: 0): Which start?" in table.notes
    assert not any("short" in note for note in table.notes)
    record = table.records[3]
    assert record["method"] == "amtl-cold" and record["reference"] == "amtl"
    assert (record["n"], record["mean"], record["difference_n"]) == (2, 30.0, 2)
    assert record["difference_mean"] == -1.5 and record["difference_high"] == pytest.approx(-0.52)
    assert table.records[2]["difference_mean"] is None
    assert len({tuple(each) for each in table.records}) == 1


def test_ablations_keep_the_order_of_the_run_through_the_job(tmp_path):
    path = write_scores(tmp_path, made_up_ablations())
    turned = {**ABLATION_JOB, "ablations": ABLATION_JOB["ablations"][::-1]}
    table = build("ablations", json.loads(json.dumps(turned, sort_keys=True)), scores=path)
    names = [record["method"] for record in table.records]
    assert names == ["stl", "stl-weak", "amtl", "amtl-short", "amtl-cold"]


def test_an_ablation_without_its_reference_or_on_some_datasets_only(tmp_path):
    rows = [row for row in made_up_ablations() if row[2] != "amtl"]
    rows += made_up(dataset="mnist", metric="error")
    job = {**ABLATION_JOB, "datasets": ["mnist", "synthetic"]}
    table = build("ablations", job, scores=write_scores(tmp_path, rows))
    ((_, rows),) = table.blocks
    assert [row[0] for row in rows] == ["STL", "STL, weak", "AMTL, cold", "AMTL, short"]
    assert rows[2][4] == "–"


def test_every_format_of_the_ablations(tmp_path):
    table = build("ablations", ABLATION_JOB, scores=write_scores(tmp_path, made_up_ablations()))
    for writer in render.WRITERS.values():
        assert "AMTL, cold" in writer(table)


@pytest.mark.parametrize("name", ["table1", "improvement", "transfer"])
def test_ablations_take_no_part_in_comparisons(tmp_path, name):
    with_them = write_scores(tmp_path, made_up_ablations())
    shown = render.to_markdown(build(name, {"datasets": ["synthetic"]}, scores=with_them))
    without = render.to_markdown(
        build(name, {"datasets": ["synthetic"]}, scores=write_scores(tmp_path, made_up()))
    )
    assert shown == without


def test_convergence_lists_the_ablations_as_such(tmp_path):
    path = write_scores(tmp_path, made_up_ablations())
    table = build("convergence", ABLATION_JOB, scores=path)
    assert cells(table)["AMTL, short (ablation)", "Grid fits not converged"] == "103"
    assert {record["method"] for record in table.records if record["ablation"]} == set(ABLATIONS)


def test_warnings_of_ablations_stand_apart(tmp_path):
    path = tmp_path / "warnings.csv"
    rows = [("synthetic", 1, "amtl-short", "stopped"), ("synthetic", 2, "amtl", "lam is low")]
    scores.write_table(path, scores.WARNING_COLUMNS, rows)
    table = build("warnings", ABLATION_JOB, warnings=path)
    assert table.blocks == [
        (None, [["Synthetic (generated)", "AMTL", "2", "lam is low"]]),
        ("Ablations", [["Synthetic (generated)", "AMTL, short", "1", "stopped"]]),
    ]
    assert table.notes == ["1 warnings. 1 more of ablations."]


def test_methods_say_what_an_ablation_changes(tmp_path):
    path = tmp_path / "methods.csv"
    titles = {"amtl": "AMTL", **ABLATION_JOB["titles"]}
    rows = [
        (m, title, loss, "||w||^2", "Me") for m, title in titles.items() for loss in ("logistic", "squared")
    ]
    scores.write_table(path, scores.METHOD_COLUMNS, rows)
    table = build("methods", ABLATION_JOB, methods=path)
    main, (title, varied) = table.blocks
    assert [row[0] for row in main[1]] == ["AMTL"] and title == "Ablations"
    assert varied == [
        ["STL, weak", "logistic, squared", "as STL, with rho: 1e-06", "Me"],
        ["AMTL, cold", "logistic, squared", "as AMTL, with start: cold, ridge: 0", "Me"],
        ["AMTL, short", "logistic, squared", "as AMTL, with alternations: 3", "Me"],
    ]


def test_convergence_shows_the_widest_spread_of_restarts(tmp_path):
    rows = made_up(methods=["amtl"])
    rows += [("synthetic", k, "amtl", "restart_spread", spread) for k, spread in ((1, 0.0), (2, 0.025))]
    path = write_scores(tmp_path, rows)
    table = build("convergence", {"datasets": ["synthetic"], "methods": ["amtl"]}, scores=path)
    assert cells(table)["AMTL", "Spread of restarts"] == "2.5e-02"


def test_transfer_measures_against_stl(tmp_path):
    errors = {"stl": [10.0, 20.0, 40.0], "amtl": [11.0, 10.0, 40.2]}
    rows = [
        ("synthetic", k, method, task, "rmse", value)
        for k in (1, 2)
        for method, values in errors.items()
        for task, value in zip("abc", values, strict=True)
    ]
    path = tmp_path / "scores.csv"
    scores.write_table(path, scores.SCORE_COLUMNS, rows)
    table = build("transfer", {"datasets": ["synthetic"], "methods": ["stl", "amtl"]}, scores=path)
    assert [title for title, _ in table.blocks] == ["Synthetic (generated): 3 tasks, n = 2"]
    # Gains of -10, +50 and -0.5 %; half a per cent is not worse yet.
    row = ["AMTL", "+13.17 ± 0.00", "1.0 ± 0.0", "1", "1.20 ± 0.00 RMSE", "−10.00 ± 0.00 (a)"]
    assert table.blocks[0][1] == [row]
    assert table.records[0]["delta"] == pytest.approx(39.5 / 3)


def test_warnings_are_spelled_out_or_said_to_be_none(tmp_path):
    path = tmp_path / "warnings.csv"
    rows = [
        ("synthetic", 2, "amtl", "lam is low"),
        ("school", 1, "amtl", "not selected"),
    ]
    scores.write_table(path, scores.WARNING_COLUMNS, rows)
    table = build("warnings", {"datasets": ["synthetic"]}, warnings=path)
    assert table.blocks[0][1] == [["Synthetic (generated)", "AMTL", "2", "lam is low"]]
    scores.write_table(path, scores.WARNING_COLUMNS, [])
    table = build("warnings", {"datasets": ["synthetic"]}, warnings=path)
    assert table.notes == ["No fit left a warning."]
    assert render.to_csv(table).splitlines() == ["Dataset,Method,Split,Warning"]


def test_runtime_takes_the_ratio_split_by_split(tmp_path):
    path = tmp_path / "timings.csv"
    rows = [("synthetic", k, "amtl", 20.0 * k, 2.0, 20.0 * k + 2.0) for k in (1, 2)]
    rows += [("synthetic", k, "amtl-curriculum", 2.0 * k, 1.0, 2.0 * k + 1.0) for k in (1, 2)]
    scores.write_table(path, scores.TIMING_COLUMNS, rows)
    job = {"datasets": ["synthetic"], "methods": ["amtl", "amtl-curriculum"]}
    found = cells(build("runtime", job, timings=path))
    assert found["AMTL / AMTL-Curriculum", "Whole grid, s"] == "10.000 ± 0.000"
    assert found["AMTL / AMTL-Curriculum", "Paper, s"] == "21.7"
    assert found["AMTL", "Paper, s"] == "167.29 ± 7.41"
    assert found["AMTL", "Whole grid, s"] == "30.0 ± 19.6"


def test_runtime_shows_every_method_that_was_timed(tmp_path):
    path = tmp_path / "timings.csv"
    rows = [(d, 1, m, 1.0, 2.0, 3.0) for d in ("synthetic", "mnist") for m in ("stl", "amtl", "mean")]
    scores.write_table(path, scores.TIMING_COLUMNS, rows)
    table = build("runtime", {"datasets": ["synthetic", "mnist"]}, timings=path)
    assert [[row[0] for row in block] for _, block in table.blocks] == [["STL", "AMTL", "Mean predictor"]] * 2
    assert [row[-1] for row in table.blocks[1][1]] == [render.NOTHING] * 3


def make_split(folder, dataset, index, rows):
    generator = np.random.default_rng(index)
    parts = {}
    for name in ("train", "validation", "test"):
        offsets = np.concatenate([[0], np.cumsum(rows)])
        parts[name] = Part(generator.normal(size=(sum(rows), 3)), generator.normal(size=sum(rows)), offsets)
    file = {
        "name": "a.mat",
        "sha256": "ab" * 32,
        "bytes": 1234,
        "licence": "none",
        "citation": "A & B",
        "verified": True,
    }
    meta = {"source": f"file {index}", "note": "", "files": [file]}
    path = Path(folder) / f"{dataset}{index}.npz"
    save_split(path, Split(dataset, index, "regression", ("1", "2"), **parts, meta=meta))
    return path


def test_data_and_sources_are_read_off_the_splits(tmp_path):
    paths = [make_split(tmp_path, "synthetic-authors", k, [5 + k, 30]) for k in (1, 2)]
    record = build("data", {}, splits=paths).records[0]
    assert (record["tasks"], record["features"], record["splits"]) == (2, 3, 2)
    assert record["rows_train_per_task"] == "6–30" and record["rows_train"] == "36–37"
    table = build("sources", {}, splits=paths)
    assert len(table.records) == 1 and table.records[0]["sha256"] == "ab" * 32
    assert "A \\& B" in render.to_latex(table)


def test_data_counts_the_test_rows_that_have_a_twin(tmp_path):
    path = make_split(tmp_path, "synthetic-authors", 1, [10, 30])
    assert not any("twin" in note for note in build("data", {}, splits=[path]).notes)
    split = load_split(path)
    X, y = split.test.X.copy(), split.test.y.copy()
    X[:3], y[:3] = split.train.X[4:7] * (1 + 1e-12), split.train.y[4:7]
    X[3], y[3] = split.validation.X[0], split.validation.y[0] + 1.0
    # The same numbers in a row of another task.
    X[10], y[10] = split.train.X[8], split.train.y[8]
    save_split(path, replace(split, test=Part(X, y, split.test.offsets)))
    table = build("data", {}, splits=[path])
    assert table.records[0]["rows_test_repeated"] == "3"
    assert table.records[0]["rows_validation_repeated"] == "0"
    assert any("3 test rows of a split (up to 7.5 %) have a twin" in note for note in table.notes)


def test_methods_and_versions_list_what_was_used(tmp_path):
    path = tmp_path / "methods.csv"
    rows = [
        (m, m.upper(), loss, "||w||^2", "Me") for m in ("amtl", "stl") for loss in ("logistic", "squared")
    ]
    scores.write_table(path, scores.METHOD_COLUMNS, rows)
    shown = build("methods", {}, methods=path).blocks[0][1]
    assert [row[:2] for row in shown] == [["STL", "logistic, squared"], ["AMTL", "logistic, squared"]]
    path = tmp_path / "versions.csv"
    scores.write_table(path, scores.VERSION_COLUMNS, [("numpy", "2.4.0", 7)])
    assert build("versions", {}, versions=path).blocks[0][1] == [["numpy", "2.4.0", "7"]]


def test_no_number_is_minus_zero():
    for mean in (-0.001, 0.001, 0.0):
        assert render.with_half_width(Interval(2, mean), sign=True) == "+0.00"
    assert render.with_half_width(Interval(2, -0.006)) == "−0.01"


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen, self.open = [], []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_every_format_of_table1(tmp_path):
    path = write_scores(tmp_path, made_up())
    table = build("table1", {"datasets": ["synthetic"]}, scores=path)
    rows = list(csv.DictReader(io.StringIO(render.to_csv(table))))
    amtl = next(row for row in rows if row["method"] == "amtl")
    assert float(amtl["mean"]) == 32.5 and (amtl["not_converged"], amtl["paper_mean"]) == ("1", "18.8")

    lines = [line for line in render.to_markdown(table).splitlines() if line.startswith("|")]
    assert len({line.replace("\\|", "").count("|") for line in lines}) == 1
    assert any("**22.50 ± 1.27 ★**" in line for line in lines)

    latex = render.to_latex(table)
    assert latex.isascii() and latex.count("\\begin{") == latex.count("\\end{")
    assert all(rule in latex for rule in ("\\toprule", "\\midrule", "\\bottomrule", "\\cmidrule(lr){2-3}"))
    body = latex[latex.index("\\midrule") : latex.index("\\bottomrule")]
    assert {line.count("&") for line in body.splitlines() if "&" in line} == {2}

    page = render.to_html(table)
    tags = Tags()
    tags.feed(page)
    assert not tags.open, "every tag is closed"
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in tags.seen}
    assert not any("src" in attributes or "href" in attributes for _, attributes in tags.seen)
    assert "http" not in page and "<strong>22.50 ± 1.27 ★</strong>" in page


def test_text_of_the_user_cannot_break_a_format(tmp_path):
    path = write_scores(tmp_path, made_up())
    job = {"datasets": ["synthetic"], "titles": {"amtl": "a|b <i> 50% & _x_"}}
    table = build("table1", job, scores=path)
    assert "a\\|b \\<i> 50% & \\_x\\_" in render.to_markdown(table)
    assert "a$|$b $<$i$>$ 50\\% \\& \\_x\\_" in render.to_latex(table)
    assert "a|b &lt;i&gt; 50% &amp; _x_" in render.to_html(table)


def test_the_script_writes_what_is_asked_for_and_the_same_bytes_twice(tmp_path):
    path = write_scores(tmp_path, made_up())
    job = json.dumps({"datasets": ["synthetic"], "methods": METHODS})
    for folder in ("a", "b"):
        outputs = [str(tmp_path / folder / f"t.{suffix}") for suffix in ("csv", "md", "tex", "html")]
        result = run_script("--table", "table1", "--job", job, "--scores", str(path), "--outputs", *outputs)
        assert result.returncode == 0, result.stderr
    for suffix in ("csv", "md", "tex", "html"):
        assert (tmp_path / "a" / f"t.{suffix}").read_bytes() == (tmp_path / "b" / f"t.{suffix}").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--table", "tabel1", "--outputs", "t.md"], "did you mean 'table1'"),
        (["--table", "render", "--outputs", "t.md"], "no 'render'"),
        (["--table", "table1", "--outputs", "t.md"], "needs --scores"),
    ],
)
def test_a_wrong_call_is_one_line(tmp_path, arguments, says):
    result = run_script(*arguments)
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1 and says in result.stderr


def test_an_unknown_format_names_the_file(tmp_path):
    table = render.Table("t", ["a"], "l", [(None, [["b"]])], [])
    with pytest.raises(InputError, match="t.docx"):
        render.write(table, [tmp_path / "t.docx"])


def run_script(*arguments):
    return subprocess.run(
        [sys.executable, str(WORKFLOW / "scripts" / "make_table.py"), *arguments],
        env={**os.environ, "PYTHONPATH": str(WORKFLOW)},
        capture_output=True,
        text=True,
    )
