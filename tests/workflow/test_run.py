"""The workflow from raw data to report, and the same numbers however many cores it has."""

import json
import re


def test_every_product_is_there_and_nothing_is_left_to_do(finished):
    results = finished.root / "results"
    tables = "table1 claims evidence improvement transfer runtime difference"
    tables += " convergence warnings methods data sources"
    for name in tables.split():
        for suffix in ("csv", "md", "tex", "html"):
            assert (results / "tables" / f"{name}.{suffix}").stat().st_size > 0
    for name in ("figure1a", "figure1b", "figure1c", "figure1d", "figure1e", "gains", "objective"):
        for suffix in ("svg", "pdf"):
            assert (results / "figures" / f"{name}.{suffix}").stat().st_size > 0
    assert len(list((results / "fits").rglob("*.json"))) == 5 * (2 + 1)
    assert (results / "raw" / "synthetic_dataset.mat").exists()
    assert json.loads((results / "settings.json").read_text())["run"]["grid_points"] == 6
    assert finished.planned() == set()


def test_every_rule_of_the_workflow_has_run(finished):
    rules = set()
    for file in finished.root.rglob("*.smk"):
        rules |= set(re.findall(r"^rule (\w+):", file.read_text(), re.MULTILINE))
    logged = {path.name.removesuffix(".log") for path in (finished.root / "results" / "logs").iterdir()}
    folders = {"tables": "table", "figures": "figure"}
    targets = {"tables", "figures", "publish"}
    targets |= {rule for rule in rules if "benchmark" in rule}
    # Features are read in tests/workflow/test_images.py, the benchmark runs in test_benchmark.py.
    assert rules - targets - {"features"} == {folders.get(name, name) for name in logged}


def test_the_code_in_a_fit_is_that_of_its_method(finished):
    def code(method):
        path = finished.root / "results" / "fits" / "synthetic" / method / "split1.json"
        return json.loads(path.read_text())["code"]

    sums = {method: code(method) for method in ("mean", "stl", "amtl", "amtl-curriculum")}
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in sums.values())
    assert len(set(sums.values())) == len(sums)


def test_one_core_gives_the_same_scores_as_two(finished, fresh, copy_of):
    single = copy_of(fresh)
    single.succeed("results/scores.csv", cores=1)
    for name in ("scores", "warnings", "methods"):
        expected = (finished.root / "results" / f"{name}.csv").read_bytes()
        assert (single.root / "results" / f"{name}.csv").read_bytes() == expected, name


def test_the_report_is_one_file_with_all_sections(finished, copy_of):
    copy = copy_of(finished)
    copy.succeed("--report", "results/report.html")
    text = (copy.root / "results" / "report.html").read_text()
    for word in ("Tables", "Figures", "Fits", "Data", "table1.html", "figure1b.svg", "sources.html"):
        assert word in text
    assert not re.search(r'<(script|link|img)[^>]+(src|href)="https?://', text)
