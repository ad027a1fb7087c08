"""``snakemake benchmark`` on a tiny configuration, and its independence of the other targets."""

import json

import pytest

pytestmark = pytest.mark.slow

TINY = {
    "cases": ["amtl-curriculum", "amtl-squared", "stl-logistic"],
    "repeats": 1,
    "warmups": 0,
    "tolerance": 1.0e-4,
    "time_limit": 20,
    "scaling": {"tasks": [4, 8], "features": [], "rows": [], "many_tasks": []},
}


@pytest.fixture(scope="module")
def measured(finished, tmp_path_factory):
    """A copy of the project after a complete run and a small benchmark, without the raw file of USPS."""
    copy = finished.duplicate(tmp_path_factory.mktemp("measured") / "project")
    copy.forbid("usps.h5")
    copy.configure(lambda config: config.update(benchmark=TINY))
    copy.succeed("benchmark")
    return copy


def test_benchmark_makes_all_results(measured):
    results = measured.root / "results" / "benchmark"
    table = (results / "table.md").read_text(encoding="utf-8")
    for word in ("plain alternation", "scipy L-BFGS-B", "plain loop", "**Goals**"):
        assert word in table, word
    missing = next(line for line in table.splitlines() if line.startswith("| usps |"))
    assert "usps.h5" in missing
    assert (results / "table.csv").read_text(encoding="utf-8").startswith("case,setting,contender,")
    assert (results / "scaling.svg").read_text(encoding="utf-8").startswith("<?xml")
    points = (results / "scaling.csv").read_text(encoding="utf-8").splitlines()[1:]
    n_sizes, n_methods = 2, 6
    assert len(points) == n_sizes * n_methods
    case = json.loads((results / "cases" / "amtl-squared.json").read_text(encoding="utf-8"))
    assert case["datasets"] == ["synthetic-authors"] and case["plan"]["repeats"] == 1
    assert all(len(each["runs"]) == 1 for each in case["settings"][0]["contenders"])
    assert measured.planned("benchmark") == set()


def test_make_benchmark_prints_the_table_made_from_the_measurements(measured, copy_of):
    copy = copy_of(measured)
    copy.set_up("ready", "benchmark")
    table = copy.root / "results" / "benchmark" / "table.md"
    expected = table.read_text(encoding="utf-8")
    table.write_text("| edited |\n", encoding="utf-8")
    done = copy.make("benchmark")
    assert done.returncode == 0, done.stderr
    assert table.read_text(encoding="utf-8") == expected and expected.strip() in done.stdout


def test_no_other_target_depends_on_the_benchmark(measured):
    assert measured.planned() == set()
    settings = json.loads((measured.root / "results" / "settings.json").read_text(encoding="utf-8"))
    assert "benchmark" not in settings


def test_changed_code_measures_its_case_again(measured, copy_of):
    copy = copy_of(measured)
    copy.edit("workflow/workbench/benchmark/cases/amtl_curriculum.py")
    again = {"Measuring amtl-curriculum", "Making the table of the benchmark"}
    assert copy.planned("benchmark") == again
    copy.edit("workflow/amtl/methods/graph/amtl_curriculum.py")
    fit = "Fitting amtl-curriculum on split 1 of synthetic-authors"
    assert copy.planned("benchmark") == {*again, fit}


def test_benchmark_is_published_next_to_the_run(measured, copy_of):
    copy = copy_of(measured)
    copy.succeed("publish_benchmark")
    folder = copy.root / "results" / "published" / "benchmark"
    files = {"table.csv", "table.md", "scaling.csv", "scaling.svg"}
    assert {path.name for path in folder.iterdir()} == files
    page = (copy.root / "docs" / "results" / "benchmark.md").read_text(encoding="utf-8")
    assert (folder / "table.md").read_text(encoding="utf-8").partition("\n")[2].strip() in page
    # Publishing a run keeps these files.
    copy.succeed("publish")
    assert {path.name for path in folder.iterdir()} == files
