"""The registry of raw files: where each comes from, its checksum, licence and citation."""

from amtl.errors import InputError, nearest
from workbench.raw_files.checksums import SUMS, has_sum

# What an entry says of the content of its file.
IDENTITY = (*SUMS, "bytes", "sum_of", "unverified")
# What every entry needs.
REQUIRED = ("path", "licence", "citation")
SUM_OR_NOT = f"{' or '.join(SUMS)} (or else unverified: true)"
# Bounds the download of a file whose size the registry does not give; the largest known file has about 1 GB.
MAX_BYTES_OF_UNKNOWN_SIZE = 4 * 2**30
# A gzip file may be larger than its content, by less than a thousandth.
MAX_BYTES_OF_PACKING = 1 << 20


def load(path):
    """Return the registry at `path` as {file name: entry}, with the defaults filled in.

    Raises InputError that names the file and the key unless it agrees with registry.schema.json.
    """
    # The jobs that get raw files need neither YAML nor schemas.
    from workbench.config import yaml_files
    from workbench.config.values import validated

    content, schema = yaml_files.load(path), yaml_files.load_schema("registry.schema.json")
    _require_keys(path, content, schema)
    entries = validated(content, schema, source=path)["files"]
    for name, entry in entries.items():
        if has_sum(entry) and entry["unverified"]:
            sums = ", ".join(key for key in SUMS if entry[key])
            raise InputError(f"{path}: files.{name}: has {sums} and unverified: true; remove one of them")
    return entries


def _require_keys(path, content, schema):
    """Raise InputError that names all keys that entries lack, unless `content` breaks another rule."""
    valid = schema["properties"]["files"]["additionalProperties"]["properties"]
    files = content.get("files") if isinstance(content, dict) else None
    lacking = []
    for name, entry in files.items() if isinstance(files, dict) else ():
        if not str(name).isprintable() or not isinstance(entry, dict) or not entry.keys() <= valid.keys():
            return
        missing = [key for key in REQUIRED if key not in entry]
        if not any(entry.get(key) for key in (*SUMS, "unverified")):
            missing.append(SUM_OR_NOT)
        lacking += [f"files.{name}: missing {', '.join(missing)}"] if missing else []
    if lacking:
        raise InputError(f"{path}: {'; '.join(lacking)}; see docs/how-to/add-a-dataset.md")


def require_entries(entries, names):
    """Raise InputError that names all of `names` that the registry lacks, and what an entry needs."""
    missing = [name for name in names if name not in entries]
    if missing:
        needs = f"{', '.join(REQUIRED)} and {SUM_OR_NOT}"
        hint = nearest(missing[0], entries) if len(missing) == 1 else ""
        what = f"raw file{'s' if missing[1:] else ''} {', '.join(map(repr, missing))}"
        raise InputError(
            f"registry: no {what}; add an entry for each to the file that data.registry names, with "
            f"{needs}{hint}"
        )


def find_entry(entries, name):
    """Return the entry called `name`; raise InputError with the nearest valid name if it is missing."""
    require_entries(entries, [name])
    return entries[name]


def identity(entry):
    """Return what the entry says of the content of its file: all of it that a job's result depends on."""
    return {key: entry[key] for key in IDENTITY}


def may_download(entry):
    """Return whether the file has an address and a checksum to check the download with."""
    return bool(entry["urls"]) and has_sum(entry)


def max_download_bytes(entry):
    """Return the size above which a download of the file ends."""
    return entry["bytes"] + MAX_BYTES_OF_PACKING if entry["bytes"] else MAX_BYTES_OF_UNKNOWN_SIZE
