"""The registry of raw files: where each comes from, its checksum, licence and citation."""

from amtl.errors import InputError, nearest
from workbench.raw_files.checksums import SUMS, has_sum

# What an entry says of the content of its file.
IDENTITY = (*SUMS, "bytes", "sum_of", "unverified")
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

    schema = yaml_files.load_schema("registry.schema.json")
    entries = validated(yaml_files.load(path), schema, source=path)["files"]
    for name, entry in entries.items():
        if has_sum(entry) == entry["unverified"]:
            raise InputError(
                f"{path}: files.{name}: has both or neither of a checksum and unverified: true; give a "
                "sha256, md5 or git_blob, or else unverified: true"
            )
    return entries


def require_entries(entries, names):
    """Raise InputError that names all of `names` that the registry lacks, and what an entry needs."""
    missing = [name for name in names if name not in entries]
    if len(missing) == 1:
        find_entry(entries, missing[0])
    if missing:
        raise InputError(
            f"registry: no raw files {', '.join(map(repr, missing))}; add them to the file that "
            "data.registry names, each with path, licence, citation and a checksum or unverified: true"
        )


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
    return entry["bytes"] + MAX_BYTES_OF_PACKING if entry["bytes"] else MAX_BYTES_OF_UNKNOWN_SIZE
