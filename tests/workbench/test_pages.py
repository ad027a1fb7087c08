"""The pages of published results, and the scripts that publish."""

import json
import os

import pytest

from helpers import made_up_report
from helpers.made_up_results import Made
from helpers.scripts import run_script
from workbench import pages
from workbench.code_dependencies import CodeDependencies
from workbench.jobs import PlainJob, PublishJob
from workbench.report import summary
from workbench.result_files import save_file_record
from workbench.scores import RECORD

DIGEST = "digest of the scores"
TABLE = "**Table 1. Test error**\n\n| STL |\n| :-- |\n| 1 |\n"


def code_of(name):
    return CodeDependencies().digest(f"scripts.{name}")


def publish_job(place, code=None):
    """Write the scores of a made-up run without outputs to `place`; return its PublishJob as JSON."""
    run, _ = made_up_report.results(place, graphs=())
    save_file_record(place / RECORD, Made(DIGEST), [place / "scores.csv"])
    os.utime(place / "scores.csv", (1770000000, 1770000000))
    content = {**made_up_report.report_job(run).__dict__, "scores": DIGEST}
    return PublishJob(**{**content, "code": code or code_of("publish")}).to_json()


def published_folders(project):
    return sorted(path for path in (project / "results" / "published").iterdir() if path.is_dir())


def test_every_published_folder_has_its_page(project, tmp_path):
    for folder in published_folders(project):
        # At the same place relative to the folder, so that the links are the same.
        page = project / "docs" / "results" / f"{folder.name}.md"
        made = tmp_path / "page.md"
        pages.write_page(folder, made)
        files = os.path.relpath(folder, made.parent), os.path.relpath(folder, page.parent)
        text = made.read_text(encoding="utf-8").replace(*files)
        assert page.read_text(encoding="utf-8") == text, "run python -m workbench.pages"


def test_pages_of_runs_with_verdicts_count_them_first(project):
    for folder in published_folders(project):
        verdicts = [folder / f"{name}.csv" for name in summary.VERDICTS]
        page = (project / "docs" / "results" / f"{folder.name}.md").read_text(encoding="utf-8")
        beginning = page.partition("`run.name:")[0]
        assert all(f"{summary.verdicts(path)}." in beginning for path in verdicts if path.is_file())


def test_long_tables_are_linked(project):
    for folder in published_folders(project):
        if folder.name == pages.BENCHMARK:
            continue
        page = (project / "docs" / "results" / f"{folder.name}.md").read_text(encoding="utf-8")
        for table in folder.glob("*.md"):
            lines = table.read_text(encoding="utf-8").splitlines()
            long = sum(line.startswith("|") for line in lines) > pages.MAX_LINES
            assert not (long and f"published/{folder.name}/{table.stem}.csv" not in page)
            assert not (long and table.read_text(encoding="utf-8")[-500:] in page)


def test_text_of_published_figures_is_text(project):
    figures = list((project / "results" / "published").rglob("*.svg"))
    assert figures and all("<text" in path.read_text(encoding="utf-8") for path in figures)


@pytest.fixture
def place(tmp_path):
    """Return a folder with results to publish and a folder of published ones."""
    files = {
        "table1.csv": "new",
        "table1.md": TABLE,
        "figure1d.svg": "<svg/>",
        "mine.svg": "<svg/>",
        "settings.json": "{}",
        "published/paper/table1.csv": "old",
        "published/paper/table2.csv": "of an earlier run",
        "published/default/table1.csv": "of another name",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def publish(place, job):
    names = ("table1.csv", "table1.md", "figure1d.svg", "mine.svg", "settings.json")
    return run_script(
        *(
            "publish",
            "--job",
            job,
            "--results",
            place,
            "--folder",
            place / "published" / "paper",
        ),
        *("--page", place / "docs" / "paper.md", "--files", *(place / name for name in names)),
    )


def test_publishing_replaces_the_earlier_run_of_the_name_and_dates_the_new_one(place):
    done = publish(place, publish_job(place))
    assert done.returncode == 0, done.stderr
    folder = place / "published" / "paper"
    names = "table1.csv table1.md figure1d.svg mine.svg settings.json report.html run.json"
    assert {path.name for path in folder.iterdir()} == set(names.split())
    assert (folder / "table1.csv").read_text(encoding="utf-8") == "new"
    assert json.loads((folder / "run.json").read_text(encoding="utf-8")) == {"date": "2026-02-02"}
    assert (place / "published" / "default" / "table1.csv").read_text(encoding="utf-8") == "of another name"


def test_the_page_shows_tables_and_figures_with_captions(place):
    publish(place, publish_job(place))
    text = (place / "docs" / "paper.md").read_text(encoding="utf-8")
    assert "2026-02-02" in text and "\n### Table 1. Test error\n\n| STL |" in text
    assert "](../published/paper/figure1d.svg)" in text and "../published/paper/table1.csv" in text
    # That of a plug-in has no known place.
    assert "mine" not in text
    assert text.index("| STL |") < text.index("figure1d.svg")


def test_changed_code_publishes_nothing(place):
    done = publish(place, publish_job(place, code="of yesterday"))
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1
    assert (place / "published" / "paper" / "table1.csv").read_text(encoding="utf-8") == "old"
    assert not (place / "docs").exists()


def test_a_benchmark_has_a_page_too(place):
    (place / "table.md").write_text(TABLE)
    job = PlainJob(name="publish_benchmark", code=code_of("publish_benchmark")).to_json()
    done = run_script(
        *("publish_benchmark", "--job", job, "--files", place / "table.md"),
        *("--folder", place / "published" / "benchmark", "--page", place / "docs" / "benchmark.md"),
    )
    assert done.returncode == 0, done.stderr
    assert "| STL |" in (place / "docs" / "benchmark.md").read_text(encoding="utf-8")
    assert (place / "published" / "benchmark" / "table.md").read_text(encoding="utf-8") == TABLE
