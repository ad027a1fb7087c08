"""The pages of the documentation: their links, headings and code blocks."""

import re

FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# [text](target), an image too; the target has no space.
LINK = re.compile(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")


def pages(project):
    """Return the paths of all pages that people read, without the generated ones."""
    docs = project / "docs"
    found = [
        page for page in docs.rglob("*.md") if page.relative_to(docs).parts[0] not in ("_build", "generated")
    ]
    others = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "config/README.md", "envs/README.md")
    return sorted([*found, *(project / name for name in others)])


def links(text):
    """Return the targets of the links in a page, those in code left out."""
    return [a or b for a, b in LINK.findall(re.sub(r"`[^`\n]*`", "", FENCE.sub("", text)))]


def anchors(text):
    """Return the anchors of the headings of a page."""
    headings = re.findall(r"^#+ +(.+?)\s*$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def blocks(text, language):
    """Return the code blocks of a page in one language."""
    return [code for name, code in FENCE.findall(text) if name == language]
