"""Values checked against a JSON schema: text read as numbers, defaults filled in, one form of each number."""

import math

from jsonschema import Draft202012Validator

from amtl.errors import InputError, nearest

WORDS = {"true": True, "false": False, "null": None}


def key_name(path):
    """Return the name of the key at `path`, such as ``run.methods[2]``."""
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return name.removeprefix(".") or "top level"


def require_text_keys(value, path=()):
    """Raise InputError for a key that YAML reads as a number, a date or a truth value (on, no)."""
    if isinstance(value, dict):
        for key, content in value.items():
            if not isinstance(key, str):
                raise InputError(
                    f"config: {key_name(path)}: YAML does not read the key {key!r} as text; put it in quotes"
                )
            require_text_keys(content, (*path, key))


def validated(value, schema, path=()):
    """Return `value` complete: text read as what `schema` asks for, defaults filled in, equal numbers alike.

    path : keys at which `value` stands in the configuration.
    Raises InputError for the first key that breaks `schema`.
    """
    value = _read_text(value, schema)
    _require_finite(value, path)
    _check(value, schema, path)
    return _complete(value, schema)


def _part(schema, key):
    """Return the schema of the key `key` of a mapping."""
    extra = schema.get("additionalProperties")
    return schema.get("properties", {}).get(key, extra if isinstance(extra, dict) else {})


def _is_valid(value, schema):
    return Draft202012Validator(schema).is_valid(value)


def _read_text(value, schema):
    """Return `value` with text replaced by the number, truth value or null that `schema` asks for.

    Snakemake passes everything inside a value of --config as text, and YAML reads 1e-6 as text.
    """
    if isinstance(value, dict):
        return {key: _read_text(content, _part(schema, key)) for key, content in value.items()}
    if isinstance(value, list):
        return [_read_text(content, schema.get("items", {})) for content in value]
    if isinstance(value, str) and not _is_valid(value, schema):
        # The type alone decides, so that a number out of range is reported as that number.
        kind = {"type": schema["type"]} if "type" in schema else schema
        for read in (int, float, WORDS.__getitem__):
            try:
                content = read(value)
            except (ValueError, KeyError):
                continue
            if _is_valid(content, kind):
                return content
    return value


def _check(value, schema, path):
    """Raise InputError for the first key of `value` that breaks `schema`."""
    errors = Draft202012Validator(schema).iter_errors(value)
    error = min(errors, key=lambda error: list(map(str, error.path)), default=None)
    if error is None:
        return
    where = (*path, *error.absolute_path)
    if error.validator == "additionalProperties":
        valid = error.schema.get("properties", {})
        unknown = next(key for key in error.instance if key not in valid)
        raise InputError(f"config: unknown key {key_name((*where, unknown))}{nearest(unknown, valid)}")
    message = " ".join(error.message.split())
    raise InputError(f"config: {key_name(where)}: {message}; see config/README.md")


def _require_finite(value, path):
    """Raise InputError for NaN, infinity and integers beyond a float, which no schema keyword excludes."""
    if isinstance(value, dict | list):
        for key, content in value.items() if isinstance(value, dict) else enumerate(value):
            _require_finite(content, (*path, key))
    elif isinstance(value, int | float):
        try:
            finite = math.isfinite(value)
        except OverflowError:
            finite = False
        if not finite:
            raise InputError(f"config: {key_name(path)}: not a finite number; give one that is")


def _complete(value, schema):
    """Return a copy of the valid `value` with defaults and with one form of keys and numbers.

    Keys follow the order of the schema. 25 and 25.0 become the same value, by the type or the choices in the
    schema, so that they make the same job.
    """
    if isinstance(value, dict):
        rules = schema.get("properties", {})
        filled = {key: rule["default"] for key, rule in rules.items() if "default" in rule} | value
        order = [*rules, *sorted(filled.keys() - rules.keys())]
        return {key: _complete(filled[key], _part(schema, key)) for key in order if key in filled}
    if isinstance(value, list):
        return [_complete(content, schema.get("items", {})) for content in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if "enum" in schema:
        return next(choice for choice in schema["enum"] if choice == value)
    types = schema.get("type", ())
    return int(value) if "integer" in types else float(value) if "number" in types else value
