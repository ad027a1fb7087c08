"""What a run ends with on the terminal."""

import pytest

from helpers.made_up_results import dataset, run_of, write
from workbench import plugins
from workbench.report import render, summary
from workbench.report._inputs import Inputs

TABLES = ("table1", "table2", "claims")


def made(folder, errors, splits=4, **options):
    """Write the tables of a made-up run; return (run, names of its tables)."""
    run, inputs = write(folder, errors, splits=splits, **options)
    names = [name for name in TABLES if plugins.load("tables", name).applies(run)]
    for name in names:
        render.write(plugins.load("tables", name).make(run, Inputs(inputs)), [folder / f"{name}.csv"])
    return run, names


def test_it_shows_every_method_on_every_dataset(tmp_path):
    run, names = made(tmp_path, {"synthetic": {"stl": 20, "amtl": 16, "mean": 30}, "imbalanced": {"stl": 5}})
    text = summary.summary(run, names, tmp_path)
    lines = {line.split("  ")[0].strip(): line for line in text.splitlines()}
    assert "20.25" in lines["STL"] and "5.25" in lines["STL"] and "16.25" in lines["AMTL"]
    assert "★" in lines["AMTL"] and "★" not in lines["Mean predictor"]
    assert text.index("AMTL") < text.index("Mean predictor")


@pytest.mark.parametrize("count", [1, 5, 12])
def test_it_fits_the_width_and_loses_no_dataset(tmp_path, count):
    errors = {f"data-with-a-long-name-{i}": {"stl": (1000.0 * i + 1, 300), "amtl": 7} for i in range(count)}
    run, names = made(tmp_path, errors)
    text = summary.summary(run, names, tmp_path)
    assert max(map(len, text.splitlines())) <= summary.WIDTH
    assert all(f"{1000 * i + 1.25:,.2f}" in text for i in range(count))
    # One header for each block of datasets.
    assert text.count("Method") == -(-count // max(1, len_of_first_block(text)))


def len_of_first_block(text):
    return next(line for line in text.splitlines() if line.startswith("STL")).count(" ± ")


def test_the_verdicts_are_counted_for_all_splits(tmp_path):
    run, names = made(tmp_path, {"school": {"go-mtl": 9, "amtl": 10}}, splits=6)
    line = summary.verdicts(tmp_path / "claims.csv")
    assert " 1 reproduced" in line and sum(int(word) for word in line.split() if word.isdigit()) == 15
    text = (tmp_path / "claims.csv").read_text(encoding="utf-8")
    (tmp_path / "claims.csv").write_text(text.replace(",all,reproduced,", ",all,contradicted,"))
    assert " 1 contradicted" in summary.verdicts(tmp_path / "claims.csv")


def test_a_run_of_own_data_has_errors_and_nothing_about_the_paper(tmp_path):
    run, names = made(tmp_path, {"mine": {"stl": 3, "amtl": 2}})
    text = summary.summary(run, names, tmp_path)
    assert names == ["table1"] and "aper" not in text and "3.25" in text


def test_datasets_that_were_not_run_are_named(tmp_path):
    run, names = made(tmp_path, {"synthetic": {"stl": 3}}, not_run={"awa": "no file"})
    assert "awa: no file" in summary.summary(run, names, tmp_path)


def test_the_comparison_is_the_first_note_of_its_table(tmp_path):
    notes = ["Compared with [this]_that* run: 3 of 3", "more"]
    table = render.Table("T", ["A"], "l", [(None, [["x"]])], [], notes=notes)
    render.write(table, [tmp_path / "difference.md"])
    assert summary.comparison(tmp_path / "difference.md") == notes[0]


def test_a_variant_of_a_dataset_has_its_own_column():
    run = run_of([dataset("mine", dataset="synthetic", title="Mine"), "synthetic"], ["stl"])
    assert [each.title for each in run.datasets] == ["Mine", "Synthetic (generated)"]


def test_statements_are_counted_and_errors_need_their_table(tmp_path):
    (tmp_path / "statements.csv").write_text("claim,splits,verdict\nS1,all,reproduced\nS2,all,reproduced\n")
    text = summary.summary(run_of(["synthetic"], ["stl"]), ["statements", "versions"], tmp_path)
    assert text == "Statements of the survey: 2 reproduced"
