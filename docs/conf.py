"""Settings of Sphinx for this site. `make docs` builds it; it needs no network.

Formulas become MathML, which browsers show without a script. Pages made from the code are written to
docs/generated first.
"""

import os
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS), str(DOCS.parent / "workflow")]
# Small problems are faster with one thread.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import tomllib  # noqa: E402

import generate  # noqa: E402
from docutils import nodes  # noqa: E402
from latex2mathml.converter import convert  # noqa: E402

_PROJECT = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = "AMTL workbench"
author = _PROJECT["authors"][0]["name"]
version = release = _PROJECT["version"]
html_title = project

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_gallery.gen_gallery"]
exclude_patterns = [
    "_build",
    "examples",
    "generated/verdicts.md",
    "generated/verdicts-by-splits.md",
    "generated/results.md",
    "generated/statement-verdicts.md",
    "generated/which-method.md",
]
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 4
# Generated pages choose their own levels of headings.
suppress_warnings = ["myst.header"]
autodoc_typehints = "none"
napoleon_google_docstring = False

# The scripts in docs/examples run when the site is built; one that has not changed keeps its pictures.
sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "generated/examples",
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "notebook_extensions": set(),
    "show_signature": False,
    "write_computation_times": False,
    "min_reported_time": 1e9,
}

html_theme = "pydata_sphinx_theme"
html_static_path = ["_static"]
html_extra_path = ["generated/site"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_sidebars = {"index": [], "quickstart": []}
html_math_renderer = "mathml"
html_context = {"default_mode": "auto"}
html_theme_options = {
    "navigation_with_keys": False,
    "show_prev_next": False,
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
}
project_copyright = f"{author}, {_PROJECT['license']}"


def _inline(writer, node):
    writer.body.append(convert(node.astext()))
    raise nodes.SkipNode


def _display(writer, node):
    writer.body.append(f'<div class="math">{convert(node.astext(), display="block")}</div>\n')
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
    generate.write(DOCS / "generated")
    generate.copy_reports(DOCS / "generated" / "site")
