"""The tables: our numbers beside the paper's, marks, comparisons on the same splits, and their intervals."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t as student

from amtl.errors import InputError
from amtl.splits import Part
from helpers.made_up_results import (
    TITLES,
    dataset,
    make_split,
    method,
    run_of,
    write,
    write_scores,
    write_split,
)
from workbench import plugins, scores
from workbench.papers.lee2016 import departures
from workbench.papers.lee2016 import numbers as paper
from workbench.report import render
from workbench.report._inputs import Inputs

METHODS = ["mean", "stl", "amtl", "amtl-curriculum", "oracle"]
ONE = run_of(["synthetic"], METHODS)


def made_up(splits=(1, 2, 3, 4), dataset="synthetic", metric="rmse", methods=METHODS):
    """Return rows of scores: a method's error is its place in METHODS, in tens, plus the split's number."""
    rows = []
    for name in methods:
        for k in splits:
            stuck = name == "amtl" and k == 2
            rows += [
                (dataset, k, name, metric, 10.0 * (5 - METHODS.index(name)) + k),
                (dataset, k, name, "converged", 0.0 if stuck else 1.0),
                (dataset, k, name, "iterations", 10.0 * k),
                (dataset, k, name, "residual", 1e-3 if stuck else 1e-8),
                (dataset, k, name, "grid_points", 60.0),
                (dataset, k, name, "grid_unconverged", 2.0 if stuck else 0.0),
                (dataset, k, name, "edge_warnings", 2.0 if name == "stl" and k > 1 else 0.0),
                (dataset, k, name, "grid_added", 4.0 if name == "amtl" else 0.0),
                (dataset, k, name, "natural_limits", 1.0 if name == "amtl" and k == 1 else 0.0),
            ]
    return rows


def build(name, run, **inputs):
    return plugins.load("tables", name).make(run, Inputs(inputs))


def cells(table):
    """Return {(row title, flattened column): cell}."""
    labels = [label for label, span in table.groups for _ in range(span)] or [""] * len(table.columns)
    heads = [f"{label} {column}".strip() for label, column in zip(labels, table.columns, strict=True)]
    rows = [row for _, block in table.blocks for row in block]
    return {(row[0], head): cell for row in rows for head, cell in zip(heads[1:], row[1:], strict=True)}


# --- Tables 1 and 2 -----------------------------------------------------------------------------------------


def test_an_unavailable_dataset_keeps_its_place_and_the_papers_column(tmp_path):
    path = write_scores(tmp_path, made_up())
    run = run_of(["synthetic"], METHODS, not_run={"school": "the dog ate it", "conll-tags": "no zip"})
    table = build("table1", run, scores=path)
    found = cells(table)
    for name in ("STL", "AMTL", "Oracle"):
        assert found[name, "School this run"] == "not run"
    assert found["STL", "School paper"] == "10.34 ± 0.13"
    assert found["STL", "conll-tags this run"] == "not run"
    assert [note for note in table.notes if "the dog ate it" in note and "School" in note]
    assert [note for note in table.notes if "no zip" in note and "conll-tags" in note]
    assert {record["dataset"] for record in table.records} == {"synthetic"}
    assert found["AMTL-Curriculum", "Synthetic, RMSE generated, n = 4"].endswith("★")


def test_a_table_of_an_unavailable_dataset_alone(tmp_path):
    path = write_scores(tmp_path, made_up())
    table = build("table2", run_of(["synthetic"], METHODS, not_run={"imagenet-room": "nowhere"}), scores=path)
    assert cells(table)["AMTL", "ImageNet-Room this run"] == "not run"
    assert cells(table)["AMTL", "ImageNet-Room paper"] == "40.80 ± 1.46"
    for write_format in render.WRITERS.values():
        assert write_format(table)


def test_table1_shows_ours_beside_the_papers_with_marks(tmp_path):
    table = build("table1", ONE, scores=write_scores(tmp_path, made_up()))
    found = cells(table)
    # Splits 1 to 4: mean 2.5, sd sqrt(5/3), half width 1.96 sqrt(5/3) / 2.
    half = f"{1.96 * math.sqrt(5 / 3) / 2:.2f}"
    ours = "Synthetic, RMSE generated, n = 4"
    assert half == "1.27"
    assert found["STL", ours] == f"42.50 ± {half} ‡3"
    assert found["AMTL", ours] == f"32.50 ± {half} †1"
    assert found["AMTL-Curriculum", ours] == f"22.50 ± {half} ★"
    assert isinstance(found["AMTL-Curriculum", ours], render.Bold)
    assert found["STL", "Synthetic, RMSE paper"] == "20.87 ± 0.36"
    assert found["Oracle", "Synthetic, RMSE paper"] == render.NOTHING
    assert [title for title, _ in table.blocks] == [None, "Controls"]
    assert [row[0] for row in table.blocks[0][1]] == ["STL", "AMTL", "AMTL-Curriculum"]
    assert [row[0] for row in table.blocks[1][1]] == ["Mean predictor", "Oracle"]
    notes = " ".join(table.notes)
    assert all(mark in notes for mark in ("1.96", "★", "†", "‡", "Mean over", paper.CITATION))


def test_a_control_never_wins(tmp_path):
    table = build("table1", ONE, scores=write_scores(tmp_path, made_up()))
    oracle = cells(table)["Oracle", "Synthetic, RMSE generated, n = 4"]
    assert oracle.startswith("12.50") and "★" not in oracle and not isinstance(oracle, render.Bold)
    best = {record["method"]: (record["best"], record["control"]) for record in table.records}
    assert best == {
        **{"stl": (0, 0), "amtl": (0, 0), "amtl-curriculum": (1, 0)},
        **{"mean": (0, 1), "oracle": (0, 1)},
    }


def test_methods_with_the_same_lowest_mean_all_win(tmp_path):
    rows = [("synthetic", k, name, "rmse", 5.0 + k) for name in ("stl", "amtl") for k in (1, 2)]
    found = cells(
        build("table1", run_of(["synthetic"], ["stl", "amtl"]), scores=write_scores(tmp_path, rows))
    )
    assert all("★" in found[name, "Synthetic, RMSE generated, n = 2"] for name in ("STL", "AMTL"))


@pytest.mark.parametrize(("table", "entry"), [("table1", "synthetic"), ("table2", "imbalanced")])
def test_all_nine_methods_stand_beside_the_papers_numbers(tmp_path, table, entry):
    nine = paper.TABLES[table]["Synthetic"]
    rows = [(entry, k, name, "rmse", 20.0 + i + k) for i, name in enumerate(nine) for k in (1, 2)]
    found = cells(build(table, run_of([entry], list(nine)), scores=write_scores(tmp_path, rows)))
    for i, (name, (mean, half)) in enumerate(nine.items()):
        assert found[TITLES[name], "Synthetic, RMSE paper"] == f"{mean:.2f} ± {half:.2f}"
        assert found[TITLES[name], "Synthetic, RMSE generated, n = 2"].startswith(f"{21.5 + i:.2f}")


def test_a_single_split_has_no_interval_and_no_needless_notes(tmp_path):
    table = build("table1", ONE, scores=write_scores(tmp_path, made_up(splits=(1,))))
    assert cells(table)["STL", "Synthetic, RMSE generated, n = 1"] == "41.00"
    notes = " ".join(table.notes)
    assert not any(text in notes for text in ("±:", "†", "‡", "Mean over"))


def test_a_method_without_scores_on_a_dataset_leaves_a_dash(tmp_path):
    rows = made_up() + made_up(dataset="mnist", metric="error", methods=["mean", "stl"])
    run = run_of(["synthetic", "mnist", "imbalanced"], METHODS)
    table = build("table1", run, scores=write_scores(tmp_path, rows))
    found = cells(table)
    assert found["AMTL", "MNIST, error % this run, n = 4"] == render.NOTHING
    assert found["AMTL", "MNIST, error % paper"] == "12.92 ± 1.37"
    assert [label for label, _ in table.groups] == ["", "Synthetic, RMSE", "MNIST, error %"]
    assert "GO-MTL" not in {row for row, _ in found}, "only methods of the run"


def test_fewer_splits_than_the_other_methods_are_marked_in_the_cell(tmp_path):
    rows = [row for row in made_up() if not (row[2] == "stl" and row[1] == 4)]
    found = cells(build("table1", ONE, scores=write_scores(tmp_path, rows)))
    assert "(n = 3)" in found["STL", "Synthetic, RMSE generated, n = 4"]
    assert "(n =" not in found["AMTL", "Synthetic, RMSE generated, n = 4"]


def test_a_users_own_dataset_stands_in_table1_under_its_title(tmp_path):
    run = run_of([dataset("mine", title="My data")], [method("amtl", title="AMTL, my grid")])
    table = build("table1", run, scores=write_scores(tmp_path, made_up(dataset="mine")))
    found = cells(table)
    assert not any(paper.CITATION in note for note in table.notes)
    assert set(found) == {("AMTL, my grid", "My data, RMSE this run, n = 4")}


def test_a_variant_of_a_dataset_stands_beside_it_under_its_title(tmp_path):
    run = run_of(["synthetic", dataset("noisy", dataset="synthetic", title="Noisy")], ["amtl"])
    rows = made_up() + made_up(dataset="noisy")
    table = build("table1", run, scores=write_scores(tmp_path, rows))
    assert table.columns[1:] == ["generated, n = 4", "Noisy, n = 4", "paper"]
    assert table.groups == [("", 1), ("Synthetic, RMSE", 3)]


def test_tables_apply_to_runs_with_their_datasets(tmp_path):
    def applying(*datasets, **facts):
        run = run_of(datasets, ["stl"], **facts)
        return {name for name in ("table1", "table2") if plugins.load("tables", name).applies(run)}

    assert applying("synthetic") == {"table1"} and applying("imbalanced") == {"table2"}
    assert applying("mine") == {"table1"}
    assert applying("imbalanced", not_run={"school": "no file"}) == {"table1", "table2"}
    with pytest.raises(InputError, match="table2"):
        build("table2", run_of(["synthetic"], METHODS), scores=write_scores(tmp_path, made_up()))


# --- comparisons with STL -----------------------------------------------------------------------------------


def test_improvements_are_paired_and_negative_where_the_method_is_better(tmp_path):
    table = build("improvement", ONE, scores=write_scores(tmp_path, made_up()))
    found = cells(table)
    head = "Synthetic (generated), RMSE"
    assert found["AMTL", head] == "−10.00 ± 0.00 ↓"
    assert found["Mean predictor", head] == "+10.00 ± 0.00 ↑"
    assert ("STL", head) not in found
    record = next(record for record in table.records if record["method"] == "amtl")
    assert (record["n"], record["mean"], record["low"], record["high"]) == (4, -10.0, -10.0, -10.0)


@pytest.mark.parametrize("name", ["improvement", "ablations"])
def test_differences_on_splits_of_one_pool_have_wider_intervals(tmp_path, name):
    rows = [row for row in made_up() if row[2] in ("stl", "amtl")]
    moved = [(d, k, m, v + 0.1 * (-1) ** k if m == "rmse" else v) for d, k, e, m, v in rows if e == "amtl"]
    rows += [(d, k, "variant", m, v) for d, k, m, v in moved]
    path = write_scores(tmp_path, rows)
    variant = method("variant", method="amtl", reference="amtl")
    entries = (["stl", "amtl"], [variant]) if name == "ablations" else (["stl", "amtl", variant], [])
    half = "difference_half_width" if name == "ablations" else "half_width"
    found = []
    for overlap in (0.0, 0.2):
        run = run_of([dataset("synthetic", splits_overlap=overlap > 0)], *entries)
        split = make_split("synthetic", meta={"test_overlap": overlap})
        read = {"splits": [write_split(tmp_path / "split1.npz", split)]} if overlap else {}
        records = {each["method"]: each for each in build(name, run, scores=path, **read).records}
        found.append(records["variant"][half])
        assert plugins.load("tables", name).splits(run) == ({"synthetic": [1]} if overlap else {})
    assert found[0] > 0 and found[1] == pytest.approx(found[0] * math.sqrt(1 + 4 * 0.2 / 0.8))


def by_task(tmp_path, errors, splits=(1, 2)):
    rows = [
        ("synthetic", k, name, task, "rmse", number)
        for k in splits
        for name, values in errors.items()
        for task, number in zip("abcd", values, strict=False)
    ]
    path = tmp_path / "scores.csv"
    scores.write_table(path, scores.SCORE_COLUMNS, rows)
    return path


def test_transfer_measures_against_stl(tmp_path):
    path = by_task(tmp_path, {"stl": [10.0, 20.0, 40.0], "amtl": [11.0, 10.0, 40.2]})
    table = build("transfer", run_of(["synthetic"], ["stl", "amtl"]), scores=path)
    assert [title for title, _ in table.blocks] == ["Synthetic (generated): 3 tasks, n = 2"]
    # Gains of -10, +50 and -0.5 %; half a per cent is not worse yet.
    row = ["AMTL", "+13.17 ± 0.00", "1.0 ± 0.0", "1", "1.20 ± 0.00 RMSE", "−10.00 ± 0.00 (a)"]
    assert table.blocks[0][1] == [row]
    assert table.records[0]["delta"] == pytest.approx(39.5 / 3)
    assert (table.records[0]["mass"], table.records[0]["worst_task"]) == (pytest.approx(1.2), "a")


def test_transfer_names_datasets_with_tasks_left_out(tmp_path):
    path = by_task(tmp_path, {"stl": [10.0, 0.0], "amtl": [11.0, 1.0]})
    table = build("transfer", run_of(["synthetic"], ["stl", "amtl"]), scores=path)
    assert table.records[0]["left_out"] == 1 and table.records[0]["tasks"] == 1
    assert any(note.startswith("Synthetic (generated)") for note in table.notes)


def test_comparisons_with_stl_need_stl():
    for name in ("improvement", "transfer"):
        applies = plugins.load("tables", name).applies
        assert applies(run_of(["synthetic"], ["stl", "amtl"])) and not applies(
            run_of(["synthetic"], ["amtl"])
        )


# --- how the fits went --------------------------------------------------------------------------------------


def test_a_method_that_is_another_one_on_a_dataset_is_not_ranked_above_it(tmp_path):
    rows = [row for row in made_up() if row[2] != "amtl-imbalanced"]
    twins = {"amtl-imbalanced": "amtl", "variant": "stl"}
    for name, other in twins.items():
        rows += [(d, k, name, metric, value) for d, k, m, metric, value in rows if m == other]
        rows += [("synthetic", k, name, "same_as:amtl", 1.0) for k in range(1, 5)]
    variant = method("variant", method="amtl-imbalanced")
    methods = ["stl", "amtl", "amtl-imbalanced", variant]
    path = write_scores(tmp_path, rows)
    table = build("table1", run_of(["synthetic"], methods), scores=path)
    column = {row: text for (row, head), text in cells(table).items() if not head.endswith("paper")}
    assert column["AMTL-imbalanced"] == "same as AMTL"
    assert render.BEST in column["AMTL"] and sum(render.BEST in text for text in column.values()) == 1
    # No entry of AMTL has the errors of this variant, so its options differ and its number is shown.
    assert column["variant"].startswith("42.50 ± 1.27")
    column = cells(build("improvement", run_of(["synthetic"], methods), scores=path))
    assert column["AMTL-imbalanced", "Synthetic (generated), RMSE"] == "same as AMTL"
    records = {record["method"]: record for record in table.records}
    assert (records["amtl"]["best"], records["amtl-imbalanced"]["best"]) == (1, 0)
    assert records["amtl-imbalanced"]["same_as"] == "amtl" and records["amtl"]["same_as"] is None
    # Without AMTL in the run there is nothing to refer to.
    alone = cells(build("table1", run_of(["synthetic"], ["stl", "amtl-imbalanced"]), scores=path))
    assert any("±" in text for (row, _), text in alone.items() if row == "AMTL-imbalanced")


def test_convergence_counts_fits_grid_points_and_edges(tmp_path):
    table = build("convergence", ONE, scores=write_scores(tmp_path, made_up()))
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
        "grid_added": 16,
        "grid_unconverged": 2,
        "natural_limits": 1,
        "grid_edge": 0,
    }
    assert cells(table)["STL", "Choices at a grid edge"] == "3"
    assert [row[0] for row in table.blocks[0][1]] == [
        *("STL", "AMTL", "AMTL-Curriculum", "Mean predictor", "Oracle")
    ]


def test_convergence_shows_the_widest_spread_of_restarts(tmp_path):
    rows = made_up(methods=["amtl"])
    rows += [("synthetic", k, "amtl", "restart_spread", spread) for k, spread in ((1, 0.0), (2, 0.025))]
    table = build("convergence", run_of(["synthetic"], ["amtl"]), scores=write_scores(tmp_path, rows))
    assert cells(table)["AMTL", "Spread of restarts"] == "2.5e-02"


def test_warnings_are_listed_or_counted_as_none(tmp_path):
    path = tmp_path / "warnings.csv"
    rows = [("synthetic", 2, "amtl", "lam is low"), ("school", 1, "amtl", "not in the run")]
    scores.write_table(path, scores.WARNING_COLUMNS, rows)
    table = build("warnings", ONE, warnings=path)
    assert table.blocks[0][1] == [["Synthetic (generated)", "AMTL", "2", "lam is low"]]
    scores.write_table(path, scores.WARNING_COLUMNS, [])
    table = build("warnings", ONE, warnings=path)
    assert table.blocks[0][1] == [] and table.notes
    assert render.to_csv(table).splitlines() == ["Dataset,Method,Split,Warning"]


def test_warnings_follow_the_order_of_the_run(tmp_path):
    path = tmp_path / "warnings.csv"
    places = [
        ("synthetic", 10, "amtl"),
        ("synthetic", 9, "amtl"),
        ("mnist", 1, "amtl"),
        ("synthetic", 1, "stl"),
    ]
    scores.write_table(path, scores.WARNING_COLUMNS, [(*place, "x") for place in places])
    table = build("warnings", run_of(["synthetic", "mnist"], METHODS), warnings=path)
    assert [row[1:3] for row in table.blocks[0][1]] == [
        ["STL", "1"],
        ["AMTL", "9"],
        ["AMTL", "10"],
        ["AMTL", "1"],
    ]


def write_times(tmp_path, rows):
    path = tmp_path / "timings.csv"
    scores.write_table(path, scores.TIMING_COLUMNS, rows)
    return path


def test_runtime_averages_the_ratio_split_by_split(tmp_path):
    rows = [("synthetic", k, "amtl", 20.0 * k, 2.0, 20.0 * k + 2.0) for k in (1, 2)]
    rows += [("synthetic", k, "amtl-curriculum", 2.0 * k, k * 1.0, 3.0 * k) for k in (1, 2)]
    run = run_of(["synthetic"], ["amtl", "amtl-curriculum"])
    table = build("runtime", run, timings=write_times(tmp_path, rows))
    found = cells(table)
    assert found["AMTL / AMTL-Curriculum", "Whole grid"] == "10.00 ± 0.00"
    assert found["AMTL / AMTL-Curriculum", "Chosen setting"].startswith("1.5")
    assert found["AMTL / AMTL-Curriculum", "Paper"] == "21.7"
    assert found["AMTL", "Paper"] == "167.29 ± 7.41 s"
    assert found["AMTL", "Whole grid"] == "30 ± 20 s"
    records = {(r["quantity"], r["phase"]): r["mean"] for r in table.records}
    assert records["amtl", "total"] == 32.0 and records["ratio", "fit"] == 1.5


def test_runtime_shows_every_timed_method_and_the_papers_seconds_on_synthetic_alone(tmp_path):
    names = ("stl", "amtl", "mean")
    rows = [(d, 1, m, 1.0, 2.0, 3.0) for d in ("synthetic", "mnist") for m in names]
    table = build("runtime", run_of(["synthetic", "mnist"], names), timings=write_times(tmp_path, rows))
    assert [[row[0] for row in block] for _, block in table.blocks] == [["STL", "AMTL", "Mean predictor"]] * 2
    assert [row[-1] for row in table.blocks[0][1]] == [render.NOTHING, "167.29 ± 7.41 s", render.NOTHING]
    assert [row[-1] for row in table.blocks[1][1]] == [render.NOTHING] * 3


def test_methods_and_versions_list_what_was_used(tmp_path):
    path = tmp_path / "methods.csv"
    rows = [
        (m, m.upper(), loss, "||w||^2", "Me") for m in ("amtl", "stl") for loss in ("logistic", "squared")
    ]
    scores.write_table(path, scores.METHOD_COLUMNS, rows)
    shown = build("methods", ONE, methods=path).blocks[0][1]
    assert shown == [[name, "logistic, squared", "||w||^2", "Me"] for name in ("STL", "AMTL")]
    path = tmp_path / "versions.csv"
    scores.write_table(path, scores.VERSION_COLUMNS, [("numpy", "2.4.0", 7)])
    assert build("versions", ONE, versions=path).blocks[0][1] == [["numpy", "2.4.0", "7"]]


def test_methods_show_one_row_per_entry_and_different_objectives_apart(tmp_path):
    path = tmp_path / "methods.csv"
    rows = [
        ("amtl", "A", "logistic", "F", "Me"),
        ("amtl", "A", "squared", "G", "Me"),
        ("stl", "A", "squared", "G", "Me"),
    ]
    scores.write_table(path, scores.METHOD_COLUMNS, rows)
    shown = build("methods", ONE, methods=path).blocks[0][1]
    assert [row[1:3] for row in shown] == [["squared", "G"], ["logistic", "F"], ["squared", "G"]]


# --- ablations ----------------------------------------------------------------------------------------------

ABLATIONS = (
    method("stl-weak", title="STL, weak", reference="stl", changed={"rho": 1e-6}, question="Is STL tuned?"),
    method(
        "amtl-cold",
        title="AMTL, cold",
        reference="amtl",
        changed={"start": "cold", "ridge": 0},
        question="Which start?",
    ),
    method("amtl-short", title="AMTL, short", reference="amtl", changed={"alternations": 3}),
)
VARIED = run_of(["synthetic"], METHODS, ABLATIONS)


def made_up_ablations():
    """Return rows of scores with those of three ablations on the first two splits."""
    rows = made_up()
    for name, errors, points, stopped in (
        ("stl-weak", (51.0, 54.0), 1.0, (1.0, 1.0)),
        ("amtl-cold", (30.0, 30.0), 60.0, (0.0, 0.0)),
        ("amtl-short", (31.0, 34.0), 60.0, (51.0, 52.0)),
    ):
        for k in (1, 2):
            rows += [
                ("synthetic", k, name, "rmse", errors[k - 1]),
                ("synthetic", k, name, "converged", 0.0 if name == "amtl-short" else 1.0),
                ("synthetic", k, name, "iterations", 3.0),
                ("synthetic", k, name, "residual", 1e-2),
                ("synthetic", k, name, "grid_points", points),
                ("synthetic", k, name, "grid_unconverged", stopped[k - 1]),
                ("synthetic", k, name, "edge_warnings", 0.0),
            ]
    return rows


def test_ablations_stand_below_what_they_vary_on_the_same_splits(tmp_path):
    table = build("ablations", VARIED, scores=write_scores(tmp_path, made_up_ablations()))
    ((title, rows),) = table.blocks
    assert title == "Synthetic (generated), RMSE"
    # The references are shown on the two splits that the ablations have, not on all four.
    assert rows == [
        ["STL", "–", "2", "41.50 ± 0.98", "–", "0 of 2", "0 of 120"],
        ["STL, weak", "rho: 1e-06", "2", "52.50 ± 2.94", "+11.00 ± 1.96 ↑", "0 of 2", "2 of 2"],
        ["AMTL", "–", "2", "31.50 ± 0.98", "–", "1 of 2", "2 of 120"],
        ["AMTL, cold", "start: cold, ridge: 0", "2", "30.00 ± 0.00", "−1.50 ± 0.98 ↓", "0 of 2", "0 of 120"],
        ["AMTL, short", "alternations: 3", "2", "32.50 ± 2.94", "+1.00 ± 1.96", "2 of 2", "103 of 120"],
    ]
    assert any("STL, weak" in note and "Is STL tuned?" in note for note in table.notes)
    assert any("AMTL, cold" in note and "Which start?" in note for note in table.notes)
    assert not any("short" in note for note in table.notes)
    record = table.records[3]
    assert record["method"] == "amtl-cold" and record["reference"] == "amtl"
    assert (record["n"], record["mean"], record["difference_n"]) == (2, 30.0, 2)
    assert record["difference_mean"] == -1.5 and record["difference_high"] == pytest.approx(-0.52)
    assert table.records[2]["difference_mean"] is None
    assert len({tuple(each) for each in table.records}) == 1


def test_ablations_keep_the_order_of_the_run(tmp_path):
    run = run_of(["synthetic"], METHODS, ABLATIONS[::-1])
    table = build("ablations", run, scores=write_scores(tmp_path, made_up_ablations()))
    names = [record["method"] for record in table.records]
    assert names == ["stl", "stl-weak", "amtl", "amtl-short", "amtl-cold"]


def test_an_ablation_without_its_reference_or_on_some_datasets_only(tmp_path):
    rows = [row for row in made_up_ablations() if row[2] != "amtl"]
    rows += made_up(dataset="mnist", metric="error")
    for methods in (METHODS, ["stl"]):
        run = run_of(["mnist", "synthetic"], methods, ABLATIONS)
        ((_, shown),) = build("ablations", run, scores=write_scores(tmp_path, rows)).blocks
        assert [row[0] for row in shown] == ["STL", "STL, weak", "AMTL, cold", "AMTL, short"]
        assert shown[2][4] == "–"


# --- departures from the paper ------------------------------------------------------------------------------


def test_departures_show_what_undoing_them_changes_on_the_same_splits(tmp_path):
    methods = ["stl", "smtl", "amtl", "amtl-ridge0"]
    printed = method("amtl-mean-loss", title="AMTL, mean", reference="amtl", changed={"fit_loss": "mean"})
    run = run_of(["synthetic", "mnist"], methods, [printed], interval="t")
    rows = [("synthetic", k, "amtl", "rmse", 20.0 + k) for k in (1, 2, 3)]
    rows += [("synthetic", k, "amtl-ridge0", "rmse", 19.0 + k + 0.1 * (k == 2)) for k in (1, 2, 3)]
    rows += [("synthetic", k, "amtl-mean-loss", "rmse", 22.0 + k) for k in (1, 2)]
    rows += [("mnist", k, "smtl", "error", 10.0) for k in (1, 2)]
    rows += [("mnist", k, "stl", "error", 9.0) for k in (1, 2)]
    table = build("departures", run, scores=write_scores(tmp_path, rows))
    found = {record["entry"]: record for record in table.records if record["entry"]}
    assert list(found) == ["amtl-mean-loss", "amtl-ridge0", "stl"]
    ridge = found["amtl-ridge0"]
    # Differences -1, -0.9 and -1: the standard error is 0.1 / 3.
    half = student.ppf(0.975, 2) * 0.1 / 3
    assert (ridge["dataset"], ridge["reference"], ridge["n"]) == ("synthetic", "amtl", 3)
    assert ridge["mean"] == pytest.approx(-29 / 30) and ridge["high"] == pytest.approx(-29 / 30 + half)
    assert (found["amtl-mean-loss"]["mean"], found["amtl-mean-loss"]["n"]) == (2.0, 2)
    assert (found["stl"]["mean"], found["stl"]["dataset"]) == (-1.0, "mnist")
    shown = {row[3]: row[4:] for row in table.blocks[0][1]}
    assert shown["amtl-ridge0 − AMTL"] == [f"−0.97 ± {half:.2f} ↓", "–"]
    assert all(write_format(table) for write_format in render.WRITERS.values())


def test_every_departure_is_listed_once_measured_or_not(tmp_path):
    table = build("departures", ONE, scores=write_scores(tmp_path, made_up()))
    rows = table.blocks[0][1]
    assert [row[0] for row in rows] == [each.name for each in departures.DEPARTURES]
    assert all(row[1] and row[2] and set(row[4:]) == {"–"} for row in rows)
    assert [record["n"] for record in table.records] == [None] * len(rows)


def test_the_table_of_ablations_needs_ablations():
    applies = plugins.load("tables", "ablations").applies
    assert applies(VARIED) and not applies(ONE)
    assert not applies(replace(VARIED, fitted={"synthetic": {"amtl": 4}}))


@pytest.mark.parametrize("name", ["table1", "improvement", "transfer"])
def test_ablations_take_no_part_in_comparisons(tmp_path, name):
    shown = render.to_markdown(build(name, VARIED, scores=write_scores(tmp_path, made_up_ablations())))
    assert shown == render.to_markdown(build(name, ONE, scores=write_scores(tmp_path, made_up())))


def test_convergence_lists_the_ablations_as_such(tmp_path):
    table = build("convergence", VARIED, scores=write_scores(tmp_path, made_up_ablations()))
    assert cells(table)["AMTL, short (ablation)", "Grid fits not converged"] == "103"
    ablations = {record["method"] for record in table.records if record["ablation"]}
    assert ablations == {each.name for each in ABLATIONS}


def test_warnings_of_ablations_stand_apart(tmp_path):
    path = tmp_path / "warnings.csv"
    rows = [("synthetic", 1, "amtl-short", "stopped"), ("synthetic", 2, "amtl", "lam is low")]
    scores.write_table(path, scores.WARNING_COLUMNS, rows)
    assert build("warnings", VARIED, warnings=path).blocks == [
        (None, [["Synthetic (generated)", "AMTL", "2", "lam is low"]]),
        ("Ablations", [["Synthetic (generated)", "AMTL, short", "1", "stopped"]]),
    ]


def test_methods_show_what_an_ablation_changes(tmp_path):
    path = tmp_path / "methods.csv"
    names = {"amtl": "AMTL", **{each.name: each.title for each in ABLATIONS}}
    rows = [
        (m, title, loss, "||w||^2", "Me") for m, title in names.items() for loss in ("logistic", "squared")
    ]
    scores.write_table(path, scores.METHOD_COLUMNS, rows)
    main, (title, varied) = build("methods", VARIED, methods=path).blocks
    assert [row[0] for row in main[1]] == ["AMTL"] and title == "Ablations"
    assert varied == [
        ["STL, weak", "logistic, squared", "as STL, with rho: 1e-06", "Me"],
        ["AMTL, cold", "logistic, squared", "as AMTL, with start: cold, ridge: 0", "Me"],
        ["AMTL, short", "logistic, squared", "as AMTL, with alternations: 3", "Me"],
    ]


# --- data ---------------------------------------------------------------------------------------------------


def test_data_counts_tasks_features_and_rows(tmp_path):
    splits = [make_split("synthetic-authors", k, [5 + k, 30], meta={"source": f"file {k}"}) for k in (1, 2)]
    paths = [write_split(tmp_path / f"split{split.index}.npz", split) for split in splits]
    table = build("data", run_of(["synthetic-authors"], ["stl"]), splits=paths)
    (record,) = table.records
    assert (record["tasks"], record["features"], record["splits"]) == (2, 3, 2)
    assert record["rows_train_per_task"] == "6–30" and record["rows_train"] == "36–37"
    assert table.blocks[0][1][0][:7] == [
        *("Synthetic (authors' file)", "regression", "2", "3"),
        *("6–30", "6–30", "6–30"),
    ]
    assert table.blocks[0][1][0][-1] == "file 1 (split 1)"


def test_data_counts_the_test_rows_that_have_a_twin(tmp_path):
    run = run_of(["synthetic"], ["stl"])
    split = make_split("synthetic", 1, [10, 30])
    table = build("data", run, splits=[write_split(tmp_path / "a.npz", split)])
    assert table.records[0]["rows_test_repeated"] == "0" and len(table.notes) == 1
    X, y = split.test.X.copy(), split.test.y.copy()
    X[:3], y[:3] = split.train.X[4:7] * (1 + 1e-12), split.train.y[4:7]
    X[3], y[3] = split.validation.X[0], split.validation.y[0] + 1.0
    # The same numbers in a row of another task.
    X[10], y[10] = split.train.X[8], split.train.y[8]
    twins = replace(split, test=Part(X, y, split.test.offsets))
    table = build("data", run, splits=[write_split(tmp_path / "b.npz", twins)])
    assert table.records[0]["rows_test_repeated"] == "3"
    assert table.records[0]["rows_validation_repeated"] == "0"
    assert any("3 test rows of a split (up to 7.5 %)" in note for note in table.notes)


def test_sources_join_the_registry_with_the_files_of_the_splits(tmp_path):
    file = {"name": "a.mat", "sha256": "ab" * 32, "bytes": 1234, "verified": True}
    splits = [make_split("synthetic-authors", k, [5, 6], meta={"files": [file]}) for k in (1, 2)]
    splits.append(make_split("mine", 1, [5, 6], meta={"files": [{**file, "name": "b", "verified": False}]}))
    paths = [write_split(tmp_path / f"{split.dataset}{split.index}.npz", split) for split in splits]
    registry = {"a.mat": {"licence": "none", "citation": "A & B"}, "b": {"licence": "MIT", "citation": "C"}}
    run = run_of(["mine", "synthetic-authors"], ["stl"])
    table = build("sources", run, splits=paths, registry=registry)
    assert table.blocks[0][1] == [
        ["mine", "b", "1,234", "ab" * 32, "MIT", "C", "no checksum known"],
        ["Synthetic (authors' file)", "a.mat", "1,234", "ab" * 32, "none", "A & B", "yes"],
    ]
    assert "A \\& B" in render.to_latex(table)


@pytest.mark.parametrize("name", ["data", "sources"])
def test_tables_of_the_data_read_all_splits_and_refuse_foreign_ones(tmp_path, name):
    run = run_of(["synthetic", dataset("mnist", splits=2)], ["stl"])
    assert plugins.load("tables", name).splits(run) == {"synthetic": [1, 2, 3, 4], "mnist": [1, 2]}
    path, _ = write_split(tmp_path / "split1.npz", make_split())
    with pytest.raises(InputError, match="split1.npz"):
        build(name, run_of(["synthetic"], ["stl"]), splits=[(path, "another")], registry={})


# --- report.interval ----------------------------------------------------------------------------------------


def half_widths_of(name, tmp_path, kind):
    """Return every half width in the records of a table, with `kind` of interval."""
    errors = {"stl": (20, 0.7), "amtl": (18, 1.1), "amtl-curriculum": (19, 0.4), "go-mtl": 19}
    tasks = {m: [x] * 3 for m, x in errors.items()}
    times = {("synthetic", m): (9.0, 0.5 + i) for i, m in enumerate(errors)}
    ablation = method("amtl-short", reference="amtl", changed={"ridge": 0})
    run, inputs = write(
        tmp_path,
        {"synthetic": {**errors, "amtl-short": (17, 2.0)}},
        {"synthetic": tasks},
        times=times,
        splits=5,
    )
    run = run_of(["synthetic"], list(errors), [ablation], interval=kind, splits=5)
    table = build(name, run, **inputs)
    found = []
    for record in table.records:
        found += [record[key] for key in record if key.endswith("half_width") and not key.startswith("paper")]
        if "low" in record and record["low"] is not None:
            found.append(record["high"] - record["low"])
    return np.array([each for each in found if each is not None and each > 1e-9]), table


@pytest.mark.parametrize("name", ["table1", "improvement", "transfer", "runtime", "ablations"])
def test_every_table_respects_the_kind_of_interval(tmp_path, name):
    normal, plain = half_widths_of(name, tmp_path, "normal")
    wide, by_t = half_widths_of(name, tmp_path, "t")
    assert len(normal) == len(wide) > 0
    np.testing.assert_allclose(wide / normal, student.ppf(0.975, 4) / 1.96)
    assert "Student" in " ".join(by_t.notes) and "Student" not in " ".join(plain.notes)


@pytest.mark.parametrize("name", ["claims", "evidence"])
def test_the_verdicts_do_not_depend_on_the_kind_of_interval(tmp_path, name):
    normal, by_t = (half_widths_of(name, tmp_path, kind)[1] for kind in ("normal", "t"))
    assert normal.records == by_t.records
