"""The registry of raw files: where each comes from, its checksum, licence and citation."""

import json

from amtl.errors import InputError, nearest
from workbench.raw_files.checksums import SUMS, has_sum
from workbench.schema_files import schema_file

SCHEMA = schema_file("registry.schema.json")
# What an entry says of the content of its file.
IDENTITY = (*SUMS, "bytes", "sum_of", "unverified")
# Bounds the download of a file whose size the registry does not give; the largest known file has about 1 GB.
MAX_BYTES_OF_UNKNOWN_SIZE = 4 * 2**30
# A gzip file is hardly larger than its content.
MAX_BYTES_OF_PACKING = 1 << 16


def load(path):
    """Return the registry at `path` as {file name: entry}, with the defaults filled in.

    Raises InputError that names the file and the key unless it agrees with registry.schema.json.
    """
    import jsonschema

    from workbench.config import yaml_files

    content = yaml_files.load(path)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    error = next(jsonschema.Draft202012Validator(schema).iter_errors(content), None)
    if error is not None:
        raise InputError(f"{path}: {_explain(error)}")
    rules = schema["$defs"]["entry"]["properties"]
    defaults = {key: rule["default"] for key, rule in rules.items() if "default" in rule}
    entries = {name: {**defaults, **entry} for name, entry in content["files"].items()}
    for name, entry in entries.items():
        if has_sum(entry) == entry["unverified"]:
            raise InputError(
                f"{path}: files.{name}: has both or neither of a checksum and unverified: true; give a "
                "sha256, md5 or git_blob, or else unverified: true"
            )
        if entry["sum_of"] == "content" and entry["bytes"] is None:
            raise InputError(
                f"{path}: files.{name}: sum_of: content needs bytes, the size at which unpacking ends; add it"
            )
    return entries


def find_entry(entries, name):
    """Return the entry called `name`; raise InputError with the nearest valid name if it is missing."""
    if name not in entries:
        raise InputError(
            f"registry: no raw file {name!r}; add it to the file that data.registry names"
            + nearest(name, entries)
        )
    return entries[name]


def identity(entry):
    """Return what the entry says of the content of its file: all of it that a job's result depends on."""
    return {key: entry[key] for key in IDENTITY}


def may_download(entry):
    """Return whether the file has an address and a checksum to check the download with."""
    return bool(entry["urls"]) and has_sum(entry)


def max_download_bytes(entry):
    """Return the size above which a download of the file ends."""
    if entry["bytes"] is None:
        return MAX_BYTES_OF_UNKNOWN_SIZE
    if entry["sum_of"] == "file":
        return entry["bytes"]
    return entry["bytes"] + entry["bytes"] // 100 + MAX_BYTES_OF_PACKING


def _explain(error):
    """Return a schema error as one line that names the key."""
    where = ".".join(str(key) for key in error.absolute_path) or "the registry"
    if error.validator == "additionalProperties":
        valid = error.schema.get("properties", {})
        unknown = sorted(key for key in error.instance if key not in valid)
        if unknown and valid:
            return f"{where}: unknown key {unknown[0]!r}{nearest(unknown[0], valid)}"
    return f"{where}: {error.message}; workflow/schemas/registry.schema.json describes it"
