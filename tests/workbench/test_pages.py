"""Parts of pages that are made: the function that renews them, and the front page."""

import re

from workbench.pages import renew


def test_what_stands_between_the_marks_is_renewed_and_the_rest_is_kept():
    text = "one\n<!-- made: a -->\nold\n<!-- end -->\ntwo\n<!-- made: b -->\n<!-- end -->\n"
    made = renew(text, "made", {"a": "new \\1\n", "c": "nowhere"})
    assert made == text.replace("old", "new \\1")
    assert renew(made, "made", {"a": "new \\1", "b": ""}) == made.replace("b -->\n", "b -->\n\n")
    assert renew(text, "other", {"a": "new"}) == text


def test_the_front_page_shows_what_is_published(project):
    page = (project / "README.md").read_text(encoding="utf-8")
    parts = re.findall(r"<!-- published: (\S+) -->\n(.*?)\n<!-- end -->", page, re.DOTALL)
    # The benchmark's is there once one is published.
    assert {name for name, _ in parts} - {"benchmark/table.md"} == {"table1.md", "claims.md"}
    for name, shown in parts:
        published = (project / "results" / "published" / name).read_text(encoding="utf-8")
        assert shown == published.strip(), f"{name}: run make publish"
