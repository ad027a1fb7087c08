"""Reading YAML files strictly, and merging the files of a configuration.

Plain YAML keeps the last of two equal keys without a warning, and reads some keys as numbers, dates or truth
values. Both are errors here. PyYAML reads the files because Snakemake uses it: a file given with --configfile
means the same to both.
"""

from functools import cache

import yaml

from amtl.errors import InputError
from workbench.source_loader import ROOT

TEXT_TAGS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge")


class _StrictLoader(yaml.SafeLoader):
    """A loader that rejects repeated keys and keys that are not text."""

    def compose_mapping_node(self, anchor):
        node = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if key.tag not in TEXT_TAGS:
                problem = "YAML does not read this key as text, so put it in quotes"
            elif key.value in seen:
                problem = f"key {key.value!r} appears twice"
            else:
                seen.add(key.value)
                continue
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
        return node


@cache
def load_schema(name):
    """Return a schema, from the installed package or from the project (workflow/schemas)."""
    installed = ROOT / "workbench" / "schemas" / name
    return load(installed if installed.exists() else ROOT / "schemas" / name)


def load(path):
    """Return the content of the YAML file at `path`; raise InputError that names the file and the line."""
    try:
        with open(path, "rb") as stream:
            return yaml.load(stream, _StrictLoader)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); name another file") from None
    # ValueError: a date or a number that does not exist. RecursionError: nested too deeply.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: invalid YAML: {' '.join(str(error).split())}; correct it there") from None


def read(files, overrides=None):
    """Return the configuration of `files`, merged in their order, with the mapping `overrides` merged last.

    A later value replaces an earlier one. Mappings are merged key by key, lists are replaced.
    """
    config = {}
    for file in files:
        content = load(file)
        if not isinstance(content, dict):
            raise InputError(f"{file}: this configuration has no keys; see config/README.md")
        config = _merge(config, content)
    return _merge(config, overrides or {})


def _merge(base, extra):
    """Return `extra` merged over `base`; neither is changed, as YAML anchors can share a mapping."""
    if not isinstance(extra, dict):
        return extra
    base = base if isinstance(base, dict) else {}
    return {**base, **{key: _merge(base.get(key), value) for key, value in extra.items()}}
