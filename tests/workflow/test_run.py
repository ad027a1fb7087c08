"""The workflow from raw data to results, and the same results in any environment."""

import json
import re
import shutil
import subprocess

import pytest

from helpers.workflow_copy import require_success

pytestmark = pytest.mark.slow

# A personal configuration of matplotlib that changes or prevents every figure.
MATPLOTLIBRC = "text.usetex: True\nlines.linewidth: 9\nfont.size: 30\n"


def test_every_result_is_made_and_nothing_is_left_to_do(finished):
    results = finished.root / "results"
    tables = "table1 claims evidence improvement transfer runtime difference"
    tables += " convergence warnings methods data sources"
    for name in tables.split():
        for suffix in ("csv", "md", "tex", "html"):
            assert (results / "tables" / f"{name}.{suffix}").stat().st_size > 0
    for name in ("figure1a", "figure1b", "figure1c", "figure1d", "figure1e", "gains", "objective"):
        for suffix in ("svg", "pdf"):
            assert (results / "figures" / f"{name}.{suffix}").stat().st_size > 0
    # Five methods on two splits of one dataset and the only split of the other.
    assert len(list((results / "fits").rglob("*.json"))) == 5 * (2 + 1)
    settings = json.loads((results / "settings.json").read_text(encoding="utf-8"))
    assert settings["run"]["grid_points"] == 6
    assert finished.planned() == set()
    assert not list(finished.root.rglob("__pycache__"))


def test_every_rule_runs_in_some_workflow_test(finished):
    rules = set()
    for file in finished.root.rglob("*.smk"):
        rules |= set(re.findall(r"^rule (\w+):", file.read_text(encoding="utf-8"), re.MULTILINE))
    logged = {path.name.removesuffix(".log") for path in (finished.root / "results" / "logs").iterdir()}
    folders = {"tables": "table", "figures": "figure"}
    targets = {"tables", "figures", "publish"}
    targets |= {rule for rule in rules if "benchmark" in rule}
    # Others run in test_images.py, test_2mtl.py, test_benchmark.py, and below.
    assert rules - targets - {"features", "solvers", "paths"} == {folders.get(name, name) for name in logged}


def test_a_grid_that_is_divided_among_jobs_gives_the_same_fits(finished, fresh, copy_of):
    copy = copy_of(fresh)
    copy.configure(lambda config: config["run"].update(path_jobs=2))
    copy.succeed("results/scores.csv")
    logs = {path.name for path in (copy.root / "results/logs/paths/synthetic/amtl/split1").iterdir()}
    assert logs == {"part0.log", "part1.log", "part2.log"}
    ours, theirs = copy.results(), finished.results()
    fits = [name for name in theirs if name.startswith("fits/")]
    assert [name for name in fits if ours[name] != theirs[name]] == []
    # The parts are of no use after their fit.
    assert not any(name.startswith("paths/") for name in ours)
    assert copy.planned("results/scores.csv") == set()


def chinese_locale(folder):
    """Return the variables of a locale that is not UTF-8: of GBK where it can be made, else of ASCII."""
    if shutil.which("localedef"):
        command = ["localedef", "-i", "zh_CN", "-f", "GBK", str(folder / "zh_CN.GBK")]
        if subprocess.run(command, capture_output=True).returncode == 0:
            return {"LOCPATH": str(folder), "LC_ALL": "zh_CN.GBK", "PYTHONUTF8": "0"}
    return {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def test_the_environment_changes_no_byte_of_a_result(finished, fresh, tmp_path):
    """One core; names that a shell or Snakemake would expand; the locale and settings of a user."""
    copy = fresh.duplicate(tmp_path / "the $(touch expanded) {method} folder")
    folder = """-O'Brien "a" b\\c $HOME {split}"""
    (copy.root / "data").rename(copy.root / folder)
    copy.configure(lambda config: config["data"].update(folder=folder))
    profile = tmp_path / "profile"
    profile.mkdir()
    (profile / "config.yaml").write_text("rerun-triggers: [mtime]\ndry-run: true\n")
    (tmp_path / "matplotlibrc").write_text(MATPLOTLIBRC)
    variables = {
        **chinese_locale(tmp_path),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MATPLOTLIBRC": str(tmp_path / "matplotlibrc"),
        "SNAKEMAKE_PROFILE": str(profile),
    }
    require_success(copy.make("CORES=1", variables=variables))
    assert copy.results() == finished.results()
    assert not list(tmp_path.rglob("expanded"))
    assert copy.planned() == set()


@pytest.mark.parametrize("cores", [1, 2])
def test_report_has_the_same_bytes_each_time(finished, copy_of, cores):
    copy = copy_of(finished)
    made = {}
    for name in ("report.html", "report.json"):
        path = copy.root / "results" / name
        made[path] = path.read_bytes()
        path.unlink()
    copy.succeed(cores=cores)
    assert {path: path.read_bytes() for path in made} == made


# Text of the user that neither the report nor LaTeX nor Snakemake may interpret.
TITLE = "</script><b>{method}</b> $5_$10 | 100%"


def test_titles_with_special_characters_are_shown_as_text(fresh, copy_of):
    copy = copy_of(fresh)
    run = {"datasets": ["synthetic"], "methods": ["mean", "stl"], "splits": 1, "ablations": ["fixed"]}
    fixed = {"method": "stl", "rho": 1.0, "title": f"Fixed {TITLE}", "question": f"Why {TITLE}?"}
    copy.configure(
        lambda config: config.update(
            run={**config["run"], **run},
            methods={"stl": {"title": TITLE}, "fixed": fixed},
            datasets={"synthetic": {"title": f"Data {TITLE}"}},
        )
    )
    require_success(copy.make())
    for name in ("report", "provenance"):
        report = (copy.root / "results" / f"{name}.html").read_text(encoding="utf-8")
        assert "</script><b>" not in report
    page = (copy.root / "results" / "tables" / "table1.html").read_text(encoding="utf-8")
    assert "&lt;/script&gt;&lt;b&gt;{method}" in page
