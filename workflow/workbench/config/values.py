"""Values checked against a JSON schema: text read as numbers, defaults filled in, one form of each number."""

import json
import sys

from jsonschema import Draft202012Validator
from jsonschema.validators import extend

from amtl.errors import InputError, nearest


def _is_finite_number(checker, value):
    # False for NaN, infinity and integers beyond a float.
    return Draft202012Validator.TYPE_CHECKER.is_type(value, "number") and abs(value) <= sys.float_info.max


TYPES = Draft202012Validator.TYPE_CHECKER.redefine("number", _is_finite_number)
# JSON's types in words.
KINDS = {
    "array": "a list",
    "object": "a mapping of keys",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
Validator = extend(Draft202012Validator, type_checker=TYPES)


def validated(value, schema, path=(), source="config"):
    """Return `value` complete: text read as what `schema` asks for, defaults filled in, equal numbers alike.

    path : keys at which `value` stands in its file. source : name of the file in messages.
    Raises InputError for the first key that breaks `schema`.
    """
    value = _read_text(value, schema)
    errors = Validator(schema).iter_errors(value)
    error = min(errors, key=lambda error: list(map(str, error.path)), default=None)
    if error is None:
        return _complete(value, schema)
    where = (*path, *error.absolute_path)
    if error.validator == "additionalProperties":
        valid = error.schema["properties"]
        unknown = next(key for key in error.instance if key not in valid)
        raise InputError(f"{source}: unknown key {key_name((*where, unknown))}{nearest(unknown, valid)}")
    message = " ".join(error.message.split())
    if error.validator == "pattern":
        message = f"{error.instance!r} is not a name; use small letters, digits and hyphens"
    elif error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        message = f"missing: {', '.join(map(repr, missing))}; add {'it' if len(missing) == 1 else 'them'}"
    elif error.validator == "type":
        message = f"{error.instance!r} is not {_kind(error.validator_value)}{_example(error.schema)}"
    raise InputError(f"{source}: {key_name(where)}: {message}; see config/README.md")


def key_name(path):
    """Return the name of the key at `path`, such as ``run.methods[2]``."""
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return name.removeprefix(".") or "top level"


def _kind(types):
    types = [types] if isinstance(types, str) else types
    return " or ".join(KINDS.get(each, each) for each in types)


def _example(schema):
    return f", such as {json.dumps(schema['examples'][0])}" if schema.get("examples") else ""


def _parts(value, schema):
    """Return {key: (content, schema)} of a mapping."""
    rules, extra = schema.get("properties", {}), schema.get("additionalProperties") or {}
    return {key: (content, rules.get(key, extra)) for key, content in value.items()}


def _read_text(value, schema):
    """Return `value` with text replaced by the number, truth value or null that `schema` asks for.

    Snakemake passes everything inside a value of --config as text, and YAML reads 1e-6 as text.
    """
    if isinstance(value, dict):
        return {key: _read_text(*part) for key, part in _parts(value, schema).items()}
    if isinstance(value, list):
        return [_read_text(content, schema.get("items", {})) for content in value]
    if isinstance(value, str) and not Validator(schema).is_valid(value):
        # The type alone decides, so that a number out of range is reported as that number.
        kind = {"type": schema["type"]} if "type" in schema else schema
        try:
            content = json.loads(value)
        except ValueError:
            return value
        return content if Validator(kind).is_valid(content) else value
    return value


def _complete(value, schema):
    """Return a copy of the valid `value` with defaults and with one form of keys and numbers.

    Keys follow the order of the schema. 25 and 25.0 become the same value, by the type or the choices in the
    schema, so that they make the same job.
    """
    if isinstance(value, dict):
        rules = schema.get("properties", {})
        defaults = {key: rule["default"] for key, rule in rules.items() if "default" in rule}
        parts = _parts(defaults | value, schema)
        order = [*(key for key in rules if key in parts), *sorted(parts.keys() - rules.keys())]
        return {key: _complete(*parts[key]) for key in order}
    if isinstance(value, list):
        return [_complete(content, schema.get("items", {})) for content in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if "enum" in schema:
        return next(choice for choice in schema["enum"] if choice == value)
    types = schema.get("type", ())
    return int(value) if "integer" in types else float(value) if "number" in types else value
