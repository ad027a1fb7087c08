"""The commands of README and quickstart, run as they are printed on the smoke configuration, and the site."""

import os
import re
import shlex
import shutil
import sys

import pytest
import yaml

from helpers.pages import blocks, pages
from helpers.workflow_copy import Copy, copy_project, require_success, run

pytestmark = pytest.mark.slow

SMOKE = "CONFIG=config/test/smoke.yaml"


def commands(project, *names):
    """Return the lines of the shell blocks of pages, comments removed."""
    texts = [(project / name).read_text(encoding="utf-8") for name in names]
    lines = "\n".join(code for text in texts for code in blocks(text, "bash")).splitlines()
    return [line.partition("  #")[0].strip() for line in lines if line.strip()]


def make_targets(project):
    """Return the first word after ``make`` wherever a page names a command."""
    found = set()
    for page in pages(project):
        text = page.read_text(encoding="utf-8")
        found |= set(re.findall(r"(?:`|^ *)make ([a-z.][a-z/.-]*)(?![\w=])", text, re.MULTILINE))
    return found


def test_every_target_of_make_that_a_page_names_exists(project):
    rules = run(["make", "--question", "--print-data-base", "help"], project).stdout
    defined = set(re.findall(r"^([\w./-]+):", rules, re.MULTILINE))
    missing = make_targets(project) - defined
    assert {"paper", "docs", "help"} <= make_targets(project) and missing == set()


@pytest.fixture(scope="module")
def copy(project, tmp_path_factory):
    """A copy of the project that takes this Python's packages as installed."""
    copy = copy_project(project, tmp_path_factory.mktemp("readme") / "project")
    copy.set_up("ready")
    return copy


def test_commands_of_readme_and_quickstart_run(project, copy):
    """The smoke run is carried out; larger ones are dry runs."""
    lines = commands(project, "README.md", "docs/quickstart.md")
    assert f"make {SMOKE}" in lines and "make" in lines
    binaries = os.path.dirname(sys.executable)
    for line in dict.fromkeys(lines):
        words = shlex.split(line)
        if words[0] in ("git", "cd", "pip"):
            continue
        if words[0] == "make":
            words += [f"BIN={binaries}", "CORES=2", *([] if SMOKE in words else ["--dry-run"])]
        else:
            assert words[:3] == [".venv/bin/python", "-m", "snakemake"], line
            words[0] = sys.executable
        require_success(run(words, copy.root))
    assert (copy.root / "results" / "report.html").stat().st_size > 0
    assert (copy.root / "results" / "tables" / "table1.md").stat().st_size > 0


def test_example_of_own_data_runs(project, copy, tmp_path):
    page = (project / "docs" / "how-to" / "own-data.md").read_text(encoding="utf-8")
    user = Copy(tmp_path)
    settings = next(each for each in map(yaml.safe_load, blocks(page, "yaml")) if "mine" in each["datasets"])
    settings["run"].update(splits=1, grid_points=6)
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    rows = [f"{task},{k % 7},{k * task % 5},{k % 7 + task}" for task in (1, 2, 3) for k in range(40)]
    lines = ["subject,age,Shimmer:A,motor_UPDRS", *rows]
    (tmp_path / "patients.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    user.succeed("--snakefile", str(copy.root / "Snakefile"), "results/tables/table1.md")
    table = (tmp_path / "results" / "tables" / "table1.md").read_text(encoding="utf-8")
    assert "mine" in table and "AMTL" in table


@pytest.fixture(scope="module")
def site(project, tmp_path_factory):
    """The folder of the site that `make docs` builds in a copy of the project."""
    pytest.importorskip("sphinx")
    folder = tmp_path_factory.mktemp("site") / "project"
    ignore = shutil.ignore_patterns("_build", "generated", "__pycache__")
    for name in ("docs", "workflow", "config", "results/published"):
        shutil.copytree(project / name, folder / name, ignore=ignore)
    for name in ("pyproject.toml", "README.md", "Makefile"):
        shutil.copy(project / name, folder)
    done = require_success(run(["make", "docs", f"BIN={os.path.dirname(sys.executable)}"], folder))
    assert done.stderr == ""
    return folder / "docs" / "_build" / "html"


def html_pages(site):
    """Return the pages of the site, without the theme's templates."""
    found = [page for page in site.rglob("*.html") if "_static" not in page.parts]
    assert len(found) > 20
    return found


def test_site_loads_nothing_from_elsewhere(site):
    for page in html_pages(site):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:script|link|img|iframe|source)\b[^>]*?(?:src|href)="([^"]*)"', text)
        assert not [address for address in loaded if re.match(r"(https?:)?//", address)], page
        # A report is complete in itself; all other pages load the theme.
        assert loaded or page.parent.name == "reports", page
    for sheet in site.rglob("*.css"):
        assert not re.findall(
            r"(?:@import|url\()\s*[\"']?(?:https?:)?//", sheet.read_text(encoding="utf-8")
        ), sheet


def test_every_local_address_of_the_site_exists(site):
    for page in html_pages(site):
        text = page.read_text(encoding="utf-8")
        for address in re.findall(r'(?:src|href)="([^"#:?]+)[^":]*"', text):
            assert (page.parent / address).exists(), f"{page}: {address}"


def test_formulas_are_mathml(site):
    assert "<math" in (site / "amtl-in-pictures.html").read_text(encoding="utf-8")
