"""Raw files in the local data folder: where each is searched for, and what the plan needs to know of it."""

import hashlib
import os
import stat
from pathlib import Path

from workbench.raw_files.checksums import DAMAGED, SUMS, content_sha256, has_sum


def find_local(entry, folder):
    """Return the path of the file in the data `folder`, or None.

    It is looked for at its relative path, then by its bare name. Where the registry's sums are those of the
    unpacked content, it is also found without ``.gz``.
    """
    if folder is None:
        return None
    path = Path(entry["path"])
    candidates = [path, Path(path.name)]
    if entry["sum_of"] == "content" and path.suffix == ".gz":
        candidates += [path.with_suffix(""), Path(path.stem)]
    return next((Path(folder, each) for each in candidates if _may_be_file(Path(folder, each))), None)


def find_tree(entry, folder):
    """Return the unpacked folder that replaces the file in the data `folder`, or None."""
    if folder is None or entry["tree"] is None:
        return None
    candidates = [Path(folder, entry["tree"]), Path(folder, entry["path"]).parent / entry["tree"]]
    return next((path for path in candidates if os.path.isdir(path)), None)


def listing(tree):
    """Return a digest of the names and sizes of all files in the folder `tree`, -1 for a broken link."""
    total = hashlib.sha256()
    for parent, folders, names in os.walk(tree):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(parent, name)
            size = os.stat(path).st_size if os.path.exists(path) else -1
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
        return content_sha256(entry, find_local(entry, folder) or stored)
    except (OSError, *DAMAGED):
        # The job that reads the file reports the error.
        return ""


def how_to_supply(name, entry, folder, failures):
    """Return the line about an unavailable file: what was tried (`failures`) and how to supply it by hand."""
    if folder is None:
        message = [f"{name}: no data folder is set"]
        place = f"{entry['path']} in a folder that data.folder names"
    else:
        missing = "" if os.path.isdir(folder) else ", which is not a folder"
        message = [f"{name}: not in the data folder {folder}{missing}"]
        place = Path(folder) / entry["path"]
    if failures:
        message.append("tried " + ", ".join(failures))
    elif not entry["urls"]:
        message.append("no download address is known")
    else:
        message.append(f"not downloaded because no checksum is published; its address: {entry['urls'][0]}")
    content = " of the unpacked content" if entry["sum_of"] == "content" else ""
    expected = [f"{kind} {entry[kind]}{content}" for kind in SUMS if entry[kind]]
    if expected:
        message.append("expected " + ", ".join(expected))
    message.append(f"get it by hand and put it at {place}")
    if entry["tree"]:
        message[-1] += f", or unpack it there: {entry['tree']}"
    return "; ".join(message + ([entry["note"]] if entry["note"] else []))


def _may_be_file(path):
    """Return whether there is a file at `path`. If it cannot be looked up, opening it gives the error."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except PermissionError:
        return True
    except OSError:
        return False
