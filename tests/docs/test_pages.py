"""README and documentation: links, code blocks, length, and the line of verdicts."""

import os
import re
import subprocess
import sys

import pytest

from helpers.pages import anchors, blocks, links, pages
from workbench import pages as result_pages
from workbench.report import summary

MAX_README_WORDS = 1000
MAX_PAGE_WORDS = 1000


@pytest.fixture(scope="module")
def generate(project):
    """The module that makes the generated pages."""
    sys.path.insert(0, str(project / "docs"))
    import generate

    yield generate
    sys.path.remove(str(project / "docs"))


@pytest.fixture(scope="module")
def generated(project, generate):
    """Return {path: text} of the generated pages, as the site has them."""
    folder = project / "docs" / "generated"
    texts = {folder / f"{name}.md": text for name, text in generate.pages().items()}
    # Of the examples Sphinx makes this page.
    return {**texts, folder / "examples" / "index.rst": ""}


def broken_links(page, text, generated):
    """Return the relative links of a page that lead nowhere."""
    found = []
    for target in links(text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        # A link between pages of the site may leave out the suffix.
        path = path if path.exists() or path in generated else path.with_suffix(".md")
        if path not in generated and not path.exists():
            found.append(target)
        elif anchor:
            content = generated[path] if path in generated else path.read_text(encoding="utf-8")
            if anchor not in anchors(content):
                found.append(target)
    return found


def test_every_relative_link_resolves(project, generated):
    texts = {page: page.read_text(encoding="utf-8") for page in pages(project)}
    # The others are parts of other pages.
    names = ("results.md", "verdicts.md", "which-method.md")
    parts = {project / "docs" / "generated" / name for name in names}
    texts |= {page: text for page, text in generated.items() if page not in parts}
    broken = {
        str(page.relative_to(project)): broken_links(page, text, generated) for page, text in texts.items()
    }
    assert {page: targets for page, targets in broken.items() if targets} == {}


def test_broken_links_are_found(project):
    text = '[a](README.md) [b](missing.md) ![c](docs/no.svg) <img src="no.svg">'
    text += " [d](CONTRIBUTING.md#tests) [e](CONTRIBUTING.md#no)"
    text += " `[code](nothing.md)` [f](https://example.org/)\n```text\n[g](nothing.md)\n```\n"
    text += "[h](#here) [i](#there)"
    here = project / "page.md"
    assert broken_links(here, text, {here: "# Here\n"}) == [
        "missing.md",
        "docs/no.svg",
        "no.svg",
        "CONTRIBUTING.md#no",
        "#there",
    ]


def test_every_link_has_a_text(project):
    """Sphinx fills in the title of an empty one, other readers of Markdown show nothing."""
    assert [page for page in pages(project) if "[](" in page.read_text(encoding="utf-8")] == []


def test_readme_fits_two_screens_and_pages_are_short(project):
    words = {page: len(page.read_text(encoding="utf-8").split()) for page in pages(project)}
    assert words[project / "README.md"] <= MAX_README_WORDS
    written = {page: count for page, count in words.items() if page.parent.name != "results"}
    written.pop(project / "CHANGELOG.md", None)
    assert {page: count for page, count in written.items() if count > MAX_PAGE_WORDS} == {}


def test_readme_counts_the_published_verdicts(project):
    page = (project / "README.md").read_text(encoding="utf-8")
    claims = project / "results" / "published" / "paper" / "claims.csv"
    shown = result_pages.VERDICTS.search(page)[0]
    assert shown == f"{summary.verdicts(claims)}.", "run python -m workbench.pages"


def test_line_of_verdicts_is_renewed_by_the_run_of_the_paper_alone(tmp_path):
    page = tmp_path / "README.md"
    text = "before\n<!-- verdicts -->\nold\n<!-- end -->\nafter\n"
    for name in ("default", "paper"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "claims.csv").write_text("claim,splits,verdict\nC1,all,reproduced\n", encoding="utf-8")
        page.write_text(text, encoding="utf-8")
        result_pages.renew_verdicts(folder, page)
        renewed = page.read_text(encoding="utf-8")
        assert (renewed != text) == (name == "paper")
        assert result_pages.VERDICTS.sub("old", renewed) == text
        assert ("1 reproduced" in renewed) == (renewed != text)


def test_generated_pages_name_everything(generate, project):
    from workbench import plugins

    found = generate.pages()
    for kind in ("methods", "datasets"):
        for name in plugins.find(kind):
            assert f"\nEntry `{name}`." in found[kind]
            assert plugins.load(kind, name).title in found[kind]
    for name in (*plugins.find("tables"), *plugins.find("figures")):
        assert f"| `{name}` |" in found["outputs"]
    rules = [name for file in project.glob("workflow/rules/*.smk") for name in rule_names(file)]
    assert len(rules) > 5 and all(f"| `{name}` |" in found["rules"] for name in rules)


def test_every_system_of_the_survey_has_one_row_and_a_known_status(generate):
    rows = generate.survey_systems()
    names = [(row["category"], row["name"]) for row in rows]
    assert len(set(names)) == len(names) > 200
    assert {row["status"] for row in rows} == set(generate.STATUSES)
    assert len({row["category"] for row in rows}) == 6


def test_systems_of_the_survey_name_methods_that_exist(generate):
    from workbench import plugins

    for row in generate.survey_systems():
        if row["status"] == generate.OUTSIDE:
            assert row["note"] and not row["method"], row
        else:
            assert row["method"] in plugins.find("methods") | plugins.find("networks"), row
            assert row["note"] or row["status"] == generate.IMPLEMENTED, row


def test_every_method_that_cites_a_system_of_the_survey_implements_one(generate):
    """A method that is added has its row in the table."""
    from workbench import plugins

    rows = generate.survey_systems()
    sources = {(row["source"], row["year"]) for row in rows if row["source"]}
    implemented = {row["method"] for row in rows if row["status"] == generate.IMPLEMENTED}
    citing = {
        name
        for name in plugins.find("methods")
        if any(
            re.search(rf"\b{source}\b[^.]*\..*\b{year}\.", plugins.load("methods", name).citation)
            for source, year in sources
        )
    }
    assert len(citing) > 20 and citing - implemented == set()


def test_page_of_the_survey_names_every_system_and_every_method(generate):
    page = generate.survey()
    assert [row["name"] for row in generate.survey_systems() if row["name"] not in page] == []
    assert [spec.title for spec, _ in generate._specs("methods") if f"[{spec.title}]" not in page] == []


def test_published_survey_has_a_summary_of_the_best_methods(generate, tmp_path):
    assert "|" not in generate.which_method([tmp_path])
    head = "dataset,kind,counts,method,title,best,not_worse\n"
    rows = "a,generated,1,stl,STL,0,0\na,generated,1,amtl,AMTL,1,1\nb,generated,1,amtl,AMTL,0,1\n"
    rows += "a-2,generated,0,stl,STL,1,1\nc,real,1,stl,STL,1,1\nc,real,1,amtl,AMTL,0,1\n"
    (tmp_path / "best-methods.csv").write_text(head + rows, encoding="utf-8")
    (tmp_path / "best-methods.md").write_text("**Title**\n\n| a |\n| :-- |\n", encoding="utf-8")
    page = generate.which_method([tmp_path])
    # Best, not clearly worse and datasets, of generated and of real data; the point of a curve is left out.
    assert page.index("| AMTL | 1 | 2 | 2 | 0 | 1 | 1 |") < page.index("| STL | 0 | 0 | 1 | 1 | 1 | 1 |")
    assert "decision.svg" not in page and "| a |" in page
    (tmp_path / "decision.svg").touch()
    assert "decision.svg)" in generate.which_method([tmp_path])


def test_published_statements_show_their_verdicts(generate, tmp_path):
    assert "|" not in generate.statement_verdicts(tmp_path / "statements.csv")
    rows = "claim,where,text,splits,verdict,reason\nS1,2.1,The text.,all,contradicted,The reason.\n"
    (tmp_path / "statements.csv").write_text(rows, encoding="utf-8")
    page = generate.statement_verdicts(tmp_path / "statements.csv")
    assert "| S1 | **contradicted** | The text. | 2.1 | The reason. |" in page and "1 contradicted" in page


def rule_names(file):
    return re.findall(r"^rule (\w+):", file.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def pictures(generate):
    import pictures

    return pictures


def test_pictures_are_those_that_the_library_draws(pictures, project):
    drawn = pictures.pictures()
    assert drawn.keys() == {path.name for path in (project / "docs" / "images").iterdir()}
    for name, text in drawn.items():
        kept = (project / "docs" / "images" / name).read_text(encoding="utf-8")
        # Coordinates may differ in the last digits on another processor.
        assert labels(text) == labels(kept) != [], "run python docs/pictures.py"


def labels(svg):
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_edges_leave_the_easy_task_alone_in_the_picture_of_transfer(pictures):
    """docs/amtl-in-pictures.md says so."""
    import amtl

    split, _ = pictures.related_tasks()
    graph = amtl.tune(amtl.load_method("amtl"), split, "squared").fit.B
    assert (graph[0, 1:] > 0).all() and not graph[1:].any()


def python_blocks(project):
    texts = {
        page.relative_to(project).as_posix(): page.read_text(encoding="utf-8") for page in pages(project)
    }
    return {
        f"{name}:{k}": code for name, text in texts.items() for k, code in enumerate(blocks(text, "python"))
    }


def test_python_blocks_run(project, tmp_path):
    found = python_blocks(project)
    assert {name.partition(":")[0] for name in found} >= {"README.md", "docs/quickstart.md"}
    environment = {**os.environ, "PYTHONPATH": str(project / "workflow")}
    for name, code in found.items():
        command = [sys.executable, "-B", "-c", code]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{name}: {done.stderr}"


def test_example_of_the_estimators_runs(generate, project, tmp_path):
    code = "\n".join(blocks(generate.pages()["estimators"], "python"))
    environment = {**os.environ, "PYTHONPATH": str(project / "workflow")}
    command = [sys.executable, "-B", "-c", f"{code}\nassert np.isfinite(scores['test_score']).all()"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_yaml_blocks_are_yaml(project):
    import yaml

    for page in pages(project):
        for code in blocks(page.read_text(encoding="utf-8"), "yaml"):
            assert isinstance(yaml.safe_load(code), dict), page
