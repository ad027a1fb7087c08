"""Plug-in folders of a user, written for a test."""

DATASET = """
from workbench.datasets._spec import DatasetSpec
SPEC = DatasetSpec(
    name={name!r}, title={title!r}, order=1, kind={kind!r}, make_split=None, splits=None, options={options!r}
)
"""
METHOD = """
from amtl.methods._spec import MethodSpec
SPEC = MethodSpec(
    name={name!r}, title={title!r}, order=1, citation="", objective="", grid=None, fit=None,
    options={options!r},
)
"""


def write_plugin(folder, section, stem, *, name=None, title="", kind="binary", options=()):
    """Write the file of a plug-in whose spec has `name`, by default the name of the file."""
    template = {"datasets": DATASET, "methods": METHOD}[section]
    fields = {"name": name or stem.replace("_", "-"), "title": title, "kind": kind, "options": dict(options)}
    (folder / section / f"{stem}.py").write_text(template.format(**fields), encoding="utf-8")
