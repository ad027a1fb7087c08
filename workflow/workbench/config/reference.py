"""The reference of all configuration keys, as markdown: ``python -m workbench.config.reference`` prints it.

It is made from the schema and from the specs of all methods and datasets, so a new one needs no edit here.
"""

import json
import sys

from workbench import plugins
from workbench.config.model import KINDS, SCHEMA, properties_of
from workbench.config.plugin_folders import load_spec
from workbench.config.yaml_files import load_schema
from workbench.errors import run

INTRODUCTION = """\
# Configuration keys

Defaults and examples are written as JSON, which is also YAML. A key without a default is required, or is
explained by its text.
"""


def reference():
    """Return the page: a section for each section of the configuration."""
    schema = load_schema(SCHEMA)
    plain = {key: rule for key, rule in schema["properties"].items() if rule["type"] != "object"}
    parts = [INTRODUCTION, "## Top level", _table("", plain)]
    for section, rule in schema["properties"].items():
        if section in plain:
            continue
        parts += [f"## {section}", " ".join(rule["description"].split())]
        if section not in KINDS:
            parts.append(_table(section, rule["properties"]))
            continue
        common = schema["$defs"][section]["properties"]
        parts.append(_table(f"{section}.NAME", common))
        for name, module in plugins.find_entries(section).items():
            spec = load_spec(section, name, module)
            parts.append(f"### {name}: {spec.title}")
            own = properties_of(spec, common)
            own = {key: rule for key, rule in own.items() if rule != common.get(key)}
            parts.append(_table(f"{section}.{name}", own) if own else "No further options.")
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _table(prefix, rules):
    """Return a table of the keys in `rules` and of the keys inside them."""
    lines = ["| key | meaning | unit | default | example |", "|---|---|---|---|---|", *_rows(prefix, rules)]
    return "\n".join(lines)


def _rows(prefix, rules):
    """Yield the row of each key; a mapping has a row for each of its keys."""
    for key, rule in rules.items():
        key = f"{prefix}.{key}".lstrip(".")
        if "properties" in rule:
            yield from _rows(key, rule["properties"])
            continue
        meaning = " ".join(rule["description"].split())
        if "enum" in rule:
            meaning += f" One of {', '.join(map(_as_json, rule['enum']))}."
        default = _as_json(rule["default"]) if "default" in rule else "–"
        cells = [f"`{key}`", meaning, rule.get("unit", "–"), default, _as_json(_example(rule))]
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _as_json(value):
    return f"`{json.dumps(value)}`"


def _example(rule):
    """Return the first example, or a choice other than the default, or the default."""
    choices = rule.get("examples") or rule.get("enum") or ([True, False] if rule["type"] == "boolean" else [])
    return next((choice for choice in choices if choice != rule.get("default")), rule.get("default"))


def main():
    sys.stdout.reconfigure(encoding="utf-8")  # in every locale
    print(reference(), end="")


if __name__ == "__main__":
    run(main)
