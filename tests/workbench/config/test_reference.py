"""The reference of all keys, and the rules that it is made from."""

import os
import re
import subprocess
import sys

import pytest
from jsonschema import Draft202012Validator

from workbench import plugins
from workbench.config import reference
from workbench.config.model import KINDS, SCHEMA
from workbench.config.plugin_folders import load_spec
from workbench.config.yaml_files import load_schema


def keys_of(path, rule):
    """Yield (path, schema) of a key with a value and of the keys inside it."""
    if "properties" in rule:
        for key, part in rule["properties"].items():
            yield from keys_of(f"{path}.{key}".lstrip("."), part)
    elif path in KINDS:
        yield from keys_of(f"{path}.NAME", load_schema(SCHEMA)["$defs"][path])
    else:
        yield path, rule


PLAIN = dict(keys_of("", load_schema(SCHEMA)))
ENTRIES = [(section, *item) for section in KINDS for item in plugins.find(section).items()]


def check_rule(path, rule):
    """Assert that a key is described and that its default and examples are valid."""
    Draft202012Validator.check_schema(rule)
    assert len(rule["description"]) > 10, path
    assert "enum" in rule or "type" in rule, path
    for value in [*rule.get("examples", []), *([rule["default"]] if "default" in rule else [])]:
        assert Draft202012Validator(rule).is_valid(value), (path, value)


@pytest.mark.parametrize("path", PLAIN)
def test_key_is_described_with_valid_default_and_examples(path):
    check_rule(path, PLAIN[path])


@pytest.mark.parametrize(("section", "name", "module"), ENTRIES, ids=[entry[1] for entry in ENTRIES])
def test_options_are_described_with_valid_defaults_and_examples(section, name, module):
    for key, rule in load_spec(section, name, module).options.items():
        check_rule(f"{section}.{name}.{key}", rule)


def test_only_keys_without_a_sensible_default_have_none():
    entries = {f"{section}.NAME.{key}" for section, key in KINDS.items()}
    titles = {f"{section}.NAME.title" for section in KINDS}
    without = {path for path, rule in PLAIN.items() if "default" not in rule}
    assert without == {"run.datasets", "run.methods", "strict", *entries, *titles}


def rows(page):
    """Return {key: cells} of all table rows of a page."""
    lines = [line for line in page.splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return {key.strip("`"): rest for key, *rest in cells}


def test_page_has_every_key_of_the_schema_with_default_and_example():
    page = reference.reference()
    found = rows(page)
    assert PLAIN.keys() <= found.keys()
    assert all(len(cells) == 4 for cells in found.values())
    assert found["run.splits"][1:] == ["splits", "`5`", "`3`"]
    assert found["run.strict"][1:] == ["–", "`false`", "`true`"]
    assert found["run.methods"][2:] == ["–", '`["stl", "amtl"]`']
    assert found["report.interval"][3] == '`"normal"`' and '`"t"`, `"normal"`' in found["report.interval"][0]
    for section in ("run", "data", "report", "benchmark", "datasets", "methods"):
        assert f"\n## {section}\n\n{load_schema(SCHEMA)['properties'][section]['description']}" in page
    assert found["benchmark.scaling.rows"][3] == "`[10, 100]`"


def test_page_has_every_method_and_dataset_with_its_options():
    page = reference.reference()
    found = rows(page)
    for section, name, module in ENTRIES:
        spec = load_spec(section, name, module)
        assert f"### {name}: {spec.title}\n" in page
        assert {f"{section}.{name}.{key}" for key in spec.options} <= found.keys()


def test_pipes_are_escaped_and_lines_joined():
    rule = {"type": "string", "default": "a|b", "description": "One\n  |two|"}
    assert reference._table("x", {"key": rule}).splitlines()[2:] == [
        '| `x.key` | One \\|two\\| | – | `"a\\|b"` | `"a\\|b"` |'
    ]


def test_command_prints_the_page_in_every_locale(project):
    command = [sys.executable, "-m", "workbench.config.reference"]
    environment = {**os.environ, "PYTHONPATH": str(project / "workflow"), "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == reference.reference() and done.stderr == ""
