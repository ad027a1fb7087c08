"""``snakemake benchmark`` on a tiny configuration, and what it leaves alone."""

import json

import pytest

TINY = {
    "cases": ["amtl-curriculum", "amtl-squared", "stl-logistic"],
    "repeats": 1,
    "warmups": 0,
    "tolerance": 1.0e-4,
    "time_limit": 20,
    "scaling": {"tasks": [4, 8], "features": [], "rows": []},
}


@pytest.fixture(scope="module")
def measured(finished, tmp_path_factory):
    """A copy of the project after a complete run and a small benchmark, without the raw file of USPS."""
    copy = finished.duplicate(tmp_path_factory.mktemp("measured") / "project")
    copy.forbid("usps.h5")
    copy.configure(lambda config: config.update(benchmark=TINY))
    copy.succeed("benchmark")
    return copy


def test_every_result_is_there(measured):
    results = measured.root / "results" / "benchmark"
    table = (results / "table.md").read_text()
    for word in ("plain alternation", "scipy L-BFGS-B", "plain loop", "**Goals**", "one point in 10 ms"):
        assert word in table, word
    assert "| *stl-logistic" in table and "not run: usps.h5 is not in the data folder" in table
    assert "objectives differ" in table or "ours " in table
    assert (results / "table.csv").read_text().startswith("case,setting,contender,")
    assert (results / "scaling.svg").read_text().startswith("<?xml")
    assert len((results / "scaling.csv").read_text().splitlines()) == 1 + 4 * 2
    case = json.loads((results / "cases" / "amtl-squared.json").read_text())
    assert case["datasets"] == ["synthetic-authors"] and case["plan"]["repeats"] == 1
    assert all(len(each["runs"]) == 1 for each in case["settings"][0]["contenders"])
    assert measured.planned("benchmark") == set()


def test_no_other_target_depends_on_it(measured):
    assert measured.planned() == set()
    settings = json.loads((measured.root / "results" / "settings.json").read_text())
    assert "benchmark" not in settings


def test_a_case_is_measured_again_when_its_code_changes(measured, copy_of):
    copy = copy_of(measured)
    copy.edit("workflow/amtl/benchmark/cases/amtl_curriculum.py")
    again = {"Measuring amtl-curriculum", "Making the table of the benchmark"}
    assert copy.planned("benchmark") == again
    copy.edit("workflow/amtl/methods/amtl_curriculum.py")
    fit = "Fitting amtl-curriculum on split 1 of synthetic-authors"
    assert copy.planned("benchmark") == {*again, fit}


def test_it_is_published_beside_the_run(measured, copy_of):
    copy = copy_of(measured)
    copy.succeed("publish_benchmark")
    folder = copy.root / "results" / "published" / "benchmark"
    files = {"table.csv", "table.md", "scaling.csv", "scaling.svg"}
    assert {path.name for path in folder.iterdir()} == files
    assert (folder / "table.md").read_text().strip() in (copy.root / "README.md").read_text()
    # Publishing a run leaves it there.
    copy.succeed("publish")
    assert {path.name for path in folder.iterdir()} == files
