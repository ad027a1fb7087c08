"""Reading YAML files strictly, and merging the files of a configuration.

Plain YAML keeps the last of two equal keys without a warning, and reads some keys as numbers, dates or truth
values. Both are errors here. PyYAML reads the files because Snakemake uses it: a file given with --configfile
means the same to both.
"""

from pathlib import Path

import yaml

from amtl.errors import InputError

TEXT_TAGS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge")


class _StrictLoader(yaml.SafeLoader):
    """A loader that rejects repeated keys, keys that are not text and nodes that contain themselves."""

    def compose_node(self, parent, index):
        node = super().compose_node(parent, index)
        # A node has its end mark once its content is read, so this is an alias inside its own node.
        if node is not None and node.end_mark is None:
            raise _error("the value contains itself", node)
        return node

    def compose_mapping_node(self, anchor):
        node = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if key.tag not in TEXT_TAGS:
                raise _error("YAML does not read this key as text, so put it in quotes", key)
            if key.value in seen:
                raise _error(f"key {key.value!r} appears twice", key)
            seen.add(key.value)
        return node

    def construct_object(self, node, deep=False):
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError) as error:  # such as 2024-13-45 or !!timestamp x
            raise _error(f"the value cannot be read ({error})", node) from None


def _error(problem, node):
    return yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)


def load(path):
    """Return the content of the YAML file at `path`; raise InputError that names the file and the line."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); name another file") from None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}: line {line}: not UTF-8; save the file as UTF-8") from None
    try:
        loader = _StrictLoader(text)
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1
        problem = ", ".join(filter(None, (error.context, error.problem)))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problem = f"character #x{error.character:04x} is not allowed"
    except RecursionError:
        line = loader.line + 1
        problem = "lists or mappings are nested too deeply"
    raise InputError(f"{path}: line {line}: invalid YAML: {' '.join(problem.split())}; correct it there")


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
