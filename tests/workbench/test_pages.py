"""Pages with generated parts, and the scripts that publish results on the front page."""

import json
import os
import re

import pytest

from helpers.scripts import run_script
from workbench.code_dependencies import CodeDependencies
from workbench.jobs import PlainJob
from workbench.pages import renew


def job_of(name, code=None):
    return PlainJob(name=name, code=code or CodeDependencies().digest(f"scripts.{name}")).to_json()


def test_the_text_between_the_marks_is_replaced_and_the_rest_is_kept():
    text = "one\n<!-- made: a -->\nold\n<!-- end -->\ntwo\n<!-- made: b -->\n<!-- end -->\n"
    made = renew(text, "made", {"a": "new \\1\n", "c": "nowhere"})
    assert made == text.replace("old", "new \\1")
    assert renew(made, "made", {"a": "new \\1", "b": ""}) == made.replace("b -->\n", "b -->\n\n")
    assert renew(text, "other", {"a": "new"}) == text


def test_the_front_page_shows_what_is_published(project):
    page = (project / "README.md").read_text(encoding="utf-8")
    parts = re.findall(r"<!-- published: (\S+) -->\n(.*?)\n<!-- end -->", page, re.DOTALL)
    # The benchmark's table is there once one is published.
    assert {name for name, _ in parts} - {"benchmark/table.md"} == {"table1.md", "claims.md"}
    for name, shown in parts:
        published = (project / "results" / "published" / name).read_text(encoding="utf-8")
        assert shown == published.strip(), f"{name}: run make publish"


@pytest.fixture
def place(tmp_path):
    """Return a folder with results to publish, a folder of published ones and a page."""
    files = {
        "table1.csv": "new",
        "table1.md": "| STL |\n",
        "scores.csv": "",
        "published/table1.csv": "old",
        "published/table2.csv": "of another run",
        "published/figure1c.svg": "on the front page",
        "published/figure1d.svg": "on the front page",
        "published/benchmark/table.md": "kept",
        "README.md": "before\n<!-- published: table1.md -->\n<!-- end -->\nafter\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    os.utime(tmp_path / "scores.csv", (1770000000, 1770000000))
    return tmp_path


def publish(place, job):
    files = [place / "table1.csv", place / "table1.md"]
    return run_script(
        *("publish", "--job", job, "--scores", place / "scores.csv", "--folder", place / "published"),
        *("--page", place / "README.md", "--files", *files),
    )


def test_publishing_replaces_the_earlier_run_and_dates_the_new_one(place):
    done = publish(place, job_of("publish"))
    assert done.returncode == 0, done.stderr
    assert (place / "README.md").read_text(encoding="utf-8") == (
        "before\n<!-- published: table1.md -->\n| STL |\n<!-- end -->\nafter\n"
    )
    assert {path.name for path in (place / "published").iterdir()} == {
        *("table1.csv", "table1.md", "run.json", "figure1c.svg", "figure1d.svg", "benchmark")
    }
    assert (place / "published" / "table1.csv").read_text(encoding="utf-8") == "new"
    assert json.loads((place / "published" / "run.json").read_text(encoding="utf-8")) == {
        "date": "2026-02-02"
    }


def test_changed_code_publishes_nothing(place):
    done = publish(place, job_of("publish", code="of yesterday"))
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1
    assert (place / "published" / "table1.csv").read_text(encoding="utf-8") == "old"


def test_a_benchmark_is_published_under_the_name_of_its_folder(place):
    (place / "README.md").write_text("<!-- published: benchmark/table.md -->\nold\n<!-- end -->\n")
    (place / "table.md").write_text("| fast |\n")
    done = run_script(
        *("publish_benchmark", "--job", job_of("publish_benchmark"), "--files", place / "table.md"),
        *("--folder", place / "published" / "benchmark", "--page", place / "README.md"),
    )
    assert done.returncode == 0, done.stderr
    assert "| fast |" in (place / "README.md").read_text(encoding="utf-8")
    assert (place / "published" / "benchmark" / "table.md").read_text(encoding="utf-8") == "| fast |\n"
