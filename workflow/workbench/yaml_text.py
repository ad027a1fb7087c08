"""YAML that people write: a key that is there twice, or that is no text to YAML, is an error.

Of a key that is there twice YAML would take the last one silently.
"""

import yaml

TAG = "tag:yaml.org,2002:"


def load(text):
    """Return the content of the YAML `text`; raise ValueError or yaml.YAMLError when it cannot be used."""
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        # Before anything is constructed: merging the keys of another mapping (<<) is no repetition.
        _check_keys(node, set())
        return loader.construct_document(node)
    except RecursionError:
        raise ValueError("lists or mappings are too deep in one another") from None
    finally:
        loader.dispose()


def _check_keys(node, above):
    """Raise yaml.YAMLError, with the line, for a key that will not do and for a node inside itself.

    above : ids of the nodes around `node`.
    """
    if isinstance(node, yaml.ScalarNode):
        return
    _require(id(node) not in above, node, "it holds itself")
    above = above | {id(node)}
    if isinstance(node, yaml.SequenceNode):
        for part in node.value:
            _check_keys(part, above)
        return
    seen = set()
    for key, value in node.value:
        text = isinstance(key, yaml.ScalarNode) and key.tag in (f"{TAG}str", f"{TAG}merge")
        _require(text, key, "the key is not a text to YAML, put it in quotes to use it")
        _require(key.value not in seen, key, f"key {key.value!r} is there twice")
        seen.add(key.value)
        _check_keys(value, above)


def _require(holds, node, problem):
    if not holds:
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
