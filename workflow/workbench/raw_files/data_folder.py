"""Raw files in the local data folder: where each is searched for, and what the plan needs to know of it."""

import hashlib
import os
from pathlib import Path

from amtl.errors import InputError
from workbench.raw_files.checksums import DAMAGED, SUMS, has_sum, open_content


def require_data_folder(folder):
    """Raise InputError unless `folder` is a folder that can be read."""
    if os.path.isdir(folder):
        what = "" if os.access(folder, os.R_OK | os.X_OK) else "no permission to read this folder"
    else:
        what = "this is a file, not a folder" if os.path.exists(folder) else "there is no such folder"
    if what:
        raise InputError(
            f"config: data.folder: {folder}: {what}; name the folder that holds the raw files, or leave it "
            "out to download them"
        )


def find_local(entry, folder):
    """Return the path of the file in the data `folder`, or None.

    It is looked for at its relative path, then by its bare name. Where the registry's sums are those of the
    unpacked content, it is also found without ``.gz``.
    """
    if folder is None:
        return None
    names = [entry["path"], os.path.basename(entry["path"])]
    if entry["sum_of"] == "content":
        names += [name.removesuffix(".gz") for name in names]
    return next((Path(folder, name) for name in names if os.path.isfile(os.path.join(folder, name))), None)


def find_tree(entry, folder):
    """Return the unpacked folder that replaces the file in the data `folder`, or None."""
    if folder is None or entry["tree"] is None:
        return None
    candidates = [Path(folder, entry["tree"]), Path(folder, entry["path"]).parent / entry["tree"]]
    return next((path for path in candidates if path.is_dir()), None)


def listing(tree):
    """Return a digest of the names and sizes of all files in the folder `tree`, -1 for a broken link."""
    total = hashlib.sha256()
    for path in sorted(os.path.join(parent, name) for parent, _, names in os.walk(tree) for name in names):
        size = os.path.getsize(path) if os.path.exists(path) else -1
        # The bytes of a name do not depend on the locale.
        total.update(os.fsencode(os.path.relpath(path, tree)) + f"\0{size}\n".encode())
    return total.hexdigest()


def unverified_checksum(entry, folder, stored):
    """Return the sha256 of a file without a checksum in the registry, so that another content is another job.

    The file in the data `folder` counts before the copy `stored` of an earlier run. Returns "" when the
    registry has a checksum (the file is not read then), and when the file is missing or unreadable.
    """
    if has_sum(entry):
        return ""
    try:
        with open_content(entry, find_local(entry, folder) or stored) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (OSError, *DAMAGED):
        # The job that reads the file reports the error.
        return ""


def how_to_supply(name, entry, folder, failures):
    """Return the line about an unavailable file: what was tried (`failures`) and how to supply it by hand."""
    if folder is None:
        parts = [f"{name}: no data folder is set"]
        place = f"{entry['path']} in a folder that data.folder names"
    else:
        missing = "" if os.path.isdir(folder) else ", which is not a folder"
        parts = [f"{name}: not in the data folder {folder}{missing}"]
        place = os.path.join(folder, entry["path"])
    if failures:
        parts.append("tried " + ", ".join(failures))
    elif entry["urls"]:
        parts.append(f"not downloaded because no checksum is published; its address: {entry['urls'][0]}")
    else:
        parts.append("no download address is known")
    expected = [f"{kind} {entry[kind]}" for kind in SUMS if entry[kind]]
    if expected:
        of = " of the unpacked content" if entry["sum_of"] == "content" else ""
        parts.append(f"expected {', '.join(expected)}{of}")
    tree = f", or unpack it there: {entry['tree']}" if entry["tree"] else ""
    parts.append(f"get it by hand and put it at {place}{tree}")
    return "; ".join(filter(None, [*parts, entry["note"]]))
